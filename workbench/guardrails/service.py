"""The guardrails' verbs: each is one transaction with its audit entry, and says no with reasons.

Rules:

1. A refusal changes nothing but the audit log, where it is written down with its reasons.
2. A version that comes into force supersedes the one before it, and makes every proposal against that one stale.
3. Rolling back makes a new version with the content of an older one: history only grows. It is for emergencies, so one
   admin is enough and old evidence is not looked at again: that content was approved once.
4. Where a second person is required, nobody approves what they proposed.
5. Time comes in as an argument, and evidence as facts that the caller has established.
"""

from collections.abc import Callable, Mapping
from typing import Any

from workbench.guardrails import shelf
from workbench.guardrails.against import against_approval, against_rollback
from workbench.guardrails.approval import Event, State
from workbench.guardrails.checks import EvidenceFacts, mismatches
from workbench.guardrails.content import Content, digest, limits_content, params_content
from workbench.guardrails.desk import DONE, REFUSED, Desk, check_note
from workbench.guardrails.ledger import Ledger, Transaction
from workbench.guardrails.limits import RiskLimits
from workbench.guardrails.principal import SERVER, Principal, Role
from workbench.guardrails.records import (
    Basis,
    Proposal,
    Version,
    basis_columns,
    content_text,
)
from workbench.guardrails.refusal import RefusedError
from workbench.guardrails.scope import LIMITS, Scope
from workbench.model.errors import InputError

HOUR_NS = 3600 * 10**9


class Guardrails(Desk):
    """All decisions about parameters, limits and the gate."""

    def __init__(self, ledger: Ledger, *, require_second_person: bool) -> None:
        super().__init__(ledger)
        self.require_second_person = require_second_person

    # Proposals -----------------------------------------------------------------------------------------------------

    def propose_params(
        self,
        who: Principal,
        scope: Scope,
        timeframe: str,
        params: Mapping[str, Any],
        facts: EvidenceFacts,
        now_ns: int,
        note: str = "",
    ) -> Proposal:
        """Propose parameters that rest on evidence.

        Raises:
            ForbiddenError: a viewer. InputError: a value does not fit. RefusedError: the evidence is of something
            else, or nothing would change.
        """
        content = params_content(scope, timeframe, params)
        basis = Basis(facts.id, facts.digest, facts.metrics, facts.simulated)
        wrong = list(mismatches(scope, content, facts))
        return self._propose(who, scope, lambda _: content, basis, now_ns, note, wrong)

    def propose_limits(self, who: Principal, changes: Mapping[str, Any], now_ns: int, note: str = "") -> Proposal:
        """Propose other limits: those named; the rest stay as they are.

        Raises:
            ForbiddenError, InputError, RefusedError: see :meth:`propose_params`.
        """
        if not changes:
            raise InputError("values", "at least one limit", "none")
        return self._propose(who, LIMITS, lambda now: limits_content(changes, now), Basis(), now_ns, note, [])

    def _propose(
        self,
        who: Principal,
        scope: Scope,
        make: Callable[[RiskLimits], Content],
        basis: Basis,
        now_ns: int,
        note: str,
        wrong: list[str],
    ) -> Proposal:
        self._need(who, Role.RESEARCHER, "propose", str(scope), now_ns)
        check_note(note)
        with self.ledger.writing() as transaction:
            connection = transaction.connection
            limits, _ = shelf.limits(connection)
            content, now = make(limits), shelf.active(connection, scope)
            digested = digest(scope, content)
            if now is not None and now.digest == digested:
                wrong.append(f"version {now.version} says the same: nothing would change")
            number = None if wrong else self._add(transaction, who, scope, content, basis, now, limits, now_ns, note)
            subject = f"{scope} proposal {number}" if number else str(scope)
            details = {"digest": digested, "evidence": basis.id, "reasons": wrong, "note": note}
            transaction.audit.append(who, "propose", subject, REFUSED if wrong else DONE, now_ns, details)
            made = shelf.proposal(connection, number) if number else None
        if made is None:
            raise RefusedError("it cannot be proposed", wrong)
        return made

    def _add(
        self,
        transaction: Transaction,
        who: Principal,
        scope: Scope,
        content: Content,
        basis: Basis,
        now: Version | None,
        limits: RiskLimits,
        now_ns: int,
        note: str,
    ) -> int:
        row = {
            "scope": str(scope),
            "state": State.PROPOSED,
            "content": content_text(content),
            "digest": digest(scope, content),
            "base": now.version if now else None,
            "proposer": who.name,
            "at_ns": now_ns,
            "expires_ns": now_ns + int(limits.max_proposal_age * HOUR_NS),
            "note": note,
            **basis_columns(basis),
        }
        return shelf.add_proposal(transaction.connection, row)

    # Decisions -----------------------------------------------------------------------------------------------------

    def approve(
        self,
        who: Principal,
        number: int,
        facts: EvidenceFacts | None,
        now_ns: int,
        *,
        seen_digest: str | None = None,
        note: str = "",
    ) -> Version:
        """Put a proposal in force.

        Args:
            facts: of the evidence that the proposal names, verified just now; None for limits.
            seen_digest: of the content that the approver looked at; anything else is refused.

        Raises:
            ForbiddenError: no admin. NotFoundError: no such proposal. RefusedError: with every reason against it.
        """
        self._need(who, Role.ADMIN, "approve", f"proposal {number}", now_ns)
        check_note(note)
        self.expire(now_ns)
        with self.ledger.writing() as transaction:
            held = shelf.proposal(transaction.connection, number)
            approver = who.name if self.require_second_person else None
            reasons = against_approval(transaction.connection, held, approver, facts, seen_digest, now_ns)
            subject = f"{held.scope} proposal {number}"
            details: dict[str, Any] = {"digest": held.digest, "evidence": held.evidence.id}
            details |= {"reasons": reasons, "note": note}
            if not reasons:
                made = self._activate(transaction, held, who, now_ns, note)
                details["version"] = made.version
            transaction.audit.append(who, "approve", subject, REFUSED if reasons else DONE, now_ns, details)
        if reasons:
            raise RefusedError(f"proposal {number} cannot be approved", reasons)
        return made

    def reject(self, who: Principal, number: int, now_ns: int, note: str = "") -> Proposal:
        """Raises:
        ForbiddenError: no admin. NotFoundError: no such proposal. RefusedError: it is decided already.
        """
        self._need(who, Role.ADMIN, "reject", f"proposal {number}", now_ns)
        check_note(note)
        self.expire(now_ns)
        with self.ledger.writing() as transaction:
            held = shelf.proposal(transaction.connection, number)
            problem = self._decide(transaction, held, Event.REJECT, who, now_ns, note)
            outcome, details = (REFUSED if problem else DONE), {"reasons": problem, "note": note}
            transaction.audit.append(who, "reject", f"{held.scope} proposal {number}", outcome, now_ns, details)
            after = shelf.proposal(transaction.connection, number)
        if problem:
            raise RefusedError(f"proposal {number} cannot be rejected", problem)
        return after

    def rollback(self, who: Principal, scope: Scope, to_version: int, now_ns: int, note: str = "") -> Version:
        """Put an older version's content in force again, as a new version.

        Raises:
            ForbiddenError: no admin. NotFoundError: no such version. RefusedError: it would change nothing, or a
            second person is needed.
        """
        self._need(who, Role.ADMIN, "rollback", str(scope), now_ns)
        check_note(note)
        with self.ledger.writing() as transaction:
            connection = transaction.connection
            old, now = shelf.version(connection, scope, to_version), shelf.active(connection, scope)
            reasons = against_rollback(old, now)
            details: dict[str, Any] = {"to_version": to_version, "digest": old.digest, "reasons": reasons, "note": note}
            if not reasons:
                row = {**_version_row(old), "approver": who.name, "restored": old.version, "proposal_id": None}
                made = self._enforce(transaction, scope, {**row, "at_ns": now_ns, "note": note}, now_ns)
                details["version"] = made.version
            transaction.audit.append(who, "rollback", str(scope), REFUSED if reasons else DONE, now_ns, details)
        if reasons:
            raise RefusedError(f"{scope} cannot be rolled back", reasons)
        return made

    def expire(self, now_ns: int) -> int:
        """Let proposals expire whose time is over; how many."""
        with self.ledger.reading() as connection:
            if not any(held.expires_ns <= now_ns for held in shelf.pending(connection)):
                return 0
        with self.ledger.writing() as transaction:
            over = [held for held in shelf.pending(transaction.connection) if held.expires_ns <= now_ns]
            for held in over:
                shelf.move(transaction.connection, held, Event.EXPIRE, decided_by=SERVER.name, decided_ns=now_ns)
                transaction.audit.append(SERVER, "expire", f"{held.scope} proposal {held.id}", DONE, now_ns)
        return len(over)

    def _decide(
        self, transaction: Transaction, held: Proposal, event: Event, who: Principal, now_ns: int, note: str
    ) -> list[str]:
        """Take the step, or say why not."""
        try:
            changes = {"decided_by": who.name, "decided_ns": now_ns, "decision_note": note}
            shelf.move(transaction.connection, held, event, **changes)
        except RefusedError as error:
            return [f"it is {held.state}: {error.reasons[0]}"]
        return []

    def _activate(self, transaction: Transaction, held: Proposal, who: Principal, now_ns: int, note: str) -> Version:
        connection = transaction.connection
        decided = {"decided_by": who.name, "decided_ns": now_ns, "decision_note": note}
        shelf.move(connection, held, Event.APPROVE, **decided)
        approved = shelf.proposal(connection, held.id)
        row = {
            "content": content_text(held.content),
            "digest": held.digest,
            "author": held.proposer,
            "approver": who.name,
            "at_ns": now_ns,
            "proposal_id": held.id,
            "note": note or held.note,
            **basis_columns(held.evidence),
        }
        made = self._enforce(transaction, held.scope, row, now_ns)
        shelf.move(connection, approved, Event.ACTIVATE)
        return made

    def _enforce(self, transaction: Transaction, scope: Scope, row: dict[str, Any], now_ns: int) -> Version:
        """A new version in force; see rule 2."""
        connection = transaction.connection
        before = shelf.active(connection, scope)
        earlier = shelf.of_active_version(connection, scope)
        if before is not None:
            shelf.supersede(connection, before)
        if earlier is not None:
            shelf.move(connection, earlier, Event.SUPERSEDE)
        number = shelf.newest_number(connection, scope) + 1
        parent = before.version if before else None
        added = {**row, "scope": str(scope), "version": number, "parent": parent, "state": State.ACTIVE}
        shelf.add_version(connection, added)
        for held in shelf.pending(connection, scope):
            if held.id != row.get("proposal_id"):
                shelf.move(connection, held, Event.GO_STALE, decided_by=SERVER.name, decided_ns=now_ns)
                transaction.audit.append(SERVER, "go_stale", f"{scope} proposal {held.id}", DONE, now_ns)
        return shelf.version(connection, scope, number)


def _version_row(old: Version) -> dict[str, Any]:
    return {
        "content": content_text(old.content),
        "digest": old.digest,
        "author": old.author,
        **basis_columns(old.evidence),
    }
