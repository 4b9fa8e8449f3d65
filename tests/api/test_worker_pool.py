"""Worker processes: a job's outcome, and what happens when one dies, is cancelled or takes too long."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path

import numpy as np

from workbench.api.job import Done, Failed, Job, Progress
from workbench.api.worker_pool import WorkerPool
from workbench.data.store import CandleStore
from workbench.evidence.store import EvidenceStore
from workbench.home import Home
from workbench.model.candle import Candles, Origin
from workbench.model.instrument import Instrument


def job(**changes: object) -> Job:
    values = {"id": "1", "pair": "ETHUSDT", "timeframe": "1h", "strategy": "smaCross", **changes}
    return Job(**values)  # type: ignore[arg-type]


def with_pool(folder: Path, use: Callable[[WorkerPool], Awaitable[None]], seconds: float = 60.0) -> None:
    """One worker, so that what comes next must be done by its replacement."""

    async def main() -> None:
        async with WorkerPool(Home.at(folder), workers=1, job_seconds=seconds, job_mebibytes=2048).open() as pool:
            await use(pool)

    asyncio.run(main())


def quiet(_progress: Progress) -> None:
    """Nobody listens."""


def test_a_job_ends_in_evidence_and_tells_how_far_it_is(tmp_path: Path) -> None:
    """The same job twice has the same digest."""
    told: list[Progress] = []

    async def use(pool: WorkerPool) -> None:
        outcomes = [await pool.run(job(params={"fast": 9, "slow": 21}), told.append) for _ in range(2)]
        assert [type(outcome) for outcome in outcomes] == [Done, Done]
        one, other = (outcome for outcome in outcomes if isinstance(outcome, Done))
        assert one.digest == other.digest == EvidenceStore(tmp_path / "evidence").load(one.evidence_id).digest
        assert one.simulated

    with_pool(tmp_path, use)
    fractions = [each.fraction for each in told]
    assert fractions[: len(fractions) // 2] == sorted(set(fractions))


def test_what_does_not_fit_is_told_by_field_and_the_worker_stays(tmp_path: Path) -> None:
    """Bad parameters, unknown candles, unknown costs."""

    async def use(pool: WorkerPool) -> None:
        bad = await pool.run(job(params={"fast": "many"}), quiet)
        unknown = await pool.run(job(pair="NOSUCH"), quiet)
        cost = await pool.run(job(costs={"bribe": 1}), quiet)
        assert isinstance(bad, Failed)
        assert (bad.kind, bad.field) == ("input", "params.fast")
        assert isinstance(unknown, Failed)
        assert unknown.kind == "missing"
        assert isinstance(cost, Failed)
        assert (cost.kind, cost.field) == ("input", "costs")
        assert "bribe" in cost.text
        assert pool.replaced == 0

    with_pool(tmp_path, use)


def test_a_dead_worker_fails_its_job_alone(tmp_path: Path) -> None:
    """Killed in the middle of one job; the next one is done by a fresh worker."""

    async def use(pool: WorkerPool) -> None:
        (worker,) = pool._all
        first = await pool.run(job(), lambda _: worker.process.kill())
        assert isinstance(first, Failed)
        assert first.kind == "crash"
        assert isinstance(await pool.run(job(), quiet), Done)
        assert pool.replaced == 1

    with_pool(tmp_path, use)


def test_cancelling_stops_the_work(tmp_path: Path) -> None:
    """The process that did it is gone."""

    async def use(pool: WorkerPool) -> None:
        (worker,) = pool._all
        begun = asyncio.Event()
        task = asyncio.create_task(pool.run(job(), lambda _: begun.set()))
        await begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        await worker.process.wait()
        assert isinstance(await pool.run(job(), quiet), Done)

    with_pool(tmp_path, use)


def test_a_job_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """Its worker is replaced."""

    async def use(pool: WorkerPool) -> None:
        outcome = await pool.run(job(), quiet)
        assert outcome == Failed("time", "the job took longer than 0.0001 s")

    with_pool(tmp_path, use, seconds=0.0001)


def test_a_job_that_needs_too_much_memory_fails_alone(tmp_path: Path) -> None:
    """It is told so, whatever ran out of memory first; the next job has a fresh worker."""
    count = 3_000_000
    closes = 1_000.0 + (np.arange(count) % 97)
    opens = np.concatenate([closes[:1], closes[:-1]])
    home = Home.at(tmp_path)
    CandleStore(home.data).append(
        Candles.build(
            pair="BIGUSDT",
            interval="1m",
            instrument=Instrument("BIGUSDT", tick_size=Decimal(1)),
            origin=Origin("a test", simulated=True),
            open_time_ns=np.arange(count) * 60 * 10**9,
            open=opens,
            high=np.maximum(opens, closes),
            low=np.minimum(opens, closes),
            close=closes,
            volume=np.ones(count),
        )
    )

    async def use(pool: WorkerPool) -> None:
        outcome = await pool.run(job(pair="BIGUSDT", timeframe="1m"), quiet)
        assert isinstance(outcome, Failed)
        assert (outcome.kind, outcome.field) == ("memory", None)
        assert isinstance(await pool.run(job(), quiet), Done)
        assert pool.replaced == 1

    async def main() -> None:
        async with WorkerPool(home, workers=1, job_seconds=60.0, job_mebibytes=16).open() as pool:
            await use(pool)

    asyncio.run(main())
