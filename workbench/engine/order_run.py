"""Runs an order function: its requests become orders, every bar goes through the whole rule book."""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from workbench.compiled import compiled
from workbench.engine.execution import (
    FOK,
    LIMIT,
    MARKET,
    OPEN,
    REJECTED,
    STOP,
    STOP_LIMIT,
    Rows,
    Table,
    new_order,
)
from workbench.engine.kernel import GTT, IOC, REPLACED, Prices, process_bar
from workbench.engine.money import size_at
from workbench.engine.order_function import CANCEL, MAX_REQUESTS, REPLACE, REQUEST, Account, Bars, Book
from workbench.engine.records import BY_EXPOSURE, NO_BAR
from workbench.engine.signal_run import SPARE, grow, is_eventful, start
from workbench.engine.terms import Terms
from workbench.model.order import Reason

STRATEGY, REQUESTED = int(Reason.STRATEGY), int(Reason.REQUESTED)
INVALID, BELOW_LOT, ORDER_GONE = int(Reason.INVALID), int(Reason.BELOW_LOT), int(Reason.ORDER_GONE)


@numba.njit(nogil=True, error_model="numpy")
def run_orders(
    decide: Callable[..., None], open_time_ns: NDArray[np.int64], open_: Prices, high: Prices, low: Prices,
    close: Prices, volume: Prices, initial_cash: float, params: Any, memory: NDArray[np.float64], terms: Terms,
    equity: Prices, states: Table, orders: Table, fills: Table,
) -> tuple[Table, Table]:  # fmt: skip
    """Call ``decide`` at each close; arguments and answer as for ``signal_run.run_matched``."""
    state = states[0]
    start(state, initial_cash)
    active = np.empty(64, np.int64)
    requests = np.zeros(MAX_REQUESTS, REQUEST)
    counts = np.zeros(4, np.int64)
    for bar in range(close.size):
        if is_eventful(bar, high, low, state):
            orders, active, fills = make_room(orders, active, fills, state)
            process_bar(bar, open_, high, low, close, volume, state, orders, fills, active, terms)
        equity[bar] = state.cash + state.quantity * close[bar]
        if state.ruined:
            continue
        counts[0], counts[1], counts[2], counts[3] = 0, state.orders, bar, state.orders
        end = bar + 1
        bars = Bars(open_time_ns[:end], open_[:end], high[:end], low[:end], close[:end], volume[:end])
        account = Account(state.cash, state.quantity, state.entry_price, equity[bar])
        decide(bars, account, Book(orders, requests, counts, terms), params, memory)
        if counts[0] > 0:
            orders, active, fills = make_room(orders, active, fills, state)
            take_requests(bar, close, counts[0], requests, state, orders, active, terms)
    return orders, fills


@compiled
def make_room(orders: Table, active: Rows, fills: Table, state: Any) -> tuple[Table, Rows, Table]:
    """Tables with room for whatever one bar can add."""
    orders = grow(orders, state.orders + MAX_REQUESTS + SPARE)
    active = grow(active, state.active + MAX_REQUESTS + SPARE)
    return orders, active, grow(fills, state.fills + state.active + SPARE)


@compiled
def take_requests(
    bar: int, close: Prices, count: int, requests: Table, state: Any, orders: Table, active: Rows, terms: Terms
) -> None:
    """Turn a bar's requests into orders and dated cancels (rules 1 and 3)."""
    first_bar, n_bars = bar + 1 + terms.latency_bars, close.size
    for k in range(count):
        request = requests[k]
        if request.kind == CANCEL:
            if 0 <= request.original < state.orders:
                cancel_at(orders[request.original], first_bar, n_bars, REQUESTED, -1)
            continue
        row = new_order(orders, state, active, bar, first_bar)
        order, asked = orders[row], request.order
        order.reason = STRATEGY
        order.lots = asked.lots
        template = asked
        if asked.lots == BY_EXPOSURE:
            order.exposure = asked.exposure
            order.size = size_at(close, bar, terms)
        if request.kind == REPLACE:
            order.replaces = request.original
            if not 0 <= request.original < row:
                reject(row, ORDER_GONE, orders, state)
                continue
            template = orders[request.original]
        order.side = template.side
        order.order_type = template.order_type
        if order.order_type in (LIMIT, STOP_LIMIT):  # a price that the type has no use for is dropped
            order.limit_ticks = asked.limit_ticks
        if order.order_type in (STOP, STOP_LIMIT):
            order.stop_ticks = asked.stop_ticks
        order.time_in_force = template.time_in_force
        order.reduce_only = template.reduce_only
        order.stop_loss = template.stop_loss
        order.take_profit = template.take_profit
        order.trailing_stop = template.trailing_stop
        if order.time_in_force == GTT:
            order.expire_bar = template.expire_bar
        fault = fault_of(order)
        if not fault and request.kind == REPLACE and not np.isnan(template.exposure):
            fault = INVALID
        if fault:
            reject(row, fault, orders, state)
        elif request.kind == REPLACE:
            cancel_at(orders[request.original], first_bar, n_bars, REPLACED, row)
    for k in range(state.active):
        order = orders[active[k]]
        state.next_event = min(state.next_event, order.active_bar, order.cancel_bar, order.expire_bar)


@compiled
def fault_of(order: Any) -> int:
    """Rule 22: why an order makes no sense, 0 if it does."""
    kind = order.order_type
    if order.lots < 1 and order.lots != BY_EXPOSURE:
        return BELOW_LOT
    lacks_limit = kind in (LIMIT, STOP_LIMIT) and order.limit_ticks < 1
    lacks_stop = kind in (STOP, STOP_LIMIT) and order.stop_ticks < 1
    hasty_stop = kind in (STOP, STOP_LIMIT) and order.time_in_force in (IOC, FOK)
    no_expiry = order.time_in_force == GTT and order.expire_bar == NO_BAR
    unknown = kind not in (MARKET, LIMIT, STOP, STOP_LIMIT) or (order.side not in (1, -1) and order.lots != BY_EXPOSURE)
    return INVALID if lacks_limit or lacks_stop or hasty_stop or no_expiry or unknown else 0


@compiled
def reject(row: int, reason: int, orders: Table, state: Any) -> None:
    """Rule 22: the order just placed is no good; it waits for nothing."""
    orders[row].status = REJECTED
    orders[row].end_reason = reason
    state.active -= 1


@compiled
def cancel_at(order: Any, bar: int, n_bars: int, reason: int, replaced_by: int) -> None:
    """Date the cancel of an open order, unless an earlier one is under way."""
    if order.status == OPEN and order.cancel_bar > bar and bar < n_bars:
        order.cancel_bar = bar
        order.end_reason = reason
        order.replaced_by = replaced_by
