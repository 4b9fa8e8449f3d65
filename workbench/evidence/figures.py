"""Results as plotly figures; draws, decides nothing.

Long curves are thinned with MinMaxLTTB (Van Der Donckt et al., "MinMaxLTTB", IEEE VIS 2023), which keeps every spike
that a screen can show. Times are milliseconds since 1970 UTC on a date axis: a third of the size of texts.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.drawdown import drawdown_series
from workbench.engine.result import BacktestResult
from workbench.evidence.trade_columns import trade_columns
from workbench.model.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

POINTS = 2000
"""Points a curve keeps; more than a screen has columns."""
MARKED_TRADES = 2000
"""Trades that get markers; of more, those with the largest profit or loss."""

INK, GREY, BLUE, GREEN, RED = "#1f2937", "#9ca3af", "#2563eb", "#15803d", "#b91c1c"

Points = NDArray[np.int64]


def figure(result: BacktestResult) -> "go.Figure":
    """Price with entries and exits, equity beside buy and hold, and drawdown, over one time axis."""
    import plotly.graph_objects as go

    return go.Figure(data=[*_price(result), *_equity(result), _drawdown(result)], layout=_layout(result))


def _price(result: BacktestResult) -> list[dict[str, Any]]:
    close = result.candles.close
    line = _line("Close", result, close, _thinned(close), color=INK, width=1, axis="y")
    return [line, *_markers(result)]


def _equity(result: BacktestResult) -> list[dict[str, Any]]:
    close, equity, cash = result.candles.close, result.equity_curve, result.inputs.initial_cash
    shown = _thinned(close)
    held = _line("Buy and hold", result, close, shown, color=GREY, width=1, axis="y2")
    held["y"] = cash / close[0] * held["y"]
    return [held, _line("Equity", result, equity, _thinned(equity), color=BLUE, width=1.5, axis="y2")]


def _drawdown(result: BacktestResult) -> dict[str, Any]:
    series = drawdown_series(result.equity_curve, result.inputs.initial_cash)
    line = _line("Drawdown", result, series, _thinned(series), color=RED, width=1, axis="y3")
    return {**line, "fill": "tozeroy", "fillcolor": "rgba(185, 28, 28, 0.15)", "hovertemplate": "%{y:.2%}"}


def _line(
    name: str,
    result: BacktestResult,
    values: NDArray[np.float64],
    shown: Points,
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


def _thinned(values: NDArray[np.float64]) -> Points:
    """Row numbers of the points to show, first and last included."""
    if values.size <= POINTS:
        return np.arange(values.size)
    from tsdownsample import MinMaxLTTBDownsampler

    thinner = MinMaxLTTBDownsampler()  # type: ignore[no-untyped-call]  # the library types its methods only
    rows = thinner.downsample(np.ascontiguousarray(values), n_out=POINTS)
    return np.asarray(rows, dtype=np.int64)


def _milliseconds(nanoseconds: NDArray[np.int64]) -> NDArray[np.float64]:
    return nanoseconds / 1e6


def _markers(result: BacktestResult) -> list[dict[str, Any]]:
    trades = _marked(result.trade_table)
    columns = trade_columns(trades, result.candles)
    long, closed, won = columns["side"] > 0, ~columns["is_open"], columns["profit"] > 0
    kinds = (
        ("Enter long", "entry", long, "triangle-up", GREEN),
        ("Enter short", "entry", ~long, "triangle-down", RED),
        ("Exit with profit", "exit", closed & won, "circle-open", GREEN),
        ("Exit with loss", "exit", closed & ~won, "x-thin-open", RED),
    )
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": _milliseconds(columns[f"{end}_time"][rows]),
            "y": columns[f"{end}_price"][rows],
            "marker": {"symbol": symbol, "color": color, "size": 8},
            "xaxis": "x",
            "yaxis": "y",
        }
        for name, end, rows, symbol, color in kinds
        if rows.any()
    ]


def _marked(trades: NDArray[Any]) -> NDArray[Any]:
    if trades.size <= MARKED_TRADES:
        return trades
    largest = np.argsort(-np.abs(trades["profit"]), kind="stable")[:MARKED_TRADES]
    return trades[np.sort(largest)]


def _layout(result: BacktestResult) -> dict[str, Any]:
    count = result.trade_table.size
    thinned = f" · the {MARKED_TRADES:,} largest of {count:,} trades are marked" if count > MARKED_TRADES else ""
    return {
        "template": "plotly_white",
        "title": {"text": _title(result), "subtitle": {"text": _summary(result) + thinned}},
        "height": 720,
        "margin": {"l": 70, "r": 20, "t": 90, "b": 90},
        "hovermode": "x unified",
        "legend": {"orientation": "h", "yanchor": "top", "y": -0.1},  # above, it would cover the subtitle
        "xaxis": {"type": "date", "anchor": "y3", "title": {"text": "UTC"}},
        "yaxis": {"domain": [0.52, 1.0], "title": {"text": f"{result.candles.pair} price"}},
        "yaxis2": {"domain": [0.2, 0.48], "title": {"text": "Equity"}, "tickformat": ",.0f"},
        "yaxis3": {"domain": [0.0, 0.16], "title": {"text": "Drawdown"}, "tickformat": ".0%"},
    }


def _title(result: BacktestResult) -> str:
    return result.title.replace("<", "&lt;")


def _summary(result: BacktestResult) -> str:
    metrics = result.metrics
    sharpe = "–" if np.isnan(metrics.sharpe) else f"{metrics.sharpe:.2f}"
    return (
        f"return {metrics.total_return:+.2%} (buy and hold {metrics.benchmark_return:+.2%}) · Sharpe {sharpe} · "
        f"max drawdown {metrics.max_drawdown:.2%} · {metrics.trade_count:,} trades"
    )


def heatmap(frame: "pd.DataFrame", metric: str = "sharpe", x: str | None = None, y: str | None = None) -> "go.Figure":
    """A metric over two parameters of a sweep.

    Args:
        frame: one row a combination: parameters, then metrics, as ``Sweep.frame`` gives it.
        metric: the column that colours a cell; an undefined value leaves it empty.
        x: the parameter along the horizontal axis; by default the first one that varies.
        y: the parameter along the vertical axis; by default the next one that varies.

    Raises:
        InputError: no such column, fewer than two parameters vary, or two rows belong to one cell.
    """
    import plotly.graph_objects as go

    across, up = _axes(frame, x, y)
    for column in (metric, across, up):
        if column not in frame.columns:
            raise InputError("heatmap", f"one of the columns {', '.join(frame.columns)}", column)
    if frame.duplicated([across, up]).any():
        raise InputError("heatmap", f"one row for each {across} and {up}; fix the other parameters", "several")
    cells = frame.pivot(index=up, columns=across, values=metric).astype("float64")
    values = cells.to_numpy()
    signed = bool((values < 0).any() and (values > 0).any())
    cell = {
        "type": "heatmap",
        "x": cells.columns.to_numpy(),
        "y": cells.index.to_numpy(),
        "z": values,
        "colorscale": "RdBu" if signed else "Viridis",
        "zmid": 0.0 if signed else None,
        "colorbar": {"title": {"text": metric}},
        "hovertemplate": f"{across} %{{x}}<br>{up} %{{y}}<br>{metric} %{{z:.4g}}<extra></extra>",
    }
    layout = {
        "template": "plotly_white",
        "title": {"text": f"{metric} by {across} and {up}"},
        "xaxis": {"title": {"text": across}},
        "yaxis": {"title": {"text": up}},
    }
    return go.Figure(data=[cell], layout=layout)


def _axes(frame: "pd.DataFrame", x: str | None, y: str | None) -> tuple[str, str]:
    from workbench.engine.metrics import Metrics

    given = {name for name in (x, y) if name is not None}
    free = [name for name in _varying(frame, Metrics.__dataclass_fields__) if name not in given]
    needed = (x is None) + (y is None)
    if len(free) < needed:
        raise InputError("heatmap", "two parameters that vary", f"{', '.join([*given, *free]) or 'none'}")
    across = x if x is not None else free.pop(0)
    return across, y if y is not None else free.pop(0)


def _varying(frame: "pd.DataFrame", metrics: Any) -> Sequence[str]:
    return [name for name in frame.columns if name not in metrics and frame[name].nunique() > 1]
