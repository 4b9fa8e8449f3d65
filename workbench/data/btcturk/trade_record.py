"""One pair's market trades: each exactly once, and an account of what may be missing. Pure.

Trade ids rise in time but do not follow on, so they tell duplicates, never gaps. Whether something is missing is
therefore reasoned about like this:

1. In quiet times the record is complete. Anything that may have lost a trade (a break, silence, a frame that could not
   be read, a jump of change sets) makes the pair *suspect*. The *anchor* is then the newest trade up to which the
   record is certainly complete: older than the newest by ``ORDER_MARGIN_NS``, since trades may swap places on the way.
2. The exchange's REST answer holds its last 50 trades, all of them. Where it reaches back to the anchor, nothing is
   missing once the answer is merged. Where it does not, the time between the anchor and the oldest of the answer is a
   *hole*: trades may be missing there, and nobody serves them any more.
3. A suspicion ends with an answer that was asked for after the live stream was whole again. Until then each answer
   moves the anchor, so that asking often enough while the stream is down loses nothing.
4. A hole is settled by the exchange's own candles (``minute_candles``): where the candles of its minutes equal those
   made from the record, nothing was missing; else it is a trade gap.

A live trade whose price is ten times off the last one is not believed before REST says the same.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from workbench.model.market_trade import MarketTrade

ORDER_MARGIN_NS = 2 * 10**9
LONGEST_WAY_NS = 30 * 10**9
"""A trade this old is not on its way any more."""
LOOKED_BACK = 2_000
REMEMBERED = 20_000
"""Trade ids kept for telling duplicates; the exchange repeats at most its last 50."""
ABSURD_FACTOR = 10


@dataclass(frozen=True)
class Anchor:
    """A trade up to which the record is complete."""

    time_ns: int
    trade_id: int


@dataclass(frozen=True)
class Hole:
    """A time in which trades may be missing: [from_ns, to_ns)."""

    from_ns: int
    to_ns: int
    reason: str


@dataclass(frozen=True)
class Suspicion:
    """Since when (any clock, as given) and why trades may be missing."""

    since: float
    reason: str


@dataclass(frozen=True)
class Healed:
    """What an answer brought: the trades that were missing, and the hole that it leaves, if it does."""

    fresh: list[MarketTrade]
    hole: Hole | None


class TradeRecord:
    """What is known of one pair's trades."""

    def __init__(self, pair: str, known: Sequence[MarketTrade] = ()) -> None:
        """``known``: the newest trades of the store, oldest first."""
        self.pair = pair
        self.duplicates = 0
        self.accepted = 0
        self.healed = 0
        self.suspicion: Suspicion | None = None
        self.last: MarketTrade | None = None
        self._seen: dict[int, MarketTrade] = {}
        self._order: deque[MarketTrade] = deque()
        self._anchor: Anchor | None = None
        for trade in known:
            self._remember(trade)

    def suspect(self, since: float, reason: str, exchange_now_ns: int) -> None:
        """Something may have been lost; a suspicion that is open stays as it is, but for the newer moment."""
        if self._anchor is None:
            self._anchor = self._certain(exchange_now_ns)
        self.suspicion = Suspicion(since, self.suspicion.reason if self.suspicion else reason)

    def is_absurd(self, trade: MarketTrade) -> bool:
        """Ten times off the last price: not to be believed on its own."""
        if self.last is None:
            return False
        low, high = sorted((trade.price_ticks, self.last.price_ticks))
        return high > ABSURD_FACTOR * low

    def offer(self, trades: Iterable[MarketTrade]) -> list[MarketTrade]:
        """The trades that are new, in the order given; they are part of the record from now on."""
        fresh = []
        for trade in trades:
            if trade.trade_id in self._seen:
                self.duplicates += 1
            else:
                self._remember(trade)
                fresh.append(trade)
        self.accepted += len(fresh)
        return fresh

    @property
    def complete_to_ns(self) -> int | None:
        """Up to when nothing is missing but what is known as a hole, while suspect; None where nothing is suspect."""
        return self._anchor.time_ns if self._anchor else None

    def find(self, trade_id: int) -> MarketTrade | None:
        """A trade of the record, while it is remembered."""
        return self._seen.get(trade_id)

    def answer(self, trades: Sequence[MarketTrade], asked: float, *, is_live: bool) -> "Healed":
        """Merge the exchange's last trades.

        Args:
            trades: oldest first; all that happened since the oldest of them.
            asked: when they were asked for, by the clock of :meth:`suspect`.
            is_live: whether the stream was whole when they were asked for.
        """
        suspicion = self.suspicion
        if suspicion and self._anchor is None and self._order:  # nothing was known when it became suspect
            first = min(self._order, key=_by_time)
            self._anchor = Anchor(first.time_ns, first.trade_id)
        hole = self._hole(trades, suspicion.reason) if suspicion and trades else None
        fresh = self.offer(trades)
        self.duplicates -= len(trades) - len(fresh)  # asked for, not repeated by the exchange
        self.healed += len(fresh)
        if suspicion and trades:
            self._anchor = Anchor(trades[-1].time_ns, trades[-1].trade_id)
        if suspicion and is_live and asked >= suspicion.since:
            self.suspicion, self._anchor = None, None
        return Healed(fresh, hole)

    def _hole(self, trades: Sequence[MarketTrade], reason: str) -> Hole | None:
        anchor, oldest = self._anchor, trades[0]
        if anchor is None or oldest.time_ns < anchor.time_ns:
            return None  # nothing before the first trade of all was promised; or the answer reaches back beyond
        if any(trade.trade_id == anchor.trade_id for trade in trades):
            return None
        return Hole(anchor.time_ns, oldest.time_ns + 1, reason)

    def _certain(self, exchange_now_ns: int) -> Anchor | None:
        """The newest trade that no trade on its way may still precede."""
        if self.last is None:
            return None
        latest = max(self.last.time_ns - ORDER_MARGIN_NS, exchange_now_ns - LONGEST_WAY_NS)
        old = (trade for trade in islice(reversed(self._order), LOOKED_BACK) if trade.time_ns <= latest)
        certain = max(old, key=_by_time, default=self._order[0])
        return Anchor(certain.time_ns, certain.trade_id)

    def _remember(self, trade: MarketTrade) -> None:
        self._seen[trade.trade_id] = trade
        self._order.append(trade)
        last = self.last
        if last is None or trade.time_ns > last.time_ns or _by_time(trade) >= _by_time(last):
            self.last = trade
        if len(self._order) > REMEMBERED:
            del self._seen[self._order.popleft().trade_id]


def _by_time(trade: MarketTrade) -> tuple[int, int]:
    return trade.time_ns, trade.trade_id
