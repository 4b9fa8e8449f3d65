"""Laws that hold for any run of the naive engine, whatever is asked of it."""

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from tests.engine import generators as gen
from tests.naive import run, run_signals
from tests.naive_values import Market, NaiveResult
from workbench.model.order import OrderStatus


@st.composite
def runs(draw: st.DrawFn) -> tuple[Market, NaiveResult]:
    """A random market and what a random strategy got from it."""
    market = draw(gen.markets(max_bars=25))
    account: tuple[Any, ...] = (draw(gen.costs()), draw(gen.sizings()), draw(gen.initial_cash), draw(st.booleans()))
    count = len(market.close)
    if draw(st.integers(0, 2)) == 0:
        fractions = [draw(gen.fraction()) for _ in range(3)]
        return market, run_signals(market, *account, draw(gen.exposures(count)), *fractions)
    return market, run(market, *account, gen.decider(market, draw(gen.schedules(count))))


@settings(max_examples=60)
@given(runs())
def test_fills_lie_inside_their_orders(outcome: tuple[Market, NaiveResult]) -> None:
    """An order fills on its side, from its first bar on, within its limit, and never more than it asked for."""
    _, result = outcome
    for order in result.orders:
        fills = [f for f in result.fills if f.order_id == order.order_id]
        assert sum(f.lots for f in fills) == order.filled_lots
        assert all(f.lots > 0 and f.side is order.side and f.bar >= order.active_bar for f in fills)
        if fills:
            assert order.filled_lots <= order.lots
            assert order.status is not OrderStatus.REJECTED
        if order.status is OrderStatus.FILLED:
            assert order.filled_lots == order.lots
        if order.limit_ticks != -1:
            assert all(f.side * f.price_ticks <= f.side * order.limit_ticks for f in fills)


@settings(max_examples=60)
@given(runs())
def test_position_is_the_sum_of_the_fills(outcome: tuple[Market, NaiveResult]) -> None:
    """No lot appears or vanishes, and the last equity is cash and position at the last close."""
    market, result = outcome
    assert result.position == sum(f.side * f.lots for f in result.fills)
    value = market.quantity(result.position) * market.price(market.close[-1])
    assert result.equity[-1] == pytest.approx(result.cash + value, rel=1e-12, abs=1e-9)
    assert len(result.equity) == len(market.close)


@settings(max_examples=60)
@given(st.data())
def test_a_longer_future_changes_no_past(data: st.DataObject) -> None:
    """Fills and equity of the first bars are the same when later bars are cut off: no look-ahead."""
    market = data.draw(gen.markets(min_bars=3, max_bars=25))
    account: tuple[Any, ...] = (data.draw(gen.costs()), data.draw(gen.sizings()), data.draw(gen.initial_cash), True)
    schedule = data.draw(gen.schedules(len(market.close)))
    cut = data.draw(st.integers(1, len(market.close) - 1))
    head = Market(
        *(column[:cut] for column in (market.open, market.high, market.low, market.close, market.volume)),
        market.tick,
        market.lot,
        market.minimum_notional,
        market.bars_per_year,
    )
    whole = run(market, *account, gen.decider(market, schedule))
    part = run(head, *account, gen.decider(head, schedule))
    assert part.fills == [f for f in whole.fills if f.bar < cut]
    assert part.equity == whole.equity[:cut]


@settings(max_examples=60)
@given(st.data())
def test_volume_limit_holds_in_every_bar(data: st.DataObject) -> None:
    """All fills of a bar but a closing by ruin take at most their share of its volume, and no short is opened."""
    market = data.draw(gen.markets(max_bars=25))
    costs = data.draw(gen.costs())
    sizing, cash = data.draw(gen.sizings()), data.draw(gen.initial_cash)
    schedule = data.draw(gen.schedules(len(market.close)))
    result = run(market, costs, sizing, cash, False, gen.decider(market, schedule))
    position = 0
    for fill in result.fills:
        position += fill.side * fill.lots
        assert position >= 0
    for bar in range(len(market.close)):
        lots = sum(f.lots for f in result.fills if f.bar == bar and bar != result.ruined_bar)
        if costs.max_volume_share is not None:
            assert market.quantity(lots) <= costs.max_volume_share * market.volume[bar] + 1e-5 * market.quantity(1)
