"""What a proposal changes, as tables: signs and words say it, colours only repeat it."""

from collections.abc import Sequence

from workbench.widgets.markup import note, row, table
from workbench.widgets.words import judge, label, limit, limit_label, metric, plain
from workbench.wire import FieldChangeView, MetricChangeView, ProposalView

MAIN = ("total_return", "sharpe", "max_drawdown", "win_rate", "profit_factor", "trade_count", "fees_paid")
"""Metrics that are seen at once; the others unfold."""
MARKS = {"better": "\u25b2 better", "worse": "\u25bc worse", "same": "= same"}


def diff_table(held: ProposalView) -> str:
    """Every field that differs: in force with a minus, proposed with a plus."""
    against = f"version {held.base}" if held.base else "the defaults" if held.scope == "limits" else "nothing yet"
    if not held.diff:
        return note(f"It says the same as {against}.")
    rows = "".join(_change(each, held.scope == "limits") for each in held.diff)
    return table(f"Changes against {against}", ("Field", "In force", "Proposed"), rows, "wb-diff")


def _change(each: FieldChangeView, is_limit: bool) -> str:
    none = '<span class="wb-muted">none</span>'
    before, after = (limit(each.field, value) if is_limit else plain(value) for value in (each.before, each.after))
    return row(
        limit_label(each.field) if is_limit else label(each.field),
        none if each.before is None else f"<del><b>\u2212</b> {before}</del>",
        none if each.after is None else f"<ins><b>+</b> {after}</ins>",
    )


def metric_tables(held: ProposalView) -> str:
    """The evidence's metrics beside those of the version in force."""
    if not held.metrics:
        return ""
    main = [each for name in MAIN for each in held.metrics if each.metric == name]
    others = [each for each in held.metrics if each.metric not in MAIN]
    more = f"<details><summary>{len(others)} more metrics</summary>{_metrics(others)}</details>" if others else ""
    return f"{_metrics(main, 'Metrics of the evidence')}{more}"


def _metrics(shown: Sequence[MetricChangeView], caption: str = "") -> str:
    compared = any(each.before is not None for each in shown)
    names = ("Metric", "In force", "Proposed", "Change") if compared else ("Metric", "Proposed")
    return table(caption, names, "".join(_metric(each, compared) for each in shown), "wb-numbers")


def _metric(each: MetricChangeView, compared: bool) -> str:
    name, after = label(each.metric), metric(each.metric, each.after)
    if not compared:
        return row(name, after)
    verdict = judge(each.metric, each.change)
    mark = f' <span class="wb-verdict wb-{verdict}">{MARKS[verdict]}</span>' if verdict else ""
    return row(name, metric(each.metric, each.before), after, metric(each.metric, each.change, signed=True) + mark)
