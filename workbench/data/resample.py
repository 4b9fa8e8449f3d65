"""Market trades -> candles, and candles -> longer candles. Pure."""

import numpy as np
from numpy.typing import NDArray

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
        InputError, CandleError: prices on no grid and the like.
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
        "volume": np.add.reduceat(trades.quantity, first),
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
        volume=np.add.reduceat(candles.volume, first),
    )


def _starts(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first row of each run of equal times."""
    return np.flatnonzero(np.diff(times, prepend=times[0] - 1))


def _filled(columns: dict[str, NDArray[np.generic]], step: Interval) -> dict[str, NDArray[np.generic]]:
    times = columns["open_time_ns"]
    full = np.arange(times[0], times[-1] + step.nanoseconds, step.nanoseconds)
    source = np.searchsorted(times, full, side="right") - 1
    traded = times[source] == full
    close = columns["close"][source]
    filled = {name: np.where(traded, columns[name][source], close) for name in ("open", "high", "low", "close")}
    return {"open_time_ns": full, **filled, "volume": np.where(traded, columns["volume"][source], 0.0)}
