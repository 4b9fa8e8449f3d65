"""The guardrails' values as they go over the wire."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from workbench.data.btcturk.health import FeedHealth
from workbench.guardrails.audit import AuditEntry, ChainVerdict
from workbench.guardrails.diff import diff, metric_diff
from workbench.guardrails.gate import Decision, RuleResult
from workbench.guardrails.limits import RiskLimits, describe
from workbench.guardrails.records import Basis, GateRecord, Proposal, Version
from workbench.wire import (
    AuditEntryView,
    AuditVerdict,
    EvidenceView,
    FeedView,
    FieldChangeView,
    GapView,
    GateDecision,
    GateView,
    LimitView,
    MetricChangeView,
    PairHealthView,
    ProposalView,
    RuleView,
    VersionView,
)


def version_view(held: Version) -> VersionView:
    return VersionView(
        scope=str(held.scope),
        version=held.version,
        state=held.state,
        content=held.content,
        digest=held.digest,
        parent=held.parent,
        author=held.author,
        approver=held.approver,
        at_ns=held.at_ns,
        proposal_id=held.proposal_id,
        restored=held.restored,
        evidence=_evidence(held.evidence),
        note=held.note,
    )


def proposal_view(held: Proposal, base: Version | None) -> ProposalView:
    """``base``: the version that was in force when it was made."""
    return ProposalView(
        id=held.id,
        scope=str(held.scope),
        state=held.state,
        content=held.content,
        digest=held.digest,
        base=held.base,
        proposer=held.proposer,
        at_ns=held.at_ns,
        expires_ns=held.expires_ns,
        note=held.note,
        evidence=_evidence(held.evidence),
        decided_by=held.decided_by,
        decided_ns=held.decided_ns,
        decision_note=held.decision_note,
        diff=_changes(held, base),
        metrics=_metrics(held.evidence.metrics or {}, (base.evidence.metrics if base else None) or {}),
    )


def _changes(held: Proposal, base: Version | None) -> list[FieldChangeView]:
    before = base.content if base else RiskLimits().to_dict() if held.scope.is_limits else None
    return [
        FieldChangeView(field=each.field, before=each.before, after=each.after) for each in diff(before, held.content)
    ]


def _metrics(after: Mapping[str, Any], before: Mapping[str, Any]) -> list[MetricChangeView]:
    return [
        MetricChangeView(metric=each.metric, before=each.before, after=each.after, change=each.change)
        for each in metric_diff(before, after)
    ]


def _evidence(basis: Basis) -> EvidenceView | None:
    if basis.id is None or basis.digest is None:
        return None
    return EvidenceView(id=basis.id, digest=basis.digest, simulated=basis.simulated, metrics=dict(basis.metrics or {}))


def limit_views(limits: RiskLimits) -> list[LimitView]:
    told = describe()
    return [
        LimitView(name=name, value=value, unit=told[name][0], meaning=told[name][1])
        for name, value in limits.to_dict().items()
    ]


def rule_views(rules: Iterable[RuleResult]) -> list[RuleView]:
    return [
        RuleView(rule=each.rule, value=each.value, limit=each.limit, passed=each.passed, reason=each.reason)
        for each in rules
    ]


def gate_view(record: GateRecord, rules: Iterable[RuleResult]) -> GateView:
    shown = rule_views(rules)
    return GateView(
        open=all(rule.passed for rule in shown),
        state=record.state.label,  # type: ignore[arg-type]  # the labels are the states' names
        reason=record.reason,
        who=record.who,
        since_ns=record.since_ns,
        rules=shown,
    )


def decision_view(decision: Decision, *, dry_run: bool) -> GateDecision:
    return GateDecision(
        accepted=decision.accepted,
        state=decision.state.label,  # type: ignore[arg-type]  # the labels are the states' names
        reasons=list(decision.reasons),
        rules=rule_views(decision.rules),
        dry_run=dry_run,
    )


def audit_view(entry: AuditEntry) -> AuditEntryView:
    return AuditEntryView(
        seq=entry.seq,
        at_ns=entry.at_ns,
        who=entry.who,
        role=entry.role,
        address=entry.address,
        action=entry.action,
        subject=entry.subject,
        outcome=entry.outcome,
        details=dict(entry.details),
        previous=entry.previous,
        hash=entry.hash,
    )


def verdict_view(verdict: ChainVerdict) -> AuditVerdict:
    return AuditVerdict(
        intact=verdict.intact,
        entries=verdict.entries,
        head_seq=verdict.head.seq,
        head_hash=verdict.head.hash,
        bad_seq=verdict.bad_seq,
        problem=verdict.problem,
    )


def feed_view(health: FeedHealth, problem: str, reconnects: int) -> FeedView:
    pairs = [
        PairHealthView(
            **{name: getattr(each, name) for name in PairHealthView.model_fields if name != "gaps"},
            gaps=[GapView(**msgspec.structs.asdict(gap)) for gap in each.gaps],
        )
        for each in health.pairs
    ]
    return FeedView(
        running=not problem,
        status=health.status,
        problem=problem or health.problem,
        exchange=health.exchange,
        simulated=health.simulated,
        reconnects=reconnects,
        clock_offset_ms=health.clock_offset_ms,
        updated_ns=health.updated_ns,
        pairs=pairs,
    )
