"""What stands against a decision, as the ledger is now. An empty list: nothing."""

from sqlalchemy import Connection

from workbench.guardrails import shelf
from workbench.guardrails.approval import Event, State, step
from workbench.guardrails.checks import EvidenceFacts, objections
from workbench.guardrails.content import digest
from workbench.guardrails.records import Proposal, Version
from workbench.guardrails.refusal import RefusedError


def against_approval(
    connection: Connection,
    held: Proposal,
    approver: str | None,
    facts: EvidenceFacts | None,
    seen_digest: str | None,
    now_ns: int,
) -> list[str]:
    """Every reason, but where it is decided already only that.

    Args:
        approver: where a second person is required, who must not be the proposer; else None.
        facts: of the proposal's evidence, None where it is gone or none is needed.
    """
    if held.state is not State.PROPOSED:
        return against_step(held, Event.APPROVE)
    reasons = [*_against_content(connection, held, seen_digest)]
    if approver is not None and approver == held.proposer:
        reasons.append(f"a second person is required: {approver} proposed it")
    if not held.scope.is_limits:
        reasons += _against_evidence(connection, held, facts, now_ns)
    return reasons


def against_step(held: Proposal, event: Event) -> list[str]:
    """Whether its state allows it."""
    try:
        step(held.state, event)
    except RefusedError as error:
        return [f"it is {held.state}: {error.reasons[0]}"]
    return []


def against_rollback(old: Version, now: Version | None) -> list[str]:
    """``old`` is to come into force again, ``now`` is in force."""
    reasons = []
    if now is not None and now.digest == old.digest:
        reasons.append(f"version {now.version} is in force and says the same: nothing would change")
    if digest(old.scope, old.content) != old.digest:
        reasons.append(f"version {old.version} is not what was approved: the ledger was altered")
    return reasons


def _against_content(connection: Connection, held: Proposal, seen_digest: str | None) -> list[str]:
    reasons = []
    now = shelf.active(connection, held.scope)
    number = now.version if now else None
    if number != held.base:
        reasons.append(f"it was made against version {held.base}, version {number} is in force")
    if digest(held.scope, held.content) != held.digest:
        reasons.append("its content is not what was proposed: the ledger was altered")
    if seen_digest is not None and seen_digest != held.digest:
        reasons.append(f"what was looked at is {seen_digest}, the proposal is {held.digest}")
    return reasons


def _against_evidence(connection: Connection, held: Proposal, facts: EvidenceFacts | None, now_ns: int) -> list[str]:
    if facts is None:
        return ["its evidence is not there any more"]
    limits, _ = shelf.limits(connection)
    return list(objections(held.scope, held.content, held.evidence.digest or "", facts, limits, now_ns))
