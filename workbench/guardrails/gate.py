"""The risk gate: may this order pass? Pure: the order, the account, the market, the limits and the state come in.

Rules, each with its value, its limit and what follows where it is broken:

1. ``kill_switch``: what a person or a trip has set: active, reducing (only orders that make the position smaller),
   halted (none).
2. ``feed_age``, ``clock_offset``: without a fresh market or a common clock nothing is known: halted while it lasts.
3. ``daily_loss``, ``drawdown``: beyond them reducing; the caller keeps it so (a trip) until a person resumes.
4. ``price_collar``, ``order_notional``, ``position_notional``, ``order_rate``: refuse this order alone.

The strictest rule wins. An order that makes the position smaller, without turning it over, is not measured by
``position_notional``, which values the position at the last tick. What is not known breaks its rule: a missing price
is no reason to trade. A limit is kept when the value equals it; ``order_rate`` counts this order too.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import IntEnum

from workbench.guardrails.limits import RiskLimits
from workbench.model.errors import InputError
from workbench.model.order import Side


class TradingState(IntEnum):
    """The higher, the stricter."""

    ACTIVE = 0
    REDUCING = 1
    HALTED = 2

    @property
    def label(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class GateOrder:
    """``price`` in quote currency, None for a market order (it is measured at the last tick).

    Raises:
        InputError: a quantity or price that is not above 0.
    """

    pair: str
    side: Side
    quantity: Decimal
    price: Decimal | None = None

    def __post_init__(self) -> None:
        for name, value in (("quantity", self.quantity), ("price", self.price)):
            if value is not None and not (value.is_finite() and value > 0):
                raise InputError(name, "a number above 0", value)

    @property
    def signed_quantity(self) -> Decimal:
        return self.quantity * int(self.side)


@dataclass(frozen=True)
class Account:
    """Where the orders' owner stands: base quantity held (below 0: short), equities in quote currency."""

    position: Decimal
    equity: Decimal
    day_start_equity: Decimal
    peak_equity: Decimal


@dataclass(frozen=True)
class Market:
    """What is known of the pair; None: unknown. ``clock_offset_ms``: exchange minus this machine."""

    last_price: Decimal | None
    feed_age_seconds: float | None
    clock_offset_ms: float | None


@dataclass(frozen=True)
class RuleResult:
    """One rule: ``value`` and ``limit`` are texts with units; ``state`` is what it asks for where it is broken."""

    rule: str
    value: str
    limit: str
    passed: bool
    state: TradingState = TradingState.ACTIVE
    reason: str = ""


@dataclass(frozen=True)
class Decision:
    """``state`` is the strictest that any rule asks for."""

    accepted: bool
    state: TradingState
    rules: tuple[RuleResult, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(rule.reason for rule in self.rules if not rule.passed)

    @property
    def trips(self) -> tuple[RuleResult, ...]:
        """Broken rules after which a person must resume, also where an order that reduces passed all the same."""
        return tuple(rule for rule in self.rules if rule.rule in TRIPPING and rule.state is not TradingState.ACTIVE)


TRIPPING = ("daily_loss", "drawdown")
RULES = (
    "kill_switch",
    "feed_age",
    "clock_offset",
    *TRIPPING,
    "price_collar",
    "order_notional",
    "position_notional",
    "order_rate",
)
"""The names of all rules, in the order in which a decision lists them."""
ZERO = Decimal(0)


def decide(
    order: GateOrder, account: Account, market: Market, limits: RiskLimits, switch: TradingState, recent_orders: int
) -> Decision:
    """Accepted or not, and why. ``recent_orders``: let through within the last 60 seconds, without this one."""
    reduces = _reduces(order, account)
    rules = (
        *_conditions(account, market, limits, switch),
        *_about_order(order, account, market, limits, recent_orders),
    )
    state = max(rule.state for rule in rules)
    judged = tuple(_forgiven(rule) if reduces and _may_reduce(rule, state) else rule for rule in rules)
    return Decision(all(rule.passed for rule in judged), state, judged)


def conditions(market: Market, limits: RiskLimits, switch: TradingState) -> tuple[RuleResult, ...]:
    """The rules that need neither an order nor an account: is the gate open at all?"""
    return (_switch(switch), *_market(market, limits))


def _may_reduce(rule: RuleResult, state: TradingState) -> bool:
    """Whether an order that makes the position smaller passes a broken rule."""
    return state < TradingState.HALTED and rule.state is TradingState.REDUCING


def _forgiven(rule: RuleResult) -> RuleResult:
    """What was broken stays told."""
    return replace(rule, passed=True)


def _reduces(order: GateOrder, account: Account) -> bool:
    after = account.position + order.signed_quantity
    return account.position != 0 and after * account.position >= 0 and abs(after) < abs(account.position)


def _conditions(account: Account, market: Market, limits: RiskLimits, switch: TradingState) -> Iterator[RuleResult]:
    yield from conditions(market, limits, switch)
    yield _fall("daily_loss", account.day_start_equity, account.equity, limits.max_daily_loss, "since the day began")
    yield _fall("drawdown", account.peak_equity, account.equity, limits.max_drawdown, "from its peak")


def _switch(switch: TradingState) -> RuleResult:
    passed = switch is TradingState.ACTIVE
    return RuleResult(
        "kill_switch", switch.label, "active", passed, switch, "" if passed else f"trading is {switch.label}"
    )


def _market(market: Market, limits: RiskLimits) -> Iterator[RuleResult]:
    yield _known("feed_age", market.feed_age_seconds, limits.max_feed_age, "s", "the feed's last word is too old")
    offset = None if market.clock_offset_ms is None else abs(market.clock_offset_ms)
    yield _known("clock_offset", offset, limits.max_clock_offset, "ms", "the exchange's clock and ours differ too much")


def _known(rule: str, value: float | None, limit: Decimal, unit: str, broken: str) -> RuleResult:
    """A condition of the market: halts while it is broken or not known."""
    bound = f"<= {limit:f} {unit}"
    if value is None or not math.isfinite(value):
        return RuleResult(rule, "unknown", bound, False, TradingState.HALTED, f"{rule}: unknown, the limit is {bound}")
    shown = f"{value:.3f} {unit}"
    if value <= limit:
        return RuleResult(rule, shown, bound, True)
    return RuleResult(
        rule, shown, bound, False, TradingState.HALTED, f"{rule}: {broken}: {shown}, the limit is {bound}"
    )


def _fall(rule: str, start: Decimal, now: Decimal, limit: Decimal, since: str) -> RuleResult:
    """A loss as a fraction of where it began."""
    bound = f"<= {limit:f}"
    if start <= 0:
        reason = f"{rule}: not defined, equity began at {start:f}"
        return RuleResult(rule, "undefined", bound, False, TradingState.REDUCING, reason)
    fall = (start - now) / start
    shown = f"{max(fall, ZERO):.6f}"
    if fall <= limit:
        return RuleResult(rule, shown, bound, True)
    reason = f"{rule}: equity fell by {shown} {since}, the limit is {bound}"
    return RuleResult(rule, shown, bound, False, TradingState.REDUCING, reason)


def _about_order(
    order: GateOrder, account: Account, market: Market, limits: RiskLimits, recent_orders: int
) -> Iterator[RuleResult]:
    yield _collar(order, market, limits)
    price = order.price if order.price is not None else market.last_price
    yield _value("order_notional", order.quantity, price, limits.max_order_notional)
    after = abs(account.position + order.signed_quantity)
    position = _value("position_notional", after, market.last_price, limits.max_position_notional)
    yield _forgiven(position) if _reduces(order, account) else position
    count, most = recent_orders + 1, limits.max_orders_per_minute
    bound, shown = f"<= {most:f} a minute", str(count)
    reason = "" if count <= most else f"order_rate: this would be order {count} within 60 s, the limit is {most:f}"
    yield RuleResult("order_rate", shown, bound, not reason, TradingState.ACTIVE, reason)


def _collar(order: GateOrder, market: Market, limits: RiskLimits) -> RuleResult:
    bound = f"<= {limits.price_collar:f}"
    if market.last_price is None or market.last_price <= 0:
        return RuleResult(
            "price_collar", "unknown", bound, False, TradingState.ACTIVE, "price_collar: no last price is known"
        )
    if order.price is None:
        return RuleResult("price_collar", "market order", bound, True)
    away = abs(order.price - market.last_price) / market.last_price
    shown = f"{away:.6f}"
    passed = away <= limits.price_collar
    text = f"price_collar: {order.price:f} lies {shown} from the last price {market.last_price:f}, the limit is {bound}"
    return RuleResult("price_collar", shown, bound, passed, TradingState.ACTIVE, "" if passed else text)


def _value(rule: str, quantity: Decimal, price: Decimal | None, limit: Decimal) -> RuleResult:
    bound = f"<= {limit:f}"
    if price is None:
        return RuleResult(rule, "unknown", bound, False, TradingState.ACTIVE, f"{rule}: no price is known")
    notional = quantity * price
    shown = f"{notional.normalize():f}"
    passed = notional <= limit
    reason = "" if passed else f"{rule}: {shown} quote, the limit is {bound}"
    return RuleResult(rule, shown, bound, passed, TradingState.ACTIVE, reason)
