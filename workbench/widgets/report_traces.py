"""A chart's answer as plotly traces, and the frame they stand in. Arrays only: plotly itself is not needed here.

The look is that of ``workbench.evidence.figures``. Every trace names every property that any of them uses, so that one
can be put in another's place without a rest of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.evidence.figure_style import BLUE, GREEN, GREY, RED, SLATE, axis, escaped, layout, panel_name
from workbench.widgets.words import GAP
from workbench.wire import Chart, Curve, TradeMarks

Trace = dict[str, Any]
Times = NDArray[np.str_]

PURPLE, ORANGE, SKY, PINK = "#a855f7", "#d55e00", "#0ea5e9", "#cc5a9a"
INDICATORS = (ORANGE, SKY, GREEN)
AXES = {"price": "y", "oscillator": "y2", "equity": "y3", "drawdown": "y4"}
NAMED = {"Close": (SLATE, 1.2), "Equity": (BLUE, 1.8), "Buy and hold": (GREY, 1.0), "Drawdown": (RED, 1.0)}
MARKERS = ((60, 9.0, 0.9), (120, 6.5, 0.9), (400, 4.5, 0.7))
SMALLEST = (3.5, 0.6)
"""Up to so many trades, markers of so many pixels and so opaque: the price stays visible behind them."""
MOMENT = "%Y-%m-%d %H:%M UTC"
EXIT = "%{y:,} (%{customdata:+,.2f})"
FORMS = {"price": "%{y:,}", "oscillator": "%{y:.1f}", "equity": "%{y:,.2f}", "drawdown": "%{y:.2%}"}


@dataclass(frozen=True)
class Other:
    """A second run's equity over the first one's. ``scale``: what makes both begin with the same cash."""

    name: str
    curves: tuple[Curve, ...]
    scale: float = 1.0


def traces(chart: Chart, other: Other | None = None) -> list[Trace]:
    """Curves and markers, always in the same order for the same run."""
    extra = iter(INDICATORS * (1 + len(chart.curves) // len(INDICATORS)))
    drawn = [_curve(each, *NAMED.get(each.name, ("", 1.2)), extra=extra) for each in chart.curves]
    first = [each for each in drawn if each["yaxis"] == "y"]
    rest = [each for each in drawn if each["yaxis"] != "y"]
    return [*first, *_marks(chart.trades), *rest, *(_others(other, chart) if other else [])]


def _curve(curve: Curve, color: str, width: float, *, extra: Iterator[str]) -> Trace:
    is_drawdown, is_level = curve.panel == "drawdown", _is_level(curve)
    if is_level:
        color, width = GREY, 1.0
    return _trace(
        curve.name,
        _times(curve.time_ns),
        np.array(curve.value, dtype=np.float64),
        yaxis=AXES[curve.panel],
        line={"color": color or next(extra), "width": width, "dash": "dash" if is_level else "solid"},
        hovertemplate=FORMS[curve.panel],
        fill="tozeroy" if is_drawdown else "none",
        showlegend=not (is_drawdown or is_level),
    )


def _is_level(curve: Curve) -> bool:
    """A line at one height, such as the bound of an oscillator."""
    return curve.panel == "oscillator" and len(set(curve.value)) == 1


def _others(other: Other, chart: Chart) -> list[Trace]:
    return [_compared(each, other.scale, chart) for each in other.curves if each.name in ("Equity", "Drawdown")]


def _compared(curve: Curve, scale: float, chart: Chart) -> Trace:
    """Within the chart's time: what lies beside it would stretch the heights."""
    times = np.array(curve.time_ns, dtype=np.int64)
    inside = (times >= chart.start_ns) & (times <= chart.end_ns)
    is_equity = curve.panel == "equity"
    return _trace(
        f"{curve.name}, compared",
        _times(times[inside]),
        np.array(curve.value, dtype=np.float64)[inside] * (scale if is_equity else 1.0),
        yaxis=AXES[curve.panel],
        line={"color": PINK, "width": 1.6, "dash": "dot"},
        hovertemplate=FORMS[curve.panel],
        showlegend=is_equity,
    )


def _marks(trades: TradeMarks) -> list[Trace]:
    side, profit = np.array(trades.side), np.array(trades.profit, dtype=np.float64)
    closed = ~np.array(trades.is_open, dtype=np.bool_)
    ends = {
        "entry": (_times(trades.entry_time_ns), np.array(trades.entry_price, dtype=np.float64)),
        "exit": (_times(trades.exit_time_ns), np.array(trades.exit_price, dtype=np.float64)),
    }
    size, opacity = next((look for most, *look in MARKERS if profit.size <= most), SMALLEST)
    kinds = (
        ("Enter long", "entry", side > 0, "triangle-up", BLUE, 1.2),
        ("Enter short", "entry", side < 0, "triangle-down", PURPLE, 1.2),
        ("Exit with profit", "exit", closed & (profit > 0), "circle", GREEN, 1.0),
        ("Exit with loss", "exit", closed & ~(profit > 0), "x", RED, 1.0),
    )
    return [
        _trace(
            name,
            ends[end][0][rows],
            ends[end][1][rows],
            mode="markers",
            marker={"symbol": symbol, "color": color, "size": size * scale, "opacity": opacity, "line": {"width": 0}},
            customdata=profit[rows],
            hovertemplate=EXIT if end == "exit" else "%{y:,}",
            showlegend=bool(rows.any()),
        )
        for name, end, rows, symbol, color, scale in kinds
    ]


def _trace(name: str, x: Times, y: NDArray[np.float64], **special: Any) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": escaped(name),
        "x": x,
        "y": y,
        "customdata": np.empty(0),
        "xaxis": "x",
        "yaxis": "y",
        "line": {"color": GREY, "width": 1.0, "dash": "solid"},
        "marker": {"symbol": "circle", "color": GREY, "size": 6.5, "opacity": 0.9, "line": {"width": 0}},
        "fill": "none",
        "fillcolor": "rgba(239, 68, 68, 0.18)",
        "hovertemplate": "%{y:,}",
        "showlegend": True,
        "visible": True,
        **special,
    }


def _times(nanoseconds: list[int] | NDArray[np.int64]) -> Times:
    """As texts: where a trace's data are changed, plotly guesses its axis anew, and takes numbers for numbers."""
    seconds = np.array(nanoseconds, dtype=np.int64) // 10**9
    unit = "m" if not (seconds % 60).any() else "s"
    texts: Times = np.datetime_as_string(seconds.astype("datetime64[s]"), unit=unit)  # type: ignore[call-overload]  # its hints know no parametrised datetime64
    return texts


# The frame ------------------------------------------------------------------------------------------------------------

THREE = {"price": (0.48, 0.97), "equity": (0.19, 0.41), "drawdown": (0.0, 0.13), "oscillator": (0.0, 0.001)}
FOUR = {"price": (0.55, 0.97), "oscillator": (0.38, 0.49), "equity": (0.16, 0.32), "drawdown": (0.0, 0.10)}
HEIGHTS = (640, 740)


def frame(chart: Chart) -> dict[str, Any]:
    """Panels over one time axis; the oscillator's only where the run has one."""
    oscillators = [each.name for each in chart.curves if each.panel == "oscillator" and not _is_level(each)]
    panels = FOUR if oscillators else THREE
    label = " \u00b7 SIMULATED" if chart.simulated else ""
    titles = {"price": f"{chart.pair} price{label}", "equity": "Equity", "drawdown": "Drawdown"}
    if oscillators:
        titles["oscillator"] = ", ".join(oscillators)
    look = layout("", [], height=HEIGHTS[bool(oscillators)])
    return {
        **look,
        "modebar": {**look["modebar"], "remove": []},
        "title": None,
        "autosize": True,
        "margin": {"l": 4, "r": 8, "t": 4, "b": 4},
        "annotations": [_name(panel, titles.get(panel, "")) for panel in AXES],
        "separators": f".{GAP}",
        "hovermode": "x unified",
        "dragmode": "zoom",
        "legend": {"orientation": "h", "yanchor": "top", "y": -0.06, "x": 0.0},
        "xaxis": axis(type="date", anchor="y4", range=whole(chart), autorange=False, hoverformat=MOMENT),
        "yaxis": _axis(panels["price"], tickformat=",", nticks=8),
        "yaxis2": _axis(panels["oscillator"], nticks=4, visible=bool(oscillators)),
        "yaxis3": _axis(panels["equity"], tickformat=",", nticks=5),
        "yaxis4": _axis(panels["drawdown"], tickformat=".0%", nticks=4),
    }


def _name(panel: str, text: str) -> dict[str, Any]:
    """At its panel's upper left corner, wherever that is: only the text differs from run to run."""
    return {**panel_name(text, 1.0), "yref": f"{AXES[panel]} domain", "visible": bool(text)}


def _axis(domain: tuple[float, float], **special: Any) -> dict[str, Any]:
    """Not zoomed by the mouse: a rectangle chooses a time, and the heights follow."""
    return axis(domain=list(domain), fixedrange=True, autorange=True, **{"visible": True, **special})


def whole(chart: Chart) -> list[float]:
    """Milliseconds from a little before the chart to a little after it."""
    start, end = chart.start_ns / 1e6, chart.end_ns / 1e6
    margin = (end - start) * 0.01
    return [start - margin, end + margin]
