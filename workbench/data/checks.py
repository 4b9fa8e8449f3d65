"""What is wrong with candles, or noteworthy: every finding names row, time, column and value. Repairs nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from workbench.data.raw import VALUES, RawCandles
from workbench.model.interval import Interval

PRICES = VALUES[:4]
GAP = "gap"


@dataclass(frozen=True)
class Finding:
    """One thing found. ``row`` is the row's place in its file; a gap stands at the row that follows it."""

    row: int
    open_time_ns: int
    column: str
    value: int | float
    rule: str

    @property
    def is_error(self) -> bool:
        """Gaps are noteworthy (an exchange may skip bars without a trade); everything else is wrong."""
        return not self.rule.startswith(GAP)

    @property
    def moment(self) -> str:
        return f"{datetime.fromtimestamp(self.open_time_ns // 10**9, tz=UTC):%Y-%m-%d %H:%M:%S}"

    def __str__(self) -> str:
        return f"row {self.row}, {self.moment} UTC, {self.column} {self.value!r}: {self.rule}"


def check(raw: RawCandles, interval: Interval) -> list[Finding]:
    """All findings, by row: NaN, inf, negative or zero prices, high below low, open or close outside the bar,
    duplicate times, disorder, times off the interval, rows further apart than the interval throughout, gaps.
    """
    times = [*_bad_times(raw, interval), *_wrong_interval(raw, interval), *find_gaps(raw, interval)]
    found = [*_bad_values(raw), *_bad_ranges(raw), *times]
    return sorted(found, key=lambda finding: finding.row)


def _findings(raw: RawCandles, bad: NDArray[np.bool_], column: str, rule: str) -> list[Finding]:
    values = raw.open_time_ns if column == "open_time_ns" else raw.values(column)
    return [
        Finding(int(raw.rows[k]), int(raw.open_time_ns[k]), column, values[k].item(), rule) for k in np.flatnonzero(bad)
    ]


def _bad_values(raw: RawCandles) -> list[Finding]:
    found: list[Finding] = []
    for name in VALUES:
        column = raw.values(name)
        found += _findings(raw, np.isnan(column), name, "not a number")
        found += _findings(raw, np.isinf(column), name, "infinite")
        found += _findings(raw, column < 0, name, "negative")
        if name != "volume":
            found += _findings(raw, column == 0, name, "zero price")
    return found


def _bad_ranges(raw: RawCandles) -> list[Finding]:
    found = _findings(raw, raw.high < raw.low, "high", "high below low")
    for name in ("open", "close"):
        column = raw.values(name)
        outside = ((column > raw.high) | (column < raw.low)) & (raw.high >= raw.low)
        found += _findings(raw, outside, name, f"{name} outside low to high")
    return found


def _bad_times(raw: RawCandles, interval: Interval) -> list[Finding]:
    times = raw.open_time_ns
    found = _findings(raw, times % interval.nanoseconds != 0, "open_time_ns", f"not a multiple of {interval}")
    seen_later = np.zeros(times.size, dtype=np.bool_)
    order = np.argsort(times, kind="stable")
    seen_later[order[1:]] = times[order[1:]] == times[order[:-1]]
    found += _findings(raw, seen_later, "open_time_ns", "duplicate time")
    backwards = np.zeros(times.size, dtype=np.bool_)
    backwards[1:] = times[1:] < times[:-1]
    return found + _findings(raw, backwards, "open_time_ns", "earlier than the row before")


def _wrong_interval(raw: RawCandles, interval: Interval) -> list[Finding]:
    """One finding when all rows are a multiple of something longer apart; with two rows that is no proof."""
    distance = int(np.gcd.reduce(np.diff(raw.open_time_ns)))
    if len(raw) < 3 or distance <= interval.nanoseconds or distance % interval.nanoseconds:
        return []
    text = f"wrong interval: rows are {Interval(distance)} apart, not {interval}"
    return [Finding(int(raw.rows[0]), int(raw.open_time_ns[0]), "open_time_ns", int(raw.open_time_ns[0]), text)]


def find_gaps(raw: RawCandles, interval: Interval) -> list[Finding]:
    """Bars missing between the rows, in the order of time."""
    steps = np.diff(raw.open_time_ns)
    if (steps == interval.nanoseconds).all():  # the usual file
        return []
    order = np.argsort(raw.open_time_ns, kind="stable")
    times = raw.open_time_ns[order]
    missing = np.diff(times) // interval.nanoseconds - 1
    return [
        Finding(int(raw.rows[row]), int(raw.open_time_ns[row]), "open_time_ns", int(raw.open_time_ns[row]), text)
        for row, text in ((order[k + 1], _gap_text(int(missing[k]))) for k in np.flatnonzero(missing > 0))
    ]


def _gap_text(bars: int) -> str:
    return f"{GAP}: {bars} bar{'s' if bars > 1 else ''} missing before it"
