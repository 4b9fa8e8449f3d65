"""The guardrails' verbs with what these tests do not care about filled in."""

from typing import Any

from tests.guardrails.evidence import NOW_NS, PARAMS, SMA, evidence
from tests.guardrails.people import ADA, RON
from workbench.guardrails.audit import AuditEntry
from workbench.guardrails.principal import Principal
from workbench.guardrails.records import Proposal, Version
from workbench.guardrails.scope import Scope
from workbench.guardrails.service import Guardrails


def propose(
    guardrails: Guardrails, fast: int = 5, *, who: Principal = RON, scope: Scope = SMA, now_ns: int = NOW_NS
) -> Proposal:
    """Parameters with good evidence."""
    params = {**PARAMS, "fast": fast}
    return guardrails.propose_params(who, scope, "1h", params, evidence(fast, scope=scope), now_ns, "a try")


def approve(guardrails: Guardrails, held: Proposal, *, who: Principal = ADA, now_ns: int = NOW_NS) -> Version:
    """With its evidence looked at again, and still good; limits have none."""
    facts = None if held.scope.is_limits else evidence(held.content["params"]["fast"], scope=held.scope)
    return guardrails.approve(who, held.id, facts, now_ns)


def in_force(guardrails: Guardrails, fast: int = 5, *, scope: Scope = SMA, now_ns: int = NOW_NS) -> Version:
    return approve(guardrails, propose(guardrails, fast, scope=scope, now_ns=now_ns), now_ns=now_ns)


def state_of(guardrails: Guardrails, held: Proposal) -> str:
    return guardrails.proposal(held.id)[0].state


def last_entries(guardrails: Guardrails, count: int) -> list[tuple[Any, ...]]:
    """The newest entries, oldest of them first: who, action, subject, outcome. The chain they are in is whole."""
    assert guardrails.audit_verify().intact
    return [told(entry) for entry in reversed(guardrails.audit_tail(count))]


def told(entry: AuditEntry) -> tuple[str, str, str, str]:
    return entry.who, entry.action, entry.subject, entry.outcome


def entry_count(guardrails: Guardrails) -> int:
    return guardrails.ledger.head().seq
