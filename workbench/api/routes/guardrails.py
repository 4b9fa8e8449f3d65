"""Proposals, decisions, rollback, and the risk gate."""

import time
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Path, Query, status

from workbench.api.deps import Admin, Anybody, PartsOf, Researcher
from workbench.api.documented import ANSWERS
from workbench.api.evidence_facts import read_facts, verified_facts
from workbench.api.parts import Parts
from workbench.api.views import decision_view, gate_view, limit_views, proposal_view, version_view
from workbench.guardrails.gate import Account, GateOrder, TradingState
from workbench.guardrails.records import Proposal, Version
from workbench.guardrails.refusal import RefusedError
from workbench.guardrails.scope import Scope
from workbench.model.order import Side
from workbench.wire import (
    SCOPE,
    GateCheck,
    GateDecision,
    GateResume,
    GateSwitch,
    GateView,
    GuardrailsStatus,
    History,
    LimitsProposal,
    ParamsProposal,
    ProposalDecision,
    ProposalView,
    RollbackRequest,
    VersionView,
)

router = APIRouter(prefix="/api/guardrails", tags=["guardrails"], responses=ANSWERS)


@router.post("/params/propose", status_code=status.HTTP_201_CREATED)
async def propose(asked: ParamsProposal | LimitsProposal, who: Researcher, parts: PartsOf) -> ProposalView:
    """Propose parameters with the evidence they rest on, or other limits."""
    rails, now_ns = parts.guardrails, time.time_ns()
    if isinstance(asked, LimitsProposal):
        made = await parts.threads.write(rails.propose_limits, who, asked.values, now_ns, asked.note)
    else:
        scope = Scope.of(asked.strategy, asked.pair)
        facts = await parts.threads.read(read_facts, asked.evidence_id, parts.home)
        wanted = (who, scope, asked.timeframe, asked.params, facts, now_ns, asked.note)
        made = await parts.threads.write(rails.propose_params, *wanted)
    parts.metrics.proposals.inc()
    return proposal_view(*await parts.threads.read(rails.proposal, made.id))


@router.post("/params/approve")
async def approve(asked: ProposalDecision, who: Admin, parts: PartsOf) -> VersionView:
    """Put a proposal in force, after its evidence was run again; 409 with every reason against it."""
    rails = parts.guardrails
    held, _ = await parts.threads.read(rails.proposal, asked.proposal_id)
    found = held.evidence.id
    facts = await verified_facts(found, parts.home, parts.pool) if found else None
    made = await _decided(parts, asked, who, facts)
    parts.metrics.approvals.inc()
    return version_view(made)


async def _decided(parts: Parts, asked: ProposalDecision, who: Admin, facts: object) -> Version:
    try:
        return await parts.threads.write(
            parts.guardrails.approve,
            who,
            asked.proposal_id,
            facts,  # type: ignore[arg-type]
            time.time_ns(),
            seen_digest=asked.digest,
            note=asked.note,
        )
    except RefusedError:
        parts.metrics.refusals.inc()
        raise


@router.post("/params/reject")
async def reject(asked: ProposalDecision, who: Admin, parts: PartsOf) -> ProposalView:
    """Decide against a proposal."""
    rails = parts.guardrails
    after = await parts.threads.write(rails.reject, who, asked.proposal_id, time.time_ns(), asked.note)
    return proposal_view(*await parts.threads.read(rails.proposal, after.id))


@router.post("/rollback")
async def rollback(asked: RollbackRequest, who: Admin, parts: PartsOf) -> VersionView:
    """Put an older version in force again, as a new version."""
    scope = Scope.parse(asked.scope)
    wanted = (who, scope, asked.to_version, time.time_ns(), asked.note)
    made = await parts.threads.write(parts.guardrails.rollback, *wanted)
    parts.metrics.rollbacks.inc()
    return version_view(made)


@router.get("/proposals/{proposal_id}")
async def proposal(
    proposal_id: Annotated[int, Path(ge=1, le=2**31 - 1)], parts: PartsOf, _who: Anybody
) -> ProposalView:
    """One proposal: its diff, and its evidence beside that of the version it was made against."""
    return proposal_view(*await parts.threads.read(parts.guardrails.proposal, proposal_id))


@router.get("/status")
async def guardrails_status(parts: PartsOf, _who: Anybody) -> GuardrailsStatus:
    """What is in force, what waits for a decision, the limits, the gate."""
    rails = parts.guardrails
    now = await parts.threads.read(rails.overview)
    bases = {(each.scope, each.version): each for each in now.active}
    pending = [proposal_view(each, bases.get((each.scope, each.base or 0))) for each in now.pending]
    return GuardrailsStatus(
        active=[version_view(each) for each in now.active],
        pending=pending,
        limits=limit_views(now.limits),
        limits_version=now.limits_version,
        gate=gate_view(now.gate, parts.gate.rules(parts.gate.market(None), now.limits, now.gate)),
        require_second_person=rails.require_second_person,
    )


@router.get("/history")
async def history(
    parts: PartsOf,
    _who: Anybody,
    scope: Annotated[str | None, Query(pattern=SCOPE, examples=["smaCross/ETHUSDT"])] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Proposals with smaller numbers.")] = None,
) -> History:
    """Every version and proposal, newest first."""
    wanted = None if scope is None else Scope.parse(scope)
    versions, proposals, bases = await parts.threads.read(_history, parts, wanted, limit, before)
    return History(
        versions=[version_view(each) for each in versions],
        proposals=[proposal_view(each, bases.get((str(each.scope), each.base or 0))) for each in proposals],
    )


def _history(
    parts: Parts, scope: Scope | None, limit: int, before: int | None
) -> tuple[list[Version], list[Proposal], dict[tuple[str, int], Version]]:
    versions, proposals = parts.guardrails.history(scope, limit, before)
    bases = {(str(each.scope), each.version): each for each in versions}
    for each in proposals:
        key = (str(each.scope), each.base or 0)
        if each.base is not None and key not in bases:
            base = parts.guardrails.proposal(each.id)[1]
            if base is not None:
                bases[key] = base
    return versions, proposals, bases


@router.post("/gate/check")
async def check(asked: GateCheck, _who: Researcher, parts: PartsOf) -> GateDecision:
    """May this order pass? Every rule with its value and limit."""
    order = GateOrder(
        asked.pair, Side[asked.side.upper()], Decimal(asked.quantity), Decimal(asked.price) if asked.price else None
    )
    account = Account(**{name: Decimal(value) for name, value in asked.account.model_dump().items()})
    market = parts.gate.market(asked.pair)
    decision = await parts.threads.write(parts.gate.check, order, account, market, dry_run=asked.dry_run)
    parts.metrics.gate_checks.labels("accepted" if decision.accepted else "refused").inc()
    for rule in decision.rules:
        if not rule.passed:
            parts.metrics.gate_refusals.labels(rule.rule).inc()
    return decision_view(decision, dry_run=asked.dry_run)


@router.post("/gate/halt")
async def halt(asked: GateSwitch, who: Admin, parts: PartsOf) -> GateView:
    """Close the gate: for all orders, or for those that do not reduce a position."""
    return await _switch(parts, who, TradingState[asked.state.upper()], asked.reason)


@router.post("/gate/resume")
async def resume(asked: GateResume, who: Admin, parts: PartsOf) -> GateView:
    """Let orders pass again, as far as the other rules do."""
    return await _switch(parts, who, TradingState.ACTIVE, asked.reason)


async def _switch(parts: Parts, who: Admin, state: TradingState, reason: str) -> GateView:
    record = await parts.threads.write(parts.guardrails.set_gate, who, state, reason, time.time_ns())
    limits, _ = await parts.threads.read(parts.guardrails.limits_and_gate)
    return gate_view(record, parts.gate.rules(parts.gate.market(None), limits, record))
