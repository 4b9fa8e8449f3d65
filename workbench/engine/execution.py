"""One order meets the market: how much of it fills, at what price, and what that does to the account.

Rule numbers are those of ``workbench.engine.kernel``. ``state`` is one row of ``records.STATE``; ``orders``, ``fills``
and ``active`` (row numbers of waiting orders) are tables with room to spare, which the drivers see to.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import compiled, inlined
from workbench.engine.money import (
    carrying_capacity,
    distance,
    size_at,
    taker_price,
    target_lots,
    to_lots,
    to_price,
    to_quantity,
)
from workbench.engine.records import BY_EXPOSURE, NO_BAR, NO_TICKS, UNLIMITED
from workbench.engine.terms import Terms
from workbench.model.order import Liquidity, OrderStatus, OrderType, Reason, Side, TimeInForce

Table = NDArray[Any]
Rows = NDArray[np.int64]

MARKET, LIMIT = int(OrderType.MARKET), int(OrderType.LIMIT)
STOP, STOP_LIMIT = int(OrderType.STOP), int(OrderType.STOP_LIMIT)
GTC, FOK = int(TimeInForce.GTC), int(TimeInForce.FOK)
OPEN, FILLED = int(OrderStatus.OPEN), int(OrderStatus.FILLED)
CANCELLED, REJECTED = int(OrderStatus.CANCELLED), int(OrderStatus.REJECTED)
TAKER, MAKER = int(Liquidity.TAKER), int(Liquidity.MAKER)
BUY, SELL = int(Side.BUY), int(Side.SELL)
NONE, SIGNAL, RUIN = int(Reason.NONE), int(Reason.SIGNAL), int(Reason.RUIN)
STOP_LOSS, TAKE_PROFIT, TRAILING_STOP = int(Reason.STOP_LOSS), int(Reason.TAKE_PROFIT), int(Reason.TRAILING_STOP)
NOT_IN_FULL, INSUFFICIENT_CASH = int(Reason.NOT_IN_FULL), int(Reason.INSUFFICIENT_CASH)
BELOW_MINIMUM_NOTIONAL, NO_CHANGE = int(Reason.BELOW_MINIMUM_NOTIONAL), int(Reason.NO_CHANGE)
NOTHING_TO_REDUCE, POSITION_CLOSED = int(Reason.NOTHING_TO_REDUCE), int(Reason.POSITION_CLOSED)


@inlined
def new_order(orders: Table, state: Any, active: Rows, placed_bar: int, active_bar: int) -> int:
    """Append a plain market order without side or quantity, put it among the waiting ones, return its row."""
    row = state.orders
    order = orders[row]
    order.placed_bar = placed_bar
    order.active_bar = active_bar
    order.cancel_bar = NO_BAR
    order.expire_bar = NO_BAR
    order.lots = BY_EXPOSURE
    order.filled_lots = 0
    order.limit_ticks = NO_TICKS
    order.stop_ticks = NO_TICKS
    order.replaces = -1
    order.replaced_by = -1
    order.exposure = np.nan
    order.size = 0.0
    order.stop_loss = -1
    order.take_profit = -1
    order.trailing_stop = -1
    order.side = 0
    order.order_type = MARKET
    order.time_in_force = GTC
    order.reduce_only = 0
    order.status = OPEN
    order.reason = NONE
    order.end_reason = NONE
    order.triggered = 0
    order.levels_set = 0
    state.orders = row + 1
    active[state.active] = row
    state.active += 1
    return int(row)


@inlined
def place_signal(
    orders: Table, state: Any, active: Rows, bar: int, exposure: float, close: NDArray[np.float64], terms: Terms
) -> int:
    """Rule 24: the market order that a changed target exposure asks for, decided at the close of ``bar``."""
    row = new_order(orders, state, active, bar, bar + 1 + terms.latency_bars)
    orders[row].exposure = exposure
    orders[row].size = size_at(close, bar, terms)
    orders[row].reason = SIGNAL
    return row


@inlined
def decide_quantity(order: Any, state: Any, open_price: float, terms: Terms) -> None:
    """Rule 18: turn an exposure into side and lots."""
    equity = state.cash + state.quantity * open_price
    change = target_lots(order.exposure, order.size, equity, open_price, terms) - state.position
    if change == 0:
        order.status = CANCELLED
        order.end_reason = NO_CHANGE
        return
    order.side = BUY if change > 0 else SELL
    order.lots = abs(change)


def _attempt(
    row: int,
    reference: int,
    liquidity: int,
    bar: int,
    state: Any,
    orders: Table,
    fills: Table,
    active: Rows,
    terms: Terms,
) -> bool:
    """Let an order fill at a reference price, as far as rules 16 to 22 allow. True when anything filled."""
    if state.volume_left == 0:
        return False
    order = orders[row]
    side = order.side
    if liquidity == MAKER:
        price_ticks, fee_rate = order.limit_ticks, terms.maker_fee_rate
    else:
        price_ticks, fee_rate = taker_price(reference, side, order.limit_ticks, terms), terms.taker_fee_rate
    price = to_price(price_ticks, terms)
    rest = order.lots - order.filled_lots
    lots = rest
    cut = NONE
    if order.reduce_only and lots > max(-side * state.position, 0):
        lots, cut = max(-side * state.position, 0), NOTHING_TO_REDUCE
    capacity = carrying_capacity(side, price, fee_rate, state.cash, state.position, terms)
    if lots > capacity:
        lots = capacity
        cut = NOTHING_TO_REDUCE if side < 0 and not terms.allow_short else INSUFFICIENT_CASH
    now = min(lots, state.volume_left)
    if order.time_in_force == FOK and now < rest:
        return _end(order, CANCELLED, NOT_IN_FULL)
    if lots == 0:
        rejected = cut == INSUFFICIENT_CASH and order.filled_lots == 0
        return _end(order, REJECTED if rejected else CANCELLED, cut)
    if order.filled_lots == 0 and order.reduce_only == 0 and lots != -side * state.position:
        if price * to_quantity(lots, terms) < terms.minimum_notional:
            return _end(order, REJECTED, BELOW_MINIMUM_NOTIONAL)
    fill(row, now, price_ticks, liquidity, bar, state, orders, fills, active, terms)
    if order.filled_lots == order.lots:
        _end(order, FILLED, NONE)
    elif now == lots:
        _end(order, CANCELLED, cut)
    return True


attempt = compiled(_attempt)
attempt_inlined = inlined(_attempt)
"""The same, for the fused driver, whose every nanosecond is in this call."""


@inlined
def _end(order: Any, status: int, reason: int) -> bool:
    order.status = status
    order.end_reason = reason
    return False


@inlined
def fill(
    row: int, lots: int, price_ticks: int, liquidity: int, bar: int, state: Any, orders: Table, fills: Table,
    active: Rows, terms: Terms,
) -> None:  # fmt: skip
    """Book a fill: cash, position, protective levels (rule 23), the fills table."""
    order = orders[row]
    side = order.side
    price = to_price(price_ticks, terms)
    quantity = to_quantity(lots, terms)
    fee_rate = terms.maker_fee_rate if liquidity == MAKER else terms.taker_fee_rate
    fee = fee_rate * price * quantity
    notional = price * quantity
    state.cash = state.cash - notional - fee if side > 0 else state.cash + notional - fee
    before = state.position
    after = before + side * lots
    state.position = after
    state.quantity = to_quantity(after, terms)
    if after * side > 0:  # the fill opened, increased or turned the position
        state.entry_price += (price - state.entry_price) * (min(lots, after * side) / (after * side))
    elif after == 0:
        state.entry_price = 0.0
    state.volume_left -= lots
    order.filled_lots += lots
    entry = fills[state.fills]
    entry.order_id = row
    entry.bar = bar
    entry.lots = lots
    entry.price_ticks = price_ticks
    entry.fee = fee
    entry.side = side
    entry.liquidity = liquidity
    state.fills += 1
    if after == 0 or (after > 0) != (before > 0):
        drop_levels(state)
        if before != 0:
            _cancel_protection(row, state, orders, active)
    if after * side > 0 and (order.levels_set == 0 or before * side <= 0):
        order.levels_set = 1
        set_levels(order, price_ticks, side, state)


@inlined
def drop_levels(state: Any) -> None:
    state.stop_level = NO_TICKS
    state.trailing_level = NO_TICKS
    state.trailing_units = -1
    state.target_level = NO_TICKS


@compiled
def _cancel_protection(row: int, state: Any, orders: Table, active: Rows) -> None:
    """Rule 23: protective orders of a position that is gone, but for the one (``row``) that is filling now."""
    for k in range(state.active):
        other = orders[active[k]]
        protective = other.reason in (STOP_LOSS, TAKE_PROFIT, TRAILING_STOP)
        if protective and other.status == OPEN and active[k] != row:
            _end(other, CANCELLED, POSITION_CLOSED)


@inlined
def set_levels(order: Any, price: int, side: int, state: Any) -> None:
    """Rule 23: the levels that an order carries, measured from its first fill on its own side."""
    if order.stop_loss >= 0:
        state.stop_level = max(1, price - side * distance(price, order.stop_loss))
    if order.take_profit >= 0:
        state.target_level = max(1, price + side * distance(price, order.take_profit))
    if order.trailing_stop >= 0:
        state.trailing_units = order.trailing_stop
        state.trailing_mark = price
        state.trailing_level = max(1, price - side * distance(price, order.trailing_stop))


@inlined
def volume_budget(volume: float, terms: Terms) -> int:
    """Rule 21: lots that may fill in a bar."""
    if terms.volume_share_units < 0:
        return UNLIMITED
    return to_lots(volume * (terms.volume_share_units / 1_000_000), terms)
