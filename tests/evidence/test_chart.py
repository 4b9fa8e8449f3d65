"""A chart is the result, cut and thinned: compared with a slow twin, and with the form on the wire."""

import math
from dataclasses import fields
from typing import Any

import msgspec
import numpy as np
import pytest

from tests.candles import HOUR_NS, walk
from tests.evidence.runs import few_trades, report_of
from tests.naive_metrics import drawdowns
from workbench import wire
from workbench.engine.backtest import backtest
from workbench.engine.result import BacktestResult
from workbench.evidence.breakdown import build_breakdown
from workbench.evidence.chart import build_chart
from workbench.evidence.indicator_lines import LINES
from workbench.evidence.thinning import MARKED_TRADES
from workbench.model.errors import InputError
from workbench.strategy.buy_and_hold import BuyAndHold
from workbench.strategy.catalog import STRATEGIES
from workbench.strategy.rsi import Rsi
from workbench.strategy.sma_cross import SmaCross


def rsi_run() -> BacktestResult:
    return backtest(walk(11, 300), Rsi(5, 25.0, 72.5, "simple", "both"))


def held_run() -> BacktestResult:
    return backtest(walk(11, 140), BuyAndHold())


RUNS = {"smaCross": few_trades, "rsi": rsi_run, "buyAndHold": held_run}
WINDOWS = [(None, None), (0, None), (100 * HOUR_NS, 130 * HOUR_NS), (3 * HOUR_NS, 8 * HOUR_NS), (7 * HOUR_NS + 1, None)]


def naive_curves(result: BacktestResult) -> dict[str, tuple[str, list[float | None]]]:
    """Every bar of every curve, one after the other."""
    close, cash, params = result.candles.close.tolist(), result.inputs.initial_cash, result.inputs.params
    curves: dict[str, tuple[str, list[float | None]]] = {"Close": ("price", list(close))}
    if result.inputs.strategy == "smaCross":
        for period in (params["fast"], params["slow"]):
            mean = [None if i < period - 1 else sum(close[i - period + 1 : i + 1]) / period for i in range(len(close))]
            curves[f"SMA {period}"] = "price", mean
    if result.inputs.strategy == "rsi":
        period = params["period"]
        curves[f"RSI {period}"] = "oscillator", [simple_rsi(close, i, period) for i in range(len(close))]
        curves["Lower 25"] = "oscillator", [25.0] * len(close)
        curves["Upper 72.5"] = "oscillator", [72.5] * len(close)
    equity = result.equity_curve.tolist()
    curves["Equity"] = "equity", equity
    curves["Buy and hold"] = "equity", [cash * price / close[0] for price in close]
    curves["Drawdown"] = "drawdown", drawdowns(equity, cash)
    return curves


def simple_rsi(close: list[float], i: int, period: int) -> float | None:
    if i < period:
        return None
    changes = [close[k] - close[k - 1] for k in range(i - period + 1, i + 1)]
    gain, moved = sum(max(each, 0) for each in changes), sum(abs(each) for each in changes)
    return 100 * gain / moved if moved else 50.0


def told(value: float) -> float | None:
    return None if math.isnan(value) else value


@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("name", RUNS)
def test_a_short_run_equals_its_slow_twin(name, window):
    """Every bar of the window, every curve, every trade that touches it."""
    result = RUNS[name]()
    times = result.candles.open_time_ns.tolist()
    start, end = window[0] or 0, window[1] or math.inf
    inside = [i for i, time in enumerate(times) if start <= time < end]
    chart = build_chart(report_of(result), result, *window, points=1000)
    wanted = naive_curves(result)
    assert [(each.name, each.panel) for each in chart.curves] == [(each, panel) for each, (panel, _) in wanted.items()]
    for each in chart.curves:
        rows = [inside[0], inside[-1]] if each.name.startswith(("Lower", "Upper")) else inside
        assert each.time_ns == [times[i] for i in rows]
        values = [wanted[each.name][1][i] for i in rows]
        assert [told(value) for value in each.value] == [None if v is None else pytest.approx(v) for v in values]
    assert (chart.bars, chart.start_ns, chart.end_ns) == (len(inside), times[inside[0]], times[inside[-1]] + HOUR_NS)
    assert marks(chart.trades) == naive_marks(result, inside)


def marks(trades: Any) -> list[tuple[Any, ...]]:
    assert trades.total == len(trades.side)
    names = ("side", "entry_time_ns", "entry_price", "exit_time_ns", "exit_price", "profit", "is_open")
    return list(zip(*(getattr(trades, name) for name in names), strict=True))


def naive_marks(result: BacktestResult, inside: list[int]) -> list[tuple[Any, ...]]:
    times = result.candles.open_time_ns.tolist()
    return [
        (row["side"], times[row["entry_bar"]], row["entry_price"], times[row["exit_bar"]], row["exit_price"],
         row["profit"], bool(row["is_open"]))
        for row in result.trade_table
        if any(row["entry_bar"] <= bar <= row["exit_bar"] for bar in inside)
    ]  # fmt: skip


@pytest.mark.parametrize("window", [(601 * HOUR_NS, None), (5 * HOUR_NS, 5 * HOUR_NS), (HOUR_NS + 1, HOUR_NS + 2)])
def test_a_window_without_a_bar_is_refused(window):
    """It names the field, and what there is."""
    result = few_trades()
    with pytest.raises(InputError, match=f"bars open from 0 to {599 * HOUR_NS}") as caught:
        build_chart(report_of(result), result, *window)
    assert caught.value.field == "start_ns"


def test_a_long_run_stays_small():
    """100,000 candles, thousands of trades: at most so many points, with the highs and lows, in less than 1 MB."""
    result = backtest(walk(1, 100_000, start=1_000_000), SmaCross(3, 6, "both"))
    chart = build_chart(report_of(result), result)
    assert chart.trades.total == result.trade_table.size > MARKED_TRADES == len(chart.trades.side)
    assert len(msgspec.json.encode(chart)) < 1_000_000
    whole = {"Close": result.candles.close, "Equity": result.equity_curve, "Drawdown": result.drawdown.to_numpy()}
    for each in chart.curves:
        assert len(each.time_ns) == len(each.value) <= 2_000
        assert (each.time_ns[0], each.time_ns[-1]) == (0, 99_999 * HOUR_NS)
        if each.name in whole:
            values = whole[each.name]
            assert (min(each.value), max(each.value)) == (values.min(), values.max())
        assert np.isnan(each.value).sum() == (1 if each.name.startswith("SMA") else 0)


def test_what_is_written_is_what_the_wire_promises():
    """Chart and breakdown have exactly the fields of their forms; what there is not is null."""
    result = few_trades()
    for built, form in ((build_chart, wire.Chart), (build_breakdown, wire.Breakdown)):
        written = msgspec.json.encode(built(report_of(result), result))
        assert b"NaN" not in written
        assert form.model_validate_json(written).model_dump() == msgspec.json.decode(written)
    chart = wire.Chart.model_validate_json(msgspec.json.encode(build_chart(report_of(result), result)))
    assert chart.curves[1].value[0] is None


def test_every_strategy_shows_what_it_looks_at():
    """One that has parameters has lines; the names are those of the catalog."""
    assert LINES.keys() == {name for name, kind in STRATEGIES.items() if fields(kind)}
