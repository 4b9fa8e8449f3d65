"""The live feed of some pairs, for as long as it runs. *Network.*

It joins the parts: frames of ``connection`` go through ``protocol`` to ``pair_feed`` (record and store) and then to the
listeners; ``healing`` asks by REST for what may be missing. It decides nothing that a pure part can decide.

Queues, all bounded: the socket's (frames wait there, then in TCP's window: the exchange is slowed down before memory
grows); one per listener (the oldest event is dropped and counted); the recorder's (see there).
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from workbench.data.btcturk.addresses import Addresses
from workbench.data.btcturk.backoff import Backoff
from workbench.data.btcturk.clock import Clock, SystemClock
from workbench.data.btcturk.clock_offset import ClockOffset
from workbench.data.btcturk.connection import Connection
from workbench.data.btcturk.gap_account import GapAccount
from workbench.data.btcturk.healing import Healer
from workbench.data.btcturk.health import FeedHealth
from workbench.data.btcturk.health_file import write_health
from workbench.data.btcturk.health_report import report
from workbench.data.btcturk.hooks import FeedHooks
from workbench.data.btcturk.listener import QUEUE, Event, Listener
from workbench.data.btcturk.messages import FrameError, Parser
from workbench.data.btcturk.pair_feed import PairFeed
from workbench.data.btcturk.protocol import Cut, Joined, Output, Protocol, Send, Suspect, Tell
from workbench.data.btcturk.recorder import FLUSH_SECONDS, SYNC_SECONDS, Recorder
from workbench.data.btcturk.rest import RestClient
from workbench.data.btcturk.settings import FeedSettings
from workbench.data.btcturk.symbols import Symbol
from workbench.data.btcturk.values import MarketTick, MarketTradeList, OrderBookChange, OrderBookSnapshot, Value
from workbench.model.errors import ExchangeError, InputError
from workbench.model.instrument import Instrument, parse_pair

log = logging.getLogger("workbench.feed")


class Feed:
    """A live feed: ``await feed.run()``, or ``async with feed.running():`` beside something else."""

    def __init__(
        self,
        pairs: Sequence[str],
        *,
        addresses: Addresses,
        data: Path,
        settings: FeedSettings | None = None,
        clock: Clock | None = None,
        chance: Random | None = None,
        hooks: FeedHooks | None = None,
    ) -> None:
        """Args:
        data: the home's data folder; simulated exchanges get a folder of their own below it.
        chance: for the jitter of reconnects; by default seeded by the system.

        Raises:
            InputError: no pair, or one twice.
        """
        self.pairs = tuple(parse_pair(pair) for pair in pairs)
        if not pairs or len(set(self.pairs)) != len(pairs):
            raise InputError("pairs", "at least one, each once", ", ".join(pairs) or "none")
        self.addresses = addresses
        self.settings = settings or FeedSettings()
        self.folder = addresses.data_folder(data)
        self.clock = clock or SystemClock()
        self.started_ns = self.clock.wall_ns()
        self.problem = "starting"
        self.hooks = hooks
        self.by_pair: dict[str, PairFeed] = {}
        self.offset = ClockOffset()
        self.recorder = Recorder(self.folder, addresses.origin)
        self.rest: RestClient | None = None
        self.healer: Healer | None = None
        self._instruments: dict[str, Instrument] = {}
        self.protocol = Protocol(Parser(self._instruments), self.pairs, self.settings.protocol)
        self.backoff = Backoff(self.settings.backoff, chance or Random())  # noqa: S311 - jitter, no secret
        self.connection = Connection(
            addresses.websocket,
            self.protocol,
            self.backoff,
            self.settings,
            self._opened,
            self._received,
            self._do_outputs,
        )
        self._listeners: set[Listener] = set()

    # What others use -----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run until cancelled; then everything is on the disk and every socket closed.

        Raises:
            NotFoundError: an unknown pair, with the nearest names. InputError: another feed writes these files.
            Exception: what no further try mends, such as a certificate that does not verify.
        """
        try:
            pace, clock_ns = self.settings.pace_seconds, self.clock.monotonic_ns
            async with RestClient(self.addresses, clock_ns=clock_ns, attempts=2, pace_seconds=pace) as self.rest:
                await self._begin(self.rest)
                self.healer = Healer(self.rest, self.by_pair, self.protocol, self.offset, self.clock, self.settings)
                with _first_error():
                    async with asyncio.TaskGroup() as tasks:
                        for job in self._jobs(self.healer):
                            tasks.create_task(job)
        except Exception as error:
            self.problem = f"ended: {error}"
            raise
        finally:
            self._end()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Feed"]:
        """Run beside the block; a feed that fails ends the block with its error."""
        with _first_error():
            async with asyncio.TaskGroup() as tasks:
                task = tasks.create_task(self.run())
                yield self
                task.cancel()

    @contextlib.contextmanager
    def listening(self, size: int = QUEUE) -> Iterator[Listener]:
        """Events from now on, in a queue of at most so many."""
        listener = Listener(size)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def health(self) -> FeedHealth:
        """How things are now."""
        return report(self)

    @property
    def dropped_events(self) -> int:
        return sum(listener.dropped for listener in self._listeners)

    def exchange_now_ns(self) -> int:
        """The exchange's time as far as it is known, else this machine's."""
        return self.offset.exchange_ns(self.clock.monotonic_ns(), self.clock.wall_ns())

    # Beginning and end ---------------------------------------------------------------------------------------------

    async def _begin(self, rest: RestClient) -> None:
        for pair, symbol in (await self._symbols(rest)).items():
            self._instruments[pair] = symbol.instrument
            self.recorder.open(symbol.instrument)
            settled_to = self.recorder.settled_to_ns(pair)
            known = self.recorder.known_trades(pair, settled_to)
            gaps = GapAccount(pair, self.recorder.store.gaps(pair).read())
            feed = self.by_pair[pair] = PairFeed(symbol, self.recorder, known, gaps, settled_to)
            feed.suspect(asyncio.get_running_loop().time(), "the feed was not running", self.clock.wall_ns())
        self.problem = ""

    async def _symbols(self, rest: RestClient) -> dict[str, Symbol]:
        """The pairs' symbols; an exchange that does not answer is asked until it does."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                symbols = await rest.symbols()
                return {pair: symbols.find(pair) for pair in self.pairs}
            except ExchangeError as error:
                self.problem = str(error)
            delay = self.backoff.next_delay(loop.time())
            log.warning("%s; asking again in %.1f s", self.problem, delay)
            write_health(self.folder, self.health())
            await asyncio.sleep(delay)

    def _jobs(self, healer: Healer) -> Iterator[Coroutine[Any, Any, None]]:
        yield self.connection.keep()
        yield self.connection.watch()
        yield self._write()
        yield self._fold()
        yield healer.ask_time()
        yield healer.settle()
        yield from (healer.heal(pair) for pair in self.pairs)

    def _end(self) -> None:
        for listener in self._listeners:
            listener.close()
        self.problem = self.problem or "stopped"
        self.recorder.fold_all()
        self.recorder.close()
        write_health(self.folder, self.health())

    # Frames --------------------------------------------------------------------------------------------------------

    def _opened(self) -> None:
        for feed in self.by_pair.values():
            feed.awaits_list = True

    def _received(self, frame: bytes) -> None:
        """One frame: to the record and the store, then to the listeners."""
        at_ns, wall_ns = self.clock.monotonic_ns(), self.clock.wall_ns()
        now = asyncio.get_running_loop().time()
        value = self.protocol.received(frame, now, self.offset.exchange_ns(at_ns, wall_ns))
        if value is not None:
            self._took(value, frame, at_ns, wall_ns, now)
        self._do_outputs()

    def _took(self, value: Value, frame: bytes, at_ns: int, wall_ns: int, now: float) -> None:
        feed = self.by_pair.get(getattr(value, "pair", ""))
        if feed is None:
            return
        feed.heard = now
        match value:
            case MarketTradeList():
                if any(map(feed.record.is_absurd, value.trades)):
                    error = FrameError("absurd_price", frame, "ten times off the last price", feed.pair)
                    self.protocol.refuse(error, now)
                else:
                    self._streamed(feed, value, at_ns, wall_ns)
            case MarketTick():
                feed.tick = value
                if self.hooks:
                    self.hooks.ticked(feed.pair, 1)
                self._publish(value)
            case OrderBookSnapshot() | OrderBookChange():
                self._publish(value)

    def _streamed(self, feed: PairFeed, value: MarketTradeList, at_ns: int, wall_ns: int) -> None:
        fresh = feed.streamed(value, wall_ns)
        for trade in fresh:
            self.offset.traded(at_ns, trade.time_ns)
        known = self.offset.offset
        if known is not None:
            for trade in fresh:
                self._lagged(feed, (at_ns + known.offset_ns - trade.time_ns) / 1e6)
        if fresh:
            if self.hooks:
                self.hooks.ticked(feed.pair, len(fresh))
            self._publish(value if len(fresh) == len(value.trades) else MarketTradeList(feed.pair, tuple(fresh), False))

    def _lagged(self, feed: PairFeed, lag_ms: float) -> None:
        feed.lag.add(lag_ms)
        if self.hooks:
            self.hooks.lagged(feed.pair, lag_ms)

    def _publish(self, event: Event) -> None:
        for listener in self._listeners:
            listener.put(event)

    def _do_outputs(self) -> None:
        """What the protocol asks for."""
        outputs = self.protocol.outputs()
        for output in outputs:
            self._do(output)
        if outputs:
            self.connection.look_again()

    def _do(self, output: Output) -> None:
        match output:
            case Send(text):
                self.connection.send(text)
            case Cut(reason):
                self.connection.cut(reason)
            case Suspect(pair, reason):
                now, exchange_now_ns = asyncio.get_running_loop().time(), self.exchange_now_ns()
                for feed in self.by_pair.values():
                    if pair in (None, feed.pair):
                        feed.suspect(now, reason, exchange_now_ns)
                        self._wake(feed.pair)
            case Joined(pair):
                self.backoff.worked()
                self._wake(pair)
            case Tell(text):
                log.warning("%s", text)

    def _wake(self, pair: str) -> None:
        if self.healer:
            self.healer.wake(pair)

    # The disk ------------------------------------------------------------------------------------------------------

    async def _write(self) -> None:
        """Flush trades, and tell of health."""
        loop = asyncio.get_running_loop()
        synced = told = loop.time()
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            self.recorder.flush()
            if loop.time() - synced >= SYNC_SECONDS:
                synced = loop.time()
                await self.recorder.sync()
            if loop.time() - told >= self.settings.health_seconds:
                told = loop.time()
                write_health(self.folder, self.health())

    async def _fold(self) -> None:
        while True:
            await asyncio.sleep(self.settings.fold_seconds)
            self.recorder.fold_all()


@contextlib.contextmanager
def _first_error() -> Iterator[None]:
    """The first error of a group by itself: the others came of it."""
    try:
        yield
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
