"""The audit log, for admins."""

from typing import Annotated

from fastapi import APIRouter, Query

from workbench.api.deps import Admin, PartsOf
from workbench.api.documented import ANSWERS
from workbench.api.parts import Parts
from workbench.api.views import audit_view, verdict_view
from workbench.guardrails.audit import ChainVerdict
from workbench.guardrails.head_file import read_head
from workbench.wire import AuditTail, AuditVerdict

router = APIRouter(prefix="/api/audit", tags=["audit"], responses=ANSWERS)


@router.get("")
async def audit_tail(
    parts: PartsOf,
    _who: Admin,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    before: Annotated[int | None, Query(ge=1, le=2**62, description="Entries with smaller numbers.")] = None,
) -> AuditTail:
    """Who did what, newest first."""
    entries = await parts.threads.read(parts.guardrails.audit_tail, limit, before)
    following = entries[-1].seq if len(entries) == limit else None
    return AuditTail(entries=[audit_view(each) for each in entries], next_before=following)


@router.get("/verify")
async def audit_verify(parts: PartsOf, _who: Admin) -> AuditVerdict:
    """Walk the whole chain, and compare its end with the head told outside the ledger."""
    return verdict_view(await parts.threads.read(_verify, parts))


def _verify(parts: Parts) -> ChainVerdict:
    return parts.guardrails.audit_verify(read_head(parts.home.root))
