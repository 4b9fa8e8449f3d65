"""An order book made of one whole book and the changes after it. Pure.

Change sets follow on by one. A number that does not means that something was lost: the book is then unknown until a
whole one comes, never wrong.
"""

from dataclasses import dataclass, field

from workbench.data.btcturk.values import Level, OrderBookChange, OrderBookSnapshot


@dataclass
class OrderBook:
    """One pair's book: price in ticks -> amount in lots, for each side."""

    bids: dict[int, int] = field(default_factory=dict)
    asks: dict[int, int] = field(default_factory=dict)
    change_set: int | None = None
    rebuilds: int = 0

    @property
    def is_known(self) -> bool:
        return self.change_set is not None

    def replace(self, snapshot: OrderBookSnapshot) -> None:
        """Start from a whole book."""
        self.bids, self.asks = {}, {}
        _apply(self.bids, snapshot.bids)
        _apply(self.asks, snapshot.asks)
        self.change_set = snapshot.change_set

    def change(self, change: OrderBookChange) -> bool:
        """Apply a change; False where one before it is missing: the book is then unknown until :meth:`replace`.

        A change that the book already holds (its number is not above the book's) is left out.
        """
        if self.change_set is None:
            return False
        if change.change_set <= self.change_set:
            return True
        if change.change_set != self.change_set + 1:
            self.forget()
            return False
        _apply(self.bids, change.bids)
        _apply(self.asks, change.asks)
        self.change_set = change.change_set
        return True

    def forget(self) -> None:
        """Nothing is known any more."""
        if self.is_known:
            self.rebuilds += 1
        self.bids, self.asks, self.change_set = {}, {}, None

    @property
    def best_bid_ticks(self) -> int | None:
        return max(self.bids, default=None)

    @property
    def best_ask_ticks(self) -> int | None:
        return min(self.asks, default=None)


def _apply(side: dict[int, int], levels: tuple[Level, ...]) -> None:
    for ticks, lots in levels:
        if lots:
            side[ticks] = lots
        else:
            side.pop(ticks, None)
