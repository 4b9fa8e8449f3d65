"""The audit log's rows: append inside a transaction, read, verify."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Row, select, update

from workbench.guardrails.audit import AuditEntry, ChainVerdict, Head, sealed, verify_chain
from workbench.guardrails.principal import Principal
from workbench.guardrails.tables import audit, audit_head


class AuditLog:
    """The log of one open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.head = Head()

    def lock(self) -> Head:
        """Wait until no other transaction appends; the head as it then is."""
        row = self._connection.execute(select(audit_head.c.seq, audit_head.c.hash).with_for_update()).one()
        self.head = Head(row.seq, row.hash)
        return self.head

    def append(
        self,
        who: Principal,
        action: str,
        subject: str,
        outcome: str,
        now_ns: int,
        details: Mapping[str, Any] | None = None,
    ) -> AuditEntry:
        """One entry; :meth:`lock` came before. ``details`` are plain JSON values."""
        entry = sealed(
            AuditEntry(
                seq=self.head.seq + 1,
                at_ns=now_ns,
                who=who.name,
                role=who.role.label,
                address=who.address,
                action=action,
                subject=subject[:200],
                outcome=outcome,
                details=dict(details or {}),
                previous=self.head.hash,
            )
        )
        self._connection.execute(audit.insert().values(_as_row(entry)))
        self._connection.execute(update(audit_head).values(seq=entry.seq, hash=entry.hash))
        self.head = Head(entry.seq, entry.hash)
        return entry


def read_head(connection: Connection) -> Head:
    row = connection.execute(select(audit_head.c.seq, audit_head.c.hash)).one()
    return Head(row.seq, row.hash)


def tail(connection: Connection, limit: int, before: int | None = None) -> list[AuditEntry]:
    """The newest entries, newest first; those with smaller numbers than ``before``."""
    query = select(audit).order_by(audit.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.seq < before)
    return [_as_entry(row) for row in connection.execute(query)]


def verify(connection: Connection, seen: Head | None = None) -> ChainVerdict:
    """Walk the whole chain; ``seen`` is a head that was told outside the ledger."""
    rows = connection.execution_options(yield_per=1_000).execute(select(audit).order_by(audit.c.seq))
    return verify_chain(_readable(rows), read_head(connection), seen)


def _readable(rows: Any) -> Iterator[AuditEntry]:
    for row in rows:
        try:
            yield _as_entry(row)
        except ValueError:  # details are no JSON any more: an entry whose hash cannot come out
            yield AuditEntry(row.seq, 0, "", "", "", "", "", "", {}, row.previous, row.hash)


def _as_row(entry: AuditEntry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in (column.name for column in audit.c) if name != "details"}
    return {**values, "details": json.dumps(entry.details, sort_keys=True, ensure_ascii=False, allow_nan=False)}


def _as_entry(row: Row[Any]) -> AuditEntry:
    values = dict(row._mapping)
    return AuditEntry(**{**values, "details": json.loads(values["details"])})
