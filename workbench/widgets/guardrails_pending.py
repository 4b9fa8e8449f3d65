"""What waits for a decision: a card for each proposal.

A card keeps its place when its proposal was decided, here or elsewhere, and says what became of it: were it taken away,
the cards below would be drawn anew and whoever types in one of them would lose the focus.
"""

from collections.abc import Callable, Sequence
from html import escape

import ipywidgets as widgets

from workbench.client import Client
from workbench.widgets.act import Act, ActForm
from workbench.widgets.guardrails_diff import diff_table, metric_tables
from workbench.widgets.markup import SIMULATED, empty, heading, note
from workbench.widgets.words import when
from workbench.wire import ProposalView

MOST_DECIDED = 20
"""Decided cards kept before all of them go."""
EMPTY = empty(
    "Nothing waits for a decision.",
    "A researcher proposes from a report, or with <code>workbench params propose</code>; it appears here by itself.",
)


class PendingPanel(widgets.VBox):
    """``done`` is called after every answer to an act of this page."""

    def __init__(self, client: Client, why_not: str, done: Callable[[], None]) -> None:
        self._client, self._why_not, self._done = client, why_not, done
        self.cards: dict[int, ProposalCard] = {}
        self.empty = widgets.HTML(EMPTY)
        self.list = widgets.VBox()
        super().__init__([self.empty, self.list])

    def show(self, pending: Sequence[ProposalView], became: Callable[[int], ProposalView | None]) -> None:
        """Args:
        became: what is known of a proposal that does not wait any more.
        """
        waiting = {each.id: each for each in pending}
        for number, card in self.cards.items():
            if number not in waiting:
                card.decided(became(number))
        for number in sorted(waiting.keys() - self.cards.keys()):
            self.cards[number] = ProposalCard(self._client, waiting[number], self._why_not, self._done)
        if not waiting and len(self.cards) > MOST_DECIDED:
            self.cards.clear()
        self.list.children = tuple(self.cards.values())
        self.empty.layout.display = "none" if waiting else None


class ProposalCard(widgets.VBox):
    """One proposal; its form sends the digest of what is shown."""

    def __init__(self, client: Client, held: ProposalView, why_not: str, done: Callable[[], None]) -> None:
        self._client, self.held, self._is_decided = client, held, False
        self.head, self.body = widgets.HTML(proposal_head(held)), widgets.HTML(proposal_body(held))
        self.form = ActForm(
            [Act("Approve", self._approve, "primary"), Act("Reject", self._reject, "danger", needs_reason=True)],
            label=f"Reason for the decision on proposal {held.id}",
            hint="A rejection needs one. It goes into the audit log.",
            why_not=why_not,
            done=done,
        )
        super().__init__([self.head, self.body, self.form])
        self.add_class("wb-proposal")

    def decided(self, after: ProposalView | None) -> None:
        """It does not wait any more; ``after`` is None as long as nobody knows what became of it."""
        self.head.value = proposal_head(after or self.held, waits=False)
        if not self._is_decided:
            self._is_decided = True
            self.body.layout.display = self.form.reason.layout.display = self.form.row.layout.display = "none"
            self.form.sure.layout.display = "none"

    def _approve(self, note: str) -> str:
        made = self._client.approve(self.held.id, digest=self.held.digest, note=note)
        return f"Approved: version {made.version} of {made.scope} is in force."

    def _reject(self, note: str) -> str:
        self._client.reject(self.held.id, note=note)
        return f"Rejected: proposal {self.held.id} is closed."


def proposal_head(held: ProposalView, *, waits: bool = True) -> str:
    """Which proposal, by whom, and how it stands."""
    pill, kind = ("waits for a decision", "wait") if waits else _outcome(held)
    until = f", expires {when(held.expires_ns)}" if waits else ""
    by = note(f"By <b>{escape(held.proposer)}</b>, {when(held.at_ns)}{until}.")
    why = note(f"Reason: \u201c{escape(held.decision_note)}\u201d") if held.decision_note and not waits else ""
    return heading(f"Proposal {held.id} \u00b7 {escape(held.scope)}", pill, kind) + by + why


def _outcome(held: ProposalView) -> tuple[str, str]:
    by = f" by {escape(held.decided_by)}" if held.decided_by else ""
    if held.state in ("approved", "active", "superseded"):
        return f"\u2713 approved{by}", "good"
    return ("decided" if held.state == "proposed" else f"\u2715 {escape(held.state)}{by}"), "bad"


def proposal_body(held: ProposalView) -> str:
    """The note, the diff, the evidence with its metrics, and the digest that an approval is bound to."""
    quote = f'<blockquote class="wb-quote">{escape(held.note)}</blockquote>' if held.note else ""
    bound = note(f"Content <code>{escape(held.digest[:19])}\u2026</code>: an approval is bound to it.")
    return f"{quote}{diff_table(held)}{_evidence(held)}{metric_tables(held)}{bound}"


def _evidence(held: ProposalView) -> str:
    if held.evidence is None:
        return ""
    name, label = escape(held.evidence.id), SIMULATED if held.evidence.simulated else ""
    link = f'<a href="report.ipynb?id={name}">{name}</a>'
    return note(f"Rests on {link}{label}; it is run again before it is approved.")
