"""The audit log."""

from typing import Any

from pydantic import BaseModel


class AuditEntryView(BaseModel):
    seq: int
    at_ns: int
    who: str
    role: str
    address: str
    action: str
    subject: str
    outcome: str
    details: dict[str, Any]
    previous: str
    hash: str


class AuditTail(BaseModel):
    """Newest first. ``next_before`` asks for the next page."""

    entries: list[AuditEntryView]
    next_before: int | None = None


class AuditVerdict(BaseModel):
    """``bad_seq``: the first entry that does not fit, with what is wrong with it."""

    intact: bool
    entries: int
    head_seq: int
    head_hash: str
    bad_seq: int | None = None
    problem: str = ""
