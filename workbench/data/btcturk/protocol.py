"""One connection to the exchange as a state machine without a socket. Pure: time comes in as an argument.

::

    CLOSED --opened--> GREETING --welcome, or none in time--> JOINING --every trade channel joined--> LIVE
       ^                                                                                               |
       +---------------------------------- closed, from any state -------------------------------------+

Rules:

1. Subscriptions are sent after the greeting (991); where none comes in ``greeting_seconds``, without it.
2. A subscription counts as joined by its result (100), or by the first frame of its channel. One that is not in
   ``join_seconds`` is sent again, ``JOIN_TRIES`` times, then the connection is cut. One that is refused is told and
   left alone; the others go on.
3. No frame at all for ``stale_seconds``: the socket is a zombie and is cut. The exchange knows no heartbeat, but
   tickers and books of liquid pairs are never silent for long.
4. No frame for ``quiet_seconds`` and then one again: trades may have been lost in between (suspect, all pairs).
5. A frame that is none is counted and makes the pair it names suspect, or all of them where it names none.
6. A change set of a book that does not follow on: the book is unknown, the pair is suspect, and the channel is left
   and joined again for a whole book, once per ``join_seconds`` until it comes.
7. A connection that closes makes all pairs suspect.

Times are seconds of any clock that never steps. Not thread-safe; one object per feed, over all its connections.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from workbench.data.btcturk.bad_input import BadInput
from workbench.data.btcturk.messages import FrameError, Parser, subscription
from workbench.data.btcturk.order_book import OrderBook
from workbench.data.btcturk.values import (
    Ignored,
    MarketTick,
    MarketTradeList,
    OrderBookChange,
    OrderBookSnapshot,
    Result,
    Value,
    Welcome,
)

CHANNELS = ("trade", "ticker", "obdiff")
JOIN_TRIES = 3
NEVER = float("inf")


class State(Enum):
    """Where the connection is."""

    CLOSED = "closed"
    GREETING = "greeting"
    JOINING = "joining"
    LIVE = "live"


@dataclass(frozen=True)
class ProtocolSettings:
    """All in seconds."""

    stale_seconds: float = 10.0
    quiet_seconds: float = 3.0
    greeting_seconds: float = 3.0
    join_seconds: float = 3.0


@dataclass(frozen=True)
class Send:
    """Send this text."""

    text: str


@dataclass(frozen=True)
class Cut:
    """Close the connection without waiting for the other side."""

    reason: str


@dataclass(frozen=True)
class Suspect:
    """Trades may have been lost; ``pair`` None means all pairs."""

    pair: str | None
    reason: str


@dataclass(frozen=True)
class Joined:
    """The market trades of a pair stream from now on."""

    pair: str


@dataclass(frozen=True)
class Tell:
    """Worth a line in the log."""

    text: str


Output = Send | Cut | Suspect | Joined | Tell


@dataclass
class _Join:
    """One subscription: when it was last sent, how often, and whether it was answered."""

    channel: str
    pair: str
    sent: float = NEVER
    tries: int = 0
    joined: bool = False
    refused: bool = False

    @property
    def is_open(self) -> bool:
        return not (self.joined or self.refused)


class Protocol:
    """The state machine. Feed it with opened, received, tick and closed; do what :meth:`outputs` says after each."""

    def __init__(self, parser: Parser, pairs: Sequence[str], settings: ProtocolSettings | None = None) -> None:
        self.parser = parser
        self.pairs = tuple(pairs)
        self.settings = settings or ProtocolSettings()
        self.state = State.CLOSED
        self.version: str | None = None
        self.bad = BadInput()
        self.frames = 0
        self.books = {pair: OrderBook() for pair in self.pairs}
        self._joins = {(channel, pair): _Join(channel, pair) for pair in self.pairs for channel in CHANNELS}
        self._outputs: list[Output] = []
        self._opened = NEVER
        self._heard = NEVER
        self._is_cut = False
        self._rebuilding: dict[str, float] = {}

    # What happened -------------------------------------------------------------------------------------------------

    def opened(self, now: float) -> None:
        """The socket is connected."""
        self.state = State.GREETING
        self._opened = self._heard = now
        self._is_cut = False
        for join in self._joins.values():
            join.sent, join.tries, join.joined, join.refused = NEVER, 0, False, False

    def received(self, frame: bytes, now: float, exchange_now_ns: int) -> Value | None:
        """One frame; its value where it is one.

        Args:
            exchange_now_ns: see :meth:`workbench.data.btcturk.messages.Parser.parse`.
        """
        quiet = now - self._heard
        self._heard = now
        self.frames += 1
        if quiet > self.settings.quiet_seconds and self.state is State.LIVE:
            self._outputs.append(Suspect(None, f"silent for {quiet:.1f} s"))
        try:
            value = self.parser.parse(frame, exchange_now_ns)
        except FrameError as error:
            self.refuse(error, now)
            return None
        kind = type(value)
        if kind is MarketTradeList:
            self._saw("trade", value.pair)  # type: ignore[union-attr]  # `kind` says so, faster than isinstance
        else:
            self._other(value, now)
        return value

    def refuse(self, error: FrameError, now: float) -> None:
        """Something received is not to be believed: count it; trades may have been lost with it."""
        if self.bad.count(error.reason, now):
            self._outputs.append(Tell(f"refused: {error}"))
        if error.reason != "unknown_pair":
            self._outputs.append(Suspect(error.pair, f"a frame refused: {error.reason}"))

    def closed(self, now: float, reason: str) -> None:
        """The socket is closed, or the attempt to connect failed."""
        if self.state is not State.CLOSED:
            self._outputs.append(Suspect(None, reason))
        self.state = State.CLOSED
        self._heard = self._opened = NEVER
        self._rebuilding.clear()
        for join in self._joins.values():
            join.joined = False
        for book in self.books.values():
            book.forget()

    def tick(self, now: float) -> None:
        """Time has passed: see what is overdue."""
        if self.state is State.CLOSED or self._is_cut:
            return
        settings = self.settings  # sums, as in `deadline`: differences may round to just below what is due
        if now >= self._heard + settings.stale_seconds:
            self._cut(f"no frame for {now - self._heard:.1f} s")
            return
        if self.state is State.GREETING and now >= self._opened + settings.greeting_seconds:
            self._join_all(now)
        for join in self._joins.values():
            if join.is_open and now >= join.sent + settings.join_seconds:
                self._join(join, now)
        for pair, since in self._rebuilding.items():
            if now >= since + settings.join_seconds:
                self._ask_for_book(pair, now)

    # What is to be done --------------------------------------------------------------------------------------------

    def outputs(self) -> list[Output]:
        """What to do now, in this order; each is given once."""
        taken, self._outputs = self._outputs, []
        return taken

    @property
    def deadline(self) -> float:
        """When :meth:`tick` is due at the latest."""
        if self.state is State.CLOSED or self._is_cut:
            return NEVER
        times = [self._heard + self.settings.stale_seconds]
        if self.state is State.GREETING:
            times.append(self._opened + self.settings.greeting_seconds)
        sent = [join.sent for join in self._joins.values() if join.is_open and join.sent != NEVER]
        times += [moment + self.settings.join_seconds for moment in (*sent, *self._rebuilding.values())]
        return min(times)

    def is_live(self, pair: str) -> bool:
        """Whether the market trades of a pair are streaming."""
        return self.state is not State.CLOSED and self._joins["trade", pair].joined

    def refused_subscriptions(self) -> list[str]:
        """What the exchange would not give, as ``channel:PAIR``."""
        return [f"{join.channel}:{join.pair}" for join in self._joins.values() if join.refused]

    # Inside --------------------------------------------------------------------------------------------------------

    def _other(self, value: Value, now: float) -> None:
        match value:
            case MarketTick():
                self._saw("ticker", value.pair)
            case OrderBookSnapshot():
                self._book_came(value)
            case OrderBookChange():
                self._book_changed(value, now)
            case Result():
                self._result(value)
            case Welcome():
                self.version = value.current
                if self.state is State.GREETING:
                    self._join_all(now)
            case Ignored(is_known=False):
                if self.bad.count("unknown_code", now):
                    self._outputs.append(Tell(f"refused: unknown_code: frames of code {value.code}"))

    def _saw(self, channel: str, pair: str) -> None:
        join = self._joins.get((channel, pair))
        if join is not None and not join.joined and self.state is not State.GREETING:
            join.joined, join.refused = True, False
            if channel == "trade":
                self._outputs.append(Joined(pair))
            self._look_whether_live()

    def _result(self, result: Result) -> None:
        action, _, name = result.text.partition("|")
        channel, _, pair = name.partition(":")
        join = self._joins.get((channel, pair))
        if join is None:
            return  # an answer to something that was not asked
        if action == "join" and result.ok:
            self._saw(channel, pair)
        elif action == "join" and not join.refused:
            join.refused, join.joined = True, False
            self._outputs.append(Tell(f"the exchange refuses to send {name}"))
            self._look_whether_live()

    def _look_whether_live(self) -> None:
        trades = [self._joins["trade", pair] for pair in self.pairs]
        if self.state is State.JOINING and all(not join.is_open for join in trades) and any(j.joined for j in trades):
            self.state = State.LIVE

    def _join_all(self, now: float) -> None:
        self.state = State.JOINING
        for join in self._joins.values():
            self._join(join, now)

    def _join(self, join: _Join, now: float) -> None:
        if join.tries >= JOIN_TRIES:
            self._cut(f"no answer to joining {join.channel}:{join.pair}")
            return
        join.sent, join.tries = now, join.tries + 1
        self._outputs.append(Send(subscription(join.channel, join.pair, join=True)))

    def _cut(self, reason: str) -> None:
        """Once per connection: it takes a moment until it is closed."""
        if not self._is_cut:
            self._is_cut = True
            self._outputs.append(Cut(reason))

    def _book_came(self, snapshot: OrderBookSnapshot) -> None:
        self._saw("obdiff", snapshot.pair)
        book = self.books.get(snapshot.pair)
        if book is not None:
            book.replace(snapshot)
            self._rebuilding.pop(snapshot.pair, None)

    def _book_changed(self, change: OrderBookChange, now: float) -> None:
        book = self.books.get(change.pair)
        if book is None or book.change(change) or change.pair in self._rebuilding:
            return
        self._outputs.append(Suspect(change.pair, f"change set {change.change_set} of the book does not follow on"))
        self._ask_for_book(change.pair, now)

    def _ask_for_book(self, pair: str, now: float) -> None:
        self._rebuilding[pair] = now
        self._outputs += [Send(subscription("obdiff", pair, join=join)) for join in (False, True)]
