"""``python -m tests.bench.feed``: how fast the feed is; writes feed.json and FEED.md beside this file."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.frame_server import frame
from workbench.data.btcturk.addresses import find_addresses
from workbench.data.btcturk.feed import Feed
from workbench.data.btcturk.messages import Parser
from workbench.data.btcturk.pair_feed import PairFeed
from workbench.data.btcturk.protocol import Protocol
from workbench.data.btcturk.recorder import Recorder
from workbench.data.btcturk.symbols import Symbol
from workbench.model.candle import Origin
from workbench.model.instrument import Instrument

HERE = Path(__file__).parent
INSTRUMENT = Instrument("ETHUSDT", Decimal("0.01"))
FRAMES = 200_000


def say(text: str) -> None:
    sys.stderr.write(text + "\n")


def throughput(folder: Path) -> dict[str, float]:
    """Frames in memory -> typed, told apart, counted for their minute, in the store and on the disk; one core."""
    now = time.time_ns()
    frames = [frame(10**17 + 1000 * k, now // 10**6 + k // 50).encode() for k in range(FRAMES)]
    parser = Parser({"ETHUSDT": INSTRUMENT})
    start = time.perf_counter()
    for each in frames:
        parser.parse(each, now)
    parsed = time.perf_counter() - start
    recorder = Recorder(folder, Origin("benchmark", simulated=True))
    recorder.open(INSTRUMENT)
    symbol = Symbol(INSTRUMENT, trading=True)
    feed = PairFeed(symbol, recorder)
    protocol = Protocol(parser, ["ETHUSDT"])
    protocol.opened(0.0)
    start = time.perf_counter()
    for k, each in enumerate(frames):
        value = protocol.received(each, 0.0, now)
        feed.streamed(value, now)  # type: ignore[arg-type]
        if k % 5_000 == 4_999:  # ten times a second at 50,000 frames a second
            recorder.flush()
    recorder.close()
    stored = time.perf_counter() - start
    assert len(recorder.store.records("ETHUSDT")) == FRAMES
    result = {"parsed a second": FRAMES / parsed, "parsed and stored a second": FRAMES / stored}
    say(f"in memory: {result}")
    return result


@contextmanager
def frame_server(rate: float, count: int) -> Iterator[str]:
    """Its address."""
    command = [sys.executable, "-m", "tests.bench.frame_server", str(rate), str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


async def _over_socket(url: str, folder: Path, count: int) -> tuple[float, list[float]]:
    """Seconds for all frames, and how long each was on its way to a listener, milliseconds."""
    feed = Feed(["ETHUSDT"], addresses=find_addresses(url), data=folder)
    ways: list[float] = []
    started = 0.0
    async with feed.running():
        with feed.listening(count) as events:
            async for event in events:
                now = time.monotonic_ns()
                started = started or time.perf_counter()
                ways += [(now - trade.trade_id) / 1e6 for trade in event.trades]  # type: ignore[union-attr]
                if len(ways) >= count:
                    break
        seconds = time.perf_counter() - started
    return seconds, ways


def over_socket(folder: Path) -> dict[str, float]:
    """A real WebSocket from another process: the whole feed, as it runs."""
    count = 100_000
    with frame_server(0, count) as url:
        seconds, _ = asyncio.run(_over_socket(url, folder / "fast", count))
    result = {"frames a second": count / seconds}
    say(f"over a socket: {result}")
    return result


def latency(folder: Path) -> dict[str, float]:
    """From before the server's send to the listener's hand, 5,000 frames a second."""
    count, rate = 50_000, 5_000
    with frame_server(rate, count) as url:
        seconds, ways = asyncio.run(_over_socket(url, folder / "even", count))
    p50, p99, worst = (float(np.percentile(ways, q)) for q in (50, 99, 100))
    result = {"frames a second": count / seconds, "p50_ms": p50, "p99_ms": p99, "max_ms": worst}
    say(f"latency: {result}")
    return result


def as_markdown(results: dict[str, Any]) -> str:
    memory, socket, late = results["memory"], results["socket"], results["latency"]
    rows = [
        (
            "trade frames parsed and stored a second, one core",
            ">= 50,000",
            f"{memory['parsed and stored a second']:,.0f}",
        ),
        ("of which parsing alone", "", f"{memory['parsed a second']:,.0f}"),
        ("the same over a real WebSocket, whole feed", "", f"{socket['frames a second']:,.0f}"),
        ("sent to listener at 5,000 frames a second, p50", "", f"{late['p50_ms']:.2f} ms"),
        ("p99", "<= 5 ms", f"{late['p99_ms']:.2f} ms"),
        ("worst", "", f"{late['max_ms']:.1f} ms"),
    ]
    lines = "\n".join(f"| {what} | {aim} | {reached} |" for what, aim, reached in rows)
    return f"""# The feed's speed

Written by `make bench`. Frames come from a process of their own (frame_server.py); a figure in one row is of one run.

| what | aim | reached |
|---|---|---|
{lines}

What limits it: in memory, the JSON and the exact decimals (about two thirds) and Python's calls for telling duplicates
and counting minutes; over a socket, the WebSocket library's asyncio path, a few microseconds of ours aside.
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        results = {
            "memory": throughput(folder / "memory"),
            "socket": over_socket(folder),
            "latency": latency(folder),
        }
    (HERE / "feed.json").write_text(json.dumps(results, indent=2) + "\n")
    (HERE / "FEED.md").write_text(as_markdown(results))
    say(f"wrote {HERE / 'FEED.md'}")


if __name__ == "__main__":
    main()
