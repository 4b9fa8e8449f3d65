"""Runs vectorbt's own simulation of signals on our candles; its orders and round trips as plain arrays."""

from decimal import Decimal
from typing import NamedTuple

import numpy as np

from workbench.model.candle import Candles
from workbench.model.instrument import Instrument
from workbench.model.interval import Interval

HOUR_NS = 3_600_000_000_000
LOT = Decimal("0.25")
"""A power of two: vectorbt floors by float division, which is exact only for such a granularity."""
INSTRUMENT = Instrument("ETHUSDT", Decimal("0.00000001"), LOT)
COARSE = 1_000_000
"""Ticks by which prices move: 0.01, so that two basis points of any price are whole ticks."""


def smooth_market(seed: int, n_bars: int = 3_000) -> Candles:
    """A seeded walk without ties: closes differ far below the hundredth, opens are whole hundredths."""
    random = np.random.default_rng(seed)
    close = np.rint(30_000 * np.exp(np.cumsum(random.normal(0, 0.01, n_bars))) * COARSE + random.integers(0, 10**5))
    open_ = np.rint(np.concatenate([close[:1], close[:-1]]) / COARSE * random.normal(1, 0.001, n_bars)) * COARSE
    grid = INSTRUMENT.price_grid
    return Candles.build(
        pair="ETHUSDT",
        interval=Interval(HOUR_NS),
        open_time_ns=np.arange(n_bars, dtype=np.int64) * HOUR_NS,
        open=grid.floats(open_),
        high=grid.floats(np.maximum(open_, close) + COARSE),
        low=grid.floats(np.minimum(open_, close) - COARSE),
        close=grid.floats(close),
        volume=np.full(n_bars, 1e6),
        instrument=INSTRUMENT,
    )


class Signals(NamedTuple):
    """Booleans per bar, at the bar on which they are decided."""

    entries: np.ndarray
    exits: np.ndarray
    short_entries: np.ndarray
    short_exits: np.ndarray


def no_signals(n_bars: int) -> np.ndarray:
    return np.zeros(n_bars, bool)


def signals_of(up: np.ndarray, down: np.ndarray, direction: str) -> Signals:
    """Signals of "wants up" and "wants down" events."""
    never = no_signals(up.size)
    if direction == "long":
        return Signals(up, down, never, never)
    if direction == "short":
        return Signals(never, never, down, up)
    return Signals(up, never, down, never)


def crossings(candles: Candles, fast: int, slow: int) -> tuple[np.ndarray, np.ndarray]:
    """vectorbt's moving averages and their crossings: up, down."""
    import vectorbt as vbt

    close = candles.to_frame()["close"]
    quick, lazy = vbt.MA.run(close, fast), vbt.MA.run(close, slow)
    return quick.ma_crossed_above(lazy).to_numpy(), quick.ma_crossed_below(lazy).to_numpy()


def simulate(candles: Candles, signals: Signals, *, cash: float, fee_rate: float, slippage: float):
    """vectorbt's from_signals: orders at the next open, all cash, reversals on opposite entries."""
    import pandas as pd
    import vectorbt as vbt

    frame = candles.to_frame()
    next_bar = Signals(*(pd.Series(column, frame.index).vbt.signals.fshift(1) for column in signals))
    return vbt.Portfolio.from_signals(
        frame["close"],
        next_bar.entries,
        next_bar.exits,
        short_entries=next_bar.short_entries,
        short_exits=next_bar.short_exits,
        price=frame["open"],
        fees=fee_rate,
        slippage=slippage,
        size_granularity=float(LOT),
        init_cash=cash,
        upon_opposite_entry="reverse",
        freq="1h",
    )
