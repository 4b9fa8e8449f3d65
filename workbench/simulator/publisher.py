"""Who joined what, and which frames follow from what happens on the exchange."""

from collections.abc import Callable, Iterable, Mapping

import msgspec
import numpy as np
from websockets.asyncio.server import ServerConnection

from workbench.simulator import frames
from workbench.simulator.book import BookState
from workbench.simulator.exchange import PairExchange
from workbench.simulator.history import MINUTE_MS, ExchangeTrade
from workbench.simulator.outbox import FrameFaults, Outbox
from workbench.simulator.resolution import parse_resolution
from workbench.simulator.settings import SimulatorSettings

Topic = tuple[str, str]
"""Channel and event."""
Send = Callable[[Iterable[ServerConnection], list[bytes]], None]

PAIR_CHANNELS = ("trade", "ticker", "orderbook", "obdiff")
LISTED = 50
"""Trades in the list after joining."""
MOST_IN_LIST = 5
"""Trades in a list afterwards."""


class Publisher:
    """Turns what happens into frames for those who joined. ``send`` is what reaches the sockets."""

    def __init__(self, pairs: Mapping[str, PairExchange], settings: SimulatorSettings, send: Send) -> None:
        self._pairs, self._form, self._send = pairs, settings.trade_frames, send
        self._random = np.random.default_rng([settings.seed, 13])
        self._joined: dict[Topic, set[ServerConnection]] = {}
        self._published = {name: len(pair.history.trades) for name, pair in pairs.items()}
        self._held_for: set[ServerConnection] = set()
        self._now = 0.0
        self._latest: dict[Topic, bytes] = {}
        self.outbox = Outbox(settings.delay_seconds)
        self.faults = FrameFaults(settings.seed)

    # What clients ask for.

    def request(self, client: ServerConnection, text: str | bytes, now: float) -> str | None:
        """Answer one frame of a client; gives what to log of it."""
        try:
            code, body = msgspec.json.decode(text, type=tuple[int, dict[str, object]])
        except (msgspec.DecodeError, UnicodeDecodeError):
            return "sent what is no request"
        channel, event, join = str(body.get("channel")), str(body.get("event")), body.get("join") is True
        message = f"{'join' if join else 'leave'}|{channel}:{event}"
        if code != 151 or not self._exists(channel, event):
            self._answer(client, frames.result(message, ok=False), now)
            return f"refused: {code} {message}"
        if join:
            self.outbox.put(lambda: self._join(client, (channel, event), message), now)
        else:
            self.outbox.put(lambda: self._leave(client, (channel, event), message), now)
        return message

    def greet(self, client: ServerConnection, now: float) -> None:
        self._answer(client, frames.GREETING, now)

    def forget(self, client: ServerConnection) -> None:
        for clients in self._joined.values():
            clients.discard(client)

    # What happens.

    def trades(self, pair: str, trades: list[ExchangeTrade], now: float) -> None:
        """New trades of one pair, in order."""
        if trades:
            self.outbox.put(lambda: self._publish_trades(pair, trades), now)

    def beat(self, now: float) -> None:
        """A ticker and an order book of each pair: the heartbeat."""
        tickers = []
        for name, pair in self._pairs.items():
            self._put_books(name, pair.book.beat(pair.last_price), now)
            last_name = "LA" if self._random.random() < 0.5 else "La"
            fields = frames.ticker_fields(pair.market, pair.day(), last_name)
            tickers.append(fields)
            self._put(("ticker", name), frames.ticker(fields), now)
        self._put(("ticker", "all"), frames.all_tickers(tickers), now)
        for topic in [topic for topic in self._joined if topic[0] == "tradeview" and self._joined[topic]]:
            self._put_candle(topic, now)

    def release(self, now: float) -> None:
        """Send what is due."""
        self._now = now
        self.outbox.release(now)
        held = self.faults.held(now)
        if held:
            self._send(self._held_for, held)

    # How frames come about.

    def _exists(self, channel: str, event: str) -> bool:
        if channel == "tradeview":
            pair, _, resolution = event.partition("_")
            return pair in self._pairs and parse_resolution(resolution) is not None
        return (channel in PAIR_CHANNELS and event in self._pairs) or (channel, event) == ("ticker", "all")

    def _join(self, client: ServerConnection, topic: Topic, message: str) -> None:
        self._joined.setdefault(topic, set()).add(client)
        first = [frames.result(message, ok=True)]
        channel, event = topic
        if channel == "trade":
            up_to = self._published[event]
            recent = self._pairs[event].history.trades[max(0, up_to - LISTED) : up_to]
            first.append(frames.trade_list(event, recent[::-1] if self._random.random() < 0.5 else recent))
        elif topic in self._latest:
            first.append(self._latest[topic])
        self._send([client], first)

    def _leave(self, client: ServerConnection, topic: Topic, message: str) -> None:
        self._followers(*topic).discard(client)
        self._send([client], [frames.result(message, ok=True)])

    def _answer(self, client: ServerConnection, frame: bytes, now: float) -> None:
        self.outbox.put(lambda: self._send([client], [frame]), now)

    def _followers(self, channel: str, event: str) -> set[ServerConnection]:
        return self._joined.get((channel, event), set())

    def _publish_trades(self, pair: str, trades: list[ExchangeTrade]) -> None:
        """Joins before are in effect by now: what is in their list and what follows neither overlap nor miss any."""
        self._published[pair] += len(trades)
        followers = self._followers("trade", pair)
        if followers:
            self._held_for = followers
            self._send(followers, self.faults.trade_frames(self._trade_frames(pair, trades), self._now))

    def _trade_frames(self, pair: str, trades: list[ExchangeTrade]) -> list[bytes]:
        """422 for each, or 421 with some: readers must understand both."""
        if self._form == "single":
            return [frames.trade(pair, one) for one in trades]
        made: list[bytes] = []
        lowest = -MOST_IN_LIST if self._form == "mixed" else 1
        sizes = iter(self._random.integers(lowest, MOST_IN_LIST + 1, len(trades)).tolist())
        first = 0
        while first < len(trades):
            size = next(sizes)
            if size < 1:
                made.append(frames.trade(pair, trades[first]))
            else:
                made.append(frames.trade_list(pair, trades[first : first + size]))
            first += max(1, size)
        return made

    def _put_books(self, pair: str, state: BookState, now: float) -> None:
        number, asks, bids = state.change_set, state.asks, state.bids
        self._put(("orderbook", pair), frames.book("orderbook", pair, number, asks, bids), now)
        whole = frames.book("obdiff", pair, number, asks, bids)
        change = frames.book_change(pair, number, state.ask_changes, state.bid_changes)
        self._put(("obdiff", pair), whole, now, sent=change)

    def _put_candle(self, topic: Topic, now: float) -> None:
        pair, _, resolution = topic[1].partition("_")
        interval_ms = parse_resolution(resolution) or MINUTE_MS
        bars = self._pairs[pair].history.bars(interval_ms, flat=False, until_ms=0)
        if bars:
            start = max(bars)
            self._put(topic, frames.candle(pair, resolution, start, bars[start]), now)

    def _put(self, topic: Topic, latest: bytes, now: float, *, sent: bytes | None = None) -> None:
        """A frame for those who joined, kept for those who join later; ``sent`` where the two differ."""

        def deliver() -> None:
            self._latest[topic] = latest
            followers = self._followers(*topic)
            if followers:
                self._send(followers, [self.faults.any_frame(sent or latest)])

        self.outbox.put(deliver, now)
