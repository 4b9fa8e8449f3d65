"""What the ledger says of a job while it is young, and what happens when it does not take a word."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from workbench.api import job_queue, job_record
from workbench.api.job import Done
from workbench.api.job_book import JobBook
from workbench.api.job_queue import JobQueue
from workbench.api.job_record import JobRecord
from workbench.api.metrics import Metrics
from workbench.api.writer import Threads
from workbench.guardrails.ledger import Ledger, LedgerError
from workbench.guardrails.principal import Principal, Role
from workbench.wire import BacktestRequest, JobStatus

WHO = Principal("somebody", Role.RESEARCHER, "127.0.0.1")
ASKED = BacktestRequest(pair="ETHUSDT", timeframe="1h", strategy="smaCross")


class OnePool:
    """A worker that is done when the test says so."""

    size = 1

    def __init__(self) -> None:
        self.finish = asyncio.Event()
        self.was_stopped = False

    async def run(self, _work: object, _tell: object) -> Done:
        try:
            await self.finish.wait()
        except asyncio.CancelledError:
            self.was_stopped = True
            raise
        return Done("smaCross-ETHUSDT-1h-0123456789ab", "sha256:0", {}, True, 1)


async def follow_one(
    monkeypatch: pytest.MonkeyPatch, folder: Path, saved: list[JobStatus], *, refuse: bool = False, wait: bool = True
) -> JobRecord:
    """One job's end; ``saved`` are the states that were written after its arrival, in order."""
    ledger, pool, marked = Ledger.open(folder), OnePool(), asyncio.Event()
    loop = asyncio.get_running_loop()

    class Watched(JobBook):
        def save(self, record: JobRecord) -> None:
            saved.append(record.status)
            loop.call_soon_threadsafe(marked.set)
            if refuse:
                raise LedgerError("the disk is full")
            super().save(record)

        def save_end(self, record: JobRecord) -> None:
            saved.append(record.status)
            super().save_end(record)

    parts: Any = pool
    monkeypatch.setattr(job_queue, "JobBook", Watched)
    async with Threads().open() as threads, JobQueue(parts, ledger, threads, Metrics(), 10).open() as queue:
        made = await queue.add(ASKED, WHO)
        if wait:
            await asyncio.wait_for(marked.wait(), 30)
        if not refuse:
            pool.finish.set()
        last = [each async for each in queue.follow(made.id)][-1]
    with ledger.reading() as connection:
        stored = job_record.load(connection, made.id)
    assert stored is not None
    assert stored.status == last.status
    assert pool.was_stopped == refuse
    ledger.close()
    return last


def test_a_short_job_goes_from_queued_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two commits, not three."""
    saved: list[JobStatus] = []
    last = asyncio.run(follow_one(monkeypatch, tmp_path, saved, wait=False))
    assert (last.status, saved) == (JobStatus.DONE, [JobStatus.DONE])


def test_a_long_job_is_marked_as_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the next server does not run it again by itself."""
    monkeypatch.setattr(job_queue, "MARK_SECONDS", 0.001)
    saved: list[JobStatus] = []
    last = asyncio.run(follow_one(monkeypatch, tmp_path, saved))
    assert (last.status, saved) == (JobStatus.DONE, [JobStatus.RUNNING, JobStatus.DONE])


def test_a_mark_that_cannot_be_written_fails_the_job_and_stops_its_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing runs that the ledger does not know of for long."""
    monkeypatch.setattr(job_queue, "MARK_SECONDS", 0.001)
    saved: list[JobStatus] = []
    last = asyncio.run(follow_one(monkeypatch, tmp_path, saved, refuse=True))
    assert (last.status, saved) == (JobStatus.FAILED, [JobStatus.RUNNING, JobStatus.FAILED])
