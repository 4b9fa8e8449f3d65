"""An order book around the last price: its best prices follow the trades, its amounts change a little at each beat."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from workbench.simulator.market import Market
from workbench.simulator.tape import decimal_text

LEVELS = 25
CHANGED = 4
"""Amounts that change at a beat although the price has not moved."""
ADDED, CHANGED_KIND, REMOVED = 0, 1, 2
"""What CP may mean: the values are not documented, so no reader should rely on them."""

Side = dict[str, str]
"""Price to amount, best price first."""


@dataclass(frozen=True)
class BookState:
    """One change set: the whole book, and the rows in which it differs from the one before."""

    change_set: int
    asks: Side
    bids: Side
    ask_changes: list[dict[str, Any]]
    bid_changes: list[dict[str, Any]]


class OrderBook:
    """The book of one pair; ``beat`` makes the next change set."""

    def __init__(self, market: Market, *, seed: int) -> None:
        self._market = market
        self._random = np.random.default_rng([seed, market.number, 7])
        self._amounts: dict[tuple[str, int], str] = {}
        self.state = BookState(int(self._random.integers(10_000, 1_000_000)), {}, {}, [], [])
        self.beat(market.first_price)

    def beat(self, last_price: Decimal) -> BookState:
        """The next change set, its best bid at or just below the last price."""
        bid = max(LEVELS, int(last_price / self._market.tick_size))
        kept = {key: amount for key, amount in self._amounts.items() if abs(key[1] - bid) <= 2 * LEVELS}
        for key in [list(kept)[k] for k in self._random.integers(0, len(kept), CHANGED)] if kept else []:
            kept.pop(key, None)
        self._amounts = kept
        asks, bids = self._side("asks", bid + 1, 1), self._side("bids", bid, -1)
        before = self.state
        self.state = BookState(
            before.change_set + 1, asks, bids, _changes(before.asks, asks), _changes(before.bids, bids)
        )
        return self.state

    def _side(self, name: str, best: int, step: int) -> Side:
        ticks = [best + step * k for k in range(LEVELS)]
        units = int(self._market.tick_size.scaleb(self._market.price_decimals))
        prices = [decimal_text(tick * units, self._market.price_decimals) for tick in ticks if tick > 0]
        return {price: self._amount(name, tick) for price, tick in zip(prices, ticks, strict=False)}

    def _amount(self, name: str, tick: int) -> str:
        if (name, tick) not in self._amounts:
            value = float(np.exp(self._random.normal())) * self._market.typical_value
            lots = round(value / (tick * float(self._market.tick_size)) * 10**self._market.amount_decimals)
            self._amounts[name, tick] = decimal_text(max(1, lots), self._market.amount_decimals)
        return self._amounts[name, tick]


def _changes(before: Side, after: Side) -> list[dict[str, Any]]:
    gone = [{"A": "0", "P": price, "CP": REMOVED} for price in before if price not in after]
    return gone + [
        {"A": amount, "P": price, "CP": CHANGED_KIND if price in before else ADDED}
        for price, amount in after.items()
        if before.get(price) != amount
    ]
