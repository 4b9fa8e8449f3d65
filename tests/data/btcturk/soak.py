"""``python -m tests.data.btcturk.soak SECONDS``: the feed in real time, a fault a minute, memory, tasks and sockets."""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psutil

from tests.data.btcturk.accounting import Account, account_for
from workbench.data.btcturk.addresses import find_addresses
from workbench.data.btcturk.feed import Feed
from workbench.data.btcturk.health import FeedHealth
from workbench.simulator.faults import Fault
from workbench.simulator.server import Simulator, SimulatorSettings

PAIRS = ("ETHUSDT", "BTCUSDT")
FAULTS = ("drop", "close", "duplicate", "reorder", "corrupt", "lose", "delay", "http500", "restart")


@dataclass
class Soak:
    """Readings over time, and the books at the end."""

    memory_mib: list[float] = field(default_factory=list)
    tasks: list[int] = field(default_factory=list)
    sockets: list[int] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    health: FeedHealth | None = None
    tasks_left: int = 0
    sockets_left: int = 0

    def read(self) -> None:
        process = psutil.Process()
        self.memory_mib.append(round(process.memory_info().rss / 2**20, 1))
        self.tasks.append(len(asyncio.all_tasks()))
        self.sockets.append(len(process.net_connections()))


async def soak(
    seconds: float, folder: Path, *, every: float = 60.0, seed: int = 1, say: Callable[[str], None] = lambda _: None
) -> Soak:
    """Run for so long, a fault and a reading every so often."""
    chance, result = Random(seed), Soak()  # noqa: S311 - seeded on purpose
    tasks = len(asyncio.all_tasks())
    async with Simulator(SimulatorSettings(seed=seed, pairs=PAIRS, trades_per_second=10.0)) as simulator:
        addresses = find_addresses(simulator.url)
        feed = Feed(PAIRS, addresses=addresses, data=folder)
        async with feed.running():
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                await asyncio.sleep(min(every, max(0.1, end - time.monotonic())))
                result.read()
                fault = Fault(chance.choice(FAULTS))
                say(f"{result.memory_mib[-1]} MiB, {result.tasks[-1]} tasks, {result.sockets[-1]} sockets; {fault}\n")
                await simulator.inject(fault)
            await asyncio.sleep(8.0)  # the last fault ends and is healed
            await simulator.stop_trading()
            await asyncio.sleep(2.0)
            result.health = feed.health()
        truth = {pair: [tuple(trade) for trade in simulator.trades(pair)] for pair in PAIRS}
    await asyncio.sleep(0.1)
    result.tasks_left = len(asyncio.all_tasks()) - tasks
    result.sockets_left = len([each for each in psutil.Process().net_connections() if each.status == "ESTABLISHED"])
    for pair in PAIRS:
        result.accounts[pair] = account_for(truth[pair], addresses.data_folder(folder), pair)
    return result


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        result = asyncio.run(soak(float(sys.argv[1]), Path(folder), say=sys.stdout.write))
    sys.stdout.write(f"{result}\n")


if __name__ == "__main__":
    main()
