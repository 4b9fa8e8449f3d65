"""What a proposal changes, as tables: signs and words say it, colours only repeat it."""

from workbench.widgets.guardrails_words import judge, label, metric, plain
from workbench.wire import FieldChangeView, MetricChangeView, ProposalView

MAIN = ("total_return", "sharpe", "max_drawdown", "win_rate", "profit_factor", "trade_count", "fees_paid")
"""Metrics that are seen at once; the others unfold."""
MARKS = {"better": "\u25b2 better", "worse": "\u25bc worse", "same": "= same", "": ""}


def diff_table(held: ProposalView) -> str:
    """Every field that differs: in force with a minus, proposed with a plus."""
    against = f"version {held.base}" if held.base else "nothing in force yet"
    if not held.diff:
        return f'<p class="wbg-note">It says the same as {against}.</p>'
    rows = "".join(_change(each) for each in held.diff)
    return (
        f'<div class="wbg-scroll"><table class="wbg-table wbg-diff"><caption>Changes against {against}</caption><thead><tr>'
        '<th scope="col">Field</th><th scope="col">In force</th><th scope="col">Proposed</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _change(each: FieldChangeView) -> str:
    none = '<span class="wbg-muted">none</span>'
    before = none if each.before is None else f"<del><b>\u2212</b> {plain(each.before)}</del>"
    after = none if each.after is None else f"<ins><b>+</b> {plain(each.after)}</ins>"
    return f'<tr><th scope="row">{label(each.field)}</th><td>{before}</td><td>{after}</td></tr>'


def metric_tables(held: ProposalView) -> str:
    """The evidence's metrics beside those of the version in force."""
    if not held.metrics:
        return ""
    main = [each for name in MAIN for each in held.metrics if each.metric == name]
    others = [each for each in held.metrics if each.metric not in MAIN]
    more = f"<details><summary>{len(others)} more metrics</summary>{_metrics(others)}</details>" if others else ""
    return f"{_metrics(main, 'Metrics of the evidence')}{more}"


def _metrics(shown: list[MetricChangeView], caption: str = "") -> str:
    compared = any(each.before is not None for each in shown)
    names = ("Metric", "In force", "Proposed", "Change") if compared else ("Metric", "Proposed")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    rows = "".join(_metric(each, compared) for each in shown)
    title = f"<caption>{caption}</caption>" if caption else ""
    return (
        f'<div class="wbg-scroll"><table class="wbg-table wbg-numbers">{title}<thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _metric(each: MetricChangeView, compared: bool) -> str:
    after = f"<td>{metric(each.metric, each.after)}</td>"
    name = f'<th scope="row">{label(each.metric)}</th>'
    if not compared:
        return f"<tr>{name}{after}</tr>"
    verdict = judge(each.metric, each.change)
    mark = f' <span class="wbg-{verdict or "same"}">{MARKS[verdict]}</span>' if verdict else ""
    change = f"<td>{metric(each.metric, each.change, signed=True)}{mark}</td>"
    return f"<tr>{name}<td>{metric(each.metric, each.before)}</td>{after}{change}</tr>"
