"""The run as a chart. Looking closer asks the server for the finer curves of that time.

Plotly is large: it is imported in a thread, once the numbers are on the page. One figure serves every run that is
looked at, since each new one would send plotly to the browser again.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from typing import Any

import ipywidgets as widgets

from workbench.client import Client
from workbench.model.errors import WorkbenchError
from workbench.widgets.fit import Fit
from workbench.widgets.markup import empty, note, say
from workbench.widgets.plotly_light import figure_widget
from workbench.widgets.poll import spawn
from workbench.widgets.report_parts import passes, why
from workbench.widgets.report_traces import Other, Trace, frame, traces, whole
from workbench.widgets.report_words import moment, number
from workbench.wire import Chart

POINTS = 1_500
"""Of a curve: more than the page has columns."""
PAUSE_SECONDS = 0.25
"""Without another zoom, before the server is asked."""
NEARLY_ALL = 0.98
BUTTONS = ("toImage", "zoom2d", "pan2d", "autoScale2d")
"""Those of plotly that help here; none that sends anything anywhere. Its "reset" would go to the first run's times."""
CONFIG = {
    "displaylogo": False,
    "doubleClick": "autosize",
    "modeBarButtons": [list(BUTTONS)],
    "responsive": True,
    "showTips": False,
}
HINT = "Drag sideways to look closer, double-click for the whole."


class ReportChart(widgets.VBox):
    """``ask`` runs in a thread, everything else in the loop."""

    def __init__(self, client: Client, ended: Callable[[Exception], None]) -> None:
        self._client, self._ended = client, ended
        self.note = widgets.HTML()
        self._fit = Fit()
        self.place = widgets.VBox([self._fit, widgets.HTML(empty("The chart is being made\u2026"))])
        self.place.add_class("wb-chart")
        self.figure: Any = None
        self.chart: Chart | None = None
        self.shown: Chart | None = None
        self._other: Other | None = None
        self._turn, self._quiet = 0, False
        super().__init__([self.place, self.note])

    def ask(self, evidence_id: str) -> Chart:
        chart: Chart = self._client.chart(evidence_id, points=POINTS)
        if self.figure is None:
            _load_plotly(chart)
        return chart

    def wait(self) -> None:
        self._turn += 1
        self.chart = None
        self.note.value = note("The chart is being made\u2026")

    def fail(self, error: Exception) -> None:
        later = " The chart follows." if passes(error) else ""
        self.place.children = (self._fit, widgets.HTML(say("warn", "No chart.", escape(why(error)) + later)))
        self.note.value = ""

    def show(self, chart: Chart) -> None:
        self.chart = chart
        self._draw(chart, frame(chart))

    def compare(self, other: Other | None) -> None:
        """Draw another run's equity too."""
        if other != self._other:
            self._other = other
            if self.chart:
                self._draw(self.shown or self.chart)

    def look_at(self, start_ns: int, end_ns: int) -> None:
        """Zoom, as the mouse does."""
        if self.figure is not None:
            with self.figure.batch_update():
                self.figure.layout.xaxis.update(range=[start_ns / 1e6, end_ns / 1e6], autorange=False)

    # What is drawn --------------------------------------------------------------------------------------------------

    def _draw(self, chart: Chart, look: dict[str, Any] | None = None) -> None:
        """``look``: what changes of the frame; None keeps the zoom."""
        self.shown = chart
        drawn = traces(chart, self._other)
        if self.figure is None:
            self._make(drawn, look or frame(chart))
        else:
            self._put(drawn, look)
        if self.place.children[-1] is not self.figure:
            self.place.children = (self._fit, self.figure)
        self.note.value = note(_told(chart, whole_run=self.chart))

    def _make(self, drawn: list[Trace], look: dict[str, Any]) -> None:
        self.figure = figure_widget()(data=drawn, layout=look)
        self.figure._config = CONFIG
        self.figure.layout.on_change(lambda *_: self._zoomed(), "xaxis.range")
        self.figure.layout.on_change(lambda *_: self._zoomed(), "xaxis.autorange")

    def _put(self, drawn: list[Trace], look: dict[str, Any] | None) -> None:
        """Into the figure that there is: a trace too many is hidden, one too few is added."""
        held = self.figure.data
        self._quiet = True
        try:
            with self.figure.batch_update():
                for trace, wanted in zip(held, drawn, strict=False):
                    trace.update({name: value for name, value in wanted.items() if name != "type"})
                for trace in held[len(drawn) :]:
                    trace.update(x=[], y=[], visible=False, showlegend=False)
                if look:
                    self.figure.layout.update(look)
            if len(drawn) > len(held):
                self.figure.add_traces(drawn[len(held) :])
        finally:
            self._quiet = False

    # Looking closer -------------------------------------------------------------------------------------------------

    def _zoomed(self) -> None:
        if not self._quiet and self.chart:
            self._turn += 1
            spawn(self._refine(self._turn, self.chart), self._ended)

    async def _refine(self, turn: int, run: Chart) -> None:
        await asyncio.sleep(PAUSE_SECONDS)
        if turn != self._turn:
            return
        window = self.window(run)
        if window is None:
            self._draw(run, {"xaxis": {"range": whole(run), "autorange": False}})
            return
        try:
            start, end = window
            finer = await asyncio.to_thread(
                self._client.chart, run.evidence_id, start_ns=start, end_ns=end, points=POINTS
            )
        except (WorkbenchError, ValueError) as error:
            if turn == self._turn:
                self.note.value = note(f"Not finer than this: {escape(why(error))} {HINT}")
        else:
            if turn == self._turn:
                self._draw(finer)

    def window(self, run: Chart) -> tuple[int, int] | None:
        """The time that is looked at, in nanoseconds; None: all of it."""
        axis = self.figure.layout.xaxis
        if axis.autorange or not axis.range:
            return None
        start, end = sorted(_nanoseconds(each) for each in axis.range)
        start, end = max(start, run.start_ns), min(end, run.end_ns)
        if end <= start or end - start >= NEARLY_ALL * (run.end_ns - run.start_ns):
            return None
        return start, end


def _load_plotly(chart: Chart) -> None:
    """Drawing once loads everything that drawing needs: seconds, in the thread instead of the loop."""
    figure_widget()
    from plotly.graph_objects import Figure

    Figure(data=traces(chart), layout=frame(chart))


def _told(chart: Chart, whole_run: Chart | None) -> str:
    marked, total = len(chart.trades.side), chart.trades.total
    part = ""
    if whole_run and chart is not whole_run:
        part = f"{moment(chart.start_ns)} to {moment(chart.end_ns)} UTC: "
    marks = f"; the {number(marked, 0)} largest of {number(total, 0)} trades are marked" if marked < total else ""
    return f"{part}{number(chart.bars, 0)} bars{marks}. {HINT}"


def _nanoseconds(shown: Any) -> int:
    """Plotly names a time by milliseconds or by a text, UTC."""
    if isinstance(shown, int | float):
        return int(shown * 1e6)
    at = shown if isinstance(shown, datetime) else datetime.fromisoformat(str(shown))
    return int(at.replace(tzinfo=UTC).timestamp() * 1e9)
