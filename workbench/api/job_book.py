"""Jobs in the ledger, each step one transaction with its audit entry. Called on the ledger's threads."""

import time

from workbench.api import job_record
from workbench.api.job_record import JobRecord
from workbench.guardrails.ledger import Ledger
from workbench.guardrails.principal import SERVER
from workbench.wire import JobStatus


class JobBook:
    """What is kept of jobs."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def insert(self, record: JobRecord) -> None:
        """Accepted, and written down."""
        with self._ledger.writing() as transaction:
            job_record.insert(transaction.connection, record)
            asked = record.request.model_dump(exclude_none=True, mode="json")
            details = {"request": asked, "retry_of": record.retry_of}
            transaction.audit.append(record.who, "backtest_start", record.id, "done", record.created_ns, details)

    def save(self, record: JobRecord) -> None:
        """How it stands; no entry in the audit log."""
        with self._ledger.writing() as transaction:
            job_record.save(transaction.connection, record)

    def save_end(self, record: JobRecord) -> None:
        """Its end, and who ended it."""
        told = record.outcome or {}
        details = {"status": str(record.status), **{name: told.get(name) for name in ("evidence_id", "digest", "kind")}}
        outcome = "done" if record.status is JobStatus.DONE else "failed"
        with self._ledger.writing() as transaction:
            job_record.save(transaction.connection, record)
            now_ns = record.finished_ns or 0
            who = record.cancelled_by or record.who
            transaction.audit.append(who, "backtest_finish", record.id, outcome, now_ns, details)

    def load(self, job_id: str) -> JobRecord | None:
        with self._ledger.reading() as connection:
            return job_record.load(connection, job_id)

    def newest(self, limit: int, before: int | None, status: JobStatus | None) -> list[JobRecord]:
        with self._ledger.reading() as connection:
            return job_record.newest(connection, limit, before, status)

    def take_up(self) -> tuple[int, list[JobRecord]]:
        """What an earlier server left: the last job's number, and the jobs still to run, oldest first.

        Those that ran are marked interrupted.
        """
        waiting: list[JobRecord] = []
        with self._ledger.writing() as transaction:
            number = job_record.newest_number(transaction.connection)
            for held in job_record.unfinished(transaction.connection):
                if held.status is JobStatus.QUEUED:
                    waiting.append(held)
                    continue
                ended = held.ended(JobStatus.INTERRUPTED, time.time_ns())
                job_record.save(transaction.connection, ended)
                details = {"status": str(ended.status)}
                now_ns = ended.finished_ns or 0
                transaction.audit.append(SERVER, "backtest_finish", held.id, "failed", now_ns, details)
        return number, waiting
