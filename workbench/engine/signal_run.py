"""Runs a signal strategy: target exposures in, orders, fills and the equity curve out (rule 24 of the kernel).

Two drivers over the same arithmetic. ``run_fused`` goes from change to change and treats the bars between as one
stretch; it serves market orders without protective exits and without a volume limit. ``run_matched`` looks at every
bar with the whole rule book. Where both apply they give the same bytes (a property test says so).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import compiled, inlined
from workbench.engine.execution import (
    CANCELLED,
    OPEN,
    RUIN,
    SIGNAL,
    TAKER,
    Rows,
    Table,
    attempt_inlined,
    decide_quantity,
    drop_levels,
    place_signal,
)
from workbench.engine.kernel import REPLACED, Prices, process_bar
from workbench.engine.money import to_ticks
from workbench.engine.protection import check_ruin
from workbench.engine.records import NO_BAR, UNLIMITED
from workbench.engine.terms import Terms

SPARE = 8
"""Rows that one bar can add to a table beyond one per waiting order."""


@compiled
def changes(exposure: NDArray[Any]) -> NDArray[np.int64]:
    """The bars whose target differs from the bar before (from 0 at the first): one order each, ruin may add one."""
    count = 1 if exposure.size and exposure[0] != 0 else 0
    for i in range(1, exposure.size):
        count += exposure[i] != exposure[i - 1]
    bars = np.empty(count + 1, np.int64)
    bars[0] = 0
    row = 1 if exposure.size and exposure[0] != 0 else 0
    for i in range(1, exposure.size):
        bars[row] = i  # overwritten until it is a change: no branch to mispredict
        row += exposure[i] != exposure[i - 1]
    return bars[:count]


@inlined
def start(state: Any, initial_cash: float) -> None:
    """Set a zeroed state to a fresh account."""
    state.cash = initial_cash
    state.down_price = -np.inf
    state.up_price = np.inf
    state.next_event = NO_BAR
    drop_levels(state)


@compiled
def grow(table: Table, rows: int) -> Table:
    """The table with room for ``rows``, doubled when it must grow."""
    if rows <= table.size:
        return table
    wider = np.empty(max(rows, 2 * table.size), table.dtype)
    wider[: table.size] = table
    return wider


@compiled
def run_matched(
    exposure: NDArray[Any], open_: Prices, high: Prices, low: Prices, close: Prices, volume: Prices,
    initial_cash: float, exits: tuple[int, int, int], terms: Terms,
    equity: Prices, states: Table, orders: Table, fills: Table,
) -> tuple[Table, Table]:  # fmt: skip
    """The general driver.

    Args:
        exposure: (n_bars,) target per bar, -1 to 1.
        exits: stop-loss, take-profit, trailing stop in millionths, -1: none.
        equity: (n_bars,) written here. states: one zeroed row. orders, fills: tables to start with, of any size.

    Returns:
        The order and fill tables (grown where needed); ``states`` tells how many rows are used.
    """
    state = states[0]
    start(state, initial_cash)
    active = np.empty(64, np.int64)
    bar = 0
    while True:
        bar = pass_quiet_bars(bar, exposure, high, low, close, equity, state)
        if bar == close.size:
            return orders, fills
        orders = grow(orders, state.orders + SPARE)
        active = grow(active, state.active + SPARE)
        fills = grow(fills, state.fills + state.active + SPARE)
        if is_eventful(bar, high, low, state):
            process_bar(bar, open_, high, low, close, volume, state, orders, fills, active, terms)
        equity[bar] = state.cash + state.quantity * close[bar]
        if changes_at(exposure, bar) and state.ruined == 0:
            row = place_signal(orders, state, active, bar, exposure[bar], close, terms)
            orders[row].stop_loss, orders[row].take_profit, orders[row].trailing_stop = exits
            state.next_event = min(state.next_event, orders[row].active_bar)
            replace_waiting_signals(row, close.size, state, orders, active)
        bar += 1


@inlined
def is_eventful(bar: int, high: Prices, low: Prices, state: Any) -> bool:
    """Whether the rule book has anything to say about a bar."""
    return bool(bar >= state.next_event or low[bar] <= state.down_price or high[bar] >= state.up_price)


@inlined
def changes_at(exposure: NDArray[Any], bar: int) -> bool:
    """Rule 24: the target differs from the bar before (from 0 at the first)."""
    return bool(exposure[bar] != (exposure[bar - 1] if bar else 0))


@inlined
def pass_quiet_bars(
    bar: int, exposure: NDArray[Any], high: Prices, low: Prices, close: Prices, equity: Prices, state: Any
) -> int:
    """Write the equity of bars on which nothing can happen; the first other bar, or the end."""
    cash, quantity = state.cash, state.quantity
    down_price, up_price, next_event = state.down_price, state.up_price, min(state.next_event, close.size)
    previous = exposure[bar - 1] if bar > 0 else exposure.dtype.type(0)
    for k in range(bar, next_event):
        if low[k] <= down_price or high[k] >= up_price or exposure[k] != previous:
            return k
        equity[k] = cash + quantity * close[k]
    return int(max(bar, next_event))


@inlined
def replace_waiting_signals(row: int, n_bars: int, state: Any, orders: Table, active: Rows) -> None:
    """Rule 24: earlier signal orders that still wait end when the new one becomes active."""
    for k in range(state.active - 1):
        earlier = orders[active[k]]
        if earlier.reason == SIGNAL and earlier.status == OPEN:
            replace_waiting(earlier, row, orders[row].active_bar, n_bars)


@inlined
def replace_waiting(earlier: Any, row: int, first_bar: int, n_bars: int) -> None:
    if first_bar < n_bars and earlier.cancel_bar > first_bar:
        earlier.cancel_bar = first_bar
        earlier.replaced_by = row
        earlier.end_reason = REPLACED


@compiled
def run_fused(
    exposure: NDArray[Any], open_: Prices, high: Prices, low: Prices, close: Prices,
    decisions: NDArray[np.int64], initial_cash: float, terms: Terms, equity: Prices,
    states: Table, orders: Table, fills: Table, may_short: bool | None,
) -> None:  # fmt: skip
    """The fast driver; ``decisions`` are the :func:`changes` of the exposure, the tables one row longer than they.

    ``may_short`` None (not False: None selects a version compiled without it) leaves out rule 12, which cannot apply
    to an account that is never short. Other arguments as for :func:`run_matched`.
    """
    state = states[0]
    start(state, initial_cash)
    active = np.empty(2, np.int64)
    done = 0
    pending = 0
    n_bars = close.size
    for k in range(decisions.size + 1):
        at_end = k == decisions.size
        bar = n_bars if at_end else decisions[k]
        while pending < state.orders and orders[pending].active_bar <= bar and orders[pending].active_bar < n_bars:
            first_bar = orders[pending].active_bar
            hold(done, first_bar, high, low, close, equity, state, orders, fills, active, terms, may_short)
            done = first_bar
            if state.ruined:
                break
            fill_signal(pending, open_, state, orders, fills, active, terms)
            pending += 1
        hold(done, min(bar + 1, n_bars), high, low, close, equity, state, orders, fills, active, terms, may_short)
        done = bar + 1
        if state.ruined or at_end:
            break
        state.active = 0
        row = place_signal(orders, state, active, bar, exposure[bar], close, terms)
        for earlier in range(pending, row):
            replace_waiting(orders[earlier], row, orders[row].active_bar, n_bars)
    if state.ruined:
        equity[min(done, n_bars) :] = state.cash
        for row in range(pending, state.orders):
            if orders[row].status == OPEN:
                orders[row].status = CANCELLED
                orders[row].end_reason = RUIN


@inlined
def fill_signal(row: int, open_: Prices, state: Any, orders: Table, fills: Table, active: Rows, terms: Terms) -> None:
    """Rule 5 for a market order by exposure."""
    bar = orders[row].active_bar
    state.active = 0
    state.volume_left = UNLIMITED
    decide_quantity(orders[row], state, open_[bar], terms)
    if orders[row].status == OPEN:
        attempt_inlined(row, to_ticks(open_[bar], terms), TAKER, bar, state, orders, fills, active, terms)


@inlined
def hold(
    first: int, end: int, high: Prices, low: Prices, close: Prices, equity: Prices,
    state: Any, orders: Table, fills: Table, active: Rows, terms: Terms, may_short: bool | None,
) -> None:  # fmt: skip
    """Equity of bars ``first`` to ``end - 1``, in which no order acts; rule 12 may end the run inside."""
    cash, quantity = state.cash, state.quantity
    if may_short is None:
        for bar in range(first, end):
            equity[bar] = cash + quantity * close[bar]
        return
    if quantity > 0.0 or state.ruined:
        for bar in range(first, end):
            equity[bar] = cash + quantity * close[bar]
        return
    for bar in range(first, end):
        if cash + quantity * high[bar] <= 0.0:
            state.active = 0
            check_ruin(to_ticks(low[bar], terms), to_ticks(high[bar], terms), bar, state, orders, fills, active, terms)
            for rest in range(bar, end):
                equity[rest] = state.cash
            return
        equity[bar] = cash + quantity * close[bar]
