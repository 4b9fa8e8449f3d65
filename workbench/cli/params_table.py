"""Proposals, versions, limits and the gate as rich tables."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from workbench.wire import GateView, GuardrailsStatus, History, ProposalView, VersionView

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

PERCENT = ("total_return", "cagr", "volatility", "max_drawdown", "win_rate", "exposure", "benchmark_return")
SHOWN_NOTE = 60
SHOWN = ("total_return", "sharpe", "max_drawdown", "win_rate", "profit_factor", "trade_count", "fees_paid")


def proposal_table(held: ProposalView) -> "RenderableType":
    """Who proposes what; the diff; the evidence's metrics beside those of what is in force."""
    from rich.console import Group
    from rich.text import Text

    against = f"version {held.base}" if held.base else "nothing in force yet"
    head = Text.assemble(
        (f"proposal {held.id}", "bold"), f"  {held.scope}  {held.state}, by {held.proposer} {_when(held.at_ns)}"
    )
    parts: list[RenderableType] = [head, Text(f"against {against}; expires {_when(held.expires_ns)}", "dim")]
    if held.note:
        parts.append(Text(f"note: {held.note}"))
    parts.append(_diff(held))
    if held.evidence:
        label = "  SIMULATED candles" if held.evidence.simulated else ""
        parts += [Text.assemble(f"evidence {held.evidence.id}", (label, "bold yellow")), _metrics(held)]
    if held.decided_by:
        parts.append(Text(f"decided by {held.decided_by} {_when(held.decided_ns or 0)}: {held.decision_note or '-'}"))
    return Group(*parts)


def _diff(held: ProposalView) -> "Table":
    """Signs and colours: neither is needed to read the other."""
    from rich.text import Text

    table = _table("", "field", "in force", "proposed")
    for each in held.diff:
        sign, style = ("+", "green") if each.before is None else ("-", "red") if each.after is None else ("~", "yellow")
        after = Text(_plain(each.after), style)
        table.add_row(Text(sign, style), Text(each.field), Text(_plain(each.before)), after)
    return table


def _metrics(held: ProposalView) -> "Table":
    table = _table("metric", "in force", "proposed", "change")
    for each in held.metrics:
        if each.metric in SHOWN:
            table.add_row(
                each.metric,
                _number(each.metric, each.before),
                _number(each.metric, each.after),
                _number(each.metric, each.change, sign="+"),
            )
    return table


def status_tables(now: GuardrailsStatus) -> "RenderableType":
    """All that `params status` shows."""
    from rich.console import Group
    from rich.text import Text

    active = _table("scope", "version", "content", "by", "approved by", "since", title="in force")
    for each in now.active:
        who = (each.author, each.approver, _when(each.at_ns))
        add(active, each.scope, each.version, _content(each), *who)
    waiting = _table("id", "scope", "by", "since", "expires", "note", title="waiting for a decision")
    for held in now.pending:
        times = (_when(held.at_ns), _when(held.expires_ns))
        add(waiting, held.id, held.scope, held.proposer, *times, _short(held.note))
    limits = _table("limit", "value", "unit", title=f"limits, version {now.limits_version}")
    for limit in now.limits:
        add(limits, limit.name, limit.value, limit.unit)
    by = f"switch set by {now.gate.who}: {_short(now.gate.reason)}" if now.gate.reason else ""
    return Group(active, waiting, limits, _gate(now.gate), Text(by))


def _gate(gate: GateView) -> "Table":
    state = "open" if gate.open else "closed"
    table = _table("rule", "value", "limit", "", title=f"risk gate: {state}, switch {gate.state}")
    for rule in gate.rules:
        add(table, rule.rule, rule.value, rule.limit, "kept" if rule.passed else "BROKEN")
    return table


def history_tables(found: History) -> "RenderableType":
    """Versions, then proposals."""
    from rich.console import Group

    versions = _table("scope", "version", "state", "content", "by", "approved by", "when", title="versions")
    for each in found.versions:
        state = each.state if each.restored is None else f"{each.state}, again {each.restored}"
        who = (each.author, each.approver, _when(each.at_ns))
        add(versions, each.scope, each.version, state, _content(each), *who)
    proposals = _table("id", "scope", "state", "by", "when", "decided by", "note", title="proposals")
    for held in found.proposals:
        note = _short(held.decision_note or held.note)
        when = (_when(held.at_ns), held.decided_by or "-", note)
        add(proposals, held.id, held.scope, held.state, held.proposer, *when)
    return Group(versions, proposals)


def version_line(made: VersionView) -> str:
    again = f", the content of version {made.restored} again" if made.restored else ""
    label = " (its evidence is on SIMULATED candles)" if made.evidence and made.evidence.simulated else ""
    return f"{made.scope}: version {made.version} is {made.state}{again}{label}\n  {_content(made)}"


def _content(held: VersionView) -> str:
    if held.scope == "limits":
        return f"{len(held.content)} limits"
    params = held.content.get("params", {})
    return f"{held.content.get('timeframe')} " + ", ".join(f"{name}={value}" for name, value in params.items())


def _table(*names: str, title: str | None = None) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in names:
        table.add_column(name, overflow="fold")
    return table


def add(table: "Table", *cells: object) -> None:
    """One row of plain text: whatever people wrote is no markup."""
    from rich.text import Text

    table.add_row(*(Text(str(cell)) for cell in cells))


def _short(note: str) -> str:
    return note if len(note) <= SHOWN_NOTE else note[: SHOWN_NOTE - 1] + "…"


def _plain(value: Any) -> str:
    return "-" if value is None else str(value)


def _number(metric: str, value: float | None, sign: str = "") -> str:
    if value is None:
        return "-"
    if metric in PERCENT:
        return f"{value:{sign}.2%}"
    return f"{value:{sign},.0f}" if metric.endswith("_count") else f"{value:{sign},.3f}"


def _when(nanoseconds: int) -> str:
    return f"{datetime.fromtimestamp(nanoseconds / 1e9, UTC):%Y-%m-%d %H:%M}"
