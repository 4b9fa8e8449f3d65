"""What one frame of the exchange becomes: typed values, prices in whole ticks, amounts in whole lots.

Plain msgspec structs: a feed makes tens of thousands a second. Times are the exchange's, nanoseconds UTC.
"""

from decimal import Decimal

import msgspec

from workbench.model.market_trade import MarketTrade

Level = tuple[int, int]
"""One price of a book: (price in ticks, amount in lots); amount 0 means the price is gone."""


class Welcome(msgspec.Struct, frozen=True, gc=False):
    """The first frame after connecting: the protocol's version, and the oldest that still works."""

    current: str
    minimum: str


class Result(msgspec.Struct, frozen=True, gc=False):
    """The answer to a subscription; ``text`` names it, such as ``join|trade:ETHUSDT``."""

    ok: bool
    text: str


class MarketTick(msgspec.Struct, frozen=True, gc=False):
    """The best prices and the last one; None where that side of the book is empty. The wire gives it no time."""

    pair: str
    bid_ticks: int | None
    ask_ticks: int | None
    bid_lots: int
    ask_lots: int
    last_ticks: int
    volume: Decimal


class MarketTradeList(msgspec.Struct, frozen=True, gc=False):
    """Market trades of one frame, oldest first. ``is_list`` where the frame was a list (on joining: recent ones)."""

    pair: str
    trades: tuple[MarketTrade, ...]
    is_list: bool


class OrderBookSnapshot(msgspec.Struct, frozen=True, gc=False):
    """A whole book; ``diffs_follow`` where it came by the channel of changes."""

    pair: str
    change_set: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    diffs_follow: bool


class OrderBookChange(msgspec.Struct, frozen=True, gc=False):
    """Prices whose amount is another one now. Change sets follow on by one."""

    pair: str
    change_set: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


class ExchangeCandle(msgspec.Struct, frozen=True, gc=False):
    """The exchange's own candle, still forming, or just closed."""

    pair: str
    minutes: int
    open_time_ns: int
    open_ticks: int
    high_ticks: int
    low_ticks: int
    close_ticks: int
    volume: Decimal


class Ignored(msgspec.Struct, frozen=True, gc=False):
    """A frame of no interest here (private channels, requests) or of a code not known."""

    code: int
    is_known: bool


Value = Welcome | Result | MarketTick | MarketTradeList | OrderBookSnapshot | OrderBookChange | ExchangeCandle | Ignored
