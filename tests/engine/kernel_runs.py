"""Runs the compiled engine on the naive twin's inputs and gives its result in the twin's form."""

from typing import NamedTuple

import numpy as np

from tests.naive_values import Fill, Market, NaiveResult, Order, Request
from workbench.engine.costs import Costs
from workbench.engine.order_function import CANCEL, MAX_REQUESTS, PLACE, REPLACE, REQUEST, _request, order_function
from workbench.engine.order_run import run_orders
from workbench.engine.records import FILL, ORDER, STATE
from workbench.engine.signal_run import run_matched
from workbench.engine.sizing import Sizing
from workbench.engine.terms import Terms, make_terms
from workbench.model.instrument import Grid
from workbench.model.order import Liquidity, OrderStatus, OrderType, Reason, Side, TimeInForce

NEVER = 2**31 - 1
KINDS = {"place": PLACE, "cancel": CANCEL, "replace": REPLACE}


class Schedule(NamedTuple):
    """Requests by bar: rows ``first[bar]`` to ``first[bar + 1]`` of the table."""

    first: np.ndarray
    requests: np.ndarray


@order_function
def replay(bars, account, book, schedule, memory):
    bar = bars.close.size - 1
    for k in range(schedule.first[bar], schedule.first[bar + 1]):
        planned = schedule.requests[k]
        request = _request(book, planned.kind, planned.original)
        order, asked = request.order, planned.order
        order.side = asked.side
        order.order_type = asked.order_type
        order.time_in_force = asked.time_in_force
        order.lots = asked.lots
        order.limit_ticks = asked.limit_ticks
        order.stop_ticks = asked.stop_ticks
        order.expire_bar = asked.expire_bar
        order.exposure = asked.exposure
        order.reduce_only = asked.reduce_only
        order.stop_loss = asked.stop_loss
        order.take_profit = asked.take_profit
        order.trailing_stop = asked.trailing_stop


def encode(schedule: dict[int, list[Request]], n_bars: int) -> Schedule:
    rows = [(bar, request) for bar in range(n_bars) for request in schedule.get(bar, [])]
    table = np.zeros(max(len(rows), 1), REQUEST)
    for row, (_, request) in zip(table, rows, strict=False):
        row["kind"] = KINDS[request.kind]
        row["original"] = request.order_id
        order = row["order"]
        for name in ("side", "order_type", "time_in_force", "lots", "limit_ticks", "stop_ticks", "reduce_only"):
            order[name] = getattr(request, name)
        for name in ("stop_loss", "take_profit", "trailing_stop"):
            order[name] = getattr(request, name)
        if request.kind == "place" and request.exposure is not None:
            order["lots"], order["side"], order["exposure"] = -1, 0, request.exposure
        order["expire_bar"] = NEVER if request.expire_bar < 0 else request.expire_bar
    counts = np.bincount([bar for bar, _ in rows], minlength=n_bars) if rows else np.zeros(n_bars, np.int64)
    assert counts.max(initial=0) <= MAX_REQUESTS
    return Schedule(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), table)


def terms_of(market: Market, costs: Costs, sizing: Sizing, allow_short: bool) -> Terms:
    class FakeInstrument:
        price_grid = Grid(*market.tick)
        quantity_grid = Grid(*market.lot)
        minimum_notional = market.minimum_notional

    class FakeInterval:
        bars_per_year = market.bars_per_year

    return make_terms(FakeInstrument, FakeInterval, costs, sizing, allow_short=allow_short)


def columns(market: Market) -> tuple[np.ndarray, ...]:
    grid = Grid(*market.tick)
    prices = (grid.floats(values) for values in (market.open, market.high, market.low, market.close))
    return (*prices, np.array(market.volume, dtype=np.float64))


def run(
    market: Market,
    costs: Costs,
    sizing: Sizing,
    initial_cash: float,
    allow_short: bool,
    schedule: dict[int, list[Request]],
) -> NaiveResult:
    n_bars = len(market.close)
    states, equity = np.zeros(1, STATE), np.empty(n_bars)
    terms = terms_of(market, costs, sizing, allow_short)
    orders, fills = run_orders(
        replay, np.arange(n_bars), *columns(market), float(initial_cash), encode(schedule, n_bars), np.zeros(1), terms,
        equity, states, np.empty(1, ORDER), np.empty(1, FILL),
    )  # fmt: skip
    return _result(states[0], orders, fills, equity)


def run_signals(
    market: Market,
    costs: Costs,
    sizing: Sizing,
    initial_cash: float,
    allow_short: bool,
    exposure: list[float],
    stop_loss: int = -1,
    take_profit: int = -1,
    trailing_stop: int = -1,
) -> NaiveResult:
    states, equity = np.zeros(1, STATE), np.empty(len(market.close))
    terms = terms_of(market, costs, sizing, allow_short)
    orders, fills = run_matched(
        np.array(exposure, dtype=np.float64), *columns(market), float(initial_cash),
        (stop_loss, take_profit, trailing_stop), terms, equity, states, np.empty(1, ORDER), np.empty(1, FILL),
    )  # fmt: skip
    return _result(states[0], orders, fills, equity)


def _result(state, orders, fills, equity) -> NaiveResult:
    told = [
        Order(
            side=Side(int(row["side"])) if row["side"] else Side.BUY,
            order_type=OrderType(int(row["order_type"])),
            time_in_force=TimeInForce(int(row["time_in_force"])),
            lots=int(row["lots"]),
            limit_ticks=int(row["limit_ticks"]),
            stop_ticks=int(row["stop_ticks"]),
            order_id=number,
            placed_bar=int(row["placed_bar"]),
            active_bar=int(row["active_bar"]),
            filled_lots=int(row["filled_lots"]),
            status=OrderStatus(int(row["status"])),
            reason=Reason(int(row["reason"])),
            end_reason=Reason(int(row["end_reason"])),
        )
        for number, row in enumerate(orders[: state["orders"]])
    ]
    filled = [
        Fill(
            int(row["order_id"]),
            int(row["bar"]),
            Side(int(row["side"])),
            int(row["lots"]),
            int(row["price_ticks"]),
            float(row["fee"]),
            Liquidity(int(row["liquidity"])),
        )
        for row in fills[: state["fills"]]
    ]
    ruined = int(state["ruined_bar"]) if state["ruined"] else None
    return NaiveResult(told, filled, equity.tolist(), ruined, float(state["cash"]), int(state["position"]))
