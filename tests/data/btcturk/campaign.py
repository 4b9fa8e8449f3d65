"""The fault campaign: seeded faults of every kind, one after the other, against one feed in accelerated time.

``python -m tests.data.btcturk.campaign [FAULTS] [SEED]`` runs it by hand and prints the accounts.
"""

import asyncio
import contextlib
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psutil

from tests.data.btcturk.accounting import Account, account_for, minutes_of
from tests.data.btcturk.clocks import TestClock
from workbench.data.btcturk.addresses import find_addresses
from workbench.data.btcturk.backoff import BackoffSettings
from workbench.data.btcturk.feed import Feed
from workbench.data.btcturk.health import FeedHealth
from workbench.data.btcturk.protocol import ProtocolSettings
from workbench.data.btcturk.settings import FeedSettings
from workbench.data.store import CandleStore
from workbench.model.interval import Interval
from workbench.simulator.faults import Fault
from workbench.simulator.server import Simulator, SimulatorSettings

SPEED = 30.0
"""A minute in two seconds."""
RATE = 0.4
"""Trades a second of each pair, in the exchange's time: twelve in a real second."""
KINDS = (
    *("drop", "close", "silent", "delay", "duplicate", "reorder", "corrupt", "restart", "clock", "burst"),
    *("http429", "http500", "html", "half", "slow"),
)
PAIRS = ("ETHUSDT", "BTCTRY")
QUICK = FeedSettings(
    protocol=ProtocolSettings(stale_seconds=0.8, quiet_seconds=0.25, greeting_seconds=0.5, join_seconds=0.5),
    backoff=BackoffSettings(first_seconds=0.05, cap_seconds=0.3, most_attempts=1_000),
    open_seconds=1.0,
    close_seconds=0.2,
    poll_seconds=1.0,
    suspect_seconds=0.1,
    least_seconds=0.05,
    settle_seconds=0.2,
    settle_delay_seconds=5.0,
    fold_seconds=10.0,
    time_seconds=0.5,
    health_seconds=0.5,
    pace_seconds=0.01,
)


def draw(chance: Random) -> Fault:
    """One fault of any kind, as harsh as an exchange may be."""
    kind = chance.choice(KINDS)
    match kind:
        case "silent":
            return Fault(kind, seconds=chance.choice((0.1, 0.4, 1.0, 3.0)))
        case "delay":
            return Fault(kind, seconds=chance.uniform(0.05, 0.5), lasting=chance.uniform(0.1, 1.0))
        case "restart":
            return Fault(kind, seconds=chance.choice((0.1, 0.5, 1.5, 6.0)))
        case "clock":
            return Fault(kind, seconds=chance.uniform(0.0, 20.0))
        case "burst":
            return Fault(kind, count=chance.randint(1, 80))
        case "slow":
            return Fault(kind, count=2, seconds=0.3)
        case "http429" | "http500" | "html" | "half":
            return Fault(kind, count=chance.randint(1, 3))
        case "drop" | "close":
            return Fault(kind)
        case _:
            return Fault(kind, count=chance.randint(1, 10))


@dataclass
class Outcome:
    """What a campaign left behind."""

    faults: Counter[str] = field(default_factory=Counter)
    accounts: dict[str, Account] = field(default_factory=dict)
    wrong_candles: dict[str, list[str]] = field(default_factory=dict)
    health: FeedHealth | None = None
    memory_mib: list[float] = field(default_factory=list)
    tasks_left: int = 0


async def run(faults: int, seed: int, folder: Path) -> Outcome:
    """A feed and a simulator in one process; faults every third of a second or so; then quiet, then the books."""
    chance, outcome, process = Random(seed), Outcome(), psutil.Process()  # noqa: S311 - seeded on purpose
    settings = SimulatorSettings(
        seed=seed, pairs=PAIRS, speed=SPEED, trades_per_second=RATE, heartbeat_seconds=0.05, history_seconds=300.0
    )
    before = len(asyncio.all_tasks())
    async with Simulator(settings) as simulator:
        clock = TestClock(SPEED, error_seconds=chance.uniform(-5.0, 5.0))
        addresses = find_addresses(simulator.url)
        feed = Feed(PAIRS, addresses=addresses, data=folder, settings=QUICK, clock=clock, chance=chance)
        rest_failed: list[int] = []
        async with feed.running(), _noting(feed, simulator, rest_failed):
            await asyncio.sleep(1.0)
            for number in range(faults):
                fault = draw(chance)
                outcome.faults[fault.kind] += 1
                await simulator.inject(fault)
                await asyncio.sleep(chance.uniform(0.1, 0.5))
                if number % 20 == 19:
                    outcome.memory_mib.append(process.memory_info().rss / 2**20)
            await _until_quiet(feed, simulator)
            await simulator.stop_trading()
            await asyncio.sleep(60.0 / SPEED + 1.5)
            outcome.health = feed.health()
        truth = {pair: [tuple(trade) for trade in simulator.trades(pair)] for pair in PAIRS}
    await asyncio.sleep(0)
    outcome.tasks_left = len(asyncio.all_tasks()) - before
    root = addresses.data_folder(folder)
    for pair in PAIRS:
        outcome.accounts[pair] = account_for(truth[pair], root, pair, rest_failed)
        outcome.wrong_candles[pair] = wrong_candles(truth[pair], root, pair)
    return outcome


@contextlib.asynccontextmanager
async def _noting(feed: Feed, simulator: Simulator, failed: list[int]) -> AsyncIterator[None]:
    """Note when the exchange's REST interface did not answer, or answered faults."""

    async def note() -> None:
        while True:
            await asyncio.sleep(0.02)
            if any(simulator._web._left.values()) or (feed.healer and feed.healer.problem):
                failed.append(simulator.now_ms())

    task = asyncio.create_task(note())
    try:
        yield
    finally:
        task.cancel()


async def _until_quiet(feed: Feed, simulator: Simulator) -> None:
    """The last faults end, nothing is suspect any more, and the minutes up to then are settled."""
    await asyncio.sleep(5.0)
    quiet_ms = simulator.now_ms()
    async with asyncio.timeout(60):
        while any(
            each.record.suspicion or (each.minutes.settled_to_ns or 0) < quiet_ms * 10**6
            for each in feed.by_pair.values()
        ):
            await asyncio.sleep(0.05)


def wrong_candles(truth: list[tuple[int, int, str, str, str]], root: Path, pair: str) -> list[str]:
    """Stored minutes that are not those of the truth, or are missing."""
    candles = CandleStore(root).load(pair, Interval.parse("1m"))
    held = {
        int(candle.open_time_ns) // 10**6: (candle.open, candle.high, candle.low, candle.close) for candle in candles
    }
    first, last = min(held), max(held)
    expected = minutes_of(truth, first, last + 60_000)
    numbers = {start: tuple(float(price) for price in prices) for start, prices in expected.items()}
    return [
        f"{start}: {numbers.get(start)} is stored as {held.get(start)}"
        for start in numbers | held
        if numbers.get(start) != held.get(start)
    ]


def main() -> None:
    faults = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        outcome = asyncio.run(run(faults, seed, Path(folder)))
    sys.stdout.write(f"{faults} faults, seed {seed}: {dict(outcome.faults)}\n")
    for pair, account in outcome.accounts.items():
        sys.stdout.write(f"{pair}: {account}\n  wrong candles: {outcome.wrong_candles[pair][:5]}\n")
    sys.stdout.write(f"memory MiB: {[round(value) for value in outcome.memory_mib]}; tasks left {outcome.tasks_left}\n")
    if outcome.health:
        sys.stdout.write(f"reconnects {outcome.health.reconnects}, refused {outcome.health.refused}, ")
        sys.stdout.write(f"healed {[pair.trades_healed for pair in outcome.health.pairs]}\n")


if __name__ == "__main__":
    main()
