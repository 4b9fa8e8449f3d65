"""The order-matching kernel. These numbered rules are its contract; ``tests/naive.py`` is their slow twin.

Prices are ticks, quantities are lots, both whole numbers. O, H, L, C are the bar's prices. Rules are told for a long
position and a buy order; the short position and the sell order are their mirror images (swap H and L, <= and >=).
"At or beyond" and "through" are decided on whole ticks. Where candles do not tell what came first, the worse is
assumed.

TIME
 1. A decision at the close of bar i sees bars 0 to i. Its orders and cancels reach the market at the open of bar
    i + 1 + latency_bars and never act before. An order whose first bar lies past the last one stays OPEN.
 2. A bar has three phases: open (rules 3 to 6), inside (7 to 11), close (12 to 15). Within one rule, orders act in
    the order in which they were placed.

AT THE OPEN
 3. Cancels that are due take effect, then good-till-time orders expire whose expiry bar is this one or earlier.
    An order cancelled or expired at its first bar never acts. A replacement whose original is no longer open by then
    is rejected (ORDER_GONE). An order by exposure cannot be replaced (INVALID): cancel it and place another.
 4. Protective levels of the position. The stop level is the tighter of stop-loss and trailing stop. O at or beyond
    it (O <= level): the position leaves at O, as taker (a gap through a stop fills at the open, not at the stop).
    Otherwise, O through the take-profit (O > level): it leaves at the level, as maker. Rule 23 says what "leaves" does.
 5. Orders. Market: fills at O, taker. Stop: stop <= O triggers it, fills at O, taker. Limit on its first bar:
    limit >= O fills at O, taker. Limit on a later bar: O through the limit (O < limit) fills at the limit, maker; it
    does not get the better open. Stop-limit not yet triggered: stop <= O triggers it; if O <= limit it fills at O,
    taker, else it rests as a limit order. A triggered stop-limit is a limit on a later bar; a triggered stop with an
    unfilled rest is a market order.
 6. After that, what is left of an IOC order is cancelled at its first bar (IMMEDIATE_REMAINDER). A FOK order that rule
    5 could not fill whole (volume and cash included) does not fill at all and is cancelled (NOT_IN_FULL).

INSIDE THE BAR, the worse first
 7. Stop level: L <= level, the position leaves at the level, as taker (at H where the level lies above the whole bar,
    as it can after an entry with slippage).
 8. Stop and stop-limit orders not yet triggered: H >= stop triggers them at the stop price. A stop fills there, taker.
    A stop-limit with stop <= limit fills there, taker; otherwise it rests from the next bar on.
 9. Limit orders at rest (and triggered stop-limits, but not those triggered by rule 8 in this bar): L through the
    limit (L < limit) fills at the limit, maker.
10. Rule 7 again, for a position or levels that rules 8 and 9 made: the stop is assumed to come after the entry.
11. Take-profit: H through the level (H > level), the position leaves at the level, as maker. Not in a bar in which rule
    9 filled an order on the position's side: the high may have come before that entry.

AT THE CLOSE
12. Ruin: when cash + position at its worst price (L, for a short position H) is <= 0, the position is closed at that
    price (taker fee, no slippage, no volume limit) by an order with reason RUIN, all other orders are cancelled (RUIN)
    and nothing is ever placed again. What is left, below zero too, stays as it is: losses are not forgiven.
13. Trailing stop: its mark rises to H, or only to C if rule 8 or 9 filled an order on the position's side in this bar.
    The new level acts from the next bar on.
14. Equity is cash + position valued at C.
15. The strategy decides.

FILLS
16. Price: a taker's price is the reference price moved against him by slippage and half-spread, then on to the next
    tick against him: a buy pays ref + ceil(ref * fraction), a sale gets max(1, ref - ceil(ref * fraction)); an order
    with a limit never trades beyond it. A maker's price is his limit.
17. Fee: rate * price * quantity in quote currency, by the liquidity of the fill.
18. Quantity by exposure is decided once, when rule 5 first meets the order, at O: the target is exposure * size, where
    size is fraction * equity / O, amount / O, quantity, or the volatility fraction * equity / O (``sizing``), equity
    being cash + position * O; towards zero to whole lots; the order is target - position. Nothing to do: cancelled
    (NO_CHANGE).
19. What the account can carry, at the fill's price p with fee rate f: a buy, at most
    max(short lots, cash / (p (1 + f))); a sale, the long lots plus, where shorting is allowed,
    (cash + long p (1 - f) - 2 short p) / (p (1 + f)), so that after a fill no more than the equity is at stake. An
    order is cut down to that and the rest cancelled (INSUFFICIENT_CASH); where nothing is left, it is rejected for it,
    or, for a sale with shorting forbidden, cancelled (NOTHING_TO_REDUCE; so is the rest of a partly filled one).
20. A reduce-only order fills at most the opposite position; the rest of it is cancelled (NOTHING_TO_REDUCE).
21. Volume: all fills of a bar together take at most floor(max_volume_share * volume) lots. What exceeds it waits for
    the next bar (of the orders that may wait), with no other change to the order. With no lot left in a bar, nothing
    is asked of an order any more: rules 18 (already decided), 19, 20 and 22 come back to it in the next bar.
22. Minimum notional: an order whose first fill, before rule 21 cuts it, is worth less than the minimum is rejected,
    unless it closes the position exactly or is reduce-only. An order that makes no sense is rejected when it is
    placed: less than a lot (BELOW_LOT); a missing price, a stop order as IOC or FOK, GTT without an expiry (INVALID).

PROTECTION
23. An order may carry stop-loss, take-profit and trailing-stop fractions. Its first fill that leaves a position on its
    own side, and any fill of it that opens or turns the position, at price p, sets the levels:
    stop p - ceil(p * fraction), target p + ceil(p * fraction), trailing mark p and level mark - ceil(mark * fraction);
    no level is below one tick. What the order does not carry stays as it is. A position that goes flat or changes side
    drops all levels (before that). "Leaves": by stop, a reduce-only market order for the whole position (reason
    STOP_LOSS or TRAILING_STOP; at equal levels STOP_LOSS) and all levels are dropped; by target, a reduce-only limit
    order at the level (TAKE_PROFIT), which rests if volume is short, while the stop stays. When the position goes flat
    or changes side, such orders still waiting are cancelled (POSITION_CLOSED). They need no latency and are placed on
    this bar.

SIGNALS
24. A signal strategy places one market order by exposure at the close of each bar whose target exposure differs from
    the bar before (from 0 at the first). Its earlier signal orders that still wait are cancelled when the new one
    becomes active (REPLACED). After a protective exit it waits for the next change: when the exit is placed, what still
    waits of signal orders on the position's side is cancelled (POSITION_CLOSED).

Touch: with ``limit_fills_on_touch`` every "through" above (O < limit, L < limit, O > level, H > level) includes
equality.

Known limits of the model: one instrument, one account, no order queue, no hold of cash for waiting orders (rule 19 is
asked at the fill), volume of the whole bar counts already at its open, no funding or borrow cost for short positions.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import compiled
from workbench.engine.execution import (
    CANCELLED,
    FOK,
    LIMIT,
    MAKER,
    MARKET,
    NONE,
    NOT_IN_FULL,
    OPEN,
    REJECTED,
    STOP,
    STOP_LIMIT,
    TAKER,
    Rows,
    Table,
    attempt,
    decide_quantity,
    volume_budget,
)
from workbench.engine.money import to_price, to_ticks
from workbench.engine.protection import check_ruin, stop_out, take_profit, trail
from workbench.engine.records import BY_EXPOSURE, NO_BAR, UNLIMITED
from workbench.engine.terms import Terms
from workbench.model.order import OrderStatus, Reason, TimeInForce

EXPIRED = int(OrderStatus.EXPIRED)
IOC, GTT = int(TimeInForce.IOC), int(TimeInForce.GTT)
REPLACED, ORDER_GONE = int(Reason.REPLACED), int(Reason.ORDER_GONE)
IMMEDIATE_REMAINDER = int(Reason.IMMEDIATE_REMAINDER)
TRIGGERED_IN_THIS_BAR = 2
"""Value of an order's ``triggered`` until its bar ends; 1 afterwards."""

Prices = NDArray[np.float64]


@compiled
def process_bar(
    bar: int, open_: Prices, high: Prices, low: Prices, close: Prices, volume: Prices,
    state: Any, orders: Table, fills: Table, active: Rows, terms: Terms,
) -> None:  # fmt: skip
    """Rules 3 to 13 for one bar."""
    open_ticks, high_ticks = to_ticks(open_[bar], terms), to_ticks(high[bar], terms)
    low_ticks, close_ticks = to_ticks(low[bar], terms), to_ticks(close[bar], terms)
    state.volume_left = volume_budget(volume[bar], terms)
    state.entered_inside = 0
    state.entered_by_limit = 0
    waiting = state.active

    end_due_orders(bar, state, orders, active)
    stop_out(open_ticks, open_ticks, bar, state, orders, fills, active, terms)
    take_profit(open_ticks, bar, state, orders, fills, active, terms)
    for k in range(waiting):
        if orders[active[k]].status == OPEN and orders[active[k]].active_bar <= bar:
            act_at_open(active[k], open_ticks, bar, state, orders, fills, active, terms)
    end_immediate_orders(bar, waiting, state, orders, active)

    stop_out(low_ticks, high_ticks, bar, state, orders, fills, active, terms)
    for k in range(waiting):
        if orders[active[k]].status == OPEN and orders[active[k]].active_bar <= bar:
            trigger_inside(active[k], low_ticks, high_ticks, bar, state, orders, fills, active, terms)
    for k in range(waiting):
        if orders[active[k]].status == OPEN and orders[active[k]].active_bar <= bar:
            rest_inside(active[k], low_ticks, high_ticks, bar, state, orders, fills, active, terms)
    stop_out(low_ticks, high_ticks, bar, state, orders, fills, active, terms)
    if state.entered_by_limit == 0:
        take_profit(high_ticks if state.position > 0 else low_ticks, bar, state, orders, fills, active, terms)

    check_ruin(low_ticks, high_ticks, bar, state, orders, fills, active, terms)
    if state.entered_inside:
        trail(close_ticks, state)
    else:
        trail(high_ticks if state.position > 0 else low_ticks, state)
    forget_ended(bar, state, orders, active)
    look_ahead(bar, state, orders, active, terms)


@compiled
def end_due_orders(bar: int, state: Any, orders: Table, active: Rows) -> None:
    """Rule 3."""
    for k in range(state.active):
        order = orders[active[k]]
        if order.replaces >= 0 and order.active_bar == bar and order.status == OPEN:
            original = orders[order.replaces]
            if original.status != OPEN or original.replaced_by != active[k]:
                order.status = REJECTED
                order.end_reason = ORDER_GONE
    for k in range(state.active):
        order = orders[active[k]]
        if order.status == OPEN and order.cancel_bar <= bar:
            order.status = CANCELLED
        elif order.status == OPEN and order.time_in_force == GTT and max(order.expire_bar, order.active_bar) <= bar:
            order.status = EXPIRED
            order.end_reason = NONE  # a cancel under way comes too late


@compiled
def act_at_open(
    row: int, open_ticks: int, bar: int, state: Any, orders: Table, fills: Table, active: Rows, terms: Terms
) -> None:
    """Rule 5."""
    order = orders[row]
    kind = order.order_type
    if order.lots == BY_EXPOSURE:
        decide_quantity(order, state, to_price(open_ticks, terms), terms)
        if order.status != OPEN:
            return
    if (kind == STOP or kind == STOP_LIMIT) and order.triggered == 0:
        if (open_ticks - order.stop_ticks) * order.side < 0:
            return
        order.triggered = 1
        if kind == STOP or (order.limit_ticks - open_ticks) * order.side >= 0:
            attempt(row, open_ticks, TAKER, bar, state, orders, fills, active, terms)
        return
    if kind == MARKET or kind == STOP:
        attempt(row, open_ticks, TAKER, bar, state, orders, fills, active, terms)
        return
    room = (order.limit_ticks - open_ticks) * order.side
    if kind == LIMIT and order.active_bar == bar:
        if room >= 0:
            attempt(row, open_ticks, TAKER, bar, state, orders, fills, active, terms)
    elif room > 0 or (terms.touch and room == 0):
        attempt(row, order.limit_ticks, MAKER, bar, state, orders, fills, active, terms)


@compiled
def end_immediate_orders(bar: int, waiting: int, state: Any, orders: Table, active: Rows) -> None:
    """Rule 6."""
    for k in range(waiting):
        order = orders[active[k]]
        if order.status == OPEN and order.active_bar == bar and order.time_in_force in (IOC, FOK):
            order.status = CANCELLED
            order.end_reason = NOT_IN_FULL if order.time_in_force == FOK else IMMEDIATE_REMAINDER


@compiled
def trigger_inside(
    row: int, low_ticks: int, high_ticks: int, bar: int, state: Any, orders: Table, fills: Table, active: Rows,
    terms: Terms,
) -> None:  # fmt: skip
    """Rule 8."""
    order = orders[row]
    kind = order.order_type
    if order.triggered or not (kind == STOP or kind == STOP_LIMIT):
        return
    if high_ticks < order.stop_ticks if order.side > 0 else low_ticks > order.stop_ticks:
        return
    order.triggered = TRIGGERED_IN_THIS_BAR
    if kind == STOP or (order.limit_ticks - order.stop_ticks) * order.side >= 0:
        if attempt(row, order.stop_ticks, TAKER, bar, state, orders, fills, active, terms):
            if state.position * order.side > 0:
                state.entered_inside = 1


@compiled
def rest_inside(
    row: int, low_ticks: int, high_ticks: int, bar: int, state: Any, orders: Table, fills: Table, active: Rows,
    terms: Terms,
) -> None:  # fmt: skip
    """Rule 9."""
    order = orders[row]
    kind = order.order_type
    resting_stop_limit = kind == STOP_LIMIT and order.triggered == 1
    if not (kind == LIMIT or resting_stop_limit):
        return
    through = order.limit_ticks - low_ticks if order.side > 0 else high_ticks - order.limit_ticks
    if through > 0 or (terms.touch and through == 0):
        if attempt(row, order.limit_ticks, MAKER, bar, state, orders, fills, active, terms):
            if state.position * order.side > 0:
                state.entered_inside = 1
                state.entered_by_limit = 1


@compiled
def forget_ended(bar: int, state: Any, orders: Table, active: Rows) -> None:
    """Keep only open orders among the waiting ones, in their order."""
    kept = 0
    for k in range(state.active):
        order = orders[active[k]]
        if order.status == OPEN:
            if order.triggered == TRIGGERED_IN_THIS_BAR:
                order.triggered = 1
            active[kept] = active[k]
            kept += 1
    state.active = kept


@compiled
def look_ahead(bar: int, state: Any, orders: Table, active: Rows, terms: Terms) -> None:
    """Find the prices and the bar at which the next thing can happen, so that quiet bars cost two comparisons."""
    down, up, event = -1, UNLIMITED, NO_BAR
    reach = 0 if terms.touch else 1
    if state.position > 0:
        down = max(state.stop_level, state.trailing_level)
        up = state.target_level + reach if state.target_level >= 0 else UNLIMITED
        event = bar + 1 if state.trailing_level >= 0 else NO_BAR
    elif state.position < 0:
        ruin = state.cash / -state.quantity * terms.ticks_per_price
        up = max(int(min(ruin, 1e18)) - 1, 0)  # rounding is looked at when the bar comes
        up = min(up, state.stop_level) if state.stop_level >= 0 else up
        down = state.target_level - reach if state.target_level >= 0 else -1
        event = bar + 1 if state.trailing_level >= 0 else NO_BAR
    for k in range(state.active):
        order = orders[active[k]]
        event = min(event, order.cancel_bar, max(order.expire_bar, order.active_bar))
        if order.active_bar > bar:
            event = min(event, order.active_bar)
        elif order.order_type == MARKET or (order.order_type == STOP and order.triggered):
            event = bar + 1
        elif order.order_type == LIMIT or order.triggered:
            if order.side > 0:
                down = max(down, order.limit_ticks - reach)
            else:
                up = min(up, order.limit_ticks + reach)
        elif order.side > 0:
            up = min(up, order.stop_ticks)
        else:
            down = max(down, order.stop_ticks)
    state.next_event = event
    state.down_price = to_price(down, terms) if down >= 0 else -np.inf
    state.up_price = to_price(up, terms) if up < UNLIMITED else np.inf
