"""``python -m tests.bench.feed_recovery``: how fast a dropped connection is back, and how true the lag is."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.data.btcturk.clocks import TestClock
from workbench.data.btcturk.addresses import find_addresses
from workbench.data.btcturk.feed import Feed
from workbench.data.btcturk.settings import FeedSettings
from workbench.simulator.faults import Fault
from workbench.simulator.server import Simulator, SimulatorSettings

DROPS = 8


async def recovery(folder: Path) -> list[float]:
    """Seconds from each break to all pairs subscribed again; the exchange's limit allows a dozen attempts a minute."""
    seconds = []
    async with Simulator(SimulatorSettings(pairs=("ETHUSDT", "BTCUSDT"))) as simulator:
        feed = Feed(["ETHUSDT", "BTCUSDT"], addresses=find_addresses(simulator.url), data=folder)
        async with feed.running():
            for _ in range(DROPS):
                while feed.protocol.state.value != "live":
                    await asyncio.sleep(0.001)
                await asyncio.sleep(0.5)
                start, before = time.perf_counter(), feed.connection.reconnects
                await simulator.inject(Fault("drop"))
                while feed.connection.reconnects == before or feed.protocol.state.value != "live":
                    await asyncio.sleep(0.001)
                seconds.append(time.perf_counter() - start)
    return seconds


async def lag(folder: Path) -> tuple[float, float, float]:
    """Offset, and lag p50 and p95 in ms, where the local clock is 3 s ahead and frames take 20 ms."""
    settings = SimulatorSettings(pairs=("ETHUSDT",), trades_per_second=50.0, delay_seconds=0.02)
    async with Simulator(settings) as simulator:
        clock = TestClock(error_seconds=3.0)
        feed = Feed(["ETHUSDT"], addresses=find_addresses(simulator.url), data=folder, clock=clock)
        async with feed.running():
            await asyncio.sleep(20)
            health = feed.health()
    pair = health.pairs[0]
    return health.clock_offset_ms or 0.0, pair.lag_p50_ms or 0.0, pair.lag_p95_ms or 0.0


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        back = asyncio.run(recovery(Path(name) / "recovery"))
        offset, p50, p95 = asyncio.run(lag(Path(name) / "lag"))
    first = FeedSettings().backoff.first_seconds
    sys.stdout.write(f"subscribed again after {DROPS} drops: median {np.median(back):.3f} s, worst {max(back):.3f} s")
    sys.stdout.write(f" (first backoff step {first} s, jittered)\n")
    sys.stdout.write(
        f"local clock 3 s ahead, frames 20 ms late: offset {offset:.1f} ms, lag p50 {p50:.1f}, p95 {p95:.1f} ms\n"
    )


if __name__ == "__main__":
    main()
