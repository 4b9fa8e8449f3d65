"""Walk the audit chain now and then, so that a broken one raises an alert and not only a question."""

import asyncio
import time
from dataclasses import dataclass

import structlog

from workbench.api.parts import Parts
from workbench.guardrails.head_file import read_head
from workbench.model.errors import WorkbenchError

log = structlog.get_logger("workbench.audit")


@dataclass(frozen=True)
class ChainCheck:
    """Whether it was whole, and when that was seen (seconds since 1970)."""

    intact: bool
    at_seconds: float


async def keep_checking(parts: Parts) -> None:
    """At once, then every ``audit_check_seconds``, until cancelled."""
    while True:
        try:
            parts.chain = await parts.threads.read(_walk, parts)
        except WorkbenchError as error:  # the ledger does not answer, or the head's file is spoiled
            log.warning("the audit chain could not be walked", problem=str(error))
            parts.chain = ChainCheck(False, time.time())
        await asyncio.sleep(parts.settings.audit_check_seconds)


def _walk(parts: Parts) -> ChainCheck:
    verdict = parts.guardrails.audit_verify(read_head(parts.home.root))
    if not verdict.intact:
        log.error("the audit chain is broken", entry=verdict.bad_seq, problem=verdict.problem)
    return ChainCheck(verdict.intact, time.time())
