"""The feed inside the server: started again when it fails, and never a reason for the API to fail."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from pathlib import Path

from workbench.data.btcturk.addresses import Addresses
from workbench.data.btcturk.feed import Feed
from workbench.data.btcturk.health import FeedHealth
from workbench.data.btcturk.hooks import FeedHooks
from workbench.data.btcturk.rest import RestClient
from workbench.data.btcturk.symbols import Symbols
from workbench.guardrails.gate import Market
from workbench.model.candle import Candles

log = logging.getLogger("workbench.feed")

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
SYMBOLS_SECONDS = 3_600.0


class LiveFeed:
    """Keeps a feed running. All of it belongs to the server's event loop."""

    def __init__(self, pairs: Sequence[str], addresses: Addresses, data: Path, hooks: FeedHooks | None = None) -> None:
        self.pairs = tuple(pairs)
        self.addresses = addresses
        self.folder = addresses.data_folder(data)
        self.problem = "" if pairs else "the server was told to run no feed"
        self._data, self._hooks = data, hooks
        self._feed: Feed | None = None
        self._is_running = False
        self._earlier_reconnects = 0
        self._symbols: tuple[float, Symbols] | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["LiveFeed"]:
        """Run beside the block; what is stored is on the disk when it has ended."""
        if not self.pairs:
            yield self
            return
        task = asyncio.create_task(self._keep(), name="feed")
        try:
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def health(self) -> FeedHealth | None:
        """None before the first start and where there is no feed."""
        return None if self._feed is None else self._feed.health()

    def minutes(self, pair: str) -> Candles | None:
        """Settled minutes that are not in the candle store yet; None where there are none."""
        return None if self._feed is None else self._feed.recorder.minutes(pair)

    @property
    def reconnects(self) -> int:
        """Of all feeds since the server started."""
        return self._earlier_reconnects + (self._feed.connection.reconnects if self._feed and self._is_running else 0)

    def market(self, pair: str | None = None) -> Market:
        """What is known of a pair; of all pairs, without a price, the oldest word."""
        health = self.health()
        known = {} if health is None else {each.pair: each for each in health.pairs}
        offset = None if health is None else health.clock_offset_ms
        if pair is None:
            ages = [each.last_frame_age_seconds for each in known.values()]
            oldest = None if not ages or None in ages else max(age for age in ages if age is not None)
            return Market(None, oldest, offset)
        each = known.get(pair)
        if each is None:
            return Market(None, None, offset)
        price = None if each.last is None else Decimal(str(each.last))
        return Market(price, each.last_frame_age_seconds, offset)

    async def symbols(self) -> Symbols:
        """The exchange's pairs, asked for at most once an hour.

        Raises:
            ExchangeError: it does not answer.
        """
        now = asyncio.get_running_loop().time()
        if self._symbols is None or now - self._symbols[0] > SYMBOLS_SECONDS:
            async with RestClient(self.addresses, attempts=1, timeout_seconds=5.0) as rest:
                self._symbols = now, await rest.symbols()
        return self._symbols[1]

    async def _keep(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            self._feed = Feed(self.pairs, addresses=self.addresses, data=self._data, hooks=self._hooks)
            self.problem, self._is_running = "", True
            try:
                await self._feed.run()
            except Exception as error:  # noqa: BLE001 - whatever it is, the API goes on; it is told here, in health and in the log
                self.problem = f"{type(error).__name__}: {error}"
                log.warning("the feed ended and will be started again: %s", self.problem)
            self._is_running = False
            self._earlier_reconnects += self._feed.connection.reconnects
            if loop.time() - began > LONGEST_PAUSE_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
