"""Rows of the ledger as frozen values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from workbench.guardrails.approval import State
from workbench.guardrails.content import Content
from workbench.guardrails.gate import TradingState
from workbench.guardrails.scope import LIMITS, Scope


@dataclass(frozen=True)
class Basis:
    """The evidence that something rests on; empty for limits."""

    id: str | None = None
    digest: str | None = None
    metrics: Mapping[str, Any] | None = None
    simulated: bool = False


@dataclass(frozen=True)
class Version:
    """One version that is or was in force. ``restored``: it repeats that older version (a rollback)."""

    scope: Scope
    version: int
    content: Content
    digest: str
    parent: int | None
    author: str
    approver: str
    at_ns: int
    state: State
    proposal_id: int | None
    restored: int | None
    evidence: Basis
    note: str


@dataclass(frozen=True)
class Proposal:
    """A wish for a new version. ``base``: the version in force when it was made, None: there was none."""

    id: int
    scope: Scope
    state: State
    content: Content
    digest: str
    base: int | None
    proposer: str
    at_ns: int
    expires_ns: int
    note: str
    evidence: Basis
    decided_by: str | None
    decided_ns: int | None
    decision_note: str | None


@dataclass(frozen=True)
class GateRecord:
    """The kill switch: who set it, when and why."""

    state: TradingState
    reason: str
    who: str
    since_ns: int


def as_version(row: Row[Any]) -> Version:
    return Version(
        scope=_scope(row.scope),
        version=row.version,
        content=json.loads(row.content),
        digest=row.digest,
        parent=row.parent,
        author=row.author,
        approver=row.approver,
        at_ns=row.at_ns,
        state=State(row.state),
        proposal_id=row.proposal_id,
        restored=row.restored,
        evidence=_basis(row),
        note=row.note,
    )


def as_proposal(row: Row[Any]) -> Proposal:
    return Proposal(
        id=row.id,
        scope=_scope(row.scope),
        state=State(row.state),
        content=json.loads(row.content),
        digest=row.digest,
        base=row.base,
        proposer=row.proposer,
        at_ns=row.at_ns,
        expires_ns=row.expires_ns,
        note=row.note,
        evidence=_basis(row),
        decided_by=row.decided_by,
        decided_ns=row.decided_ns,
        decision_note=row.decision_note,
    )


def as_gate(row: Row[Any]) -> GateRecord:
    return GateRecord(TradingState[row.state.upper()], row.reason, row.who, row.since_ns)


def content_text(content: Content) -> str:
    return json.dumps(content, sort_keys=True, allow_nan=False)


def basis_columns(basis: Basis) -> dict[str, Any]:
    return {
        "evidence_id": basis.id,
        "evidence_digest": basis.digest,
        "metrics": json.dumps(dict(basis.metrics or {}), allow_nan=False),
        "simulated": basis.simulated,
    }


def _basis(row: Row[Any]) -> Basis:
    return Basis(row.evidence_id, row.evidence_digest, json.loads(row.metrics), bool(row.simulated))


def _scope(text: str) -> Scope:
    return LIMITS if text == str(LIMITS) else Scope(*text.split("/"))
