"""A small exchange for the record's tests: a tape of trades, a stream that loses some of them, answers of the last 50.

Everything that happens has a moment on one clock, the exchange's, in nanoseconds; nothing sleeps.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from workbench.data.btcturk.trade_record import ORDER_MARGIN_NS, Hole, TradeRecord
from workbench.model.market_trade import MarketTrade

MS = 10**6
SECOND = 10**9
START = 1_700_000_000 * SECOND
SERVED = 50
Event = tuple[int, int, Callable[..., None], tuple[Any, ...]]
Span = tuple[int, int]


def make_trade(number: int, time_ns: int) -> MarketTrade:
    """Trade ``number`` of a tape; ids rise in time, with holes."""
    return MarketTrade("ETHUSDT", 1000 + 7 * number, time_ns, 1 - 2 * (number % 2), 25_000 + number % 9, 1 + number % 5)


def make_tape(seed: int, count: int, mean_ms: float) -> list[MarketTrade]:
    """Trades at random moments in whole milliseconds, several of them at one moment now and then."""
    chance = Random(seed)  # noqa: S311 - seeded chance of a test
    time_ns, tape = START, []
    for number in range(count):
        time_ns += int(chance.expovariate(1 / mean_ms)) * MS
        tape.append(make_trade(number, time_ns))
    return tape


@dataclass
class Run:
    """One record on one tape: what was accepted, in order, and which holes were found."""

    tape: list[MarketTrade]
    chance: Random
    clock_error_ns: int = 0
    accepted: list[MarketTrade] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    record: TradeRecord = field(default_factory=lambda: TradeRecord("ETHUSDT"))

    def __post_init__(self) -> None:
        self.times = [trade.time_ns for trade in self.tape]

    def suspect(self, now: int) -> None:
        self.record.suspect(now, "a test", now + self.clock_error_ns)

    def streamed(self, trades: list[MarketTrade]) -> None:
        self.accepted += self.record.offer(trades)

    def last_trades(self, now: int) -> list[MarketTrade]:
        """What REST serves at a moment."""
        end = bisect_right(self.times, now)
        return self.tape[max(0, end - SERVED) : end]

    def answered(self, asked: int, served: int, is_live: bool) -> None:
        healed = self.record.answer(self.last_trades(served), asked, is_live=is_live)
        self.accepted += healed.fresh
        if healed.hole:
            self.holes.append(healed.hole)

    def restart(self) -> None:
        """The program ends and begins again with what it stored."""
        self.record = TradeRecord("ETHUSDT", sorted(self.accepted, key=lambda each: (each.time_ns, each.trade_id)))

    def play(
        self, breaks: list[tuple[int, int]], bad: float, again: float, answers: list[tuple[int, int, int]]
    ) -> None:
        """The whole tape: trades on their way less than the order margin, breaks, refused frames, questions.

        Args:
            breaks: [from, to): what was on its way or happened meanwhile is never streamed.
            bad, again: the shares of frames that cannot be read, and of frames that come twice.
            answers: asked, served, received.
        """
        events = self._stream(breaks, bad, again)
        events += [(start, 1, self.suspect, (start,)) for start, _ in breaks]
        events += [(end, 3, self._join_list, (end,)) for _, end in breaks]
        for asked, served, received in answers:
            is_live = not any(start <= asked < end for start, end in breaks)
            events.append((received, 2, self.answered, (asked, served, is_live)))
        for _, _, act, arguments in sorted(events, key=lambda event: event[:2]):
            act(*arguments)

    def _stream(self, breaks: list[Span], bad: float, again: float) -> list[Event]:
        events: list[Event] = []
        for trade in self.tape:
            comes = trade.time_ns + self.chance.randrange(ORDER_MARGIN_NS)
            if any(trade.time_ns < end and comes >= start for start, end in breaks):
                continue
            if self.chance.random() < bad:
                events.append((comes, 0, self.suspect, (comes,)))
                continue
            events.append((comes, 0, self.streamed, ([trade],)))
            if self.chance.random() < again:
                events.append((comes + self.chance.randrange(SECOND), 0, self.streamed, ([trade],)))
        return events

    def _join_list(self, now: int) -> None:
        """On joining a few of the last trades may come as a list."""
        few = self.chance.choice([0, 0, 1, 10, SERVED])
        end = bisect_left(self.times, now)
        self.streamed(self.tape[max(0, end - few) : end])
