"""Candles made for tests: seeded walks on a tick grid, and bars written out by hand."""

from decimal import Decimal

import numpy as np

from workbench.model.candle import Candles, Origin
from workbench.model.instrument import Instrument
from workbench.model.interval import Interval

HOUR_NS = 3_600_000_000_000


def from_ticks(open_, high, low, close, volume=None, *, tick="0.01", lot="0.001", minimum_notional="0") -> Candles:
    """Hourly candles from whole ticks."""
    instrument = Instrument("ETHUSDT", Decimal(tick), Decimal(lot), Decimal(minimum_notional))
    grid = instrument.price_grid
    n_bars = len(open_)
    return Candles.build(
        pair="ETHUSDT",
        interval=Interval(HOUR_NS),
        open_time_ns=np.arange(n_bars, dtype=np.int64) * HOUR_NS,
        open=grid.floats(open_),
        high=grid.floats(high),
        low=grid.floats(low),
        close=grid.floats(close),
        volume=np.full(n_bars, 1000.0) if volume is None else volume,
        instrument=instrument,
        origin=Origin("test", simulated=True),
    )


def from_closes(close) -> Candles:
    """Candles whose open is the close before; only closes matter."""
    close = np.asarray(close, dtype=np.int64)
    open_ = np.concatenate([close[:1], close[:-1]])
    return from_ticks(open_, np.maximum(open_, close), np.minimum(open_, close), close)


def walk(seed: int, n_bars: int, *, coarse: int = 1, start: int = 10_000) -> Candles:
    """A seeded random walk; ``coarse`` is the grid of its steps in ticks, so that ties are frequent."""
    random = np.random.default_rng(seed)
    steps = random.integers(-3, 4, n_bars) * coarse
    close = np.maximum(start + np.cumsum(steps), 10 * coarse)
    open_ = np.concatenate([close[:1], close[:-1]]) + random.integers(-1, 2, n_bars) * coarse
    open_ = np.maximum(open_, 1)
    high = np.maximum(open_, close) + random.integers(0, 3, n_bars) * coarse
    low = np.maximum(np.minimum(open_, close) - random.integers(0, 3, n_bars) * coarse, 1)
    return from_ticks(open_, high, low, close, random.uniform(0, 50, n_bars).round(3))
