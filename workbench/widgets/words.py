"""Values of the guardrails as a person reads them. Every text that people wrote leaves here escaped."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from html import escape
from typing import Any

from workbench.guardrails.limits import RiskLimits, describe

PERCENT = ("total_return", "cagr", "volatility", "max_drawdown", "win_rate", "exposure", "benchmark_return")
HIGHER_IS_BETTER = (
    "total_return",
    "cagr",
    "sharpe",
    "sortino",
    "calmar",
    "max_drawdown",  # at most 0: the nearer to 0, the better
    "win_rate",
    "profit_factor",
    "expectancy",
    "final_equity",
)
LOWER_IS_BETTER = ("volatility", "max_drawdown_bars", "fees_paid")
LABELS = {
    "cagr": "Growth a year",
    "fees_paid": "Fees paid",
    "trade_count": "Trades",
    "max_drawdown": "Deepest drawdown",
}
MINUS, GAP = "\u2212", "\u202f"
NUMBER = re.compile(r"(-?)([0-9]+)((?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)", re.ASCII)


def label(name: str) -> str:
    """``max_order_notional`` -> ``Max order notional``."""
    text = name.rpartition(".")[2].replace("_", " ")
    return escape(LABELS.get(name) or text[:1].upper() + text[1:])


def plain(value: Any) -> str:
    """A parameter or limit, digit by digit as it is; thin gaps between thousands."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    found = NUMBER.fullmatch(text)
    if not found:
        return escape(text)
    sign, whole, rest = found.groups()
    grouped = f"{int(whole):,}".replace(",", GAP) if len(whole) > 4 else whole
    return (MINUS if sign else "") + grouped + rest.replace("-", MINUS)


def limit_label(name: str) -> str:
    """As :func:`label`; a limit may have a metric's name and mean something else."""
    text = name.replace("_", " ")
    return escape(text[:1].upper() + text[1:])


def limit(name: str, value: Any) -> str:
    """A limit with its unit: fractions in percent, digit by digit."""
    unit = describe().get(name, ("", ""))[0]
    text = str(value)
    if not NUMBER.fullmatch(text):
        return escape(text)
    if unit == "1 yes, 0 no":
        return "no" if text == "0" else "yes"
    if unit == "fraction":
        return f"{plain(f'{(Decimal(text) * 100).normalize():f}')}{GAP}%"
    return f"{plain(text)} {escape(unit)}".rstrip()


def metric(name: str, value: float | None, *, signed: bool = False) -> str:
    """A metric with its unit; ``signed``: a difference, in percentage points where the metric is in percent."""
    if value is None:
        return "\u2013"
    sign = "+" if signed else ""
    if name in PERCENT:
        text = f"{value * 100:{sign},.2f}\u202f{'pp' if signed else '%'}"
    elif isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e15):
        text = f"{value:{sign},.0f}"
    else:
        text = f"{value:{sign},.2f}"
    return text.replace(",", "\u202f").replace("-", MINUS)


def judge(name: str, change: float | None) -> str:
    """``better``, ``worse``, ``same``, or nothing where neither way is better."""
    if change is None:
        return ""
    if change == 0:
        return "same"
    if name in HIGHER_IS_BETTER:
        return "better" if change > 0 else "worse"
    if name in LOWER_IS_BETTER:
        return "better" if change < 0 else "worse"
    return ""


def when(time_ns: int | None) -> str:
    """A moment, UTC, for a sentence; its full form is in the tip."""
    if not time_ns:
        return "never"
    at = datetime.fromtimestamp(time_ns / 1e9, UTC)
    return f'<time datetime="{at.isoformat()}" title="{at:%Y-%m-%d %H:%M:%S} UTC">{at:%d %b %H:%M} UTC</time>'


def content_line(scope: str, content: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> str:
    """What a version says, on one line: escaped text without tags.

    Args:
        before: the limits that it changed; None: those that come with the workbench.
    """
    if scope == "limits":
        known = RiskLimits().to_dict() if before is None else before
        changed = [name for name, value in content.items() if known.get(name) != value]
        return "; ".join(f"{limit_label(name)} {limit(name, content[name])}" for name in changed) or "As before"
    params = content.get("params", {})
    said = ", ".join(f"{escape(str(name))}\u202f=\u202f{plain(value)}" for name, value in params.items())
    return f"{escape(str(content.get('timeframe', '')))} · {said}"
