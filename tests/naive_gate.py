"""The slow, obvious twin of the risk gate, written from the rules in its docstring, in exact fractions.

It knows nothing of texts and values: only which rules refuse the order, the state, and what trips.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from workbench.guardrails.gate import Account, GateOrder, Market, TradingState
from workbench.guardrails.limits import RiskLimits
from workbench.model.order import Side

STATES = ("active", "reducing", "halted")  # the later, the stricter


@dataclass(frozen=True)
class Verdict:
    """``refusing``: the rules that stand against this order; ``trips``: broken until a person resumes."""

    refusing: frozenset[str]
    state: str
    trips: frozenset[str]

    @property
    def accepted(self) -> bool:
        return not self.refusing


@dataclass(frozen=True)
class Case:
    """Everything the gate is told."""

    order: GateOrder
    account: Account
    market: Market
    limits: RiskLimits
    switch: TradingState = TradingState.ACTIVE
    recent_orders: int = 0


def decide(case: Case) -> Verdict:
    asked = {**from_switch(case), **from_market(case), **from_losses(case)}
    strictest = "active"
    for state in asked.values():
        if STATES.index(state) > STATES.index(strictest):
            strictest = state
    refusing = set(about_order(case))
    if strictest == "halted" or not gets_smaller(case):
        refusing |= asked.keys()
    trips = {rule for rule in ("daily_loss", "drawdown") if rule in asked}
    return Verdict(frozenset(refusing), strictest, frozenset(trips))


def from_switch(case: Case) -> dict[str, str]:
    """Broken rule -> the state that it asks for; so are the next two."""
    return {} if case.switch == TradingState.ACTIVE else {"kill_switch": case.switch.name.lower()}


def from_market(case: Case) -> dict[str, str]:
    asked = {}
    age, offset = known(case.market.feed_age_seconds), known(case.market.clock_offset_ms)
    if age is None or age > Fraction(case.limits.max_feed_age):
        asked["feed_age"] = "halted"
    if offset is None or max(offset, -offset) > Fraction(case.limits.max_clock_offset):
        asked["clock_offset"] = "halted"
    return asked


def from_losses(case: Case) -> dict[str, str]:
    asked = {}
    account, limits = case.account, case.limits
    if fell_too_far(account.day_start_equity, account.equity, limits.max_daily_loss):
        asked["daily_loss"] = "reducing"
    if fell_too_far(account.peak_equity, account.equity, limits.max_drawdown):
        asked["drawdown"] = "reducing"
    return asked


def fell_too_far(start: Decimal, now: Decimal, limit: Decimal) -> bool:
    """Of nothing, or of a debt, no fraction can be lost: it is not known."""
    if start <= 0:
        return True
    return (Fraction(start) - Fraction(now)) / Fraction(start) > Fraction(limit)


def about_order(case: Case) -> list[str]:
    """The rules that refuse this order alone."""
    limits, quantity = case.limits, Fraction(case.order.quantity)
    last = case.market.last_price
    price = case.order.price if case.order.price is not None else last
    broken = []
    if too_far(price, last, limits.price_collar):
        broken.append("price_collar")
    if price is None or quantity * Fraction(price) > Fraction(limits.max_order_notional):
        broken.append("order_notional")
    worth = worth_after(case)
    if not gets_smaller(case) and (worth is None or worth > Fraction(limits.max_position_notional)):
        broken.append("position_notional")
    if case.recent_orders + 1 > limits.max_orders_per_minute:
        broken.append("order_rate")
    return broken


def too_far(price: Decimal | None, last: Decimal | None, collar: Decimal) -> bool:
    if price is None or last is None:
        return True
    return abs(Fraction(price) - Fraction(last)) / Fraction(last) > Fraction(collar)


def worth_after(case: Case) -> Fraction | None:
    """The position's, at the last tick: its market value, whatever the order asks."""
    last = case.market.last_price
    return None if last is None else abs(position_after(case)) * Fraction(last)


def position_after(case: Case) -> Fraction:
    position, quantity = Fraction(case.account.position), Fraction(case.order.quantity)
    return position + quantity if case.order.side == Side.BUY else position - quantity


def gets_smaller(case: Case) -> bool:
    """Nearer to nothing, and not beyond it."""
    before, after = Fraction(case.account.position), position_after(case)
    return 0 <= after < before or before < after <= 0


def known(number: float | None) -> Fraction | None:
    return None if number is None else Fraction(number)
