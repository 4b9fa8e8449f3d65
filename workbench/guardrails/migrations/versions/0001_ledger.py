"""The first ledger: versions, proposals, gate, audit, jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

GENESIS = "sha256:" + "0" * 64
ACTIVE = sa.text("state = 'active'")


def upgrade() -> None:
    _proposals()
    _versions()
    gate = op.create_table(
        "gate",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("since_ns", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gate"),
    )
    op.bulk_insert(gate, [{"id": 1, "state": "active", "reason": "", "who": "server", "since_ns": 0}])
    _audit()
    _jobs()


def _proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("scope", sa.String(100), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("digest", sa.String(71), nullable=False),
        sa.Column("base", sa.Integer),
        sa.Column("proposer", sa.String(200), nullable=False),
        sa.Column("at_ns", sa.BigInteger, nullable=False),
        sa.Column("expires_ns", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("evidence_id", sa.String(150)),
        sa.Column("evidence_digest", sa.String(71)),
        sa.Column("metrics", sa.Text, nullable=False),
        sa.Column("simulated", sa.Boolean, nullable=False),
        sa.Column("decided_by", sa.String(200)),
        sa.Column("decided_ns", sa.BigInteger),
        sa.Column("decision_note", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
    )
    op.create_index("ix_proposals_state", "proposals", ["state"])


def _versions() -> None:
    op.create_table(
        "versions",
        sa.Column("scope", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("digest", sa.String(71), nullable=False),
        sa.Column("parent", sa.Integer),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("approver", sa.String(200), nullable=False),
        sa.Column("at_ns", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("proposal_id", sa.Integer),
        sa.Column("restored", sa.Integer),
        sa.Column("evidence_id", sa.String(150)),
        sa.Column("evidence_digest", sa.String(71)),
        sa.Column("metrics", sa.Text, nullable=False),
        sa.Column("simulated", sa.Boolean, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("scope", "version", name="pk_versions"),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name="fk_versions_proposal_id"),
    )
    op.create_index(
        "one_active_version", "versions", ["scope"], unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("at_ns", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("address", sa.String(100), nullable=False),
        sa.Column("action", sa.String(50), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("previous", sa.String(71), nullable=False),
        sa.Column("hash", sa.String(71), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(71), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": GENESIS}])


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False, unique=True),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("address", sa.String(100), nullable=False),
        sa.Column("created_ns", sa.BigInteger, nullable=False),
        sa.Column("started_ns", sa.BigInteger),
        sa.Column("finished_ns", sa.BigInteger),
        sa.Column("progress", sa.Float, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("retry_of", sa.String(32)),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_status", "jobs", ["status"])
