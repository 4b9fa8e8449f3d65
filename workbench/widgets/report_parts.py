"""The slow parts of a page, each asked for in a thread of its own and shown when its answer is there.

Three rules: an answer about a run that is not looked at any more is dropped; a part without an answer says so in its
place, the others go on; where the server was away, the part is asked for again when it is back.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.client import ApiError, UnreachableError
from workbench.model.errors import WorkbenchError
from workbench.widgets.poll import spawn


@dataclass(frozen=True)
class Part:
    """Attributes:
    ask: takes the evidence id, in a thread.
    show, fail: take the answer or the error, in the loop.
    wait: says that it is being loaded.
    """

    ask: Callable[[str], Any]
    show: Callable[[Any], None]
    fail: Callable[[Exception], None]
    wait: Callable[[], None]


class Parts:
    """Of one run at a time."""

    def __init__(self, parts: Sequence[Part], ended: Callable[[Exception], None]) -> None:
        """Args:
        ended: told of an error of ours.
        """
        self._parts, self._ended = parts, ended
        self._evidence_id, self._turn = "", 0
        self._missing: list[Part] = []

    def load(self, evidence_id: str) -> None:
        """All of another run; empty: of none."""
        self._evidence_id, self._turn, self._missing = evidence_id, self._turn + 1, []
        for part in self._parts if evidence_id else ():
            part.wait()
            self._spawn(part)

    def again(self) -> None:
        """The server answers: ask for what it did not answer before."""
        missing, self._missing = self._missing, []
        for part in missing:
            self._spawn(part)

    def _spawn(self, part: Part) -> None:
        spawn(self._ask(part, self._evidence_id, self._turn), self._ended)

    async def _ask(self, part: Part, evidence_id: str, turn: int) -> None:
        try:
            answer = await asyncio.to_thread(part.ask, evidence_id)
        except (WorkbenchError, ValueError) as error:
            if turn == self._turn:
                part.fail(error)
                if passes(error):
                    self._missing.append(part)
        else:
            if turn == self._turn:
                part.show(answer)


def passes(error: Exception) -> bool:
    """May the same question be answered later?"""
    return isinstance(error, UnreachableError) or (
        isinstance(error, ApiError) and (error.status == 429 or error.status >= 500)
    )


def why(error: Exception) -> str:
    """In a sentence, as text."""
    if isinstance(error, ApiError):
        return error.detail
    return "The server does not answer." if isinstance(error, WorkbenchError) else "The answer cannot be read."
