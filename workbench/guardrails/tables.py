"""The ledger's tables, the same in SQLite and PostgreSQL. Changes of this file need a migration beside it.

JSON is kept as text: it is hashed, so its bytes must come back as they were. Times are nanoseconds since 1970, UTC.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

versions = Table(
    "versions",
    metadata,
    Column("scope", String(100), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("content", Text, nullable=False),
    Column("digest", String(71), nullable=False),
    Column("parent", Integer),
    Column("author", String(200), nullable=False),
    Column("approver", String(200), nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("state", String(20), nullable=False),
    Column("proposal_id", Integer, ForeignKey("proposals.id")),
    Column("restored", Integer),
    Column("evidence_id", String(150)),
    Column("evidence_digest", String(71)),
    Column("metrics", Text, nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("note", Text, nullable=False),
)
Index(
    "one_active_version",
    versions.c.scope,
    unique=True,
    sqlite_where=text("state = 'active'"),
    postgresql_where=text("state = 'active'"),
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("scope", String(100), nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("content", Text, nullable=False),
    Column("digest", String(71), nullable=False),
    Column("base", Integer),
    Column("proposer", String(200), nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("expires_ns", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("evidence_id", String(150)),
    Column("evidence_digest", String(71)),
    Column("metrics", Text, nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("decided_by", String(200)),
    Column("decided_ns", BigInteger),
    Column("decision_note", Text),
)

gate = Table(
    "gate",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("who", String(200), nullable=False),
    Column("since_ns", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("who", String(200), nullable=False),
    Column("role", String(20), nullable=False),
    Column("address", String(100), nullable=False),
    Column("action", String(50), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("details", Text, nullable=False),
    Column("previous", String(71), nullable=False),
    Column("hash", String(71), nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(71), nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("status", String(20), nullable=False, index=True),
    Column("request", Text, nullable=False),
    Column("who", String(200), nullable=False),
    Column("role", String(20), nullable=False),
    Column("address", String(100), nullable=False),
    Column("created_ns", BigInteger, nullable=False),
    Column("started_ns", BigInteger),
    Column("finished_ns", BigInteger),
    Column("progress", Float, nullable=False),
    Column("outcome", Text),
    Column("retry_of", String(32)),
)
