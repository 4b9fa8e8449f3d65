"""Repairs, each by name and only when asked for; each says what it did."""

from collections.abc import Callable, Sequence

import numpy as np

from workbench.data.checks import check
from workbench.data.flat_bars import spread
from workbench.data.raw import VALUES, RawCandles
from workbench.model.errors import InputError
from workbench.model.interval import Interval

Repair = Callable[[RawCandles, Interval], tuple[RawCandles, str | None]]

BROKEN = ("not a number", "infinite", "negative", "zero price", "high below low", "outside", "not a multiple")


def sort_rows(raw: RawCandles, interval: Interval) -> tuple[RawCandles, str | None]:
    """Put rows in the order of their times; rows of one time keep their order."""
    order = np.argsort(raw.open_time_ns, kind="stable")
    moved = int(np.count_nonzero(order != np.arange(len(raw))))
    return (raw.take(order), f"sort: moved {moved} rows") if moved else (raw, None)


def drop_duplicates(raw: RawCandles, interval: Interval) -> tuple[RawCandles, str | None]:
    """Drop rows that repeat an earlier row in every column; rows that contradict it stay (and stay an error)."""
    table = np.column_stack([raw.open_time_ns.view(np.float64), *(raw.values(name) for name in VALUES)])
    _, first = np.unique(table.view(np.uint64), axis=0, return_index=True)
    dropped = len(raw) - first.size
    return (raw.take(np.sort(first)), f"duplicates: dropped {dropped} repeated rows") if dropped else (raw, None)


def drop_invalid(raw: RawCandles, interval: Interval) -> tuple[RawCandles, str | None]:
    """Drop rows with a value that cannot be (NaN, negative, high below low, off the interval ...)."""
    bad = [found.row for found in check(raw, interval) if any(text in found.rule for text in BROKEN)]
    keep = ~np.isin(raw.rows, bad)
    dropped = len(raw) - int(keep.sum())
    return (raw.take(keep), f"invalid: dropped {dropped} rows") if dropped else (raw, None)


def fill_gaps(raw: RawCandles, interval: Interval) -> tuple[RawCandles, str | None]:
    """Put flat candles at the last close, volume 0, where bars are missing; wants sorted rows without duplicates."""
    step = interval.nanoseconds
    times = raw.open_time_ns
    if len(raw) < 2 or (times[1:] <= times[:-1]).any() or (times % step).any():
        return raw, None
    full, source = spread(times, interval)
    added = times[source] != full
    if not added.any():
        return raw, None
    close = raw.close[source]
    columns = {name: np.where(added, close, raw.values(name)[source]) for name in VALUES[:4]}
    volume = np.where(added, 0.0, raw.volume[source])
    filled = RawCandles(rows=raw.rows[source], open_time_ns=full, volume=volume, **columns)
    return filled, f"gaps: added {int(added.sum())} flat bars of volume 0"


REPAIRS: dict[str, Repair] = {
    "sort": sort_rows,
    "duplicates": drop_duplicates,
    "invalid": drop_invalid,
    "gaps": fill_gaps,
}


def check_names(names: Sequence[str]) -> None:
    """Refuse an unknown repair before any file is read.

    Raises:
        InputError: names the first one.
    """
    for name in names:
        if name not in REPAIRS:
            raise InputError("--repair", f"some of {', '.join(REPAIRS)}", name)


def repair(raw: RawCandles, interval: Interval, names: Sequence[str]) -> tuple[RawCandles, list[str]]:
    """Apply the named repairs, always in the order sort, duplicates, invalid, gaps.

    Raises:
        InputError: an unknown name, or nothing is left.
    """
    check_names(names)
    done: list[str] = []
    for name, action in REPAIRS.items():
        if name in names:
            raw, text = action(raw, interval)
            done += [text] if text else []
    if not len(raw):
        raise InputError("--repair", "at least one row to be left", "none")
    return raw, done
