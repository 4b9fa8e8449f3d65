"""The risk gate: what it says rule by rule, the switch, and a question about one order."""

from collections.abc import Sequence
from html import escape

import ipywidgets as widgets

from workbench.client import Client
from workbench.widgets.act import Act, ActForm
from workbench.widgets.markup import note, row, table
from workbench.widgets.words import GAP, when
from workbench.wire import GateView, RuleView

MEANINGS = {
    "kill_switch": "Kill switch",
    "feed_age": "Age of the feed's last word",
    "clock_offset": "Clock offset to the exchange",
    "daily_loss": "Daily loss",
    "drawdown": "Drawdown",
    "price_collar": "Price collar",
    "order_notional": "Order value",
    "position_notional": "Position value",
    "order_rate": "Order rate",
}
STATE_AFTER = {"Halt": "halted", "Reduce only": "reducing", "Resume": "active"}
STATES = {
    "active": "every order is measured by the rules",
    "reducing": "only orders that make a position smaller may pass",
    "halted": "no order may pass",
}


class GatePanel(widgets.VBox):
    """The gate's card. ``why_not``: why this visitor may not switch it."""

    def __init__(self, client: Client, why_not: str) -> None:
        self._client = client
        self.state, self.rules = widgets.HTML(), widgets.HTML()
        self.form = ActForm(
            [
                Act("Halt", self._halt, "danger", needs_reason=True),
                Act("Reduce only", self._reduce, needs_reason=True),
                Act("Resume", self._resume, "primary", needs_reason=True),
            ],
            label="Why halt, reduce or resume?",
            hint="It goes into the audit log.",
            why_not=why_not,
        )
        super().__init__([self.state, self.rules, self.form])

    def show(self, gate: GateView) -> None:
        self.state.value = gate_state(gate)
        self.rules.value = rule_table(gate.rules)
        for name, state in STATE_AFTER.items():
            self.form.buttons[name].layout.display = "none" if gate.state == state else None

    def _halt(self, reason: str) -> str:
        self._client.halt(reason)
        return "Halted: no order passes."

    def _reduce(self, reason: str) -> str:
        self._client.halt(reason, state="reducing")
        return "Reducing: only orders that make a position smaller pass."

    def _resume(self, reason: str) -> str:
        gate = self._client.resume(reason)
        return "Resumed." if gate.open else "Resumed, but other rules still keep the gate closed."


def gate_state(gate: GateView) -> str:
    """Open or closed, the switch, and who set it."""
    mark, word, kind = ("\u2713", "Open", "good") if gate.open else ("\u2715", "Closed", "bad")
    why = f": \u201c{escape(gate.reason)}\u201d" if gate.reason else ""
    by = note(f"Set by <b>{escape(gate.who)}</b>, {when(gate.since_ns)}{why}") if gate.since_ns else ""
    return (
        f'<div class="wb-gate wb-gate-{kind}" role="status"><span class="wb-big">{mark} {word}</span>'
        f"<span>Switch <b>{gate.state}</b>: {STATES[gate.state]}.</span></div>{by}"
    )


def rule_table(rules: Sequence[RuleView]) -> str:
    """Each rule: kept or broken, its value, its limit; the reason below where it is broken."""
    return table("Rule by rule", ("Rule", "Now", "Limit", "Verdict"), "".join(_rule(each) for each in rules))


def _rule(each: RuleView) -> str:
    word, kind = ("\u2713 kept", "better") if each.passed else ("\u2715 broken", "worse")
    why = f'<tr class="wb-reason-row"><td colspan="4">{escape(each.reason)}</td></tr>' if each.reason else ""
    value, limit = (escape(text).replace("&lt;=", "&le;").replace(" ", GAP) for text in (each.value, each.limit))
    verdict = f'<span class="wb-{kind}">{word}</span>'
    return row(escape(MEANINGS.get(each.rule, each.rule)), value, limit, verdict) + why
