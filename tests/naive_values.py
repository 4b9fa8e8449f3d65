"""What the naive engine is given, keeps and gives back, and the few comparisons and sums its rules speak of."""

import math
import statistics
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from workbench.engine.costs import FRACTION_UNITS, Costs
from workbench.model.order import Liquidity, OrderStatus, OrderType, Reason, Side, TimeInForce

NONE = -1
"""No such price, no such fraction; as ``lots``: not decided yet."""
NEVER = -1
"""No expiry."""


@dataclass(frozen=True)
class Market:
    """Bars as lists of whole ticks; volume in base currency; ``tick`` and ``lot`` are (numerator, denominator)."""

    open: list[int]
    high: list[int]
    low: list[int]
    close: list[int]
    volume: list[float]
    tick: tuple[int, int] = (1, 1)
    lot: tuple[int, int] = (1, 1)
    minimum_notional: float = 0.0
    bars_per_year: float = 365.0

    def price(self, ticks: int) -> float:
        return ticks * self.tick[0] / self.tick[1]

    def quantity(self, lots: int) -> float:
        return lots * self.lot[0] / self.lot[1]


@dataclass
class Order:
    """One row of the result. ``lots`` stays -1 while a by-exposure order was never decided."""

    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    lots: int
    exposure: float | None = None
    limit_ticks: int = NONE
    stop_ticks: int = NONE
    expire_bar: int = NEVER
    reduce_only: bool = False
    stop_loss: int = NONE
    take_profit: int = NONE
    trailing_stop: int = NONE
    reason: Reason = Reason.STRATEGY
    order_id: int = -1
    placed_bar: int = -1
    active_bar: int = -1
    filled_lots: int = 0
    status: OrderStatus = OrderStatus.OPEN
    end_reason: Reason = Reason.NONE
    triggered: bool = False
    levels_set: bool = False


@dataclass(frozen=True)
class Request:
    """What a strategy asks for at a close: ``kind`` is "place", "cancel" or "replace".

    "cancel" reads ``order_id`` (and ``end_reason``), "replace" reads ``order_id``, ``lots``, ``limit_ticks`` and
    ``stop_ticks``. "place" reads the rest; with an ``exposure``, ``lots`` and ``side`` mean nothing.
    """

    kind: str = "place"
    side: Side = Side.BUY
    order_type: OrderType = OrderType.MARKET
    time_in_force: TimeInForce = TimeInForce.GTC
    lots: int = NONE
    exposure: float | None = None
    limit_ticks: int = NONE
    stop_ticks: int = NONE
    expire_bar: int = NEVER
    reduce_only: bool = False
    stop_loss: int = NONE
    take_profit: int = NONE
    trailing_stop: int = NONE
    order_id: int = -1
    reason: Reason = Reason.STRATEGY
    end_reason: Reason = Reason.REQUESTED

    def as_order(self, original: Order | None) -> Order:
        """The order asked for; a replacement takes all but lots and prices from ``original`` and starts afresh.

        A price that the order's type does not have is dropped.
        """
        source = self if original is None else original
        exposure = self.exposure if original is None else None
        has_limit = source.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT)
        has_stop = source.order_type in (OrderType.STOP, OrderType.STOP_LIMIT)
        return Order(
            side=source.side,
            order_type=source.order_type,
            time_in_force=source.time_in_force,
            lots=self.lots if exposure is None else NONE,
            exposure=exposure,
            limit_ticks=self.limit_ticks if has_limit else NONE,
            stop_ticks=self.stop_ticks if has_stop else NONE,
            expire_bar=source.expire_bar,
            reduce_only=source.reduce_only,
            stop_loss=source.stop_loss,
            take_profit=source.take_profit,
            trailing_stop=source.trailing_stop,
            reason=source.reason,
        )


@dataclass(frozen=True)
class Fill:
    order_id: int
    bar: int
    side: Side
    lots: int
    price_ticks: int
    fee: float
    liquidity: Liquidity


@dataclass(frozen=True)
class AccountView:
    """The account at a close; ``open_orders`` are the ids of the strategy's own orders that have not ended."""

    cash: float
    position: int
    equity: float
    open_orders: tuple[int, ...]


@dataclass(frozen=True)
class NaiveResult:
    orders: list[Order]
    fills: list[Fill]
    equity: list[float]
    ruined_bar: int | None
    cash: float
    position: int


def sign(number: int) -> int:
    return (number > 0) - (number < 0)


def reaches_stop(side: Side, ticks: int, stop: int) -> bool:
    """At or beyond: a buy stop is reached from below, a sell stop (a long position's stop level) from above."""
    return ticks >= stop if side is Side.BUY else ticks <= stop


def at_or_better(side: Side, ticks: int, limit: int) -> bool:
    return ticks <= limit if side is Side.BUY else ticks >= limit


def through(side: Side, ticks: int, limit: int, costs: Costs) -> bool:
    """Through the limit of a resting order; a mere touch counts where the costs say so."""
    return at_or_better(side, ticks, limit) and (ticks != limit or costs.limit_fills_on_touch)


def fraction_of(ticks: int, millionths: int) -> int:
    """ceil(ticks * fraction)."""
    return math.ceil(Fraction(ticks * millionths, FRACTION_UNITS))


def whole_lots(quantity: float, lot: tuple[int, int]) -> int:
    """Towards zero, except that a millionth of a lot short of a whole one is float noise."""
    numerator, denominator = lot
    lots = abs(quantity) * denominator / numerator
    whole = round(lots) if abs(lots - round(lots)) <= 1e-6 else math.floor(lots)
    return whole if quantity >= 0 else -whole


def volatility_fraction(market: Market, bar: int, annual_volatility: float, window: int) -> float:
    """min(1, target / realized), realized from the last ``window`` returns at ``bar``; 0 where there is none."""
    if bar < window:
        return 0.0
    closes = market.close[bar - window : bar + 1]
    growth = [Fraction(after, before) for before, after in pairwise(closes)]
    if len(set(growth)) == 1:
        return 0.0
    realized = statistics.stdev(float(g) - 1 for g in growth) * math.sqrt(market.bars_per_year)
    return min(1.0, annual_volatility / realized)
