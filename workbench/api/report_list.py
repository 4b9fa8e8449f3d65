"""The list of reports: kept in memory, brought up to date whenever it is asked for."""

import asyncio

import msgspec

from workbench.evidence.store import EvidenceStore
from workbench.evidence.summaries import Summaries
from workbench.home import Home
from workbench.wire import EvidenceList, EvidenceSummary

PORTION = 50
"""Files read at a time, some 0.1 s: a server that ends does not wait for thousands."""


class ReportList:
    """All reports of a home. Belongs to the event loop; files are read on a thread."""

    def __init__(self, home: Home) -> None:
        self._summaries = Summaries(EvidenceStore(home.evidence))
        self._one = asyncio.Lock()

    async def refresh(self) -> None:
        """Read what is new; at the server's start that is all."""
        async with self._one:
            while not await asyncio.to_thread(self._summaries.refresh, PORTION):
                pass

    async def page(self, query: str, limit: int, offset: int) -> EvidenceList:
        await self.refresh()
        found = self._summaries.find(query)
        return EvidenceList(
            reports=[EvidenceSummary(**msgspec.structs.asdict(each)) for each in found[offset : offset + limit]],
            total=len(found),
            damaged=self._summaries.damaged,
        )
