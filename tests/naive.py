"""The slow, obvious twin of the order-matching kernel, written from the numbered rules of its header alone.

Each method names the rules it holds. Prices are whole ticks and quantities whole lots; money is float. A reader checks
this file (rules 1 to 15 and 24) and ``naive_account.py`` (16 to 23) against the rules line by line; nothing here is
meant to be fast.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.naive_account import Account
from tests.naive_values import (
    NEVER,
    NONE,
    AccountView,
    Market,
    NaiveResult,
    Order,
    Request,
    at_or_better,
    reaches_stop,
    sign,
    through,
)
from workbench.engine.costs import Costs
from workbench.engine.sizing import Sizing
from workbench.model.order import Liquidity, OrderStatus, OrderType, Reason, Side, TimeInForce

IMMEDIATE = (TimeInForce.IOC, TimeInForce.FOK)

Decide = Callable[[int, AccountView], list[Request]]


@dataclass
class Cancel:
    """A cancel on its way; with a replacement where the strategy asked for one."""

    due_bar: int
    order: Order
    end_reason: Reason
    replacement: Order | None = None


@dataclass
class Naive(Account):
    """One run: the phases of each bar, and the orders and cancels on their way."""

    cancels: list[Cancel] = field(default_factory=list)

    def run_bar(self, bar: int, decide: Decide) -> None:
        """Rule 2: open, inside, close."""
        self.bar = bar
        self.inside_fills = []
        self.open, self.high = self.market.open[bar], self.market.high[bar]
        self.low, self.close = self.market.low[bar], self.market.close[bar]
        self.start_volume()
        self.rule_3_cancels_and_expiry()
        self.rule_4_levels_at_the_open()
        self.rule_5_orders_at_the_open()
        self.rule_6_immediate_orders()
        self.rule_7_stop_level()
        self.rule_8_stops()
        self.rule_9_limits()
        self.rule_7_stop_level()  # rule 10: for what rules 8 and 9 made; for anything else it is a second no
        self.rule_11_take_profit()
        self.rule_12_ruin()
        self.rule_13_trailing()
        self.equity.append(self.equity_at(self.close))  # rule 14
        self.rule_15_decide(decide)

    # Rules 1, 3, 22, 24: how orders come and go.

    def rule_15_decide(self, decide: Decide) -> None:
        if self.ruined_bar is not None:  # rule 12: nothing is ever placed again
            return
        own = (Reason.STRATEGY, Reason.SIGNAL)
        mine = tuple(o.order_id for o in self.orders if o.status is OrderStatus.OPEN and o.reason in own)
        view = AccountView(self.cash, self.position, self.equity[-1], mine)
        due_bar = self.bar + 1 + self.costs.latency_bars  # rule 1
        for request in decide(self.bar, view):
            if request.kind == "cancel":
                self.cancels.append(Cancel(due_bar, self.orders[request.order_id], request.end_reason))
            else:
                self.accept(request, due_bar)

    def accept(self, request: Request, due_bar: int) -> None:
        """A new order, or a replacement: new lots and prices, all else as the original."""
        original = self.orders[request.order_id] if request.kind == "replace" else None
        order = self.place(request.as_order(original), due_bar)
        if order.exposure is None and order.lots < 1:  # rule 22
            self.end(order, OrderStatus.REJECTED, Reason.BELOW_LOT)
        elif not makes_sense(order) or (original is not None and original.exposure is not None):
            self.end(order, OrderStatus.REJECTED, Reason.INVALID)
        elif original is not None:
            self.cancels.append(Cancel(due_bar, original, Reason.REPLACED, order))

    def rule_3_cancels_and_expiry(self) -> None:
        for cancel in [c for c in self.cancels if c.due_bar == self.bar]:
            if cancel.order.status is OrderStatus.OPEN:
                self.end(cancel.order, OrderStatus.CANCELLED, cancel.end_reason)
            elif cancel.replacement is not None and cancel.replacement.status is OrderStatus.OPEN:
                self.end(cancel.replacement, OrderStatus.REJECTED, Reason.ORDER_GONE)
        for order in self.waiting():
            if order.time_in_force is TimeInForce.GTT and order.expire_bar <= self.bar:
                self.end(order, OrderStatus.EXPIRED)

    # Rules 4 to 6: at the open.

    def rule_4_levels_at_the_open(self) -> None:
        if not self.position:
            return
        leaving = Side(-sign(self.position))
        level, reason = self.tighter_stop()
        if level != NONE and reaches_stop(leaving, self.open, level):
            self.leave_by_stop(self.open, reason)
        elif self.target_level != NONE and through(leaving, self.open, self.target_level, self.costs):
            self.leave_by_target()

    def rule_5_orders_at_the_open(self) -> None:
        for order in self.waiting():
            if order.status is OrderStatus.OPEN and order.lots == NONE:
                self.rule_18_decide_quantity(order)
            if order.status is OrderStatus.OPEN:
                self.meet_the_open(order)

    def meet_the_open(self, order: Order) -> None:
        if order.order_type in (OrderType.STOP, OrderType.STOP_LIMIT) and not order.triggered:
            if not reaches_stop(order.side, self.open, order.stop_ticks):
                return
            order.triggered = True
            marketable = order.order_type is OrderType.STOP or at_or_better(order.side, self.open, order.limit_ticks)
            if marketable:
                self.fill(order, self.open, Liquidity.TAKER)
        elif order.order_type in (OrderType.MARKET, OrderType.STOP):
            self.fill(order, self.open, Liquidity.TAKER)
        elif order.order_type is OrderType.LIMIT and order.active_bar == self.bar:
            if at_or_better(order.side, self.open, order.limit_ticks):
                self.fill(order, self.open, Liquidity.TAKER)
        elif through(order.side, self.open, order.limit_ticks, self.costs):
            self.fill(order, order.limit_ticks, Liquidity.MAKER)

    def rule_6_immediate_orders(self) -> None:
        for order in self.waiting():
            if order.time_in_force is TimeInForce.IOC:
                self.end(order, OrderStatus.CANCELLED, Reason.IMMEDIATE_REMAINDER)
            elif order.time_in_force is TimeInForce.FOK:
                self.end(order, OrderStatus.CANCELLED, Reason.NOT_IN_FULL)

    # Rules 7 to 11: inside the bar.

    def rule_7_stop_level(self) -> None:
        level, reason = self.tighter_stop()
        if level == NONE:
            return
        if self.position > 0 and self.low <= level:
            self.leave_by_stop(min(level, self.high), reason)
        elif self.position < 0 and self.high >= level:
            self.leave_by_stop(max(level, self.low), reason)

    def rule_8_stops(self) -> None:
        self.triggered_inside: list[int] = []
        for order in self.waiting():
            if order.order_type not in (OrderType.STOP, OrderType.STOP_LIMIT) or order.triggered:
                continue
            extreme = self.high if order.side is Side.BUY else self.low
            if order.status is not OrderStatus.OPEN or not reaches_stop(order.side, extreme, order.stop_ticks):
                continue
            order.triggered = True
            self.triggered_inside.append(order.order_id)
            is_stop = order.order_type is OrderType.STOP
            if is_stop or at_or_better(order.side, order.stop_ticks, order.limit_ticks):
                self.fill_inside(8, order, order.stop_ticks, Liquidity.TAKER)

    def rule_9_limits(self) -> None:
        for order in self.waiting():
            resting = order.order_type is OrderType.LIMIT or (
                order.order_type is OrderType.STOP_LIMIT
                and order.triggered
                and order.order_id not in self.triggered_inside
            )
            if not resting or order.status is not OrderStatus.OPEN:
                continue
            extreme = self.low if order.side is Side.BUY else self.high
            if through(order.side, extreme, order.limit_ticks, self.costs):
                self.fill_inside(9, order, order.limit_ticks, Liquidity.MAKER)

    def fill_inside(self, rule: int, order: Order, reference: int, liquidity: Liquidity) -> None:
        fills_before = len(self.fills)
        self.fill(order, reference, liquidity)
        if len(self.fills) > fills_before:
            self.inside_fills.append((rule, order.side))

    def rule_11_take_profit(self) -> None:
        if self.target_level == NONE or (9, sign(self.position)) in self.inside_fills:
            return
        leaving = Side(-sign(self.position))
        extreme = self.high if leaving is Side.SELL else self.low
        if through(leaving, extreme, self.target_level, self.costs):
            self.leave_by_target()

    # Rules 12 to 14: at the close.

    def rule_12_ruin(self) -> None:
        worst = self.low if self.position > 0 else self.high
        if self.ruined_bar is not None or self.equity_at(worst) > 0:
            return
        self.ruined_bar = self.bar
        for order in self.orders:
            if order.status is OrderStatus.OPEN:
                self.end(order, OrderStatus.CANCELLED, Reason.RUIN)
        if self.position:
            order = self.place(self.leaving_order(OrderType.MARKET, Reason.RUIN), self.bar)
            self.book(order, order.lots, worst, Liquidity.TAKER)

    def rule_13_trailing(self) -> None:
        if self.trailing_mark == NONE:
            return
        long = self.position > 0
        entered_inside = any(side == sign(self.position) for _, side in self.inside_fills)
        best = self.close if entered_inside else self.high if long else self.low
        mark = max(self.trailing_mark, best) if long else min(self.trailing_mark, best)
        self.set_trailing(mark, self.trailing_fraction)


def makes_sense(order: Order) -> bool:
    """Rule 22: every price its type needs, no waiting stop in an immediate order, an expiry where one is promised."""
    needs_limit = order.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT)
    needs_stop = order.order_type in (OrderType.STOP, OrderType.STOP_LIMIT)
    if (needs_limit and order.limit_ticks < 1) or (needs_stop and order.stop_ticks < 1):
        return False
    if needs_stop and order.time_in_force in IMMEDIATE:
        return False
    return order.time_in_force is not TimeInForce.GTT or order.expire_bar != NEVER


def run(
    market: Market, costs: Costs, sizing: Sizing, initial_cash: float, allow_short: bool, decide: Decide
) -> NaiveResult:
    """All bars of ``market``; ``decide`` is asked at each close (rule 15) until ruin."""
    naive = Naive(market, costs, sizing, initial_cash, allow_short)
    for bar in range(len(market.close)):
        naive.run_bar(bar, decide)
    return NaiveResult(naive.orders, naive.fills, naive.equity, naive.ruined_bar, naive.cash, naive.position)


def run_signals(
    market: Market,
    costs: Costs,
    sizing: Sizing,
    initial_cash: float,
    allow_short: bool,
    exposure: Sequence[float],
    stop_loss: int = NONE,
    take_profit: int = NONE,
    trailing_stop: int = NONE,
) -> NaiveResult:
    """Rule 24."""

    def decide(bar: int, view: AccountView) -> list[Request]:
        if exposure[bar] == (exposure[bar - 1] if bar else 0):
            return []
        cancels = [Request("cancel", order_id=i, end_reason=Reason.REPLACED) for i in view.open_orders]
        signal = Request(
            exposure=exposure[bar],
            reason=Reason.SIGNAL,
            stop_loss=stop_loss,
            take_profit=take_profit,
            trailing_stop=trailing_stop,
        )
        return [*cancels, signal]

    return run(market, costs, sizing, initial_cash, allow_short, decide)
