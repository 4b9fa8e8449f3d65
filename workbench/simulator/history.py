"""Everything that ever happened in one pair, and the candles of it."""

from bisect import bisect_right
from decimal import Decimal
from typing import NamedTuple

MINUTE_MS = 60_000
ID_FACTOR = 100_000
"""A trade's number is its time in milliseconds with five digits behind."""


class ExchangeTrade(NamedTuple):
    """One trade as it is known for good; ``side`` (buy or sell) is the taker's, price and amount are decimals."""

    trade_id: int
    time_ms: int
    side: str
    price: str
    amount: str


class Bar(NamedTuple):
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    value: Decimal
    """Traded in quote currency."""


class PairHistory:
    """All trades in the order in which they happened; the minutes are added up when somebody asks for them."""

    def __init__(self) -> None:
        self.trades: list[ExchangeTrade] = []
        self._minutes: dict[int, Bar] = {}
        self._counted = 0

    def after(self, trade_id: int, limit: int) -> list[ExchangeTrade]:
        """Up to ``limit`` trades with a number above; numbers always rise."""
        first = bisect_right(self.trades, trade_id, key=lambda trade: trade.trade_id)
        return self.trades[first : first + limit]

    def minutes(self) -> dict[int, Bar]:
        """By the time of the open, in milliseconds; only minutes with a trade."""
        while self._counted < len(self.trades):
            trade = self.trades[self._counted]
            self._counted += 1
            start = trade.time_ms - trade.time_ms % MINUTE_MS
            price, amount = Decimal(trade.price), Decimal(trade.amount)
            bar = Bar(price, price, price, price, amount, price * amount)
            self._minutes[start] = join_bars(self._minutes[start], bar) if start in self._minutes else bar
        return self._minutes

    def bars(self, interval_ms: int, *, flat: bool, until_ms: int) -> dict[int, Bar]:
        """Bars of one length in order of time.

        Args:
            flat: fill each bar without a trade, up to ``until_ms``, with the close before and volume 0.
        """
        bars: dict[int, Bar] = {}
        for minute, bar in sorted(self.minutes().items()):
            start = minute - minute % interval_ms
            bars[start] = join_bars(bars[start], bar) if start in bars else bar
        return _filled(bars, interval_ms, until_ms) if flat else bars


def join_bars(first: Bar, second: Bar) -> Bar:
    """One bar of two that follow each other."""
    return Bar(
        first.open,
        max(first.high, second.high),
        min(first.low, second.low),
        second.close,
        first.volume + second.volume,
        first.value + second.value,
    )


def _filled(bars: dict[int, Bar], interval_ms: int, until_ms: int) -> dict[int, Bar]:
    filled: dict[int, Bar] = {}
    if not bars:
        return filled
    last = next(iter(bars.values()))
    for start in range(next(iter(bars)), until_ms + 1, interval_ms):
        close = last.close
        last = bars.get(start, Bar(close, close, close, close, Decimal(0), Decimal(0)))
        filled[start] = last
    return filled
