"""Returns by month as a heatmap that is a table: numbers say it, blue (gain) and orange (loss) repeat it."""

from collections.abc import Sequence
from math import prod

from workbench.widgets.markup import empty
from workbench.widgets.report_words import number
from workbench.wire import MonthReturn

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DEEPEST = 45
"""Percent of colour in the strongest cell: text on it stays readable in light and dark."""


def month_table(months: Sequence[MonthReturn]) -> str:
    """A row a year, a column a month, and the year as a whole, in percent."""
    if not months:
        return empty("No month yet.", "The run has no bar.")
    most = max(abs(each.value) for each in months) or 1.0
    known = {(each.year, each.month): each.value for each in months}
    head = "".join(f'<th scope="col">{name}</th>' for name in (*MONTHS, "Year"))
    rows = "".join(_year(year, known, most) for year in sorted({each.year for each in months}))
    return (
        '<div class="wb-scroll" tabindex="0"><table class="wb-table wb-months">'
        f'<caption>Equity from month to month, in percent</caption><thead><tr><th scope="col"></th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _year(year: int, known: dict[tuple[int, int], float], most: float) -> str:
    values = [known.get((year, month)) for month in range(1, 13)]
    whole = prod(1 + value for value in values if value is not None) - 1
    cells = "".join(_cell(value, most) for value in values)
    return f'<tr><th scope="row">{year}</th>{cells}<td class="wb-year">{number(whole * 100, 1, signed=True)}</td></tr>'


def _cell(value: float | None, most: float) -> str:
    if value is None:
        return "<td></td>"
    share = min(1.0, abs(value) / most) * DEEPEST
    look = "gain" if value >= 0 else "loss"
    return f'<td class="wb-{look}" style="--share:{share:.0f}%">{number(value * 100, 1, signed=True)}</td>'
