"""The page of the guardrails: what is in force, what waits for a decision, the gate, the history, the audit trail."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import ipywidgets as widgets

from workbench.widgets.first_paint import FirstPaint
from workbench.widgets.guardrails_audit import AuditPanel
from workbench.widgets.guardrails_force import in_force, limit_table
from workbench.widgets.guardrails_gate import GatePanel, gate_state
from workbench.widgets.guardrails_history import HistoryPanel
from workbench.widgets.guardrails_order import OrderQuestion
from workbench.widgets.guardrails_pending import PendingPanel
from workbench.widgets.markup import card, page
from workbench.widgets.page_head import Connection, page_head
from workbench.widgets.poll import ask_first, poll, spawn
from workbench.widgets.style import STYLE, section
from workbench.wire import GuardrailsStatus, History, ProposalView

if TYPE_CHECKING:
    from workbench.widgets.session import Session

HISTORY = 100


class GuardrailsPage(FirstPaint, widgets.VBox):
    """Everything is shown to everybody but the audit trail; only an admin's buttons are on."""

    def __init__(self, session: "Session") -> None:
        self._client, self._head = session.client, page_head(session, "Guardrails")
        decide = "" if session.role == "admin" else _why_not(session.role, "an admin decides here", "admin")
        ask = (
            "" if session.role != "viewer" else _why_not("viewer", "researchers and admins ask", "researcher or admin")
        )
        self.connection = Connection("guardrails")
        self.pending = PendingPanel(self._client, decide, self._acted)
        self.gate, self.order = GatePanel(self._client, decide), OrderQuestion(self._client, ask)
        self.force, self.limits = widgets.HTML(), widgets.HTML()
        self.history = HistoryPanel(self._client, decide, self._acted)
        self.audit = AuditPanel(self._client, may_read=session.role == "admin")
        self._seen: object = None
        self._now: GuardrailsStatus | None = None
        self._found = History(versions=[], proposals=[])
        self.body = widgets.VBox(self._columns()).add_class("wb-columns")
        self.body.layout.display = "none"
        super().__init__([widgets.HTML(STYLE), widgets.HTML(self._head), self.connection, self.body])
        self.add_class("wb-page")
        ask_first(self.ask, self.connection.fail)

    def _columns(self) -> list[widgets.Widget]:
        """Beside each other where there is room, else one after the other: what needs a decision comes first."""
        main = [
            section(1, "Waiting for a decision", self.pending),
            section(4, "History", self.history),
            section(7, "Audit trail", self.audit),
        ]
        side = [
            section(2, "Risk gate", self.gate),
            section(3, "In force", self.force),
            section(5, "Ask about an order", self.order),
            section(6, "Limits", self.limits),
        ]
        return [widgets.VBox(each).add_class("wb-stack") for each in (main, side)]

    def start(self) -> "GuardrailsPage":
        """Begin to watch the server, in a task of the running loop."""
        spawn(poll(self.ask, self.connection.fail), self.connection.ended)
        return self

    def first_paint(self) -> str:
        """How the gate stands, how much waits, and what is in force."""
        if self._now is None:
            return page(STYLE, self._head, self.connection.line.value)
        count = len(self._now.pending)
        waiting = f"<p>{count or 'Nothing'} {'waits' if count < 2 else 'wait'} for a decision.</p>"
        cards = (
            card("Waiting for a decision", waiting),
            card("Risk gate", gate_state(self._now.gate)),
            card("In force", in_force(self._now)),
        )
        return page(STYLE, self._head, self.connection.line.value, *cards)

    def ask(self) -> Callable[[], None]:
        """One round of questions; what it gives back shows the answers. No widget is touched before."""
        now = self._client.status()
        key = _key(now)
        changed = key != self._seen
        found = self._client.history(limit=HISTORY) if changed else self._found
        self.audit.ask(now=changed)
        self._seen, self._found = key, found
        return lambda: self._show(now, found)

    def _show(self, now: GuardrailsStatus, found: History) -> None:
        self._now = now
        self.gate.show(now.gate)
        self.pending.show(now.pending, _became(found))
        self.force.value, self.limits.value = in_force(now), limit_table(now.limits, now.limits_version)
        self.history.show(found)
        self.audit.show()
        self.connection.answered(time.time_ns())
        self.body.layout.display = None

    def _acted(self) -> None:
        """An act of this page was answered: what it changed is asked for at the next round, the audit trail too."""
        self._seen = None


def _why_not(role: str, rule: str, needed: str) -> str:
    return f"You are signed in as {role}: {rule}. Sign in as {needed} to act; everything else you may read."


def _key(now: GuardrailsStatus) -> object:
    """Differs when the history does."""
    active = [(each.scope, each.version) for each in now.active]
    pending = [(each.id, each.state, each.digest) for each in now.pending]
    return active, pending, now.limits_version, now.gate.state, now.gate.since_ns


def _became(found: History) -> Callable[[int], ProposalView | None]:
    known = {each.id: each for each in found.proposals}
    return known.get
