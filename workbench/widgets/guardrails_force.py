"""What is in force: the parameters of each strategy and pair, and the limits."""

from collections.abc import Sequence
from html import escape

from workbench.widgets.markup import SIMULATED, empty, facts, heading, note, row, table
from workbench.widgets.words import label, limit, limit_label, plain, when
from workbench.wire import GuardrailsStatus, LimitView, VersionView

NOTHING = empty("No parameters in force yet.", "They come into force when a proposal is approved.")


def in_force(now: GuardrailsStatus) -> str:
    """A card for each strategy and pair."""
    return "".join(_card(each) for each in now.active if each.scope != "limits") or NOTHING


def _card(held: VersionView) -> str:
    said = {"timeframe": held.content.get("timeframe"), **held.content.get("params", {})}
    mark = SIMULATED if held.evidence and held.evidence.simulated else ""
    by = f"Proposed by <b>{escape(held.author)}</b>, approved by <b>{escape(held.approver)}</b>, {when(held.at_ns)}."
    return (
        heading(escape(held.scope), f"version {held.version}", "good")
        + facts({label(str(name)): plain(value) for name, value in said.items()})
        + note(by + mark)
    )


def limit_table(limits: Sequence[LimitView], version: int) -> str:
    """Every limit with its unit and its meaning."""
    made = f"Version {version}" if version else "As they come: none was approved yet"
    return table(made, ("Limit", "Value"), "".join(_limit(each) for each in limits), "wb-numbers")


def _limit(each: LimitView) -> str:
    name = f'{limit_label(each.name)}<div class="wb-muted">{escape(each.meaning)}</div>'
    return row(name, limit(each.name, each.value))
