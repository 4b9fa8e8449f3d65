"""A second run beside the first: their differences as tables, its equity in the first one's chart."""

import asyncio
from collections.abc import Callable
from html import escape

import ipywidgets as widgets

from workbench.client import ApiError, Client
from workbench.model.errors import WorkbenchError
from workbench.widgets.markup import note, say
from workbench.widgets.poll import spawn
from workbench.widgets.report_compare import comparison
from workbench.widgets.report_find import is_evidence_id
from workbench.widgets.report_parts import passes, why
from workbench.widgets.report_run import Run
from workbench.widgets.report_traces import Other
from workbench.wire import Chart

POINTS = 1_500


class OtherRun(widgets.VBox):
    """``draw`` takes what is to be drawn over the chart; None: nothing. ``leave`` is called when it is closed."""

    def __init__(self, client: Client, draw: Callable[[Other | None], None], leave: Callable[[], None]) -> None:
        self._client, self._draw = client, draw
        self.run: Run | None = None
        self.other: Run | None = None
        self._wanted, self._missing = "", False
        self._curves: Chart | None = None
        self.text = widgets.HTML()
        self.close_button = widgets.Button(description="Stop comparing").add_class("wb-plain")
        self.close_button.on_click(lambda _: leave())
        super().__init__([self.text, widgets.HBox([self.close_button]).add_class("wb-buttons")])

    def want(self, evidence_id: str) -> None:
        """Compare with that one; empty: with none."""
        self._wanted, self.other, self._curves = evidence_id, None, None
        self._show()
        if evidence_id:
            self.text.value = note("Loading the other run\u2026")
            spawn(self._ask(evidence_id), self._failed)

    def show(self, run: Run | None) -> None:
        """Another first run."""
        self.run = run
        self._show()

    def again(self) -> None:
        """The server answers: ask for what it did not answer before."""
        if self._missing:
            self._missing = False
            spawn(self._ask(self._wanted), self._failed)

    def overlay(self) -> Other | None:
        """Scaled so that both begin with the same cash."""
        if not (self.run and self.other and self._curves) or self.run.digest == self.other.digest:
            return None
        return Other(self.other.title, tuple(self._curves.curves), self.run.cash / self.other.cash)

    async def _ask(self, evidence_id: str) -> None:
        try:
            run, curves = await asyncio.to_thread(self._found, evidence_id)
        except (WorkbenchError, ValueError) as error:
            if evidence_id == self._wanted:
                self._missing = passes(error)
                later = " It follows." if self._missing else ""
                self.text.value = say("warn", "Nothing to compare with.", escape(why(error)) + later)
            return
        if evidence_id == self._wanted:
            self.other, self._curves = run, curves
            self._show()

    def _found(self, evidence_id: str) -> tuple[Run, Chart | None]:
        """In a thread. Without its candles a run has no curve, but it has metrics."""
        run = Run.of(self._client.report(evidence_id))
        try:
            return run, self._client.chart(evidence_id, points=POINTS)
        except ApiError as error:
            if passes(error):
                raise
            return run, None

    def _show(self) -> None:
        if self.run and self.other:
            self.text.value = comparison(self.run, self.other) + self._scale()
        self._draw(self.overlay())

    def _scale(self) -> str:
        other = self.overlay()
        if other is None or other.scale == 1:
            return ""
        return note("In the chart the other run's equity is scaled to the same cash at the beginning.")

    def _failed(self, error: Exception) -> None:
        self.text.value = say("bad", "It went wrong here.", type(error).__name__)


def can_be_compared(evidence_id: str, shown: str) -> bool:
    return evidence_id != shown and is_evidence_id(evidence_id)
