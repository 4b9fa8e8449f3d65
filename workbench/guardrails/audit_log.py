"""The audit log's rows: append inside a transaction, read, verify."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Row, select, update

from workbench.guardrails.audit import AuditEntry, ChainVerdict, Head, sealed, verify_chain
from workbench.guardrails.principal import Principal
from workbench.guardrails.tables import audit, audit_head
from workbench.model.errors import DamagedFileError


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
    """The newest entries, newest first; those with smaller numbers than ``before``.

    Raises:
        DamagedFileError: one of them was altered so that it cannot be read.
    """
    query = select(audit).order_by(audit.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.seq < before)
    try:
        return [_as_entry(row) for row in connection.execute(query)]
    except (ValueError, RecursionError) as error:
        raise DamagedFileError(f"the audit log was altered ({error}); `workbench audit verify` tells where") from None


def verify(connection: Connection, seen: Head | None = None) -> ChainVerdict:
    """Walk the whole chain; ``seen`` is a head that was told outside the ledger."""
    head, query = read_head(connection), select(audit).order_by(audit.c.seq)
    with connection.execute(query, execution_options={"yield_per": 1_000}) as rows:
        return verify_chain(_readable(rows), head, seen)


def _readable(rows: Any) -> Iterator[AuditEntry]:
    for row in rows:
        try:
            yield _as_entry(row)
        except (ValueError, RecursionError):  # altered: an entry whose hash cannot come out
            yield AuditEntry(row.seq, 0, "", "", "", "", "", "", {}, row.previous, row.hash)


def _as_row(entry: AuditEntry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in (column.name for column in audit.c) if name != "details"}
    return {**values, "details": json.dumps(entry.details, sort_keys=True, ensure_ascii=False, allow_nan=False)}


def _as_entry(row: Row[Any]) -> AuditEntry:
    """Raises:
    ValueError: the details are no JSON object any more.
    """
    values = dict(row._mapping)
    details = json.loads(values["details"])
    if not isinstance(details, dict):
        raise ValueError("details are no JSON object")  # noqa: TRY004
    return AuditEntry(**{**values, "details": details})
