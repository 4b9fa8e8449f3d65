"""Where the money went: from the profit before costs to the profit."""

from html import escape

from workbench.widgets.markup import note
from workbench.widgets.report_words import number, percent
from workbench.widgets.words import label
from workbench.wire import Breakdown


def cost_table(told: Breakdown) -> str:
    """Each step with its amount, and a bar as long as its share of the largest."""
    steps = [
        ("Profit before costs", told.profit_before_costs, "", "as if nothing had been taken"),
        *((label(each.name), -each.amount, "cost", escape(each.meaning)) for each in told.costs),
        ("Profit", told.profit, "total", ""),
    ]
    most = max(abs(amount) for _, amount, _, _ in steps) or 1.0
    rows = "".join(_step(name, amount, look, meaning, most) for name, amount, look, meaning in steps)
    head = '<th scope="col">Step</th><td class="wb-bar-cell"></td><th scope="col" class="wb-number">Amount</th>'
    table = f'<table class="wb-table wb-costs"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return table + note(_turnover(told))


def _step(name: str, amount: float, look: str, meaning: str, most: float) -> str:
    length = abs(amount) / most * 100
    sign = "loss" if amount < 0 else "gain" if amount else "none"
    more = f'<div class="wb-muted">{meaning}</div>' if meaning else ""
    return (
        f'<tr class="wb-step-{look}"><th scope="row">{name}{more}</th>'
        f'<td class="wb-bar-cell"><div class="wb-bar wb-bar-{sign}" style="width:{length:.1f}%"></div></td>'
        f'<td class="wb-number">{number(amount, signed=True)}</td></tr>'
    )


def _turnover(told: Breakdown) -> str:
    paid = sum(each.amount for each in told.costs)
    share = f", {percent(paid / told.turnover, 3)} of a turnover of {number(told.turnover)}" if told.turnover else ""
    return f"Costs in all: {number(paid)}{share}. Amounts are in quote currency."
