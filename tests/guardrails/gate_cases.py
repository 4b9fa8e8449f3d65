"""Cases for the risk gate: one that passes every rule, and what to change in it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.naive_gate import Case
from workbench.guardrails.gate import Account, Decision, GateOrder, Market, TradingState, decide
from workbench.guardrails.limits import RiskLimits
from workbench.model.order import Side

LIMITS = RiskLimits().changed(
    {
        "max_order_notional": 1000,
        "max_position_notional": 5000,
        "max_orders_per_minute": 3,
        "price_collar": "0.02",
        "max_daily_loss": "0.05",
        "max_drawdown": "0.2",
        "max_feed_age": 10,
        "max_clock_offset": 1000,
    }
)
CALM = Case(
    GateOrder("ETHUSDT", Side.BUY, Decimal(1), Decimal(100)),
    Account(position=Decimal(10), equity=Decimal(1000), day_start_equity=Decimal(1000), peak_equity=Decimal(1000)),
    Market(last_price=Decimal(100), feed_age_seconds=1.0, clock_offset_ms=5.0),
    LIMITS,
)
PARTS = {
    "order": ("side", "quantity", "price"),
    "account": ("position", "equity", "day_start_equity", "peak_equity"),
    "market": ("last_price", "feed_age_seconds", "clock_offset_ms"),
}


def case(**changes: Any) -> Case:
    """The calm case with some values changed, each by its own name; whole numbers become decimals where they must."""
    made = CALM
    for name, value in changes.items():
        part = next((part for part, names in PARTS.items() if name in names), None)
        if part is None:
            made = replace(made, **{name: value})
        else:
            exact = Decimal(value) if isinstance(value, str) or type(value) is int else value
            made = replace(made, **{part: replace(getattr(made, part), **{name: exact})})
    return made


def decided(given: Case) -> Decision:
    return decide(given.order, given.account, given.market, given.limits, given.switch, given.recent_orders)


def refusing(decision: Decision) -> set[str]:
    return {rule.rule for rule in decision.rules if not rule.passed}


BUY, SELL = Side.BUY, Side.SELL
ACTIVE, REDUCING, HALTED = TradingState
