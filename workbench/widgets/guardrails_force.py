"""What is in force: the parameters of each strategy and pair, and the limits."""

from collections.abc import Sequence
from html import escape

from workbench.widgets.guardrails_words import label, plain, when
from workbench.wire import GuardrailsStatus, LimitView, VersionView

NOTHING = '<div class="wbg-empty"><b>No parameters in force yet.</b><br>They come into force when a proposal is approved.</div>'


def in_force(now: GuardrailsStatus) -> str:
    """A card for each strategy and pair."""
    held = [each for each in now.active if each.scope != "limits"]
    return "".join(_card(each) for each in held) or NOTHING


def _card(held: VersionView) -> str:
    said = {"timeframe": held.content.get("timeframe"), **held.content.get("params", {})}
    rows = "".join(f"<div><dt>{label(str(name))}</dt><dd>{plain(value)}</dd></div>" for name, value in said.items())
    mark = ' <span class="wbg-simulated">SIMULATED</span>' if held.evidence and held.evidence.simulated else ""
    return (
        f'<div class="wbg-head"><h3>{escape(held.scope)}</h3><span class="wbg-pill wbg-pill-good">version {held.version}'
        f'</span></div><dl class="wbg-pairs">{rows}</dl><p class="wbg-note">Proposed by <b>{escape(held.author)}</b>, approved '
        f"by <b>{escape(held.approver)}</b>, {when(held.at_ns)}.{mark}</p>"
    )


def limit_table(limits: Sequence[LimitView], version: int) -> str:
    """Every limit with its unit; what it means is in the tip and below the name on demand."""
    rows = "".join(_limit(each) for each in limits)
    made = f"version {version}" if version else "as they come, none was approved yet"
    return (
        f'<div class="wbg-scroll"><table class="wbg-table"><caption>Limits, {made}</caption><thead><tr><th scope="col">Limit'
        f'</th><th scope="col">Value</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _limit(each: LimitView) -> str:
    value, unit = _amount(each)
    return (
        f'<tr><th scope="row">{label(each.name)}<div class="wbg-muted">{escape(each.meaning)}</div></th>'
        f'<td class="wbg-number">{value} <span class="wbg-muted">{unit}</span></td></tr>'
    )


def _amount(each: LimitView) -> tuple[str, str]:
    if each.unit == "1 yes, 0 no":
        return ("yes" if each.value == "1" else "no"), ""
    return plain(each.value), escape(each.unit)
