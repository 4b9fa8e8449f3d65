"""Metrics for people: an aligned table in a terminal, an HTML table in a notebook. Percent only here."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.engine.metrics import Metrics

UNDEFINED = "–"


def _percent(value: float) -> str:
    return f"{value * 100:,.2f} %"


def _number(value: float) -> str:
    return f"{value:,.2f}"


def _count(value: float) -> str:
    return f"{value:,}"


ROWS: tuple[tuple[str, str, Callable[[float], str]], ...] = (
    ("Total return", "total_return", _percent),
    ("Buy and hold", "benchmark_return", _percent),
    ("CAGR", "cagr", _percent),
    ("Volatility (per year)", "volatility", _percent),
    ("Sharpe ratio", "sharpe", _number),
    ("Sortino ratio", "sortino", _number),
    ("Calmar ratio", "calmar", _number),
    ("Max drawdown", "max_drawdown", _percent),
    ("Longest drawdown (bars)", "max_drawdown_bars", _count),
    ("Trades", "trade_count", _count),
    ("Win rate", "win_rate", _percent),
    ("Profit factor", "profit_factor", _number),
    ("Expectancy (per trade)", "expectancy", _number),
    ("Exposure", "exposure", _percent),
    ("Turnover (per year)", "turnover", _number),
    ("Fees paid", "fees_paid", _number),
    ("Initial equity", "initial_equity", _number),
    ("Final equity", "final_equity", _number),
)
"""Label, metric and how it is written, in the order of reading."""
LABELS = {name: label for label, name, _ in ROWS}
PERCENT = frozenset(name for _, name, write in ROWS if write is _percent)


def rows(metrics: "Metrics") -> list[tuple[str, str]]:
    """Label and text of every metric."""
    return [(label, _text(getattr(metrics, name), write)) for label, name, write in ROWS]


def _text(value: float, write: Callable[[float], str]) -> str:
    return UNDEFINED if math.isnan(value) else write(value)


def as_text(metrics: "Metrics") -> str:
    """One metric a line, values aligned to the right."""
    table = rows(metrics)
    left = max(len(label) for label, _ in table)
    right = max(len(text) for _, text in table)
    return "\n".join(f"{label:<{left}}  {text:>{right}}" for label, text in table)


def as_html(metrics: "Metrics") -> str:
    """A table of two columns."""
    cells = "".join(
        f'<tr><th style="text-align:left">{label}</th><td style="text-align:right">{text}</td></tr>'
        for label, text in rows(metrics)
    )
    return f"<table>{cells}</table>"
