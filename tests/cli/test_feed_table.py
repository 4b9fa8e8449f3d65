"""How a feed's health looks: it fits 80 columns, and hides nothing that an operator should know."""

import asyncio
from io import StringIO
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from workbench.cli.feed_table import feed_table, lines
from workbench.data.btcturk.addresses import find_addresses
from workbench.data.btcturk.feed import Feed
from workbench.data.btcturk.health import FeedHealth, Gap, PairHealth


def health_of(folder: Path, *pairs: PairHealth, **changes: object) -> FeedHealth:
    """A feed that has not begun, with these changes."""

    async def report() -> FeedHealth:
        return Feed(["BTCTRY"], addresses=find_addresses("http://127.0.0.1:9"), data=folder).health()

    return msgspec.structs.replace(asyncio.run(report()), pairs=pairs, **changes)


def pair(name: str, last: float, **changes: object) -> PairHealth:
    values: dict[str, object] = dict.fromkeys(PairHealth.__struct_fields__, 0) | {
        "pair": name,
        "status": "healing",
        "status_reason": "silent for 3.1 s",
        "bid": last,
        "ask": last + 10,
        "last": last,
        "lag_p50_ms": 123.0,
        "lag_p95_ms": 1234.0,
        "trades_stored": 123_456,
        "gaps": (),
        "last_candle_difference": "",
    }
    return PairHealth(**{**values, **changes})  # type: ignore[arg-type]


def drawn(health: FeedHealth, width: int = 80) -> str:
    screen = StringIO()
    Console(file=screen, width=width).print(feed_table(health))
    return screen.getvalue()


def test_it_fits_80_columns(tmp_path: Path) -> None:
    """Large prices, long names, many trades: nothing is cut off."""
    text = drawn(health_of(tmp_path, pair("BTCTRY", 3_780_290.0), pair("ETHUSDT", 3_765.5), clock_offset_ms=-3_000.0))
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80
    for part in ("SIMULATED", "3,780,290", "3,765.5", "123/1234 ms", "123,456", "offset -3,000.0", "silent for 3.1 s"):
        assert part in text


def test_gaps_refusals_and_problems_are_shown(tmp_path: Path) -> None:
    """What is missing for good, what may be, what was refused, what the disk says."""
    minute = 60 * 10**9
    gaps = (Gap(minute, 2 * minute, "a break", True, False), Gap(3 * minute, 4 * minute, "another", False, True))
    changes = {"refused": {"not_json": 3}, "refused_subscriptions": ("obdiff:ETHUSDT",), "storage_problem": "No space"}
    text = drawn(health_of(tmp_path, pair("ETHUSDT", 3_765.5, gaps=gaps), **changes), 200)
    for part in (
        "are missing for good, 00:01:00 to 00:02:00 (a break); candles are from the exchange",
        "may be missing, being looked into, 00:03:00",
        "not_json 3",
        "does not send obdiff:ETHUSDT",
        "disk: No space",
        "1 (+1?)",
    ):
        assert part in text


@pytest.mark.parametrize("known", [True, False])
def test_lines_for_logs_say_that_it_is_simulated(tmp_path: Path, known: bool) -> None:
    """A line per pair, or why there is none."""
    text = lines(health_of(tmp_path, *([pair("ETHUSDT", 3_765.5)] if known else [])))
    assert "SIMULATED" in text
    assert ("last 3,765.5" in text) == known
