"""The shown run's parameters on their way into force: a proposal, which an admin decides about."""

from html import escape

import ipywidgets as widgets

from workbench.client import Client
from workbench.model.errors import InputError
from workbench.widgets.act import Act, ActForm
from workbench.widgets.markup import note, say
from workbench.widgets.report_run import Run
from workbench.widgets.words import label, plain
from workbench.wire import ProposalView


class ProposePanel(widgets.VBox):
    """``why_not``: why this visitor may not propose."""

    def __init__(self, client: Client, why_not: str) -> None:
        self._client = client
        self.run: Run | None = None
        self._made: ProposalView | None = None
        self.what = widgets.HTML()
        self.form = ActForm(
            [Act("Propose these parameters", self._propose, "primary")],
            label="Note",
            hint="Why these parameters? An admin reads it.",
            why_not=why_not,
            done=self._link,
        )
        super().__init__([self.what, self.form])

    def show(self, run: Run) -> None:
        params = ", ".join(f"{label(name)} {plain(value)}" for name, value in run.params.items()) or "no parameters"
        if self.run is None or run.id != self.run.id:
            self.form.answer.value = ""
        self.run = run
        self.what.value = note(
            f"<b>{escape(run.strategy)}</b> on {escape(run.pair)} {escape(run.timeframe)} with {params}; "
            "this report goes along as evidence and is run again before it is approved."
        )

    def _propose(self, text: str) -> str:
        """In a thread."""
        self._made, run = None, self.run
        if run is None:
            raise InputError("run", "one that is shown", "none")
        self._made = self._client.propose_params(
            strategy=run.strategy,
            pair=run.pair,
            timeframe=run.timeframe,
            params=run.params,
            evidence_id=run.id,
            note=text,
        )
        return f"Proposed: number {self._made.id}."

    def _link(self) -> None:
        """ActForm says it in words alone; here is the way to the decision, too."""
        if self._made:
            text = 'It waits for a decision on the <a href="guardrails.ipynb">guardrails page</a>.'
            self.form.answer.value = say("good", f"Proposed: number {self._made.id}.", text, aloud=True)
            self._made = None
