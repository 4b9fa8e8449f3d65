"""Backtest jobs: a bounded queue in front of the workers, every step of it in the ledger.

1. A job is in the ledger, with its audit entry, before its id is told to anybody.
2. Jobs begin in the order of their arrival, as many at once as there are workers.
3. After a restart, queued jobs run, also those that had only just begun; those that were running for longer
   (``MARK_SECONDS``) are marked interrupted and can be retried, so that no job can end one server after another.
4. A job's end and its audit entry are one transaction; it counts as ended when that is on the disk.
"""

import asyncio
import contextlib
import itertools
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import replace

import structlog

from workbench.api.job import Done, Failed, Outcome, Progress
from workbench.api.job_book import JobBook
from workbench.api.job_record import JobRecord
from workbench.api.metrics import Metrics
from workbench.api.problem import Problem
from workbench.api.worker_pool import WorkerPool
from workbench.api.writer import Threads
from workbench.guardrails.ledger import Ledger
from workbench.guardrails.principal import Principal
from workbench.model.errors import NotFoundError
from workbench.wire import BacktestRequest, JobStatus

log = structlog.get_logger("workbench.jobs")

MARK_SECONDS = 0.1
"""A job that runs for longer is marked as running in the ledger; a shorter one goes from queued to its end."""
LAST = 20
KEPT = 2_000
"""Ended jobs that stay in memory, so that asking for them does not touch the disk."""


class JobQueue:
    """All jobs. Belongs to the event loop."""

    def __init__(self, pool: WorkerPool, ledger: Ledger, threads: Threads, metrics: Metrics, size: int) -> None:
        self.size = size
        self._pool, self._threads, self._metrics = pool, threads, metrics
        self._book = JobBook(ledger)
        self._waiting: OrderedDict[str, JobRecord] = OrderedDict()
        self._running: dict[str, tuple[JobRecord, asyncio.Task[None]]] = {}
        self._ended: OrderedDict[str, JobRecord] = OrderedDict()
        self._cancelled: dict[str, Principal] = {}
        self._ending: dict[str, asyncio.Task[None]] = {}
        self._arriving = 0
        self._number = 0
        self._more = asyncio.Condition()
        self._changed = asyncio.Event()

    @property
    def waiting(self) -> int:
        return len(self._waiting) + self._arriving

    @property
    def running(self) -> int:
        return len(self._running)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["JobQueue"]:
        """Take up what an earlier server left, and run jobs until the block ends."""
        self._number, left = await self._threads.write(self._book.take_up)
        self._waiting.update({held.id: held for held in left})
        dispatchers = [asyncio.create_task(self._dispatch()) for _ in range(self._pool.size)]
        try:
            yield self
        finally:
            for task in dispatchers:
                task.cancel()
            await asyncio.gather(*dispatchers, return_exceptions=True)

    # What routes call ----------------------------------------------------------------------------------------------

    async def add(self, request: BacktestRequest, who: Principal, retry_of: str | None = None) -> JobRecord:
        """Accept a job; it is on the disk when this returns.

        Raises:
            Problem: 503, the queue is full.
        """
        if self.waiting >= self.size:
            self._metrics.turned_away.inc()
            text = f"{self.waiting} jobs wait already, the limit is {self.size}"
            raise Problem(503, text, headers={"retry-after": str(self._retry_seconds())})
        self._arriving += 1
        try:
            self._number += 1
            made = JobRecord(
                id=secrets.token_hex(8),
                number=self._number,
                status=JobStatus.QUEUED,
                request=request,
                who=who,
                created_ns=time.time_ns(),
                retry_of=retry_of,
            )
            await self._threads.write(self._book.insert, made)
        finally:
            self._arriving -= 1
        self._waiting[made.id] = made
        async with self._more:
            self._more.notify()
        return made

    async def find(self, job_id: str) -> JobRecord:
        """Raises:
        NotFoundError: there is no such job.
        """
        held = self._find(job_id) or await self._threads.read(self._book.load, job_id)
        if held is None:
            raise NotFoundError(f"{job_id}: no such backtest")
        return held

    async def page(self, limit: int, before: int | None, status: JobStatus | None) -> list[JobRecord]:
        """Newest first; progress as it is now."""
        stored = await self._threads.read(self._book.newest, limit, before, status)
        return [self._find(each.id) or each for each in stored]

    def position(self, record: JobRecord) -> int | None:
        """How many jobs wait before it; None where it does not wait."""
        if record.id not in self._waiting:
            return None
        return next(place for place, job_id in enumerate(self._waiting) if job_id == record.id)

    async def cancel(self, job_id: str, who: Principal) -> JobRecord:
        """Take it out of the queue, or end the process that works on it; the audit log says who did.

        Raises:
            NotFoundError: no such job. Problem: 409, it has ended.
        """
        if job_id in self._ending:  # too late: its end is being written
            await asyncio.wait([self._ending[job_id]])
        held = await self.find(job_id)
        if job_id in self._waiting:
            await self._end(replace(self._waiting.pop(job_id), cancelled_by=who), JobStatus.CANCELLED, None)
        elif job_id in self._running:
            task = self._running[job_id][1]
            self._cancelled[job_id] = who
            task.cancel()
            await asyncio.wait([task])
        else:
            raise Problem(409, f"{job_id} is {held.status} already", reasons=[f"it is {held.status}"])
        return await self.find(job_id)

    async def retry(self, job_id: str, who: Principal) -> JobRecord:
        """The same request as a new job.

        Raises:
            NotFoundError: no such job. Problem: 409, it did not fail; 503, the queue is full.
        """
        held = await self.find(job_id)
        if held.status not in (JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.INTERRUPTED):
            raise Problem(
                409, f"{job_id} is {held.status}: there is nothing to retry", reasons=[f"it is {held.status}"]
            )
        return await self.add(held.request, who, retry_of=job_id)

    async def follow(self, job_id: str) -> AsyncIterator[JobRecord]:
        """The job now, and whenever it has changed, up to its end.

        Raises:
            NotFoundError: there is no such job.
        """
        told: JobRecord | None = None
        while True:
            changed = self._changed
            held = await self.find(job_id)
            if held != told:
                told = held
                yield held
                if held.is_ended:
                    return
            await changed.wait()

    # Running -------------------------------------------------------------------------------------------------------

    async def _dispatch(self) -> None:
        while True:
            async with self._more:
                await self._more.wait_for(lambda: bool(self._waiting))
                _, record = self._waiting.popitem(last=False)
                started = replace(record, status=JobStatus.RUNNING, started_ns=time.time_ns(), step="starting")
                task = asyncio.create_task(self._run(started))
                self._running[record.id] = started, task
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:  # the server ends
                task.cancel()
                await asyncio.wait([task])
                raise

    async def _run(self, record: JobRecord) -> None:
        """One job from its beginning to its end; nothing of it may stop the dispatcher."""
        status, outcome = JobStatus.INTERRUPTED, None
        try:
            self._tell()
            told = await self._begin(record)
            outcome = told if isinstance(told, Done | Failed) else Failed("internal", "an answer of another kind came")
            status = JobStatus.DONE if isinstance(outcome, Done) else JobStatus.FAILED
        except asyncio.CancelledError:
            status = JobStatus.CANCELLED if record.id in self._cancelled else JobStatus.INTERRUPTED
        except Exception:  # logged whole; the job fails alone
            log.exception("job failed", job=record.id)
            status, outcome = JobStatus.FAILED, Failed("internal", "see the server's log")
        by = self._cancelled.pop(record.id, None)
        current = replace(self._running[record.id][0], cancelled_by=by if status is JobStatus.CANCELLED else None)
        self._ending[record.id] = asyncio.create_task(self._end(current, status, outcome))
        await asyncio.shield(self._ending[record.id])

    async def _begin(self, record: JobRecord) -> Outcome:
        """What a worker says."""
        async with asyncio.TaskGroup() as both:
            marking = both.create_task(self._mark(record))
            told = self._pool.run(record.work(), lambda progress: self._progressed(record.id, progress))
            work = both.create_task(told)
            work.add_done_callback(lambda _: marking.cancel())
        return work.result()

    async def _mark(self, record: JobRecord) -> None:
        """Write that it runs. Most jobs end before that, and one flush to the disk less is much of their time."""
        await asyncio.sleep(MARK_SECONDS)
        await self._threads.write(self._book.save, record)

    def _progressed(self, job_id: str, progress: Progress) -> None:
        held = self._running.get(job_id)
        if held is not None:
            self._running[job_id] = replace(held[0], progress=progress.fraction, step=progress.step), held[1]
            self._tell()

    async def _end(self, record: JobRecord, status: JobStatus, outcome: Done | Failed | None) -> None:
        ended = record.ended(status, time.time_ns(), outcome)
        try:
            await self._threads.write(self._book.save_end, ended)
        except Exception:  # the ledger refuses: the job stays unfinished there, and is interrupted at the next start
            log.exception("the end of a job could not be written", job=record.id)
            text = "its end could not be written to the ledger; see the server's log"
            ended = record.ended(JobStatus.FAILED, time.time_ns(), Failed("disk", text))
        self._ended[record.id] = ended
        while len(self._ended) > KEPT:
            self._ended.popitem(last=False)
        self._running.pop(record.id, None)
        self._ending.pop(record.id, None)
        self._count(ended, outcome)
        self._tell()

    def _count(self, ended: JobRecord, outcome: Done | Failed | None) -> None:
        self._metrics.runs.inc()
        if ended.status is JobStatus.FAILED:
            self._metrics.failures.inc()
        if isinstance(outcome, Done):
            self._metrics.done.inc()
            self._metrics.trades.inc(outcome.trades)
            self._metrics.latency.observe(((ended.finished_ns or 0) - ended.created_ns) / 1e6)

    def _tell(self) -> None:
        """Wake everybody who follows a job."""
        self._changed.set()
        self._changed = asyncio.Event()

    def _find(self, job_id: str) -> JobRecord | None:
        running = self._running.get(job_id)
        return running[0] if running else self._waiting.get(job_id) or self._ended.get(job_id)

    def _retry_seconds(self) -> int:
        """When some of the queue will be done, guessed from the last jobs; cheap, since many may be refused at once."""
        newest = itertools.islice(reversed(self._ended.values()), LAST)
        spent = [each.finished_ns - each.started_ns for each in newest if each.started_ns and each.finished_ns]
        if not spent:
            return 1
        return max(1, min(60, round(sum(spent) / len(spent) / 1e9 * self.waiting / self._pool.size)))
