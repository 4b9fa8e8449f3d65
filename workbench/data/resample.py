"""Market trades -> candles, and candles -> longer candles. Pure."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.data.flat_bars import spread
from workbench.data.market_trade import MarketTrades
from workbench.model.candle import Candles, Origin
from workbench.model.errors import InputError
from workbench.model.instrument import Instrument
from workbench.model.interval import Interval


def candles_from_trades(
    trades: MarketTrades,
    pair: str,
    interval: str | Interval,
    *,
    fill_gaps: bool = False,
    instrument: Instrument | None = None,
    origin: Origin | None = None,
) -> Candles:
    """Candles of the bars in which something was traded.

    Args:
        fill_gaps: put flat candles at the last close, volume 0, where nothing was traded.

    Raises:
        InputError, CandleError: prices on no grid and the like; too many flat bars (see ``flat_bars``).
    """
    step = Interval.parse(interval)
    times = trades.time_ns // step.nanoseconds * step.nanoseconds
    first = _starts(times)
    columns = {
        "open_time_ns": times[first],
        "open": trades.price[first],
        "high": np.maximum.reduceat(trades.price, first),
        "low": np.minimum.reduceat(trades.price, first),
        "close": trades.price[np.append(first[1:], len(times)) - 1],
        "volume": _sums(trades.quantity, first),
    }
    if fill_gaps:
        columns = _filled(columns, step)
    return Candles.build(pair=pair, interval=step, instrument=instrument, origin=origin, **columns)


def resample(candles: Candles, interval: str | Interval) -> Candles:
    """Longer candles. A bar is made of what there is of it, so the first and last may cover less than the interval.

    Raises:
        InputError: the interval is not a whole multiple of the candles' own.
    """
    step = Interval.parse(interval)
    if step.nanoseconds % candles.interval.nanoseconds or step.nanoseconds < candles.interval.nanoseconds:
        raise InputError("timeframe", f"a whole multiple of {candles.interval}", step)
    times = candles.open_time_ns // step.nanoseconds * step.nanoseconds
    first = _starts(times)
    last = np.append(first[1:], len(times)) - 1
    return Candles.build(
        pair=candles.pair,
        interval=step,
        instrument=candles.instrument,
        origin=candles.origin,
        open_time_ns=times[first],
        open=candles.open[first],
        high=np.maximum.reduceat(candles.high, first),
        low=np.minimum.reduceat(candles.low, first),
        close=candles.close[last],
        volume=_sums(candles.volume, first),
    )


def _starts(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first row of each run of equal times."""
    starts = np.ones(len(times), dtype=np.bool_)
    starts[1:] = times[1:] != times[:-1]
    return np.flatnonzero(starts)


def _sums(values: NDArray[np.float64], first: NDArray[np.int64]) -> NDArray[np.float64]:
    """The sum of each run, added one by one in order: ``np.add.reduceat`` adds in pairs, which rounds otherwise."""
    lengths = np.diff(first, append=len(values))
    bars = np.repeat(np.arange(len(first)), lengths)
    return np.asarray(np.bincount(bars, weights=values), dtype=np.float64)


def _filled(columns: dict[str, NDArray[Any]], step: Interval) -> dict[str, NDArray[Any]]:
    times, source = spread(columns["open_time_ns"], step)
    traded = columns["open_time_ns"][source] == times
    close = columns["close"][source]
    filled = {name: np.where(traded, columns[name][source], close) for name in ("open", "high", "low", "close")}
    return {"open_time_ns": times, **filled, "volume": np.where(traded, columns["volume"][source], 0.0)}
