"""What every report of the store says, short: a file is decoded when it is new or has changed, and never again.

Decoding checks a report's digest and costs a millisecond or more, so thousands of reports are read in portions.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from workbench.evidence.form import EvidenceReport
from workbench.evidence.reading import decode_report
from workbench.evidence.store import EvidenceStore
from workbench.model.errors import DamagedFileError

Stamp = tuple[int, int]
"""When a file was last written (nanoseconds) and its size."""


class Summary(msgspec.Struct, frozen=True):
    """The fields of ``workbench.wire.EvidenceSummary``."""

    id: str
    digest: str
    strategy: str
    pair: str
    timeframe: str
    params: dict[str, Any]
    start: str
    end: str
    bars: int
    source: str
    simulated: bool
    finished_at: str
    total_return: float
    benchmark_return: float
    sharpe: float | None
    max_drawdown: float
    trade_count: int


class Entry(msgspec.Struct, frozen=True):
    """One file; ``summary`` is None where it cannot be trusted. ``text`` is what a search looks at."""

    stamp: Stamp
    summary: Summary | None
    text: str = ""


class Summaries:
    """Those of one store. One thread at a time refreshes; others may look meanwhile, at what was known before."""

    def __init__(self, store: EvidenceStore) -> None:
        self._folder = store.folder
        self._entries: dict[str, Entry] = {}
        self._sorted: list[tuple[Summary, str]] = []
        self.damaged: list[str] = []
        """Files that cannot be trusted, by name."""

    def refresh(self, most: int) -> bool:
        """Take up what has changed in the folder, at most so many files; whether that was all."""
        stamps = dict(_stamps(self._folder))
        changed = [
            name for name, stamp in stamps.items() if name not in self._entries or self._entries[name].stamp != stamp
        ]
        gone = self._entries.keys() - stamps.keys()
        for name in gone:
            del self._entries[name]
        for name in changed[:most]:
            self._entries[name] = _entry(self._folder / name, stamps[name])
        if changed or gone:
            self._sort()
        return len(changed) <= most

    def find(self, query: str) -> list[Summary]:
        """The latest run first; all in which every word of the query is found, in whatever case."""
        words = query.lower().split()
        return [summary for summary, text in self._sorted if all(word in text for word in words)]

    def _sort(self) -> None:
        known = [(each.summary, each.text) for each in self._entries.values() if each.summary is not None]
        known.sort(key=lambda pair: pair[0].id)
        known.sort(key=lambda pair: pair[0].finished_at, reverse=True)
        self._sorted = known
        self.damaged = sorted(_shown(name) for name, each in self._entries.items() if each.summary is None)


def _stamps(folder: Path) -> Iterator[tuple[str, Stamp]]:
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return
    with entries:
        for each in entries:
            if not each.name.endswith(".json") or each.name.startswith("."):
                continue
            try:
                told = each.stat()
            except OSError:  # it went away, or leads nowhere
                continue
            yield each.name, (told.st_mtime_ns, told.st_size)


def _entry(path: Path, stamp: Stamp) -> Entry:
    try:
        summary = summarize(decode_report(path.read_bytes(), path))
    except (DamagedFileError, OSError):
        return Entry(stamp, None)
    return Entry(stamp, summary, _text(summary))


def summarize(report: EvidenceReport) -> Summary:
    inputs, metrics = report.inputs, report.metrics
    return Summary(
        id=report.id,
        digest=report.digest,
        strategy=inputs.strategy.name,
        pair=inputs.pair,
        timeframe=inputs.timeframe,
        params=inputs.strategy.params,
        start=inputs.range.start,
        end=inputs.range.end,
        bars=inputs.range.bars,
        source=inputs.candles.source,
        simulated=inputs.candles.simulated,
        finished_at=report.run.finished_at,
        total_return=metrics.total_return,
        benchmark_return=metrics.benchmark_return,
        sharpe=metrics.sharpe,
        max_drawdown=metrics.max_drawdown,
        trade_count=metrics.trade_count,
    )


def _text(summary: Summary) -> str:
    """Everything a person may remember of a run, in lower case."""
    params = [f"{name}={value}" for name, value in summary.params.items()]
    label = "simulated" if summary.simulated else "real"
    told = (summary.id, summary.strategy, summary.pair, summary.timeframe, *params, label, summary.finished_at)
    return " ".join(told).lower()


def _shown(name: str) -> str:
    """A file's name as text, also where it is none."""
    return os.fsencode(name).decode("utf-8", "replace")
