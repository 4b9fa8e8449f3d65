"""A backtest job, as it is kept: in memory while it lives, in the ledger always."""

import json
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from workbench.api.job import Done, Failed, Job
from workbench.guardrails.principal import Principal, Role
from workbench.guardrails.tables import jobs
from workbench.wire import BacktestRequest, BacktestStatus, JobError, JobStatus

ENDED = (JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.INTERRUPTED)


@dataclass(frozen=True)
class JobRecord:
    """``number`` orders jobs by their arrival; ``outcome`` is there once it is done or failed.

    ``cancelled_by`` is kept in the audit log alone.
    """

    id: str
    number: int
    status: JobStatus
    request: BacktestRequest
    who: Principal
    created_ns: int
    started_ns: int | None = None
    finished_ns: int | None = None
    progress: float = 0.0
    step: str = ""
    outcome: dict[str, Any] | None = None
    retry_of: str | None = None
    cancelled_by: Principal | None = None

    @property
    def is_ended(self) -> bool:
        return self.status in ENDED

    def work(self) -> Job:
        """What a worker is asked."""
        asked = self.request
        return Job(
            id=self.id,
            pair=asked.pair,
            timeframe=asked.timeframe,
            strategy=asked.strategy,
            params=asked.params,
            costs={} if asked.costs is None else asked.costs.model_dump(exclude_none=True),
            start=asked.range.start if asked.range else None,
            end=asked.range.end if asked.range else None,
            initial_cash=asked.initial_cash,
        )

    def ended(self, status: JobStatus, now_ns: int, outcome: Done | Failed | None = None) -> "JobRecord":
        progress = 1.0 if status is JobStatus.DONE else self.progress
        return replace(self, status=status, finished_ns=now_ns, progress=progress, step="", outcome=_as_dict(outcome))

    def view(self, position: int | None = None) -> BacktestStatus:
        """As it goes over the wire."""
        told = self.outcome or {}
        error = JobError(**told) if self.status is JobStatus.FAILED and told else None
        result = told if self.status is JobStatus.DONE else {}
        return BacktestStatus(
            id=self.id,
            status=self.status,
            progress=self.progress,
            step=self.step,
            position=position,
            request=self.request,
            who=self.who.name,
            created_ns=self.created_ns,
            started_ns=self.started_ns,
            finished_ns=self.finished_ns,
            evidence_id=result.get("evidence_id"),
            digest=result.get("digest"),
            simulated=result.get("simulated"),
            metrics=result.get("metrics"),
            error=error,
            retry_of=self.retry_of,
        )


def insert(connection: Connection, record: JobRecord) -> None:
    connection.execute(
        jobs.insert().values(
            id=record.id,
            number=record.number,
            request=record.request.model_dump_json(exclude_none=True),
            who=record.who.name,
            role=record.who.role.label,
            address=record.who.address,
            created_ns=record.created_ns,
            retry_of=record.retry_of,
            **_changing(record),
        )
    )


def save(connection: Connection, record: JobRecord) -> None:
    """Write what changes in a job's life."""
    connection.execute(update(jobs).where(jobs.c.id == record.id).values(**_changing(record)))


def load(connection: Connection, job_id: str) -> JobRecord | None:
    row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
    return None if row is None else _as_record(row)


def newest(connection: Connection, limit: int, before: int | None, status: JobStatus | None) -> list[JobRecord]:
    """A page, newest first; those with smaller numbers than ``before``."""
    query = select(jobs).order_by(jobs.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(jobs.c.number < before)
    if status is not None:
        query = query.where(jobs.c.status == status)
    return [_as_record(row) for row in connection.execute(query)]


def unfinished(connection: Connection) -> list[JobRecord]:
    """What was queued or running when the server ended, oldest first."""
    living = jobs.c.status.in_([JobStatus.QUEUED, JobStatus.RUNNING])
    return [_as_record(row) for row in connection.execute(select(jobs).where(living).order_by(jobs.c.number))]


def newest_number(connection: Connection) -> int:
    return connection.execute(select(func.max(jobs.c.number))).scalar() or 0


def _changing(record: JobRecord) -> dict[str, Any]:
    return {
        "status": record.status,
        "started_ns": record.started_ns,
        "finished_ns": record.finished_ns,
        "progress": record.progress,
        "outcome": None if record.outcome is None else json.dumps(record.outcome, allow_nan=False),
    }


def _as_record(row: Row[Any]) -> JobRecord:
    return JobRecord(
        id=row.id,
        number=row.number,
        status=JobStatus(row.status),
        request=BacktestRequest.model_validate_json(row.request),
        who=Principal(row.who, Role[row.role.upper()], row.address),
        created_ns=row.created_ns,
        started_ns=row.started_ns,
        finished_ns=row.finished_ns,
        progress=row.progress,
        outcome=None if row.outcome is None else json.loads(row.outcome),
        retry_of=row.retry_of,
    )


def _as_dict(outcome: Done | Failed | None) -> dict[str, Any] | None:
    match outcome:
        case None:
            return None
        case Failed(kind, text, field):
            return {"kind": kind, "text": text, "field": field}
        case Done():
            return {
                "evidence_id": outcome.evidence_id,
                "digest": outcome.digest,
                "simulated": outcome.simulated,
                "metrics": outcome.metrics,
            }
