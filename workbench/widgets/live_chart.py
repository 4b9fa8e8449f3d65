"""A small chart of one pair: price above, lag below, over the last minutes.

The price begins with the candles that the server keeps; the lag begins when the page is opened.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.evidence.figure_style import BLUE, axis, layout
from workbench.wire import CandleColumns, PairHealthView

KEPT_MINUTES = 15
STEP_NS = 2_000_000_000
MINUTE_NS = 60_000_000_000
ORANGE = "#e07b00"
"""Beside the house's blue: told apart by every kind of colour vision, on light and on dark."""


@dataclass(frozen=True)
class Point:
    """One look at a pair; prices in quote currency, lags in milliseconds, None where unknown."""

    time_ns: int
    last: float | None
    p50_ms: float | None = None
    p95_ms: float | None = None


class Track:
    """What is drawn of one pair."""

    def __init__(self) -> None:
        self.points: deque[Point] = deque()

    def begin(self, candles: CandleColumns) -> None:
        """The closes of earlier minutes, before what was seen since."""
        first = self.points[0].time_ns if self.points else None
        earlier = [
            Point(opened + MINUTE_NS, close)
            for opened, close in zip(candles.open_time_ns, candles.close, strict=True)
            if first is None or opened + MINUTE_NS < first
        ]
        self.points.extendleft(reversed(earlier))

    def add(self, pair: PairHealthView, time_ns: int) -> bool:
        """Whether it was taken: not so soon after the last one; what is too old goes. While nothing arrives, nothing
        is drawn.
        """
        if self.points and time_ns - self.points[-1].time_ns < STEP_NS:
            return False
        seen = (None, None, None) if pair.status == "down" else (pair.last, pair.lag_p50_ms, pair.lag_p95_ms)
        self.points.append(Point(time_ns, *seen))
        while self.points[0].time_ns < time_ns - KEPT_MINUTES * MINUTE_NS:
            self.points.popleft()
        return True


class LiveChart:
    """``widget`` is a plotly figure; :meth:`draw` changes its data in place.

    It is made with everything that it shows: what is changed before the browser has drawn it would not arrive.

    Args:
        figure_widget: plotly's class, see :func:`workbench.widgets.plotly_light.figure_widget`.
    """

    def __init__(self, figure_widget: Any, points: Sequence[Point]) -> None:
        times, columns = _columns(points)
        lines = (("Price", BLUE, "solid", "y"), ("Lag p50", BLUE, "solid", "y2"), ("Lag p95", ORANGE, "dot", "y2"))
        traces = [
            {"type": "scatter", "x": times, "y": values, "name": name, "mode": "lines", "line": _line(colour, dash)}
            | {"xaxis": "x", "yaxis": y}
            for (name, colour, dash, y), values in zip(lines, columns, strict=True)
        ]
        self.widget = figure_widget(data=traces, layout=_look())
        self.widget._config = {"displayModeBar": False, "responsive": True}  # it has no public name

    def draw(self, points: Sequence[Point]) -> None:
        times, columns = _columns(points)
        with self.widget.batch_update():
            for trace, values in zip(self.widget.data, columns, strict=True):
                trace.x, trace.y = times, values


def _columns(points: Sequence[Point]) -> tuple[Any, list[Any]]:
    import numpy as np

    times = np.array([each.time_ns // 1_000_000 for each in points], dtype="datetime64[ms]")
    columns = ([each.last for each in points], [each.p50_ms for each in points], [each.p95_ms for each in points])
    return times, [np.array(values, dtype=np.float64) for values in columns]


def _line(colour: str, dash: str) -> dict[str, Any]:
    return {"color": colour, "dash": dash, "width": 2}


def _look() -> dict[str, Any]:
    """The house's, without a title: the page has one."""
    return {
        **layout("", [], height=360),
        "title": None,
        "margin": {"l": 8, "r": 12, "t": 32, "b": 8},
        "autosize": True,
        "xaxis": axis(type="date", anchor="y2", tickformat="%H:%M:%S", tickangle=0, nticks=5),
        "yaxis": axis(domain=[0.42, 1.0], tickformat=",~r"),
        "yaxis2": axis(domain=[0.0, 0.34], title={"text": "lag, ms"}, rangemode="tozero"),
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "hovermode": "x unified",
        "uirevision": "kept",
    }
