"""The feed against the simulator, over real sockets: what it stores, survives and says."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.data.btcturk import campaign, soak
from tests.data.btcturk.accounting import account_for
from tests.data.btcturk.clocks import TestClock
from workbench.data.btcturk.addresses import Addresses, find_addresses
from workbench.data.btcturk.feed import Feed
from workbench.data.btcturk.health_file import read_health
from workbench.data.btcturk.settings import FeedSettings
from workbench.data.trade_store import TradeStore
from workbench.model.errors import InputError, NotFoundError
from workbench.simulator.faults import Fault
from workbench.simulator.server import Simulator, SimulatorSettings

PAIR = "ETHUSDT"
QUICK = replace(campaign.QUICK, settle_delay_seconds=0.5)


def simulator(**settings: object) -> AbstractAsyncContextManager[Simulator]:
    defaults: dict[str, object] = {"pairs": (PAIR,), "trades_per_second": 40.0, "heartbeat_seconds": 0.05}
    return Simulator(SimulatorSettings(**{**defaults, **settings}))  # type: ignore[arg-type]


def feed_of(exchange: Simulator, folder: Path, settings: FeedSettings = QUICK, **more: object) -> Feed:
    return Feed([PAIR], addresses=find_addresses(exchange.url), data=folder, settings=settings, **more)  # type: ignore[arg-type]


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is true; half a minute at most."""
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


async def all_is_well(feed: Feed) -> None:
    await until(lambda: bool(feed.by_pair) and feed.health().status == "up")


def stored(feed: Feed) -> int:
    return feed.recorder.stored.get(PAIR, 0)


def run(job: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(job())  # type: ignore[arg-type]


def accounts_balance(exchange: Simulator, feed: Feed) -> None:
    """Everything that happened is stored exactly once, and no gap is on file."""
    truth = [tuple(trade) for trade in exchange.trades(PAIR)]
    ids = TradeStore(feed.folder).records(PAIR)["trade_id"].tolist()
    assert len(ids) == len(set(ids))
    missing = [trade for trade in truth if trade[0] >= min(ids) and trade[0] not in set(ids)]
    assert missing == []
    assert account_for(truth, feed.folder, PAIR).errors == []  # type: ignore[arg-type]


def test_all_that_happens_is_stored_once(tmp_path: Path) -> None:
    """Quiet times: every trade, once, as it was, labelled simulated, in a folder of its own."""

    async def job() -> None:
        async with simulator() as exchange:
            feed = feed_of(exchange, tmp_path)
            async with feed.running():
                await until(lambda: stored(feed) >= 100)
                await exchange.stop_trading()
                await asyncio.sleep(0.2)
            accounts_balance(exchange, feed)
        assert feed.folder == tmp_path / "simulated"
        assert TradeStore(feed.folder).origin(PAIR).simulated
        assert TradeStore(feed.folder).gaps(PAIR).read() == []

    run(job)


@pytest.mark.parametrize(
    "fault",
    ["drop", "close", "restart seconds=0.3", "duplicate 30", "reorder 8", "lose 10", "corrupt 10 all", "silent 0.4"],
)
def test_a_short_break_loses_nothing(tmp_path: Path, fault: str) -> None:
    """After each kind of trouble that loses fewer than 50 trades, all of them are in the store."""
    from workbench.simulator.faults import parse_fault

    async def job() -> None:
        async with simulator(trades_per_second=15.0) as exchange:  # 50 are 3 s, also where other tests are at work
            feed = feed_of(exchange, tmp_path)
            async with feed.running():
                await all_is_well(feed)
                await exchange.inject(parse_fault(fault))
                await asyncio.sleep(0.6)
                await all_is_well(feed)
                seen = stored(feed)
                await until(lambda: stored(feed) > seen + 20)
                await exchange.stop_trading()
                await asyncio.sleep(1.2)  # two polls
            accounts_balance(exchange, feed)
        assert [gap for gap in TradeStore(feed.folder).gaps(PAIR).read() if not gap.resolved] == []

    run(job)


def test_a_silent_socket_is_cut_and_replaced(tmp_path: Path) -> None:
    """An open socket on which nothing comes is a zombie: cut after the staleness limit, said so, connected again."""

    async def job() -> None:
        async with simulator() as exchange:
            feed = feed_of(exchange, tmp_path)
            async with feed.running():
                await all_is_well(feed)
                await exchange.inject(Fault("silent", seconds=1.2))
                await until(lambda: feed.connection.reconnects > 0)
                assert feed.connection.last_break.startswith("no frame for 0.8")
                await all_is_well(feed)

    run(job)


def test_a_feed_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """What happened between two runs is healed: nothing twice, nothing missing."""

    async def job() -> None:
        async with simulator(trades_per_second=20.0) as exchange:
            for more in (60, 40):
                feed = feed_of(exchange, tmp_path)
                async with feed.running():
                    await until(lambda feed=feed, more=more: stored(feed) >= more)  # type: ignore[misc]
            await exchange.stop_trading()
            again = feed_of(exchange, tmp_path)
            async with again.running():
                await all_is_well(again)
            accounts_balance(exchange, again)

    run(job)


def test_lag_is_compensated_for_a_wrong_clock(tmp_path: Path) -> None:
    """A local clock three seconds ahead, frames 20 ms late: the offset is found, and lag is the true delay, or so."""

    async def job() -> None:
        async with simulator(delay_seconds=0.02) as exchange:
            feed = feed_of(exchange, tmp_path, clock=TestClock(error_seconds=3.0))
            async with feed.running():
                await until(lambda: bool(feed.by_pair) and stored(feed) >= 200)
                health = feed.health()
        assert health.clock_offset_ms == pytest.approx(-3000, abs=50)
        lag = health.pairs[0].lag_p95_ms
        assert lag is not None
        assert 10 < lag < 250

    run(job)


def test_bad_input_is_counted_told_once_and_never_stored(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Every kind of spoiled frame: counted by reason, one line in the log for each reason, the feed goes on."""

    async def job() -> None:
        async with simulator() as exchange:
            feed = feed_of(exchange, tmp_path)
            async with feed.running():
                await all_is_well(feed)
                await exchange.inject(Fault("corrupt", count=60))
                await until(lambda: feed.protocol.bad.counts.total() >= 50)
                await all_is_well(feed)
                counts = dict(feed.protocol.bad.counts)
                await exchange.stop_trading()
                await asyncio.sleep(1.2)
            accounts_balance(exchange, feed)
        assert {"not_json", "too_large", "wrong_type"} <= set(counts)
        told = [record.getMessage() for record in caplog.records if "refused: " in record.getMessage()]
        assert len(told) == len(set(counts))

    with caplog.at_level(logging.WARNING, logger="workbench.feed"):
        run(job)


def test_an_unknown_pair_is_refused_with_the_nearest_names(tmp_path: Path) -> None:
    """A slip of the pen is answered with what there is."""

    async def job() -> None:
        async with simulator() as exchange:
            feed = Feed(["ETHUSTD"], addresses=find_addresses(exchange.url), data=tmp_path, settings=QUICK)
            with pytest.raises(NotFoundError, match="ETHUSDT"):
                await feed.run()

    run(job)


def test_two_feeds_do_not_write_one_file(tmp_path: Path) -> None:
    """A second feed of the same pair and folder is refused; the first goes on."""

    async def job() -> None:
        async with simulator() as exchange:
            feed = feed_of(exchange, tmp_path)
            async with feed.running():
                await all_is_well(feed)
                with pytest.raises(InputError):
                    await feed_of(exchange, tmp_path).run()
                seen = stored(feed)
                await until(lambda: stored(feed) > seen)

    run(job)


def test_an_exchange_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    """A feed that starts first says why it is down, and begins when the exchange does."""

    async def job() -> None:
        async with simulator() as exchange:
            await exchange.inject(Fault("restart", seconds=1.0))
            feed = feed_of(exchange, tmp_path)
            async with feed.running():
                await until(lambda: "ConnectError" in feed.problem)
                assert feed.health().status == "down"
                await all_is_well(feed)

    run(job)


def test_a_slow_listener_loses_the_oldest_events_and_they_are_counted(tmp_path: Path) -> None:
    """Nobody's slowness fills the memory, and the store has everything all the same."""

    async def job() -> None:
        async with simulator(trades_per_second=200.0) as exchange:
            feed = feed_of(exchange, tmp_path)
            async with feed.running():
                with feed.listening(10) as events:
                    await until(lambda: events.dropped > 100)
                    assert len(events) == 10
                    assert feed.health().dropped_events == events.dropped
                await exchange.stop_trading()
                await asyncio.sleep(0.3)
            accounts_balance(exchange, feed)

    run(job)


def test_a_refused_certificate_ends_the_feed(tmp_path: Path) -> None:
    """What no further try mends is told, not tried for ever: here a server that does not know the address."""

    async def job() -> None:
        async with simulator() as exchange:
            right = find_addresses(exchange.url)
            wrong = Addresses(right.websocket + "no/such/place", right.api, right.graph)
            feed = Feed([PAIR], addresses=wrong, data=tmp_path, settings=QUICK)
            with pytest.raises(Exception, match="404"):
                await feed.run()
            assert "404" in read_health(feed.folder).problem

    run(job)


def test_two_hundred_faults(tmp_path: Path) -> None:
    """The campaign: all accounts balance, all candles are right, memory is flat, nothing is left behind."""
    outcome = asyncio.run(campaign.run(200, 1, tmp_path))
    assert set(outcome.faults) == set(campaign.KINDS)
    for pair in campaign.PAIRS:
        assert outcome.accounts[pair].errors == []
        assert outcome.wrong_candles[pair] == []
        assert outcome.accounts[pair].happened > 500
    assert outcome.tasks_left == 0
    assert outcome.memory_mib[-1] < outcome.memory_mib[2] + 30


def test_a_minute_in_real_time(tmp_path: Path) -> None:
    """The soak, shortened: as many tasks and sockets at the end as at the start, and every trade accounted for."""
    result = asyncio.run(soak.soak(50.0, tmp_path, every=10.0))
    assert result.tasks_left == 0
    assert result.sockets_left == 0
    assert len(set(result.tasks)) == 1
    for pair in soak.PAIRS:
        assert result.accounts[pair].errors == []
