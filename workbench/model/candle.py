"""Candles: columns of equal length, sorted, on the tick grid.

What a Candles value promises, checked when it is made:

1. All six columns have the same length, at least one row; open times rise strictly and are multiples of the interval.
2. Prices are finite and above 0, on the instrument's tick grid, each the float nearest to its decimal value.
   Comparing two of them as floats is therefore the same as comparing whole ticks.
3. ``low <= open, close <= high``; volume is finite and at least 0.
4. Missing bars are allowed (an exchange may skip minutes without a trade); ``workbench.data.checks`` lists them.
5. Columns are read-only.

A candle covers [open time, open time + interval).
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.model.candle_rules import COLUMNS, as_floats, check_order, check_shapes, check_values, snap_prices
from workbench.model.errors import CandleError
from workbench.model.instrument import Instrument
from workbench.model.interval import Interval

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Candle:
    """One bar."""

    open_time_ns: int
    open: float
    high: float
    low: float
    close: float
    volume: float

    @property
    def open_time(self) -> datetime:
        return datetime.fromtimestamp(self.open_time_ns / 1e9, tz=UTC)


@dataclass(frozen=True)
class Origin:
    """Where candles came from; ``simulated`` is shown wherever they are shown."""

    source: str
    simulated: bool = False

    def __str__(self) -> str:
        return f"{self.source} (SIMULATED, not market data)" if self.simulated else self.source


@dataclass(frozen=True, eq=False, repr=False)
class Candles:
    """Candles of one instrument and interval; make them with :meth:`build`.

    Attributes:
        open_time_ns: int64, (n_bars,), nanoseconds since 1970-01-01 UTC.
        open, high, low, close: float64, (n_bars,), quote currency.
        volume: float64, (n_bars,), base currency.
    """

    instrument: Instrument
    interval: Interval
    open_time_ns: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]
    origin: Origin = Origin("memory")
    known_fingerprint: str | None = field(default=None)

    @classmethod
    def build(
        cls,
        *,
        pair: str,
        interval: str | Interval,
        open_time_ns: ArrayLike,
        open: ArrayLike,
        high: ArrayLike,
        low: ArrayLike,
        close: ArrayLike,
        volume: ArrayLike,
        instrument: Instrument | None = None,
        origin: Origin | None = None,
    ) -> "Candles":
        """Check and freeze columns.

        Args:
            open_time_ns: (n_bars,) integers, nanoseconds UTC.
            open, high, low, close, volume: (n_bars,) numbers.
            instrument: tick and lot size; by default the tick size that the prices show.

        Raises:
            CandleError: names the first row and column that break a rule of this module.
            InputError: the pair or interval is malformed, or prices lie on no grid.
        """
        columns = {"open": open, "high": high, "low": low, "close": close, "volume": volume}
        floats = {name: as_floats(name, values) for name, values in columns.items()}
        times = np.asarray(open_time_ns, dtype=np.int64)
        parsed = Interval.parse(interval)
        check_shapes({"open_time_ns": times, **floats})
        check_values(times, floats, parsed)
        if instrument is not None and instrument.pair != pair.upper():
            raise CandleError("pair", f"the instrument's pair {instrument.pair}", pair)
        own = np.empty((len(COLUMNS), times.size))  # one piece of memory is faster to get than six
        own_times = own[0].view(np.int64)
        own_times[:] = times
        ownas_floats = dict(zip(COLUMNS[1:], own[1:], strict=True))
        market = snap_prices(floats, pair, instrument, ownas_floats)
        ownas_floats["volume"][:] = floats["volume"]
        check_order(ownas_floats)
        own.flags.writeable = False
        return cls.trusted(market, parsed, own_times, *ownas_floats.values(), origin=origin or Origin("memory"))

    @classmethod
    def trusted(
        cls,
        instrument: Instrument,
        interval: Interval,
        open_time_ns: NDArray[np.int64],
        open: NDArray[np.float64],
        high: NDArray[np.float64],
        low: NDArray[np.float64],
        close: NDArray[np.float64],
        volume: NDArray[np.float64],
        *,
        origin: Origin,
        known_fingerprint: str | None = None,
    ) -> "Candles":
        """Columns that were checked before (the store's); only freezes them."""
        for column in (open_time_ns, open, high, low, close, volume):
            column.flags.writeable = False
        return cls(instrument, interval, open_time_ns, open, high, low, close, volume, origin, known_fingerprint)

    @property
    def pair(self) -> str:
        return self.instrument.pair

    def __len__(self) -> int:
        return len(self.open_time_ns)

    def __getitem__(self, rows: slice) -> "Candles":
        """A run of rows as Candles of their own; at least one, step 1."""
        start, stop, step = rows.indices(len(self))
        if step != 1 or stop <= start:
            raise CandleError("rows", f"a slice of at least one of {len(self)} rows, step 1", rows)
        whole = stop - start == len(self)
        return Candles.trusted(
            self.instrument,
            self.interval,
            *(getattr(self, name)[start:stop] for name in COLUMNS),
            origin=self.origin,
            known_fingerprint=self.known_fingerprint if whole else None,
        )

    def __iter__(self) -> Iterator[Candle]:
        for row in zip(*(getattr(self, name).tolist() for name in COLUMNS), strict=True):
            yield Candle(*row)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over pair, interval, tick size and the little-endian columns; the same on every machine."""
        if self.known_fingerprint is not None:
            return self.known_fingerprint
        digest = hashlib.sha256()
        digest.update(f"candles/1 {self.pair} {self.interval} {self.instrument.tick_size.normalize():f}\n".encode())
        for name in COLUMNS:
            column = getattr(self, name)
            digest.update(np.ascontiguousarray(column, dtype=column.dtype.newbyteorder("<")).data)
        return "sha256:" + digest.hexdigest()

    @property
    def start(self) -> datetime:
        """Open time of the first bar."""
        return datetime.fromtimestamp(int(self.open_time_ns[0]) // 10**9, tz=UTC)

    @property
    def end(self) -> datetime:
        """Close time of the last bar (exclusive)."""
        return datetime.fromtimestamp((int(self.open_time_ns[-1]) + self.interval.nanoseconds) // 10**9, tz=UTC)

    def to_frame(self) -> "pd.DataFrame":
        """A pandas frame indexed by open time (UTC)."""
        import pandas as pd

        index = pd.DatetimeIndex(self.open_time_ns.view("datetime64[ns]"), tz="UTC", name="open_time")
        return pd.DataFrame({name: getattr(self, name) for name in COLUMNS[1:]}, index=index, copy=False)

    def __repr__(self) -> str:
        return (
            f"Candles({self.pair} {self.interval}, {len(self):,} bars, "
            f"{self.start:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M} UTC, {self.origin})"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        columns = tuple(getattr(self, name) for name in COLUMNS)
        return _unpickle, (self.instrument, self.interval, columns, self.origin, self.known_fingerprint)


def _unpickle(
    instrument: Instrument, interval: Interval, columns: tuple[Any, ...], origin: Origin, fingerprint: str | None
) -> Candles:
    return Candles.trusted(instrument, interval, *columns, origin=origin, known_fingerprint=fingerprint)
