"""What takes a worker and is only looked at: equity curves, charts, breakdowns, verifications.

One at a time (``Parts.curves``): anybody may ask for them, and jobs need the workers. The last few charts and
breakdowns are kept, since several pages show the same report; those who ask for the same at once wait for one.
Verifications are not: what they look at, candles included, may have been altered since.
"""

import tempfile
from collections.abc import Callable, Hashable
from pathlib import Path

from workbench.api.job import Draw, Drawn, Explain, Failed, Outcome, Verified, Verify, Work
from workbench.api.parts import Parts
from workbench.api.problem import Problem
from workbench.evidence.store import EvidenceStore
from workbench.wire import Verification

STATUS = {"missing": 404, "damaged": 409, "contradiction": 409, "input": 409}
"""Of what a worker says; anything else (time, memory, a crash) is 503. Input: the report's own, not the caller's."""
WINDOW = "start_ns"
"""But for this one."""


async def chart(evidence_id: str, parts: Parts, start_ns: int | None, end_ns: int | None, points: int) -> bytes:
    """Raises:
    Problem: 404, there is no such evidence or its candles are gone; 409, it is damaged, or its strategy is not in the
    catalog; 422, no bar in the window.
    """
    window = start_ns, end_ns, points
    return await _kept_or_written(evidence_id, parts, lambda path: Draw(evidence_id, path, *window), window)


async def breakdown(evidence_id: str, parts: Parts) -> bytes:
    """Raises:
    Problem: see :func:`chart`.
    """
    return await _kept_or_written(evidence_id, parts, lambda path: Explain(evidence_id, path), ("breakdown",))


async def verification(evidence_id: str, parts: Parts) -> bytes:
    """Run anew each time.

    Raises:
        Problem: see :func:`chart`.
    """
    async with parts.curves:
        told = await parts.pool.run(Verify(evidence_id))
    if not isinstance(told, Verified):
        raise as_problem(told)
    view = Verification(evidence_id=evidence_id, verified=not told.problem, problem=told.problem)
    return view.model_dump_json().encode()


async def work_in_file(parts: Parts, make: Callable[[str], Work]) -> tuple[Drawn, bytes]:
    """Let a worker write a file, and read it. The caller holds ``parts.curves``.

    Raises:
        Problem: as the worker says.
    """
    with tempfile.TemporaryDirectory(prefix="workbench-answer-") as folder:
        path = Path(folder) / "answer"
        told = await parts.pool.run(make(str(path)))
        if not isinstance(told, Drawn):
            raise as_problem(told)
        return told, await parts.threads.read(path.read_bytes)


def as_problem(told: Outcome) -> Problem:
    """What a worker says instead of an answer."""
    if not isinstance(told, Failed):
        raise TypeError(f"the worker answered {type(told).__name__}")
    if told.kind == "input" and told.field == WINDOW:
        return Problem(422, told.text, fields={WINDOW: told.text.removeprefix(f"{WINDOW}: ")})
    return Problem(STATUS.get(told.kind, 503), told.text, reasons=[told.text])


async def _kept_or_written(
    evidence_id: str, parts: Parts, make: Callable[[str], Work], asked: tuple[Hashable, ...]
) -> bytes:
    key = await _key(evidence_id, parts, asked)
    async with parts.curves:
        kept = parts.answers.get(key)
        if kept is None:
            _, kept = await work_in_file(parts, make)
            parts.answers.put(key, kept)
        return kept


async def _key(evidence_id: str, parts: Parts, asked: tuple[Hashable, ...]) -> Hashable:
    """Another one as soon as the report's files are written anew."""
    stamp = await parts.threads.read(EvidenceStore(parts.home.evidence).stamp, evidence_id)
    return evidence_id, stamp, asked
