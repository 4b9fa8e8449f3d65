"""Versions, proposals and the gate's switch in the ledger: what is read, and how each is written. No rules here."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select, update

from workbench.guardrails.approval import Event, State, step
from workbench.guardrails.limits import RiskLimits
from workbench.guardrails.records import GateRecord, Proposal, Version, as_gate, as_proposal, as_version
from workbench.guardrails.scope import LIMITS, Scope
from workbench.guardrails.tables import gate, proposals, versions
from workbench.model.errors import NotFoundError


def active(connection: Connection, scope: Scope) -> Version | None:
    """The version in force."""
    query = select(versions).where(versions.c.scope == str(scope), versions.c.state == State.ACTIVE)
    row = connection.execute(query).one_or_none()
    return None if row is None else as_version(row)


def all_active(connection: Connection) -> list[Version]:
    query = select(versions).where(versions.c.state == State.ACTIVE).order_by(versions.c.scope)
    return [as_version(row) for row in connection.execute(query)]


def version(connection: Connection, scope: Scope, number: int) -> Version:
    """Raises:
    NotFoundError: there is no such version, with those there are.
    """
    query = select(versions).where(versions.c.scope == str(scope), versions.c.version == number)
    row = connection.execute(query).one_or_none()
    if row is None:
        newest = newest_number(connection, scope)
        there = f"there are 1 to {newest}" if newest else "there is none yet"
        raise NotFoundError(f"{scope}: no version {number}; {there}")
    return as_version(row)


def newest_number(connection: Connection, scope: Scope) -> int:
    """The highest version's number, 0 where there is none."""
    query = select(func.max(versions.c.version)).where(versions.c.scope == str(scope))
    return connection.execute(query).scalar() or 0


def history(
    connection: Connection, scope: Scope | None, limit: int, before: int | None = None
) -> tuple[list[Version], list[Proposal]]:
    """The newest versions and proposals of a scope, or of all; proposals with ids below ``before``."""
    of_versions = select(versions).order_by(versions.c.at_ns.desc(), versions.c.version.desc()).limit(limit)
    of_proposals = select(proposals).order_by(proposals.c.id.desc()).limit(limit)
    if scope is not None:
        of_versions = of_versions.where(versions.c.scope == str(scope))
        of_proposals = of_proposals.where(proposals.c.scope == str(scope))
    if before is not None:
        of_proposals = of_proposals.where(proposals.c.id < before)
    found = connection.execute(of_versions), connection.execute(of_proposals)
    return [as_version(row) for row in found[0]], [as_proposal(row) for row in found[1]]


def proposal(connection: Connection, number: int) -> Proposal:
    """Raises:
    NotFoundError: there is no such proposal.
    """
    row = connection.execute(select(proposals).where(proposals.c.id == number)).one_or_none()
    if row is None:
        raise NotFoundError(f"proposal {number}: there is none")
    return as_proposal(row)


def pending(connection: Connection, scope: Scope | None = None) -> list[Proposal]:
    """What waits for a decision, oldest first."""
    query = select(proposals).where(proposals.c.state == State.PROPOSED).order_by(proposals.c.id)
    if scope is not None:
        query = query.where(proposals.c.scope == str(scope))
    return [as_proposal(row) for row in connection.execute(query)]


def of_active_version(connection: Connection, scope: Scope) -> Proposal | None:
    """The proposal whose version is in force; None after a rollback."""
    query = select(proposals).where(proposals.c.scope == str(scope), proposals.c.state == State.ACTIVE)
    row = connection.execute(query).one_or_none()
    return None if row is None else as_proposal(row)


def limits(connection: Connection) -> tuple[RiskLimits, int]:
    """The limits in force and their version; 0: the package's own defaults."""
    found = active(connection, LIMITS)
    return (RiskLimits(), 0) if found is None else (RiskLimits().changed(found.content), found.version)


def add_proposal(connection: Connection, row: Mapping[str, Any]) -> int:
    key = connection.execute(proposals.insert().values(dict(row))).inserted_primary_key
    return int(key[0]) if key else 0


def add_version(connection: Connection, row: Mapping[str, Any]) -> None:
    connection.execute(versions.insert().values(dict(row)))


def move(connection: Connection, held: Proposal, event: Event, **changes: Any) -> State:
    """Take a proposal one step further.

    Raises:
        RefusedError: there is no such step from where it is.
    """
    after = step(held.state, event)
    connection.execute(update(proposals).where(proposals.c.id == held.id).values(state=after, **changes))
    return after


def supersede(connection: Connection, held: Version) -> None:
    """Another version takes over."""
    after = step(held.state, Event.SUPERSEDE)
    same = (versions.c.scope == str(held.scope)) & (versions.c.version == held.version)
    connection.execute(update(versions).where(same).values(state=after))


def read_gate(connection: Connection) -> GateRecord:
    return as_gate(connection.execute(select(gate)).one())


def write_gate(connection: Connection, record: GateRecord) -> None:
    values = {"state": record.state.label, "reason": record.reason, "who": record.who, "since_ns": record.since_ns}
    connection.execute(update(gate).values(values))
