"""What a feed asks by REST: the last trades (healing), closed minutes (settling), the time. *Network.*

An exchange that does not answer is told in ``problem`` and asked again; it ends nothing.
"""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping

from workbench.data.btcturk.clock import Clock
from workbench.data.btcturk.clock_offset import BEST, ClockOffset
from workbench.data.btcturk.minute_candles import MINUTE_NS, MinuteCandle
from workbench.data.btcturk.pair_feed import PairFeed
from workbench.data.btcturk.protocol import Protocol
from workbench.data.btcturk.rest import RestClient
from workbench.data.btcturk.settings import FeedSettings
from workbench.model.candle import Candles
from workbench.model.errors import ExchangeError
from workbench.model.interval import Interval

MINUTE = Interval(MINUTE_NS)
POLLED_TRADES = 25
"""About so many trades pass between two polls."""


class Healer:
    """The questions of one feed."""

    def __init__(
        self,
        rest: RestClient,
        pairs: Mapping[str, PairFeed],
        protocol: Protocol,
        offset: ClockOffset,
        clock: Clock,
        settings: FeedSettings,
    ) -> None:
        self.errors = 0
        self._problems: dict[str, str] = {}
        self._rest = rest
        self._pairs = pairs
        self._protocol = protocol
        self._offset = offset
        self._clock = clock
        self._settings = settings
        self._wake = {pair: asyncio.Event() for pair in pairs}

    @property
    def problem(self) -> str:
        """The first of the questions that were not answered the last time they were asked; empty where all were."""
        return next(iter(self._problems.values()), "")

    def wake(self, pair: str) -> None:
        """Ask for the last trades of a pair now."""
        self._wake[pair].set()

    async def heal(self, pair: str) -> None:
        """Ask for the last trades whenever something is suspect, and now and then; runs until cancelled."""
        feed, settings, loop = self._pairs[pair], self._settings, asyncio.get_running_loop()
        before, accepted = loop.time() - settings.poll_seconds, feed.record.accepted
        while True:
            asked, is_live = loop.time(), self._protocol.is_live(pair)
            rate = (feed.record.accepted - accepted) / (asked - before)
            before, accepted = asked, feed.record.accepted
            self._wake[pair].clear()
            with self._telling(f"trades {pair}"):
                trades = await self._rest.trades(feed.symbol)
                feed.answered(trades, asked, self._exchange_now(), self._clock.wall_ns(), is_live=is_live)
            await asyncio.sleep(settings.least_seconds)
            rest = settings.suspect_seconds if feed.record.suspicion else self._poll_seconds(rate)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(rest):
                    await self._wake[pair].wait()

    async def settle(self) -> None:
        """Settle closed minutes of all pairs; runs until cancelled."""
        while True:
            await asyncio.sleep(self._settings.settle_seconds)
            for feed in self._pairs.values():
                await self.settle_pair(feed)

    async def settle_pair(self, feed: PairFeed) -> None:
        """Settle what is due of one pair; where the exchange does not answer, nothing changes."""
        due = feed.due(self._exchange_now() - round(self._settings.settle_delay_seconds * 1e9))
        if due is None:
            return
        with self._telling(f"candles {feed.pair}"):
            candles = await self._rest.candles(feed.symbol, MINUTE, *due)
            self._settled(feed, candles, due[1])

    def _settled(self, feed: PairFeed, candles: Candles | None, until_ns: int) -> None:
        theirs = {} if candles is None else _minutes(candles)
        if feed.settle(theirs, until_ns, self._clock.wall_ns()):
            now = asyncio.get_running_loop().time()
            feed.suspect(now, "trades differ from the exchange's candle", self._exchange_now())
            self.wake(feed.pair)

    async def ask_time(self) -> None:
        """Keep the clock offset known; runs until cancelled."""
        count = 0
        while True:
            with self._telling("time"):
                answer = await self._rest.server_time()
                self._offset.answered(answer.sent_ns, answer.received_ns, answer.server_ns)
                count += 1
            await asyncio.sleep(self._settings.least_seconds if count < BEST else self._settings.time_seconds)

    def _exchange_now(self) -> int:
        return self._offset.exchange_ns(self._clock.monotonic_ns(), self._clock.wall_ns())

    def _poll_seconds(self, trades_per_second: float) -> float:
        """So often that the exchange still serves what a single frame may have lost: it keeps 50 trades."""
        settings = self._settings
        if trades_per_second <= 0:
            return settings.poll_seconds
        return max(settings.suspect_seconds, min(settings.poll_seconds, POLLED_TRADES / trades_per_second))

    @contextlib.contextmanager
    def _telling(self, question: str) -> Iterator[None]:
        """An exchange that does not answer ends the block, is counted and told."""
        try:
            yield
        except ExchangeError as error:
            self._problems[question] = str(error)
            self.errors += 1
        else:
            self._problems.pop(question, None)


def _minutes(candles: Candles) -> dict[int, MinuteCandle]:
    """The exchange's candles on the grids, by open time."""
    prices, lots = candles.instrument.price_grid, candles.instrument.quantity_grid
    columns = [
        candles.open_time_ns,
        *(prices.units(column) for column in (candles.open, candles.high, candles.low, candles.close)),
        lots.units(candles.volume),
    ]
    return {row[0]: MinuteCandle(*row) for row in zip(*(column.tolist() for column in columns), strict=True)}
