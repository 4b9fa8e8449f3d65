"""The form of a hand-written rule case, and short words to write one with.

A case knows no engine: bars, costs and requests (or target exposures) go in, fills and the ends of orders come out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.naive_values import Market, Request
from workbench.engine.costs import FREE, Costs
from workbench.engine.sizing import Sizing, fraction_of_equity
from workbench.model.order import Liquidity, OrderStatus, OrderType, Reason, Side, TimeInForce

Bar = tuple[int, int, int, int, float]
"""Open, high, low, close in ticks, volume in base currency."""
ExpectedFill = tuple[int, Side, int, int, Liquidity]
"""Bar, side, price in ticks, lots, liquidity."""
End = tuple[OrderStatus, Reason]

B, S = Side.BUY, Side.SELL
T, M = Liquidity.TAKER, Liquidity.MAKER
IOC, FOK, GTT = TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTT

CALM: Bar = (100, 100, 100, 100, 1000.0)

FILLED: End = (OrderStatus.FILLED, Reason.NONE)
OPEN: End = (OrderStatus.OPEN, Reason.NONE)
EXPIRED: End = (OrderStatus.EXPIRED, Reason.NONE)
REPLACED: End = (OrderStatus.CANCELLED, Reason.REPLACED)
NO_CASH: End = (OrderStatus.REJECTED, Reason.INSUFFICIENT_CASH)
CUT_BY_CASH: End = (OrderStatus.CANCELLED, Reason.INSUFFICIENT_CASH)
NOTHING_TO_REDUCE: End = (OrderStatus.CANCELLED, Reason.NOTHING_TO_REDUCE)
POSITION_CLOSED: End = (OrderStatus.CANCELLED, Reason.POSITION_CLOSED)


@dataclass(frozen=True)
class RuleCase:
    """One case. ``orders`` are end states in the order of placement, protective and ruin orders included.

    ``requests`` maps the deciding bar to what is asked for at its close; ``exposure`` (rule 24) stands in its place,
    with the three fractions in millionths. ``None`` in an expectation means that the case does not look at it.
    """

    name: str
    bars: Sequence[Bar]
    fills: Sequence[ExpectedFill]
    orders: Sequence[End]
    requests: Mapping[int, Sequence[Request]] = field(default_factory=dict)
    exposure: Sequence[float] | None = None
    stop_loss: int = -1
    take_profit: int = -1
    trailing_stop: int = -1
    costs: Costs = FREE
    sizing: Sizing = field(default_factory=fraction_of_equity)
    cash: float = 10_000.0
    allow_short: bool = True
    tick: tuple[int, int] = (1, 1)
    lot: tuple[int, int] = (1, 1)
    minimum_notional: float = 0.0
    bars_per_year: float = 365.0
    reasons: Sequence[Reason] | None = None
    final_cash: float | None = None
    final_equity: float | None = None
    ruined_bar: int | None = None

    @property
    def market(self) -> Market:
        columns = [list(column) for column in zip(*self.bars, strict=True)]
        return Market(*columns, self.tick, self.lot, self.minimum_notional, self.bars_per_year)


def free(**changes: Any) -> Costs:
    """No costs but for the changes."""
    return Costs(**{**FREE.to_dict(), **changes})


def market(side: Side, lots: int, **more: Any) -> Request:
    return Request(side=side, lots=lots, **more)


def limit(side: Side, lots: int, price: int, **more: Any) -> Request:
    return Request(side=side, lots=lots, order_type=OrderType.LIMIT, limit_ticks=price, **more)


def stop(side: Side, lots: int, price: int, **more: Any) -> Request:
    return Request(side=side, lots=lots, order_type=OrderType.STOP, stop_ticks=price, **more)


def stop_limit(side: Side, lots: int, trigger: int, price: int, **more: Any) -> Request:
    return Request(side=side, lots=lots, order_type=OrderType.STOP_LIMIT, stop_ticks=trigger, limit_ticks=price, **more)


def target(exposure: float, **more: Any) -> Request:
    return Request(exposure=exposure, **more)


def cancel(order_id: int) -> Request:
    return Request("cancel", order_id=order_id)


def replace(order_id: int, lots: int, limit_ticks: int = -1, stop_ticks: int = -1) -> Request:
    return Request("replace", order_id=order_id, lots=lots, limit_ticks=limit_ticks, stop_ticks=stop_ticks)


def cancelled(reason: Reason) -> End:
    return (OrderStatus.CANCELLED, reason)


def rejected(reason: Reason) -> End:
    return (OrderStatus.REJECTED, reason)
