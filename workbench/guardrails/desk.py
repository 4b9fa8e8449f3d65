"""What every verb of the guardrails needs: the ledger to read, who may, what is written down, and the gate's switch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.guardrails import audit_log, shelf
from workbench.guardrails.audit import AuditEntry, ChainVerdict, Head
from workbench.guardrails.gate import TradingState
from workbench.guardrails.ledger import Ledger
from workbench.guardrails.limits import RiskLimits
from workbench.guardrails.principal import SERVER, Principal, Role
from workbench.guardrails.records import GateRecord, Proposal, Version
from workbench.guardrails.refusal import ForbiddenError
from workbench.guardrails.scope import Scope
from workbench.model.errors import InputError

LONGEST_NOTE = 2_000
DONE, REFUSED = "done", "refused"


@dataclass(frozen=True)
class Overview:
    """What is in force, what waits, and the gate's switch."""

    active: tuple[Version, ...]
    pending: tuple[Proposal, ...]
    limits: RiskLimits
    limits_version: int
    gate: GateRecord


class Desk:
    """Reading, and the gate's switch."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def overview(self) -> Overview:
        with self.ledger.reading() as connection:
            limits, number = shelf.limits(connection)
            in_force, waiting = tuple(shelf.all_active(connection)), tuple(shelf.pending(connection))
            return Overview(in_force, waiting, limits, number, shelf.read_gate(connection))

    def proposal(self, number: int) -> tuple[Proposal, Version | None]:
        """A proposal, and the version that it would replace (or did).

        Raises:
            NotFoundError: no such proposal.
        """
        with self.ledger.reading() as connection:
            held = shelf.proposal(connection, number)
            return held, None if held.base is None else shelf.version(connection, held.scope, held.base)

    def history(
        self, scope: Scope | None = None, limit: int = 100, before: int | None = None
    ) -> tuple[list[Version], list[Proposal]]:
        """The newest versions and proposals, newest first."""
        with self.ledger.reading() as connection:
            return shelf.history(connection, scope, limit, before)

    def limits_and_gate(self) -> tuple[RiskLimits, GateRecord]:
        with self.ledger.reading() as connection:
            return shelf.limits(connection)[0], shelf.read_gate(connection)

    def audit_tail(self, limit: int, before: int | None = None) -> list[AuditEntry]:
        with self.ledger.reading() as connection:
            return audit_log.tail(connection, limit, before)

    def audit_verify(self, seen: Head | None = None) -> ChainVerdict:
        with self.ledger.reading() as connection:
            return audit_log.verify(connection, seen)

    def record(
        self,
        who: Principal,
        action: str,
        subject: str,
        outcome: str,
        now_ns: int,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """An entry of something that changes nothing in the ledger."""
        with self.ledger.writing() as transaction:
            transaction.audit.append(who, action, subject, outcome, now_ns, details)

    def _need(self, who: Principal, role: Role, action: str, subject: str, now_ns: int) -> None:
        if who.role < role:
            details = {"reasons": [f"needs {role.label}"]}
            self.record(who, action, subject, REFUSED, now_ns, details)
            raise ForbiddenError(f"{action}: {role.label} may do that, {who.name} is {who.role.label}")

    # The gate's switch ---------------------------------------------------------------------------------------------

    def set_gate(self, who: Principal, state: TradingState, reason: str, now_ns: int) -> GateRecord:
        """Halt, reduce or resume, by a person.

        Raises:
            ForbiddenError: no admin. InputError: no reason.
        """
        action = "resume" if state is TradingState.ACTIVE else "halt"
        self._need(who, Role.ADMIN, action, "gate", now_ns)
        if not reason.strip():
            raise InputError("reason", "a few words", reason)
        check_note(reason)
        return self._set_gate(who, action, state, reason, now_ns)

    def trip_gate(self, state: TradingState, reason: str, now_ns: int) -> GateRecord:
        """The gate closes by itself; a stricter state stays."""
        return self._set_gate(SERVER, "gate_trip", state, reason, now_ns)

    def _set_gate(self, who: Principal, action: str, state: TradingState, reason: str, now_ns: int) -> GateRecord:
        with self.ledger.writing() as transaction:
            before = shelf.read_gate(transaction.connection)
            if action == "gate_trip" and state <= before.state:
                return before
            record = GateRecord(state, reason, who.name, now_ns)
            shelf.write_gate(transaction.connection, record)
            details = {"from": before.state.label, "to": state.label, "reason": reason}
            transaction.audit.append(who, action, "gate", DONE, now_ns, details)
        return record


def check_note(note: str) -> None:
    if len(note) > LONGEST_NOTE:
        raise InputError("note", f"at most {LONGEST_NOTE:,} characters", f"{len(note):,}")
    if any(sign == "\x00" or "\ud800" <= sign <= "\udfff" for sign in note):
        raise InputError("note", "text that a database can keep", ascii(note))
