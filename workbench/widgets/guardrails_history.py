"""Every version and decision, newest first, and the way back to an older version."""

from collections.abc import Callable, Sequence
from html import escape, unescape

import ipywidgets as widgets

from workbench.client import Client
from workbench.widgets.act import Act, ActForm
from workbench.widgets.markup import SIMULATED, empty, row, table
from workbench.widgets.words import content_line, when
from workbench.wire import History, ProposalView, VersionView

SHOWN = 50


class HistoryPanel(widgets.VBox):
    """Versions with rollback, then proposals."""

    def __init__(self, client: Client, why_not: str, done: Callable[[], None]) -> None:
        self._client = client
        self.versions, self.proposals = widgets.HTML(), widgets.HTML()
        self.choice = widgets.Dropdown(description="Roll back to", disabled=bool(why_not))
        self.choice.add_class("wb-choice")
        self.form = ActForm(
            [
                Act(
                    "Roll back",
                    self._rollback,
                    "danger",
                    confirm="Put that version in force again, now?",
                    needs_reason=True,
                )
            ],
            hint="Why roll back?",
            why_not=why_not,
            done=done,
        )
        self.back = widgets.VBox([self.choice, self.form])
        super().__init__([self.versions, self.back, self.proposals])

    def show(self, found: History) -> None:
        self.versions.value = version_table(found.versions[:SHOWN])
        self.proposals.value = proposal_table(found.proposals[:SHOWN])
        options = [(_option(each), (each.scope, each.version)) for each in found.versions if each.state != "active"]
        if tuple(options) != tuple(self.choice.options):
            chosen = self.choice.value
            self.choice.options = options
            if chosen in [value for _, value in options]:
                self.choice.value = chosen
        self.back.layout.display = None if options else "none"

    def _rollback(self, reason: str) -> str:
        scope, version = self.choice.value
        made = self._client.rollback(scope, version, note=reason)
        return f"Version {made.version} of {made.scope} repeats version {version} and is in force."


def _option(held: VersionView) -> str:
    return f"{held.scope} version {held.version}: {unescape(content_line(held.scope, held.content))}"


def version_table(held: Sequence[VersionView]) -> str:
    if not held:
        return empty("No version yet.", "The first proposal that is approved becomes version 1.")
    names = ("Version", "State", "Says", "By", "Approved by", "Since")
    return table("Versions", names, "".join(_version(each) for each in held))


def _version(held: VersionView) -> str:
    mark = '<span class="wb-better">\u25cf in force</span>' if held.state == "active" else escape(held.state)
    again = f' <span class="wb-muted">(repeats {held.restored})</span>' if held.restored else ""
    label = SIMULATED if held.evidence and held.evidence.simulated else ""
    says = content_line(held.scope, held.content) + label + _said(held.note)
    by = (escape(held.author), escape(held.approver), when(held.at_ns))
    return row(f"{escape(held.scope)} <b>{held.version}</b>", mark + again, says, *by)


def proposal_table(held: Sequence[ProposalView]) -> str:
    if not held:
        return ""
    names = ("Proposal", "State", "Says", "By", "Decided by")
    return table("Proposals", names, "".join(_proposal(each) for each in held))


def _proposal(held: ProposalView) -> str:
    says = content_line(held.scope, held.content) + _said(held.note)
    decided = "\u2013"
    if held.decided_by:
        decided = f"{escape(held.decided_by)}, {when(held.decided_ns)}{_said(held.decision_note)}"
    by = f"{escape(held.proposer)}, {when(held.at_ns)}"
    return row(f"{escape(held.scope)} <b>{held.id}</b>", escape(held.state), says, by, decided)


def _said(note: str | None) -> str:
    return f'<div class="wb-muted">\u201c{escape(note)}\u201d</div>' if note else ""
