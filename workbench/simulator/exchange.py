"""The simulated exchange without its network: tapes become dated trades, books and candles. Time is an argument."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from workbench.simulator.book import OrderBook
from workbench.simulator.history import ID_FACTOR, Bar, ExchangeTrade, PairHistory, join_bars
from workbench.simulator.market import Market
from workbench.simulator.tape import Happening

DAY_MINUTES = 1440


@dataclass(frozen=True)
class Day:
    """The last 24 hours of a pair, as tickers tell it."""

    bar: Bar
    bid: tuple[str, str]
    ask: tuple[str, str]
    average: Decimal
    change: Decimal
    change_percent: Decimal


class PairExchange:
    """One pair: its tape, everything that happened so far, its book."""

    def __init__(self, market: Market, tape: Iterator[Happening], *, seed: int) -> None:
        self.market = market
        self.history = PairHistory()
        self.book = OrderBook(market, seed=seed)
        self._tape = tape
        self._next = next(tape, None)
        self._ahead_ms = 0

    @property
    def last_price(self) -> Decimal:
        trades = self.history.trades
        return Decimal(trades[-1].price) if trades else self.market.first_price

    def advance(self, elapsed_ms: int, start_ms: int, most: float = math.inf) -> list[ExchangeTrade]:
        """What the tape has up to now, or the first of it; ``start_ms`` is the exchange's date of elapsed 0."""
        known = len(self.history.trades)
        while self._next is not None and self._next.elapsed_ms - self._ahead_ms <= elapsed_ms:
            if len(self.history.trades) >= known + most:
                break
            self._happen(self._next, start_ms + self._next.elapsed_ms - self._ahead_ms)
        self.history.minutes()  # a little at a time, so that no heartbeat has to wait for many
        return self.history.trades[known:]

    def burst(self, count: int, elapsed_ms: int, start_ms: int) -> list[ExchangeTrade]:
        """The tape's next trades at once; what follows them keeps its distance to them."""
        known = len(self.history.trades)
        while self._next is not None and len(self.history.trades) < known + count:
            self._ahead_ms = max(self._ahead_ms, self._next.elapsed_ms - elapsed_ms)
            self._happen(self._next, start_ms + elapsed_ms)
        return self.history.trades[known:]

    def day(self) -> Day:
        """The last 24 hours, or the first price before the first trade."""
        minutes = self.history.minutes()
        if minutes:
            since = max(minutes) - DAY_MINUTES * 60_000
            bars = [bar for start, bar in sorted(minutes.items()) if start > since]
        else:
            price = self.last_price
            bars = [Bar(price, price, price, price, Decimal(0), Decimal(0))]
        bar = bars[0]
        for following in bars[1:]:
            bar = join_bars(bar, following)
        state = self.book.state
        change = bar.close - bar.open
        return Day(
            bar=bar,
            bid=next(iter(state.bids.items())),
            ask=next(iter(state.asks.items())),
            average=(bar.value / bar.volume).quantize(Decimal("0.0000001")) if bar.volume else bar.close,
            change=change,
            change_percent=(change / bar.open * 100).quantize(Decimal("0.01")),
        )

    def _happen(self, happening: Happening, time_ms: int) -> None:
        trades = self.history.trades
        last_id = trades[-1].trade_id if trades else 0
        trade_id = max(time_ms * ID_FACTOR, last_id) + happening.id_step
        trades.append(ExchangeTrade(trade_id, time_ms, happening.side, happening.price, happening.amount))
        self._next = next(self._tape, None)
