"""Candles as a file has them, before anything is known to be right about them."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.model.candle import Candles, Origin
from workbench.model.errors import InputError
from workbench.model.instrument import Instrument
from workbench.model.interval import Interval

VALUES = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, eq=False)
class RawCandles:
    """Six columns of equal length, in the file's order, unchecked.

    Attributes:
        rows: (n,) int64, where each row stands in its file (line numbers for CSV), for messages.
        open_time_ns: (n,) int64. open ... volume: (n,) float64, NaN and inf included.
    """

    rows: NDArray[np.int64]
    open_time_ns: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]

    @classmethod
    def of(cls, candles: Candles) -> "RawCandles":
        """Checked candles as raw ones, rows counted from 1."""
        columns = {name: getattr(candles, name) for name in ("open_time_ns", *VALUES)}
        return cls(rows=np.arange(1, len(candles) + 1), **columns)

    def __len__(self) -> int:
        return len(self.open_time_ns)

    def take(self, rows: NDArray[Any]) -> "RawCandles":
        """The given rows (indices or a mask), in that order."""
        names = ("rows", "open_time_ns", *VALUES)
        return replace(self, **{name: getattr(self, name)[rows] for name in names})

    def values(self, name: str) -> NDArray[np.float64]:
        column: NDArray[np.float64] = getattr(self, name)
        return column

    def to_candles(self, pair: str, interval: Interval, *, instrument: Instrument | None, origin: Origin) -> Candles:
        """Checked candles.

        Raises:
            CandleError, InputError: a column breaks a rule of ``workbench.model.candle``.
        """
        columns = {name: self.values(name) for name in VALUES}
        return Candles.build(
            pair=pair,
            interval=interval,
            open_time_ns=self.open_time_ns,
            instrument=instrument,
            origin=origin,
            **columns,
        )


def guess_interval(times: NDArray[np.int64]) -> Interval:
    """The most common distance between neighbouring times.

    Raises:
        InputError: fewer than two different times.
    """
    steps = np.diff(times)
    if (steps <= 0).any():
        steps = np.diff(np.unique(times))
    if not steps.size:
        raise InputError("timeframe", "to be given, because the file has fewer than two times", "nothing")
    if (steps == steps[0]).all():  # the usual file: no need to count
        return Interval(int(steps[0]))
    distances, counts = np.unique(steps, return_counts=True)
    return Interval(int(distances[np.argmax(counts)]))
