"""Minutes made from one pair's market trades, held beside the exchange's own candles until both agree. Pure.

Every minute is settled once, in this order of belief:

1. The exchange's candle is the one to keep: candles fetched later are then the same.
2. Where ours equals it, every trade of the minute is in the record.
3. Where ours differs, the last trades are asked for again, ``TRIES`` times in all; a difference that stays is told: a
   trade gap where ours lacks volume, otherwise a difference that nobody explains.
4. Where the exchange has no candle and we have no trade, nothing was traded.

Volumes are whole lots, added exactly; prices are whole ticks: equal means equal.
"""

from dataclasses import dataclass
from enum import Enum

import msgspec

from workbench.model.market_trade import MarketTrade

MINUTE_NS = 60 * 10**9
TRIES = 3


class MinuteCandle(msgspec.Struct, frozen=True, gc=False):
    """One minute: prices in ticks, volume in lots."""

    open_time_ns: int
    open_ticks: int
    high_ticks: int
    low_ticks: int
    close_ticks: int
    volume_lots: int


class Verdict(Enum):
    """What came of a minute."""

    EQUAL = "equal"
    NOTHING_TRADED = "nothing traded"
    AGAIN = "ask again"
    """Not settled: our trades differ from the exchange's candle, and may yet be completed."""
    TRADES_MISSING = "trades missing"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Settled:
    """One minute's verdict; ``candle`` is the one to keep, ``ours`` what the record makes of it; None where none is."""

    open_time_ns: int
    verdict: Verdict
    candle: MinuteCandle | None
    ours: MinuteCandle | None = None


@dataclass
class _Minute:
    """A minute in the making: its first and last trade by (time, id), whatever order they come in."""

    first: tuple[int, int]
    last: tuple[int, int]
    open_ticks: int
    close_ticks: int
    high_ticks: int
    low_ticks: int
    volume_lots: int = 0

    def candle(self, open_time_ns: int) -> MinuteCandle:
        return MinuteCandle(
            open_time_ns, self.open_ticks, self.high_ticks, self.low_ticks, self.close_ticks, self.volume_lots
        )


class MinuteCandles:
    """The minutes of one pair that are not settled yet."""

    def __init__(self) -> None:
        self.settled_to_ns: int | None = None
        """All minutes before this one are settled; None before the first trade."""
        self.late = 0
        """Trades that came after their minute was settled."""
        self._open: dict[int, _Minute] = {}
        self._tries: dict[int, int] = {}

    def begin(self, time_ns: int, *, is_whole: bool) -> None:
        """Where the record begins.

        Args:
            is_whole: whether all trades of that minute are in the record; where they are not, the minute is settled
                by the exchange's candle without asking again.
        """
        if self.settled_to_ns is None:
            start = time_ns // MINUTE_NS * MINUTE_NS
            self.settled_to_ns = start
            if not is_whole:
                self._tries[start] = TRIES

    def add(self, trade: MarketTrade) -> None:
        """A trade of the record, each once, in any order."""
        start = trade.time_ns // MINUTE_NS * MINUTE_NS
        if self.settled_to_ns is None or start < self.settled_to_ns:
            self.late += 1
            return
        key, ticks = (trade.time_ns, trade.trade_id), trade.price_ticks
        minute = self._open.get(start)
        if minute is None:
            minute = self._open[start] = _Minute(key, key, ticks, ticks, ticks, ticks)
        minute.volume_lots += trade.quantity_lots
        minute.high_ticks = max(minute.high_ticks, ticks)
        minute.low_ticks = min(minute.low_ticks, ticks)
        if key < minute.first:
            minute.first, minute.open_ticks = key, ticks
        if key > minute.last:
            minute.last, minute.close_ticks = key, ticks

    def candle(self, open_time_ns: int) -> MinuteCandle | None:
        """A minute as it is now, None where nothing was traded in it so far."""
        minute = self._open.get(open_time_ns)
        return None if minute is None else minute.candle(open_time_ns)

    def due(self, exchange_now_ns: int, most: int = 1_000) -> tuple[int, int] | None:
        """The closed minutes to settle next as [from, to), at most so many; None where there are none."""
        if self.settled_to_ns is None:
            return None
        closed = exchange_now_ns // MINUTE_NS * MINUTE_NS
        end = min(closed, self.settled_to_ns + most * MINUTE_NS)
        return (self.settled_to_ns, end) if end > self.settled_to_ns else None

    def settle(self, theirs: dict[int, MinuteCandle], until_ns: int) -> list[Settled]:
        """Verdicts on the minutes up to ``until_ns``, oldest first, ending before the first that asks again.

        Args:
            theirs: the exchange's candles by open time, all that there are in those minutes.
        """
        verdicts = []
        while self.settled_to_ns is not None and self.settled_to_ns < until_ns:
            start = self.settled_to_ns
            settled = self._verdict(start, theirs.get(start))
            verdicts.append(settled)
            if settled.verdict is Verdict.AGAIN:
                break
            self._open.pop(start, None)
            self._tries.pop(start, None)
            self.settled_to_ns = start + MINUTE_NS
        return verdicts

    def _verdict(self, start: int, theirs: MinuteCandle | None) -> Settled:
        ours = self.candle(start)
        if ours == theirs:
            return Settled(start, Verdict.NOTHING_TRADED if ours is None else Verdict.EQUAL, theirs, ours)
        if ours is None and theirs is not None and not theirs.volume_lots:
            return Settled(start, Verdict.NOTHING_TRADED, theirs)  # a flat bar for a minute without a trade
        tries = self._tries[start] = self._tries.get(start, 0) + 1
        if tries < TRIES:
            return Settled(start, Verdict.AGAIN, None)
        lacking = theirs is not None and (ours is None or ours.volume_lots < theirs.volume_lots)
        return Settled(start, Verdict.TRADES_MISSING if lacking else Verdict.DIFFERENT, theirs or ours, ours)
