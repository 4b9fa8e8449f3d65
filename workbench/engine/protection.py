"""Protective levels and ruin: rules 4, 7, 10 to 13 and 23 of ``workbench.engine.kernel``."""

from typing import Any

from workbench.compiled import compiled
from workbench.engine.execution import (
    BUY,
    CANCELLED,
    FILLED,
    LIMIT,
    MAKER,
    MARKET,
    OPEN,
    POSITION_CLOSED,
    RUIN,
    SELL,
    SIGNAL,
    STOP_LOSS,
    TAKE_PROFIT,
    TAKER,
    TRAILING_STOP,
    Rows,
    Table,
    attempt,
    drop_levels,
    fill,
    new_order,
)
from workbench.engine.money import distance, to_price
from workbench.engine.records import NO_TICKS, UNLIMITED
from workbench.engine.terms import Terms


@compiled
def stop_out(
    low_ticks: int, high_ticks: int, bar: int, state: Any, orders: Table, fills: Table, active: Rows, terms: Terms
) -> None:
    """Rules 4, 7 and 10. At the open low and high are the open, so the reference price is the open itself."""
    if state.position == 0 or (state.stop_level < 0 and state.trailing_level < 0):
        return
    stop, trailing = state.stop_level, state.trailing_level
    if state.position > 0:
        by_trailing = trailing > stop
        level = max(stop, trailing)
        reference = min(level, high_ticks)
        touched = low_ticks <= level
    else:
        by_trailing = stop < 0 or 0 <= trailing < stop
        level = trailing if by_trailing else stop
        reference = max(level, low_ticks)
        touched = high_ticks >= level
    if not touched:
        return
    row = leave(TRAILING_STOP if by_trailing else STOP_LOSS, MARKET, bar, state, orders, active)
    drop_levels(state)
    attempt(row, reference, TAKER, bar, state, orders, fills, active, terms)


@compiled
def take_profit(best_ticks: int, bar: int, state: Any, orders: Table, fills: Table, active: Rows, terms: Terms) -> None:
    """Rules 4 and 11."""
    level = state.target_level
    if state.position == 0 or level < 0:
        return
    through = best_ticks - level if state.position > 0 else level - best_ticks
    if through > 0 or (terms.touch and through == 0):
        row = leave(TAKE_PROFIT, LIMIT, bar, state, orders, active)
        orders[row].limit_ticks = level
        state.target_level = NO_TICKS
        attempt(row, level, MAKER, bar, state, orders, fills, active, terms)


@compiled
def leave(reason: int, order_type: int, bar: int, state: Any, orders: Table, active: Rows) -> int:
    """Rule 23: a reduce-only order for the whole position; rule 24: the rest of its entry will not come any more."""
    for k in range(state.active):
        entry = orders[active[k]]
        if entry.reason == SIGNAL and entry.status == OPEN and entry.side * state.position > 0:
            entry.status = CANCELLED
            entry.end_reason = POSITION_CLOSED
    row = new_order(orders, state, active, bar, bar)
    order = orders[row]
    order.side = SELL if state.position > 0 else BUY
    order.lots = abs(state.position)
    order.order_type = order_type
    order.reduce_only = 1
    order.reason = reason
    return row


@compiled
def check_ruin(
    low_ticks: int, high_ticks: int, bar: int, state: Any, orders: Table, fills: Table, active: Rows, terms: Terms
) -> None:
    """Rule 12."""
    worst = high_ticks if state.position < 0 else low_ticks
    if state.cash + state.quantity * to_price(worst, terms) > 0.0:
        return
    for k in range(state.active):
        order = orders[active[k]]
        if order.status == OPEN:
            order.status = CANCELLED
            order.end_reason = RUIN
    state.ruined = 1
    state.ruined_bar = bar
    if state.position != 0:
        row = leave(RUIN, MARKET, bar, state, orders, active)
        state.volume_left = UNLIMITED
        fill(row, abs(state.position), worst, TAKER, bar, state, orders, fills, active, terms)
        orders[row].status = FILLED


@compiled
def trail(best_ticks: int, state: Any) -> None:
    """Rule 13."""
    if state.position == 0 or state.trailing_level < 0:
        return
    side = 1 if state.position > 0 else -1
    if (best_ticks - state.trailing_mark) * side > 0:
        state.trailing_mark = best_ticks
        state.trailing_level = max(1, best_ticks - side * distance(best_ticks, state.trailing_units))
