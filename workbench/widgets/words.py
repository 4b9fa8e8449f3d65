"""Values of the guardrails as a person reads them. Every text that people wrote leaves here escaped."""

import re
from datetime import UTC, datetime
from html import escape
from typing import Any

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


def content_line(scope: str, content: dict[str, Any]) -> str:
    """What a version says, on one line."""
    if scope == "limits":
        return f"{len(content)} limits"
    params = content.get("params", {})
    said = ", ".join(f"{escape(str(name))}\u202f=\u202f{plain(value)}" for name, value in params.items())
    return f"{escape(str(content.get('timeframe', '')))} · {said}"
