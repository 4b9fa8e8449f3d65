"""Figures: what they show is the result, and they stay small."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from tests.candles import walk
from tests.evidence.runs import few_trades
from workbench.engine.backtest import backtest
from workbench.engine.costs import FREE
from workbench.engine.sweep import sweep
from workbench.evidence.figures import figure
from workbench.evidence.heatmap import heatmap
from workbench.evidence.thinning import MARKED_TRADES, POINTS
from workbench.model.candle import Origin
from workbench.model.errors import InputError
from workbench.strategy.buy_and_hold import BuyAndHold
from workbench.strategy.sma_cross import SmaCross


def traces(shown):
    return {trace.name: trace for trace in shown.data}


def test_a_short_run_is_shown_whole():
    """Every bar of price, equity, benchmark and drawdown is there, at its time."""
    result = few_trades()
    by_name = traces(figure(result))
    assert np.array_equal(by_name["Close"].y, result.candles.close)
    assert np.array_equal(by_name["Equity"].y, result.equity_curve)
    assert np.array_equal(by_name["Drawdown"].y, result.drawdown)
    assert by_name["Buy and hold"].y[0] == result.inputs.initial_cash
    assert by_name["Buy and hold"].y[-1] == pytest.approx(10_000 * (1 + result.metrics.benchmark_return))
    times = pd.to_datetime(by_name["Equity"].x, unit="ms", utc=True)
    assert (times == result.candles.to_frame().index).all()


def test_trades_are_marked():
    """One marker for each entry, one for each exit, by outcome; an open trade has no exit."""
    result = backtest(walk(7, 600), SmaCross(5, 20), costs=FREE)
    by_name, trades = traces(figure(result)), result.trades
    closed = trades[~trades["is_open"]]
    assert by_name["Enter long"].y.tolist() == trades["entry_price"].tolist()
    assert len(by_name["Exit with profit"].x) == (closed["profit"] > 0).sum()
    assert len(by_name["Exit with loss"].x) == (closed["profit"] <= 0).sum()
    assert "Enter short" not in by_name
    held = traces(figure(backtest(walk(1, 50), BuyAndHold())))
    assert not [name for name in held if name.startswith("Exit")]


def test_a_long_run_stays_small():
    """100,000 candles and thousands of trades make less than 1 MB, with the highs and lows kept."""
    result = backtest(walk(1, 100_000, start=1_000_000), SmaCross(3, 6, "both"))
    shown = figure(result)
    assert result.trade_table.size > MARKED_TRADES
    assert len(shown.to_json()) < 1_000_000
    equity = traces(shown)["Equity"].y
    assert len(equity) <= POINTS
    assert (equity.max(), equity.min()) == (result.equity_curve.max(), result.equity_curve.min())
    assert (equity[0], equity[-1]) == (result.equity_curve[0], result.equity_curve[-1])
    assert f"the {MARKED_TRADES:,} largest of {result.trade_table.size:,} trades" in shown.layout.title.subtitle.text


@pytest.mark.parametrize("simulated", [True, False])
def test_simulated_data_is_labelled(simulated):
    """Nobody takes a simulation for the market."""
    result = few_trades()
    candles = dataclasses.replace(result.candles, origin=Origin("test", simulated))
    title = figure(dataclasses.replace(result, candles=candles)).layout.title.text
    assert ("SIMULATED" in title) == simulated


def test_a_sweep_as_heatmap():
    """Rows and columns are the two parameters; combinations that make no strategy are empty."""
    points = sweep(walk(2, 400), SmaCross, {"fast": (3, 5, 9), "slow": (5, 20)}, threads=1)
    cells = heatmap(points.frame, "total_return").data[0]
    assert (list(cells.x), list(cells.y)) == ([3, 5, 9], [5, 20])
    assert np.isnan(cells.z[0][1])
    assert cells.z[1][2] == points.frame.query("fast == 9 and slow == 20")["total_return"].item()
    turned = heatmap(points.frame, "total_return", x="slow").data[0]
    assert np.array_equal(turned.z, np.transpose(cells.z), equal_nan=True)


@pytest.mark.parametrize(
    ("columns", "options", "told"),
    [
        ({"fast": [1, 2]}, {}, "two parameters that vary, received 'fast'"),
        ({"fast": [1, 2], "slow": [3, 4]}, {"metric": "luck"}, "one of the columns"),
        ({"fast": [1, 2], "slow": [3, 4]}, {"x": "size"}, "one of the columns"),
        ({"fast": [1, 1, 2], "slow": [3, 3, 4], "stop": [1, 2, 1]}, {}, "one row for each fast and slow"),
    ],
)
def test_a_heatmap_that_would_mislead_is_refused(columns, options, told):
    """Two axes, a known metric, one value a cell."""
    frame = pd.DataFrame({**columns, "sharpe": 1.0})
    with pytest.raises(InputError, match=told):
        heatmap(frame, **options)


def test_names_are_shown_and_never_read_as_markup():
    """A parameter's text cannot put a link or an image into a figure."""
    result = few_trades()
    inputs = dataclasses.replace(result.inputs, strategy="<b>", params={"note": "<img src=x>"})
    title = figure(dataclasses.replace(result, inputs=inputs)).layout.title
    assert title.text.startswith("<b>&lt;b> ·")
    assert "<img" not in title.subtitle.text


def test_the_highest_cell_is_marked_and_one_wild_cell_does_not_bleach_the_others():
    """The dot lies on the cell that ``best`` finds; the colours end near the bulk of the values."""
    points = sweep(walk(2, 400), SmaCross, {"fast": (3, 5, 9), "slow": (5, 20)}, threads=1)
    frame = points.frame
    dot, best = heatmap(frame, "sharpe").data[1], points.best("sharpe").params
    assert (dot.x[0], dot.y[0]) == (best["fast"], best["slow"])
    grid = pd.DataFrame([(i, j, 1.0 - 2 * (i % 2)) for i in range(10) for j in range(10)], columns=["i", "j", "sharpe"])
    grid.loc[0, "sharpe"] = 500.0
    cells = heatmap(grid).data[0]
    assert (cells.zmin, cells.zmid, cells.zmax) == (-1.0, 0.0, 1.0)
    assert cells.z[0][0] == 500.0


def test_a_heatmap_without_a_defined_cell_says_so():
    """A metric that is undefined everywhere has no highest cell."""
    frame = pd.DataFrame({"fast": [1, 2], "slow": [3, 4], "sharpe": [np.nan, np.nan]})
    shown = heatmap(frame, subject="smaCross on ETHUSDT 1h · SIMULATED data")
    assert shown.layout.title.subtitle.text == "smaCross on ETHUSDT 1h · SIMULATED data<br>undefined everywhere"
    assert len(shown.data) == 1


def test_many_parameters_take_several_lines():
    """No line of the subtitle is wider than a phone; nothing is left out."""
    result = few_trades()
    params = {f"parameter_{k}": k for k in range(9)}
    lines = figure(dataclasses.replace(result, inputs=dataclasses.replace(result.inputs, params=params)))
    lines = lines.layout.title.subtitle.text.split("<br>")
    assert max(map(len, lines)) <= 60
    assert all(f"{name} {value}" in " ".join(lines) for name, value in params.items())
    none = dataclasses.replace(result, inputs=dataclasses.replace(result.inputs, params={}))
    assert figure(none).layout.title.subtitle.text.startswith("return ")
