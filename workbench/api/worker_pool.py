"""Worker processes: warmed before the first job, one job each at a time, ended and replaced when a job must stop.

A job ends in one of these ways: done or failed as the worker says; cancelled (its worker is killed); out of time (its
worker is killed); its worker died. Only the job on that worker is touched, and a fresh worker takes its place.
"""

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from workbench.api.job import Done, Drawn, Failed, Outcome, Progress, Ready, Said, Verified, Work, decode_said, encode
from workbench.home import Home
from workbench.model.errors import WorkbenchError

log = logging.getLogger("workbench.jobs")

LINE_LIMIT = 1 << 20
WARM_UP_SECONDS = 180.0
"""The first start on a machine compiles the engine."""
AGAIN_SECONDS = 5.0


class WorkerError(WorkbenchError):
    """Workers do not start: nothing can be computed."""

    exit_status = 1


@dataclass(eq=False)
class Worker:
    """One process."""

    process: asyncio.subprocess.Process
    answers: asyncio.StreamReader
    questions: asyncio.StreamWriter

    @property
    def is_alive(self) -> bool:
        return self.process.returncode is None

    async def say(self) -> Said | None:
        """The next thing it says; None when it has ended."""
        line = await self.answers.readline()
        return decode_said(line) if line else None

    async def ask(self, work: Work) -> None:
        self.questions.write(encode(work) + b"\n")
        await self.questions.drain()

    async def end(self) -> None:
        """Kill it, whatever it does, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


class WorkerPool:
    """So many workers; :meth:`run` waits for a free one."""

    def __init__(self, home: Home, *, workers: int, job_seconds: float, job_mebibytes: int) -> None:
        self.size = workers
        self.job_seconds = job_seconds
        self.busy = 0
        self.replaced = 0
        self._arguments = [str(job_mebibytes), str(home.root), str(home.data), str(home.evidence)]
        self._free: asyncio.Queue[Worker] = asyncio.Queue()
        self._all: set[Worker] = set()
        self._replacing: set[asyncio.Task[None]] = set()

    @property
    def alive(self) -> int:
        """Workers that are there, busy or not."""
        return sum(worker.is_alive for worker in self._all)

    @property
    def process_ids(self) -> list[int]:
        """Of the workers that are there."""
        return [worker.process.pid for worker in self._all if worker.is_alive]

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["WorkerPool"]:
        """Start all workers; they are warm when the block begins, and gone when it has ended."""
        try:
            await asyncio.gather(*(self._start() for _ in range(self.size)))
            yield self
        finally:
            for task in self._replacing:
                task.cancel()
            await asyncio.gather(*(worker.end() for worker in self._all))

    async def run(self, work: Work, tell: Callable[[Progress], None] = lambda _: None) -> Outcome:
        """Do some work on the next free worker. Cancelling this call stops the work."""
        while not (worker := await self._free.get()).is_alive:
            self._replace_soon(worker)
        self.busy += 1
        is_idle_again = False
        try:
            async with asyncio.timeout(self.job_seconds):
                outcome = await _converse(worker, work, tell)
            is_idle_again = worker.is_alive and not _is_spoilt(outcome)
        except TimeoutError:
            return Failed("time", f"the job took longer than {self.job_seconds:g} s")
        else:
            return outcome
        finally:
            self.busy -= 1
            if is_idle_again:
                self._free.put_nowait(worker)
            else:
                self._replace_soon(worker)

    def _replace_soon(self, worker: Worker) -> None:
        task = asyncio.create_task(self._replace(worker))
        self._replacing.add(task)
        task.add_done_callback(self._replacing.discard)

    async def _replace(self, worker: Worker) -> None:
        self._all.discard(worker)
        await worker.end()
        self.replaced += 1
        while True:
            try:
                return await self._start()
            except (WorkerError, OSError, TimeoutError) as error:
                log.warning("a worker does not start, trying again in %g s: %s", AGAIN_SECONDS, error)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _start(self) -> None:
        """One more warm worker."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "workbench.api.worker",
            *self._arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE_LIMIT,
            start_new_session=True,  # Ctrl-C is for the server, which ends its workers itself
        )
        if process.stdout is None or process.stdin is None:
            raise WorkerError("a worker process has no pipes")
        worker = Worker(process, process.stdout, process.stdin)
        self._all.add(worker)
        try:
            await _ready(worker)
        except BaseException:
            self._all.discard(worker)
            await worker.end()
            raise
        self._free.put_nowait(worker)


def _is_spoilt(outcome: Outcome) -> bool:
    """Whether what is left of its worker is not to be trusted: memory ran out in the middle of something."""
    return isinstance(outcome, Failed) and outcome.kind == "memory"


async def _ready(worker: Worker) -> None:
    """Wait until it is warm."""
    async with asyncio.timeout(WARM_UP_SECONDS):
        said = await worker.say()
    if not isinstance(said, Ready):
        raise WorkerError(f"a worker process ended with status {await worker.process.wait()} before it was ready")


async def _converse(worker: Worker, work: Work, tell: Callable[[Progress], None]) -> Outcome:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it died: its silence says so
        await worker.ask(work)
    while True:
        said = await worker.say()
        if said is None:
            status = await worker.process.wait()
            return Failed("crash", f"the worker process ended with status {status}")
        if isinstance(said, Done | Verified | Drawn | Failed):
            return said
        if isinstance(said, Progress):
            tell(said)
