"""The risk gate and its naive twin agree on orders around every limit."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given, settings, strategies as st

from tests.guardrails.gate_cases import CALM, decided, refusing
from tests.naive_gate import Case, decide as naive
from workbench.guardrails.gate import Account, GateOrder, Market, TradingState
from workbench.model.order import Side

NUDGES = [Decimal(text) for text in ("-1", "-0.01", "-0.00000001", "0", "0.00000001", "0.01", "1")]
PRICES = [Decimal(text) for text in ("0.07", "99.99", "100", "100.01", "3000")]
SIZES = [Decimal(text) for text in ("0.00000001", "0.5", "1", "3", "10", "50")]
EQUITIES = [Decimal(text) for text in ("-100", "0", "0.01", "7", "950", "1000", "1250")]


@st.composite
def cases(draw: Any) -> Case:
    """Each number is at a limit, just below or just above it, or anywhere."""
    market = draw(markets())
    at = market.last_price or Decimal(100)
    position = draw(st.sampled_from([-1, 1])) * draw(st.sampled_from([Decimal(0), *SIZES, near(draw, 5000 / at)]))
    order = GateOrder("ETHUSDT", draw(st.sampled_from(Side)), draw(sizes(at, position)), draw(prices(at)))
    return Case(
        order,
        Account(position, *draw(equities())),
        market,
        CALM.limits,
        draw(st.sampled_from(TradingState)),
        draw(st.integers(0, 4)),
    )


def near(draw: Any, number: Decimal) -> Decimal:
    """Rounded to 8 places, so that every product is exact."""
    nudge: Decimal = draw(st.sampled_from(NUDGES))
    return round(number, 8) + nudge


@st.composite
def markets(draw: Any) -> Market:
    last = draw(st.none() | st.sampled_from(PRICES))
    age = draw(st.none() | st.sampled_from([0.0, 9.999, 10.0, 10.001]))
    offset = draw(st.none() | st.sampled_from([0.0, -1000.5, -1000.0, 1000.0, 1000.5]))
    return Market(last, age, offset) if draw(st.booleans()) else Market(last, 1.0, 1.0)


@st.composite
def sizes(draw: Any, at: Decimal, position: Decimal) -> Decimal:
    """Around the order's limit, the position's limit, and the position itself: smaller, closed, turned over."""
    goals = [1000 / at, abs(position), abs(position) + 5000 / at, abs(abs(position) - 5000 / at), *SIZES]
    return max(near(draw, draw(st.sampled_from(goals))), Decimal("0.00000001"))


@st.composite
def prices(draw: Any, at: Decimal) -> Decimal | None:
    goals = [at, at * Decimal("1.02"), at * Decimal("0.98")]
    asked = max(near(draw, draw(st.sampled_from(goals))), Decimal("0.00000001"))
    return None if draw(st.booleans()) else asked


@st.composite
def equities(draw: Any) -> tuple[Decimal, Decimal, Decimal]:
    """Equity now, where the day began, its peak."""
    start, peak = draw(st.sampled_from(EQUITIES)), draw(st.sampled_from(EQUITIES))
    goals = [start * Decimal("0.95"), peak * Decimal("0.8"), *EQUITIES]
    return near(draw, draw(st.sampled_from(goals))), start, peak


@settings(max_examples=600)
@given(cases())
def test_both_agree(case: Case) -> None:
    """The same rules refuse, the same state is asked for, the same losses trip."""
    decision, verdict = decided(case), naive(case)
    assert refusing(decision) == verdict.refusing
    assert decision.accepted is verdict.accepted
    assert decision.state.label == verdict.state
    assert {rule.rule for rule in decision.trips} == verdict.trips


@settings(max_examples=200)
@given(cases(), st.sampled_from(["quantity", "switch", "recent_orders"]))
def test_less_is_never_refused_for_more(case: Case, what: str) -> None:
    """No laxer switch, fewer orders before it, or half the quantity turns a yes into a no."""
    if not decided(case).accepted:
        return
    laxer = {
        "quantity": replace(case, order=replace(case.order, quantity=case.order.quantity / 2)),
        "switch": replace(case, switch=TradingState.ACTIVE),
        "recent_orders": replace(case, recent_orders=0),
    }[what]
    if what == "quantity" and abs(case.account.position * (case.market.last_price or 0)) > 5000:
        return  # half of what turns a large position over may leave too much of it
    assert decided(laxer).accepted
