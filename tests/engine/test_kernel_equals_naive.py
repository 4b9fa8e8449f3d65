"""The compiled engine and its naive twin: the hand-written table on both, and random runs that must agree."""

import math

import pytest
from hypothesis import given, settings, strategies as st

from tests import naive
from tests.engine import generators, kernel_runs
from tests.engine.rule_case import RuleCase
from tests.engine.rule_cases import CASES
from tests.naive_values import AccountView, Market, NaiveResult, Request
from workbench.model.order import OrderType

USES_LIMIT = (OrderType.LIMIT, OrderType.STOP_LIMIT)
USES_STOP = (OrderType.STOP, OrderType.STOP_LIMIT)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rule_case(case: RuleCase) -> None:
    """Fills, ends of orders and money are those worked out by hand."""
    account = (case.market, case.costs, case.sizing, case.cash, case.allow_short)
    if case.exposure is not None:
        levels = (case.stop_loss, case.take_profit, case.trailing_stop)
        result = kernel_runs.run_signals(*account, case.exposure, *levels)
    else:
        result = kernel_runs.run(*account, dict(case.requests))
    assert [(f.bar, f.side, f.price_ticks, f.lots, f.liquidity) for f in result.fills] == list(case.fills)
    assert [(o.status, o.end_reason) for o in result.orders] == list(case.orders)
    assert result.ruined_bar == case.ruined_bar
    if case.reasons is not None:
        assert [o.reason for o in result.orders] == list(case.reasons)
    if case.final_cash is not None:
        assert result.cash == pytest.approx(case.final_cash, abs=1e-9)
    if case.final_equity is not None:
        assert result.equity[-1] == pytest.approx(case.final_equity, abs=1e-9)


def told(result: NaiveResult) -> list[tuple]:
    """Orders as both engines tell them: without prices that the type has no use for, without an undecided side."""
    return [
        (
            order.placed_bar,
            order.active_bar,
            order.side if order.lots >= 0 else None,
            order.order_type,
            order.time_in_force,
            order.lots,
            order.filled_lots,
            order.limit_ticks if order.order_type in USES_LIMIT else -1,
            order.stop_ticks if order.order_type in USES_STOP else -1,
            order.status,
            order.reason,
            order.end_reason,
        )
        for order in result.orders
    ]


def assert_same(kernel: NaiveResult, twin: NaiveResult) -> None:
    assert told(kernel) == told(twin)
    assert [(f.order_id, f.bar, f.side, f.lots, f.price_ticks, f.liquidity) for f in kernel.fills] == [
        (f.order_id, f.bar, f.side, f.lots, f.price_ticks, f.liquidity) for f in twin.fills
    ]
    for ours, theirs in zip(kernel.fills, twin.fills, strict=True):
        assert math.isclose(ours.fee, theirs.fee, rel_tol=1e-12)
    for ours, theirs in zip(kernel.equity, twin.equity, strict=True):
        assert math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-6)
    assert kernel.position == twin.position
    assert kernel.ruined_bar == twin.ruined_bar


@settings(max_examples=200)
@given(data=st.data(), market=generators.markets(), costs=generators.costs(), sizing=generators.sizings())
def test_signals(data, market, costs, sizing) -> None:
    """Signal runs agree: exits, volume limits, latency, shorts, ruin."""
    exposure = data.draw(generators.exposures(len(market.close)))
    levels = [data.draw(generators.fraction()) for _ in range(3)]
    account = (market, costs, sizing, data.draw(generators.initial_cash), data.draw(st.booleans()))
    twin = naive.run_signals(*account, exposure, *levels)
    assert_same(kernel_runs.run_signals(*account, exposure, *levels), twin)


@settings(max_examples=300)
@given(data=st.data(), market=generators.markets(), costs=generators.costs(), sizing=generators.sizings())
def test_orders(data, market: Market, costs, sizing) -> None:
    """Order schedules agree: every type, time in force, cancel and replace."""
    decide = generators.decider(market, data.draw(generators.schedules(len(market.close))))
    account = (market, costs, sizing, data.draw(generators.initial_cash), data.draw(st.booleans()))
    made: dict[int, list[Request]] = {}

    def recording(bar: int, view: AccountView) -> list[Request]:
        made[bar] = decide(bar, view)
        return made[bar]

    twin = naive.run(*account, recording)
    assert_same(kernel_runs.run(*account, made), twin)
