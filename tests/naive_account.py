"""The account of the naive engine: rules 16 to 23, what a fill is and what it does."""

import math
from dataclasses import dataclass, field

from tests.naive_values import (
    NONE,
    Fill,
    Market,
    Order,
    fraction_of,
    sign,
    volatility_fraction,
    whole_lots,
)
from workbench.engine.costs import Costs
from workbench.engine.sizing import FIXED_QUANTITY, FIXED_QUOTE, VOLATILITY_TARGET, Sizing
from workbench.model.order import Liquidity, OrderStatus, OrderType, Reason, Side, TimeInForce

PROTECTIVE = (Reason.STOP_LOSS, Reason.TAKE_PROFIT, Reason.TRAILING_STOP)


@dataclass
class Account:
    """Cash, position, levels, orders and fills, and the bar at hand."""

    market: Market
    costs: Costs
    sizing: Sizing
    cash: float
    allow_short: bool
    bar: int = 0
    position: int = 0
    stop_level: int = NONE
    trailing_level: int = NONE
    trailing_mark: int = NONE
    trailing_fraction: int = NONE
    target_level: int = NONE
    volume_left: float = math.inf
    inside_fills: list[tuple[int, Side]] = field(default_factory=list)  # (rule, side of the order) of this bar
    orders: list[Order] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    equity: list[float] = field(default_factory=list)
    ruined_bar: int | None = None

    def place(self, order: Order, active_bar: int) -> Order:
        order.order_id, order.placed_bar, order.active_bar = len(self.orders), self.bar, active_bar
        self.orders.append(order)
        return order

    def end(self, order: Order, status: OrderStatus, reason: Reason = Reason.NONE) -> None:
        order.status, order.end_reason = status, reason

    def waiting(self) -> list[Order]:
        """Orders at the market that are still open, in the order of placement (rule 2)."""
        return [o for o in self.orders if o.status is OrderStatus.OPEN and o.active_bar <= self.bar]

    def equity_at(self, ticks: int) -> float:
        return self.cash + self.market.quantity(self.position) * self.market.price(ticks)

    # Rules 16 to 22: fills.

    def fill(self, order: Order, reference: int, liquidity: Liquidity) -> None:
        """Fill what can be filled at ``reference``, for a maker his limit."""
        rest = order.lots - order.filled_lots
        whole_or_nothing = order.time_in_force is TimeInForce.FOK
        if self.volume_left == 0 or (whole_or_nothing and self.volume_left < rest):  # rule 21; rule 6 ends a FOK
            return
        price = reference if liquidity is Liquidity.MAKER else self.rule_16_taker_price(order, reference)
        possible, reason = self.rules_19_and_20(order, rest, price, self.fee_rate(liquidity))
        if whole_or_nothing and possible < rest:  # rule 6
            return
        if possible == 0:
            rejected = reason is Reason.INSUFFICIENT_CASH and order.filled_lots == 0
            self.end(order, OrderStatus.REJECTED if rejected else OrderStatus.CANCELLED, reason)
        elif self.rule_22_too_small(order, possible, price):
            self.end(order, OrderStatus.REJECTED, Reason.BELOW_MINIMUM_NOTIONAL)
        else:
            lots = int(min(possible, self.volume_left))
            self.volume_left -= lots
            self.book(order, lots, price, liquidity, cut_reason=reason if lots == possible else None)

    def start_volume(self) -> None:
        """Rule 21."""
        share = self.costs.max_volume_share
        quantity = math.inf if share is None else share * self.market.volume[self.bar]
        self.volume_left = quantity if share is None else whole_lots(quantity, self.market.lot)

    def rule_16_taker_price(self, order: Order, reference: int) -> int:
        adverse = fraction_of(reference, self.costs.adverse_units)
        limit = order.limit_ticks if order.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT) else NONE
        if order.side is Side.BUY:
            price = reference + adverse
            return price if limit == NONE else min(limit, price)
        return max(1, reference - adverse, limit)

    def fee_rate(self, liquidity: Liquidity) -> float:
        return self.costs.maker_fee_rate if liquidity is Liquidity.MAKER else self.costs.taker_fee_rate

    def rule_18_decide_quantity(self, order: Order) -> None:
        price, value = self.market.price(self.open), self.sizing.value
        equity = max(0.0, self.equity_at(self.open))  # what is owed buys nothing
        if self.sizing.mode == FIXED_QUANTITY:
            size = value
        elif self.sizing.mode == FIXED_QUOTE:
            size = value / price
        elif self.sizing.mode == VOLATILITY_TARGET:
            size = volatility_fraction(self.market, order.placed_bar, value, self.sizing.window) * equity / price
        else:
            size = value * equity / price
        target = whole_lots(order.exposure * size, self.market.lot)
        if target == self.position:
            self.end(order, OrderStatus.CANCELLED, Reason.NO_CHANGE)
            return
        order.side = Side(sign(target - self.position))
        order.lots = abs(target - self.position)

    def rules_19_and_20(self, order: Order, rest: int, price_ticks: int, f: float) -> tuple[int, Reason]:
        """How many of ``rest`` lots the account can carry, and the reason why not all of them."""
        p = self.market.price(price_ticks)
        long_lots, short_lots = max(0, self.position), max(0, -self.position)
        opposite = short_lots if order.side is Side.BUY else long_lots
        if order.reduce_only:  # rule 20; never more than rule 19 grants
            return min(rest, opposite), Reason.NOTHING_TO_REDUCE
        if order.side is Side.BUY:
            affordable = whole_lots(self.cash / (p * (1 + f)), self.market.lot)
            return min(rest, max(short_lots, affordable)), Reason.INSUFFICIENT_CASH
        if not self.allow_short:
            return min(rest, long_lots), Reason.NOTHING_TO_REDUCE
        long, short = self.market.quantity(long_lots), self.market.quantity(short_lots)
        shortable = whole_lots((self.cash + long * p * (1 - f) - 2 * short * p) / (p * (1 + f)), self.market.lot)
        return min(rest, long_lots + max(0, shortable)), Reason.INSUFFICIENT_CASH

    def rule_22_too_small(self, order: Order, lots: int, price_ticks: int) -> bool:
        closes = order.side * lots == -self.position
        notional = self.market.price(price_ticks) * self.market.quantity(lots)
        exempt = closes or order.reduce_only
        return order.filled_lots == 0 and not exempt and notional < self.market.minimum_notional

    def book(
        self, order: Order, lots: int, price_ticks: int, liquidity: Liquidity, cut_reason: Reason | None = None
    ) -> None:
        """Rule 17 and the account; ``cut_reason`` is why nothing more of the order will ever fill, if it is so."""
        price, quantity = self.market.price(price_ticks), self.market.quantity(lots)
        notional, fee = price * quantity, self.fee_rate(liquidity) * price * quantity
        self.cash = self.cash - notional - fee if order.side is Side.BUY else self.cash + notional - fee
        self.fills.append(Fill(order.order_id, self.bar, order.side, lots, price_ticks, fee, liquidity))
        order.filled_lots += lots
        if order.filled_lots == order.lots:
            self.end(order, OrderStatus.FILLED)
        elif cut_reason is not None:
            self.end(order, OrderStatus.CANCELLED, cut_reason)
        self.move_position(order, lots, price_ticks)

    # Rule 23: protection.

    def move_position(self, order: Order, lots: int, price_ticks: int) -> None:
        side_before, opens = sign(self.position), self.position * order.side <= 0
        self.position += order.side * lots
        if side_before and sign(self.position) != side_before:
            self.drop_levels()
            for other in self.orders:
                if other.status is OrderStatus.OPEN and other.reason in PROTECTIVE:
                    self.end(other, OrderStatus.CANCELLED, Reason.POSITION_CLOSED)
        if sign(self.position) == order.side and (opens or not order.levels_set):
            order.levels_set = True
            self.set_levels(order, price_ticks)

    def set_levels(self, order: Order, p: int) -> None:
        """Each fraction the order carries sets its level; levels for which it carries none stay as they are."""
        if order.stop_loss != NONE:
            self.stop_level = max(1, p - order.side * fraction_of(p, order.stop_loss))
        if order.take_profit != NONE:
            self.target_level = max(1, p + order.side * fraction_of(p, order.take_profit))
        if order.trailing_stop != NONE:
            self.set_trailing(p, order.trailing_stop)

    def set_trailing(self, mark: int, fraction: int) -> None:
        self.trailing_mark, self.trailing_fraction = mark, fraction
        self.trailing_level = max(1, mark - sign(self.position) * fraction_of(mark, fraction))

    def drop_levels(self) -> None:
        self.stop_level = self.target_level = NONE
        self.trailing_level = self.trailing_mark = self.trailing_fraction = NONE

    def tighter_stop(self) -> tuple[int, Reason]:
        levels = [(self.stop_level, Reason.STOP_LOSS), (self.trailing_level, Reason.TRAILING_STOP)]
        present = [pair for pair in levels if pair[0] != NONE]
        if not present:
            return NONE, Reason.NONE
        return max(present, key=lambda pair: sign(self.position) * pair[0])  # the first of equal levels: STOP_LOSS

    def leaving_order(self, order_type: OrderType, reason: Reason, limit_ticks: int = NONE) -> Order:
        for entry in self.waiting():  # rule 24
            if entry.reason is Reason.SIGNAL and entry.lots != NONE and entry.side == sign(self.position):
                self.end(entry, OrderStatus.CANCELLED, Reason.POSITION_CLOSED)
        side, lots = Side(-sign(self.position)), abs(self.position)
        return Order(side, order_type, TimeInForce.GTC, lots, limit_ticks=limit_ticks, reduce_only=True, reason=reason)

    def leave_by_stop(self, reference: int, reason: Reason) -> None:
        order = self.place(self.leaving_order(OrderType.MARKET, reason), self.bar)
        self.drop_levels()
        self.fill(order, reference, Liquidity.TAKER)

    def leave_by_target(self) -> None:
        level, self.target_level = self.target_level, NONE
        order = self.place(self.leaving_order(OrderType.LIMIT, Reason.TAKE_PROFIT, level), self.bar)
        self.fill(order, level, Liquidity.MAKER)
