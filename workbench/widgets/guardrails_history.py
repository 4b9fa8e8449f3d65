"""Every version and decision, newest first, and the way back to an older version."""

from collections.abc import Callable, Sequence
from html import escape, unescape

import ipywidgets as widgets

from workbench.client import Client
from workbench.widgets.guardrails_act import Act, ActForm
from workbench.widgets.guardrails_words import content_line, when
from workbench.wire import History, ProposalView, VersionView

SHOWN = 50


class HistoryPanel(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Versions with rollback, then proposals."""

    def __init__(self, client: Client, why_not: str, done: Callable[[], None]) -> None:
        self._client = client
        self.versions, self.proposals = widgets.HTML(), widgets.HTML()
        self.choice = widgets.Dropdown(description="Roll back to", disabled=bool(why_not))
        self.choice.add_class("wbg-choice")
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
        return '<div class="wbg-empty"><b>No version yet.</b><br>The first proposal that is approved becomes version 1.</div>'
    rows = "".join(_version(each) for each in held)
    return _table("Versions", ("Version", "State", "Says", "By", "Approved by", "Since"), rows)


def _version(held: VersionView) -> str:
    mark = '<span class="wbg-better">\u25cf in force</span>' if held.state == "active" else escape(held.state)
    again = f' <span class="wbg-muted">(again {held.restored})</span>' if held.restored else ""
    label = ' <span class="wbg-simulated">SIMULATED</span>' if held.evidence and held.evidence.simulated else ""
    note = f'<div class="wbg-muted">\u201c{escape(held.note)}\u201d</div>' if held.note else ""
    return (
        f'<tr><th scope="row">{escape(held.scope)} <b>{held.version}</b></th><td>{mark}{again}</td>'
        f"<td>{content_line(held.scope, held.content)}{label}{note}</td><td>{escape(held.author)}</td>"
        f"<td>{escape(held.approver)}</td><td>{when(held.at_ns)}</td></tr>"
    )


def proposal_table(held: Sequence[ProposalView]) -> str:
    if not held:
        return ""
    rows = "".join(_proposal(each) for each in held)
    return _table("Proposals", ("Proposal", "State", "Says", "By", "Decided by", "Reason"), rows)


def _proposal(held: ProposalView) -> str:
    return (
        f'<tr><th scope="row">{held.id} \u00b7 {escape(held.scope)}</th><td>{escape(held.state)}</td>'
        f"<td>{content_line(held.scope, held.content)}</td><td>{escape(held.proposer)}, {when(held.at_ns)}</td>"
        f"<td>{_decision(held)}</td><td>{escape(held.decision_note or held.note)}</td></tr>"
    )


def _decision(held: ProposalView) -> str:
    return f"{escape(held.decided_by)}, {when(held.decided_ns)}" if held.decided_by else "\u2013"


def _table(caption: str, names: Sequence[str], rows: str) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    return (
        f'<div class="wbg-scroll"><table class="wbg-table"><caption>{caption}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
