"""What is drawn of a result, whole or between two times: curves with as many points as a screen has columns, trades.

The forms have the fields of ``workbench.wire.Chart``; msgspec writes them as JSON, NaN as null.
"""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from workbench.engine.drawdown import drawdown_series
from workbench.engine.result import BacktestResult
from workbench.evidence.form import EvidenceReport
from workbench.evidence.indicator_lines import indicator_lines
from workbench.evidence.thinning import POINTS, largest_trades, thinned
from workbench.evidence.trade_columns import trade_columns
from workbench.model.candle import Candles
from workbench.model.errors import InputError

Floats = NDArray[np.float64]


class Curve(msgspec.Struct, frozen=True):
    """Bars' open times and values."""

    name: str
    panel: str
    time_ns: list[int]
    value: list[float]


class TradeMarks(msgspec.Struct, frozen=True):
    """Round trips as columns; ``total`` counts also those that are left out."""

    total: int
    side: list[int]
    entry_time_ns: list[int]
    entry_price: list[float]
    exit_time_ns: list[int]
    exit_price: list[float]
    profit: list[float]
    is_open: list[bool]


class Chart(msgspec.Struct, frozen=True):
    """``start_ns``: the first bar's open time; ``end_ns``: the last one's close time."""

    evidence_id: str
    simulated: bool
    pair: str
    timeframe: str
    bars: int
    start_ns: int
    end_ns: int
    curves: list[Curve]
    trades: TradeMarks


def build_chart(
    report: EvidenceReport,
    result: BacktestResult,
    start_ns: int | None = None,
    end_ns: int | None = None,
    points: int = POINTS,
) -> Chart:
    """The chart of a report's result.

    Every curve is computed over the whole run, then cut: a drawdown in the window may have begun before it.

    Args:
        start_ns, end_ns: bars whose open times lie in [start, end); None: from the first, to the last.
        points: at most so many of each curve, 6 or more.

    Raises:
        InputError: names start_ns; no bar lies in the window.
    """
    candles = result.candles
    first, last = _window(candles, start_ns, end_ns)
    window = slice(first, last)
    times = candles.open_time_ns[window]
    return Chart(
        evidence_id=report.id,
        simulated=report.inputs.candles.simulated,
        pair=candles.pair,
        timeframe=str(candles.interval),
        bars=last - first,
        start_ns=int(times[0]),
        end_ns=int(times[-1]) + candles.interval.nanoseconds,
        curves=[_curve(line, window, times, points) for line in _lines(result)],
        trades=_marks(result, first, last),
    )


def _window(candles: Candles, start_ns: int | None, end_ns: int | None) -> tuple[int, int]:
    """The first bar, and the one after the last."""
    times = candles.open_time_ns
    first = 0 if start_ns is None else int(np.searchsorted(times, start_ns))
    last = len(candles) if end_ns is None else int(np.searchsorted(times, end_ns))
    if first >= last:
        held = f"{times[0]} to {times[-1]}"
        window = f"{'the first' if start_ns is None else start_ns} to {'the last' if end_ns is None else end_ns}"
        raise InputError("start_ns", f"a window with a bar that opens in it (bars open from {held})", window)
    return first, last


def _lines(result: BacktestResult) -> list[tuple[str, str, Floats | float]]:
    candles, inputs, equity = result.candles, result.inputs, result.equity_curve
    is_known = not inputs.source  # another strategy may have the name of one of the catalog
    shown = indicator_lines(inputs.strategy, inputs.params, candles.close) if is_known else []
    return [
        ("Close", "price", candles.close),
        *((line.name, line.panel, line.values) for line in shown),
        ("Equity", "equity", equity),
        ("Buy and hold", "equity", inputs.initial_cash / candles.close[0] * candles.close),
        ("Drawdown", "drawdown", drawdown_series(equity, inputs.initial_cash)),
    ]


def _curve(line: tuple[str, str, Floats | float], window: slice, times: NDArray[np.int64], points: int) -> Curve:
    name, panel, values = line
    if isinstance(values, float):
        ends = times[[0, -1]] if times.size > 1 else times
        return Curve(name, panel, ends.tolist(), [values] * ends.size)
    shown = values[window]
    rows = thinned(shown, points)
    return Curve(name, panel, times[rows].tolist(), shown[rows].tolist())


def _marks(result: BacktestResult, first: int, last: int) -> TradeMarks:
    trades = result.trade_table
    touching: NDArray[Any] = trades[(trades["entry_bar"] < last) & (trades["exit_bar"] >= first)]
    columns = trade_columns(largest_trades(touching), result.candles)
    return TradeMarks(
        total=int(touching.size),
        side=columns["side"].tolist(),
        entry_time_ns=columns["entry_time"].tolist(),
        entry_price=columns["entry_price"].tolist(),
        exit_time_ns=columns["exit_time"].tolist(),
        exit_price=columns["exit_price"].tolist(),
        profit=columns["profit"].tolist(),
        is_open=columns["is_open"].tolist(),
    )
