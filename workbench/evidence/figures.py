"""A result as a plotly figure; draws, decides nothing.

Times are milliseconds since 1970 UTC on a date axis: a third of the size of texts.
"""

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.drawdown import drawdown_series
from workbench.engine.result import BacktestResult
from workbench.evidence.figure_style import BLUE, GREEN, GREY, LINE_LENGTH, RED, SLATE, axis, layout, panel_name
from workbench.evidence.thinning import MARKED_TRADES, Rows, largest_trades, thinned
from workbench.evidence.trade_columns import trade_columns

if TYPE_CHECKING:
    import plotly.graph_objects as go

MARKER_SIZES = ((60, 9.0), (120, 6.5), (MARKED_TRADES, 4.5))
"""Up to so many trades, markers of so many pixels: the price stays visible behind them."""
PRICE, EQUITY, DRAWDOWN = (0.50, 0.97), (0.21, 0.43), (0.0, 0.14)
"""Where the panels begin and end, from the bottom."""


def figure(result: BacktestResult) -> "go.Figure":
    """Price with entries and exits, equity beside buy and hold, and drawdown, over one time axis."""
    import plotly.graph_objects as go

    return go.Figure(data=[*_price(result), *_equity(result), _drawdown(result)], layout=_layout(result))


def _price(result: BacktestResult) -> list[dict[str, Any]]:
    close = result.candles.close
    line = _line("Close", result, close, thinned(close), color=SLATE, width=1.2, axis="y")
    return [{**line, "hovertemplate": "%{y:,}"}, *_markers(result)]


def _equity(result: BacktestResult) -> list[dict[str, Any]]:
    close, equity, cash = result.candles.close, result.equity_curve, result.inputs.initial_cash
    shown = thinned(close)
    held = _line("Buy and hold", result, close, shown, color=GREY, width=1, axis="y2")
    held["y"] = cash / close[0] * held["y"]
    own = _line("Equity", result, equity, thinned(equity), color=BLUE, width=1.8, axis="y2")
    return [{**line, "hovertemplate": "%{y:,.2f}"} for line in (held, own)]


def _drawdown(result: BacktestResult) -> dict[str, Any]:
    series = drawdown_series(result.equity_curve, result.inputs.initial_cash)
    line = _line("Drawdown", result, series, thinned(series), color=RED, width=1, axis="y3")
    look = {"fill": "tozeroy", "fillcolor": "rgba(239, 68, 68, 0.18)", "showlegend": False}
    return {**line, **look, "hovertemplate": "%{y:.2%}"}


def _line(
    name: str,
    result: BacktestResult,
    values: NDArray[np.float64],
    shown: Rows,
    *,
    color: str,
    width: float,
    axis: str,
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": _milliseconds(result.candles.open_time_ns[shown]),
        "y": values[shown],
        "line": {"color": color, "width": width},
        "xaxis": "x",
        "yaxis": axis,
    }


def _milliseconds(nanoseconds: NDArray[np.int64]) -> NDArray[np.float64]:
    return nanoseconds / 1e6


def _markers(result: BacktestResult) -> list[dict[str, Any]]:
    trades = largest_trades(result.trade_table)
    columns = trade_columns(trades, result.candles)
    long, closed, won = columns["side"] > 0, ~columns["is_open"], columns["profit"] > 0
    kinds = (
        ("Enter long", "entry", long, "triangle-up", BLUE, 1.2),
        ("Enter short", "entry", ~long, "triangle-down", "#a855f7", 1.2),
        ("Exit with profit", "exit", closed & won, "circle", GREEN, 1.0),
        ("Exit with loss", "exit", closed & ~won, "x", RED, 1.0),
    )
    size = next(size for most, size in MARKER_SIZES if trades.size <= most)
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": _milliseconds(columns[f"{end}_time"][rows]),
            "y": columns[f"{end}_price"][rows],
            "marker": {"symbol": symbol, "color": color, "size": size * scale, "opacity": 0.9, "line": {"width": 0}},
            "hovertemplate": "%{y:,}",
            **({"customdata": columns["profit"][rows], "hovertemplate": _EXIT} if end == "exit" else {}),
            "xaxis": "x",
            "yaxis": "y",
        }
        for name, end, rows, symbol, color, scale in kinds
        if rows.any()
    ]


_EXIT = "%{y:,} (%{customdata:+,.2f})"


def _layout(result: BacktestResult) -> dict[str, Any]:
    times = _milliseconds(result.candles.open_time_ns[[0, -1]])
    margin = max((times[1] - times[0]) * 0.01, result.candles.interval.nanoseconds / 1e6)
    panels = ((f"{result.candles.pair} price{_label(result)}", PRICE), ("Equity", EQUITY), ("Drawdown", DRAWDOWN))
    return {
        **layout(_title(result), _lines(result), height=660),
        "annotations": [panel_name(name, top) for name, (_, top) in panels],
        "hovermode": "x unified",
        "legend": {"orientation": "h", "yanchor": "top", "y": -0.07, "x": 0.0},  # above, it would cover the subtitle
        "xaxis": axis(type="date", anchor="y3", range=[times[0] - margin, times[1] + margin], hoverformat=_MOMENT),
        "yaxis": axis(domain=PRICE, tickformat=",", nticks=8),
        "yaxis2": axis(domain=EQUITY, tickformat=",", nticks=5),
        "yaxis3": axis(domain=DRAWDOWN, tickformat=".0%", nticks=4),
    }


_MOMENT = "%Y-%m-%d %H:%M UTC"


def _title(result: BacktestResult) -> str:
    return f"{result.inputs.strategy} · {result.candles.pair} {result.candles.interval}{_label(result)}"


def _label(result: BacktestResult) -> str:
    return " · SIMULATED" if result.candles.origin.simulated else ""


def _lines(result: BacktestResult) -> list[str]:
    """What the title has no room for: parameters, the outcome, the risk."""
    metrics, count = result.metrics, result.trade_table.size
    sharpe = "–" if np.isnan(metrics.sharpe) else f"{metrics.sharpe:.2f}"
    params = ", ".join(f"{name} {value}" for name, value in result.inputs.params.items())
    return [
        *wrap(params, LINE_LENGTH),
        f"return {metrics.total_return:+.2%}, buy and hold {metrics.benchmark_return:+.2%}",
        f"Sharpe {sharpe} · max drawdown {metrics.max_drawdown:.2%} · {metrics.trade_count:,} trades",
        *([f"the {MARKED_TRADES:,} largest of {count:,} trades are marked"] if count > MARKED_TRADES else []),
    ]
