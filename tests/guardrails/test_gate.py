"""The risk gate: each rule seen kept and seen broken, at its limit and just beyond; then how rules combine."""

from decimal import Decimal
from typing import Any

import pytest

from tests.guardrails.gate_cases import ACTIVE, BUY, CALM, HALTED, REDUCING, SELL, case, decided, refusing
from workbench.guardrails.gate import GateOrder, Market, TradingState, conditions
from workbench.guardrails.limits import RiskLimits
from workbench.model.errors import InputError
from workbench.model.order import Side

RULES = [
    "kill_switch",
    "feed_age",
    "clock_offset",
    "daily_loss",
    "drawdown",
    "price_collar",
    "order_notional",
    "position_notional",
    "order_rate",
]
SMALLER = {"side": SELL, "quantity": 1}

KEPT = [
    {},
    {"feed_age_seconds": 10.0},
    {"feed_age_seconds": 0.0},
    {"clock_offset_ms": 1000.0},
    {"clock_offset_ms": -1000.0},
    {"equity": 950},
    {"equity": 2000},
    {"peak_equity": 1250},
    {"price": 102},
    {"price": 98},
    {"price": None},
    {"quantity": 10},
    {"quantity": 10, "price": None},
    {"position": 49},
    {"position": -50},
    {"position": -51, "side": BUY, "quantity": 1},
    {"recent_orders": 2},
]
BROKEN = [
    ("feed_age", HALTED, {"feed_age_seconds": 10.000001}),
    ("feed_age", HALTED, {"feed_age_seconds": None}),
    ("feed_age", HALTED, {"feed_age_seconds": float("inf")}),
    ("clock_offset", HALTED, {"clock_offset_ms": 1000.1}),
    ("clock_offset", HALTED, {"clock_offset_ms": -1000.1}),
    ("clock_offset", HALTED, {"clock_offset_ms": None}),
    ("daily_loss", REDUCING, {"equity": "949.99"}),
    ("drawdown", REDUCING, {"peak_equity": "1250.01"}),
    ("price_collar", ACTIVE, {"price": "102.01"}),
    ("price_collar", ACTIVE, {"price": "97.99"}),
    ("order_notional", ACTIVE, {"quantity": "10.01"}),
    ("order_notional", ACTIVE, {"quantity": "10.01", "price": None}),
    ("order_notional", ACTIVE, {"quantity": "9.99", "price": "100.11"}),
    ("position_notional", ACTIVE, {"position": "49.01"}),
    ("position_notional", ACTIVE, {"position": "-49.01", "side": SELL}),
    ("order_rate", ACTIVE, {"recent_orders": 3}),
    ("kill_switch", REDUCING, {"switch": REDUCING}),
    ("kill_switch", HALTED, {"switch": HALTED}),
]


@pytest.mark.parametrize("changes", KEPT)
def test_kept(changes: dict[str, Any]) -> None:
    """A value at its limit still passes."""
    decision = decided(case(**changes))
    assert decision.accepted
    assert decision.state is ACTIVE
    assert decision.reasons == ()
    assert [rule.rule for rule in decision.rules] == RULES


@pytest.mark.parametrize(("rule", "state", "changes"), BROKEN)
def test_broken(rule: str, state: TradingState, changes: dict[str, Any]) -> None:
    """Just beyond its limit one rule refuses, alone, with a reason, and asks for its state."""
    decision = decided(case(**changes))
    assert not decision.accepted
    assert refusing(decision) == {rule}
    assert decision.state is state
    assert len(decision.reasons) == 1
    assert (f"trading is {state.label}" if rule == "kill_switch" else f"{rule}: ") in decision.reasons[0]


def test_without_a_last_price() -> None:
    """Neither the collar nor the position can be measured; a limit order's own value can."""
    assert refusing(decided(case(last_price=None))) == {"price_collar", "position_notional"}
    everything = {"price_collar", "order_notional", "position_notional"}
    assert refusing(decided(case(last_price=None, price=None))) == everything
    assert refusing(decided(case(last_price=None, **SMALLER))) == {"price_collar"}


def test_a_last_price_of_nothing_is_none() -> None:
    """At 0 every order would be free."""
    assert not decided(case(last_price=0, price=None)).accepted


@pytest.mark.parametrize(("rule", "start"), [("daily_loss", "day_start_equity"), ("drawdown", "peak_equity")])
@pytest.mark.parametrize("equity", [0, -5])
def test_a_loss_of_nothing_is_not_known(rule: str, start: str, equity: int) -> None:
    """Where equity began at nothing or below, no fraction of it can be lost."""
    decision = decided(case(**{start: equity}))
    assert refusing(decision) == {rule}
    assert "not defined" in decision.reasons[0]


LOST = {"equity": 900}


@pytest.mark.parametrize("why", [{"switch": REDUCING}, LOST, {"peak_equity": 2000}])
def test_reducing(why: dict[str, Any]) -> None:
    """Only what makes the position smaller passes: not more of it, not the other side of it, not a first one."""
    assert decided(case(side=SELL, quantity=1, **why)).accepted
    assert decided(case(side=SELL, quantity=10, **why)).accepted
    assert decided(case(side=BUY, position=-3, quantity=3, **why)).accepted
    assert not decided(case(side=BUY, quantity=1, **why)).accepted
    assert not decided(case(side=SELL, quantity="10.01", price="99", **why)).accepted
    assert not decided(case(side=SELL, position=-3, **why)).accepted
    assert not decided(case(side=BUY, position=-3, quantity="3.01", **why)).accepted
    assert not decided(case(side=SELL, position=0, **why)).accepted
    assert not decided(case(side=BUY, position=0, **why)).accepted


@pytest.mark.parametrize("why", [{"switch": HALTED}, {"feed_age_seconds": None}, {"clock_offset_ms": 5000.0}])
def test_halted(why: dict[str, Any]) -> None:
    """Nothing passes, not even what makes the position smaller."""
    for order in (SMALLER, {"side": BUY, "quantity": 1}, {"side": SELL, "quantity": 10}):
        assert not decided(case(**order, **why)).accepted


@pytest.mark.parametrize("changes", [{"quantity": "10.01"}, {"price": "97.99"}, {"recent_orders": 3}])
@pytest.mark.parametrize("why", [{}, {"switch": REDUCING}, LOST])
def test_what_reduces_keeps_the_other_rules(changes: dict[str, Any], why: dict[str, Any]) -> None:
    """Size, price and rate are measured for every order."""
    assert not decided(case(position=40, **{**SMALLER, **changes}, **why)).accepted


def test_a_position_beyond_its_limit_may_shrink() -> None:
    """Or nobody could ever leave it; turning it over is no shrinking."""
    assert decided(case(position=500, **SMALLER)).accepted
    assert not decided(case(position=500, side=BUY)).accepted
    over = case(position=60, side=SELL, quantity=120, limits=CALM.limits.changed({"max_order_notional": 20000}))
    assert refusing(decided(over)) == {"position_notional"}


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"switch": REDUCING, "feed_age_seconds": None}, HALTED),
        ({"switch": HALTED, **LOST}, HALTED),
        ({"switch": REDUCING, **LOST}, REDUCING),
        ({"clock_offset_ms": None, **LOST}, HALTED),
        ({"recent_orders": 3, **LOST}, REDUCING),
    ],
)
def test_the_strictest_wins(changes: dict[str, Any], state: TradingState) -> None:
    """Whatever else is broken."""
    assert decided(case(**changes)).state is state
    assert decided(case(**SMALLER, **changes)).state is state


def test_everything_at_once() -> None:
    """Each broken rule is told, in the order of the rules, not just the first."""
    worst = case(
        switch=HALTED,
        feed_age_seconds=99.0,
        clock_offset_ms=9999.0,
        equity=1,
        price=200,
        quantity=100,
        recent_orders=9,
    )
    decision = decided(worst)
    assert refusing(decision) == set(RULES)
    assert [reason.partition(":")[0] for reason in decision.reasons] == ["trading is halted", *RULES[1:]]


@pytest.mark.parametrize("order", [SMALLER, {"side": BUY, "quantity": 1}])
@pytest.mark.parametrize("switch", [ACTIVE, REDUCING, HALTED])
def test_trips(order: dict[str, Any], switch: TradingState) -> None:
    """A loss trips whatever order meets it, also one that passes; nothing else trips."""
    decision = decided(case(switch=switch, equity=700, **order))
    assert [rule.rule for rule in decision.trips] == ["daily_loss", "drawdown"]
    assert all("the limit is" in rule.reason for rule in decision.trips)
    calm = decided(case(switch=switch, feed_age_seconds=None, price=500, recent_orders=50, **order))
    assert calm.trips == ()


def test_the_gate_without_an_order() -> None:
    """Is it open at all? The switch and the market decide; the same rules as with an order."""
    for given in (CALM, case(switch=REDUCING), case(feed_age_seconds=None), case(clock_offset_ms=-2000.0)):
        assert conditions(given.market, given.limits, given.switch) == decided(given).rules[:3]


@pytest.mark.parametrize("quantity", ["0", "-1", "NaN", "Infinity"])
def test_an_order_of_nothing_is_none(quantity: str) -> None:
    """A negative quantity would slip under the limit of its value."""
    with pytest.raises(InputError, match="quantity"):
        GateOrder("ETHUSDT", Side.BUY, Decimal(quantity))


def test_an_age_that_is_no_number_is_unknown() -> None:
    """And halts."""
    market = Market(Decimal(100), float("nan"), 0.0)
    rules = {rule.rule: rule for rule in conditions(market, RiskLimits(), TradingState.ACTIVE)}
    assert not rules["feed_age"].passed
    assert rules["feed_age"].state is TradingState.HALTED
