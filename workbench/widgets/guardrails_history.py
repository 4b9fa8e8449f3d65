"""Every version and decision, newest first, and the way back to an older version."""

from collections.abc import Callable, Mapping, Sequence
from html import escape, unescape
from typing import Any

import ipywidgets as widgets

from workbench.client import Client
from workbench.model.errors import InputError
from workbench.widgets.act import Act, ActForm
from workbench.widgets.markup import SIMULATED, empty, row, table
from workbench.widgets.words import content_line, when
from workbench.wire import History, ProposalView, VersionView

SHOWN = 50
VERSION = ("Version", "State", "Says", "By", "Approved by", "Since")
PROPOSAL = ("Proposal", "State", "Says", "By", "Decided by")


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
            label="Why roll back?",
            hint="It goes into the audit log.",
            why_not=why_not,
            done=done,
        )
        self.back = widgets.VBox([self.choice, self.form])
        super().__init__([self.versions, self.back, self.proposals])

    def show(self, found: History) -> None:
        self.versions.value = version_table(found.versions[:SHOWN])
        self.proposals.value = proposal_table(found.proposals[:SHOWN])
        older = [each for each in found.versions if each.state != "active"]
        options = [(_option(each, found.versions), (each.scope, each.version)) for each in older]
        if tuple(options) != tuple(self.choice.options):
            values, chosen = [value for _, value in options], self.choice.value
            self.choice.options = options
            self.choice.value = chosen if chosen in values else next(iter(values), None)
        self.back.layout.display = None if options else "none"

    def _rollback(self, reason: str) -> str:
        if self.choice.value is None:
            raise InputError("version", "one of the older versions", "none")
        scope, version = self.choice.value
        made = self._client.rollback(scope, version, note=reason)
        return f"Version {made.version} of {made.scope} repeats version {version} and is in force."


def _option(held: VersionView, known: Sequence[VersionView]) -> str:
    return f"{held.scope} version {held.version}: {unescape(_says(held, known))}"


def _says(held: VersionView, known: Sequence[VersionView]) -> str:
    """With what it changed: the version that it took over from, where that is known."""
    before: Mapping[str, Any] | None = None
    if held.parent is not None:
        parents = (each.content for each in known if (each.scope, each.version) == (held.scope, held.parent))
        before = next(parents, {})
    return content_line(held.scope, held.content, before)


def version_table(held: Sequence[VersionView]) -> str:
    if not held:
        return empty("No version yet.", "The first proposal that is approved becomes version 1.")
    return table("Versions", VERSION, "".join(_version(each, held) for each in held), "wb-wide")


def _version(held: VersionView, known: Sequence[VersionView]) -> str:
    mark = '<span class="wb-better">\u25cf in force</span>' if held.state == "active" else escape(held.state)
    again = f' <span class="wb-muted">(repeats {held.restored})</span>' if held.restored else ""
    label = SIMULATED if held.evidence and held.evidence.simulated else ""
    says = _says(held, known) + label + _said(held.note)
    by = (escape(held.author), escape(held.approver), when(held.at_ns))
    return row(f"{escape(held.scope)} <b>{held.version}</b>", mark + again, says, *by, names=VERSION)


def proposal_table(held: Sequence[ProposalView]) -> str:
    if not held:
        return ""
    return table("Proposals", PROPOSAL, "".join(_proposal(each) for each in held), "wb-wide")


def _proposal(held: ProposalView) -> str:
    before = {each.field: each.before for each in held.diff}
    says = content_line(held.scope, held.content, {**held.content, **before}) + _said(held.note)
    decided = "\u2013"
    if held.decided_by:
        decided = f"{escape(held.decided_by)}, {when(held.decided_ns)}{_said(held.decision_note)}"
    by = f"{escape(held.proposer)}, {when(held.at_ns)}"
    return row(f"{escape(held.scope)} <b>{held.id}</b>", escape(held.state), says, by, decided, names=PROPOSAL)


def _said(note: str | None) -> str:
    return f'<div class="wb-muted">\u201c{escape(note)}\u201d</div>' if note else ""
