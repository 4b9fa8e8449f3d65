"""What costs took: what the slow engine saw is got back from the fills."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests import naive
from tests.candles import walk
from tests.engine import generators, kernel_runs
from tests.evidence.runs import few_trades, many_trades, report_of
from tests.naive_values import Market
from workbench.engine.backtest import backtest
from workbench.engine.costs import FREE, Costs
from workbench.engine.exits import Exits
from workbench.engine.order_run import run_orders
from workbench.engine.records import FILL, ORDER, STATE
from workbench.engine.signal_run import run_matched
from workbench.evidence.breakdown import build_breakdown
from workbench.evidence.cost_parts import cost_parts, reference_ticks
from workbench.model.order import Liquidity, OrderType, Reason
from workbench.strategy.buy_and_hold import BuyAndHold
from workbench.strategy.rsi import Rsi
from workbench.strategy.sma_cross import SmaCross

PROTECTIVE = (Reason.STOP_LOSS, Reason.TRAILING_STOP)


class Watched(naive.Naive):
    """The slow engine, which also writes down from what price each fill was moved."""

    def __init__(self, *account):
        super().__init__(*account)
        self.references = []

    def fill(self, order, reference, liquidity):
        count = len(self.references)
        super().fill(order, reference, liquidity)
        if len(self.references) > count and liquidity is Liquidity.TAKER:
            self.references[-1] = reference

    def book(self, order, lots, price_ticks, liquidity, cut_reason=None):
        self.references.append(price_ticks)
        super().book(order, lots, price_ticks, liquidity, cut_reason)


def watched(run, *account):
    """The slow engine after a run."""
    made = []

    def make(*given):
        made.append(Watched(*given))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(naive, "Naive", make)
        run(*account)
    return made[0]


def assert_got_back(account: tuple, twin: Watched, orders: np.ndarray, fills: np.ndarray) -> None:
    market: Market = account[0]
    fills = fills[: len(twin.fills)]
    assert fills["price_ticks"].tolist() == [fill.price_ticks for fill in twin.fills]
    opens = np.array(market.open)[fills["bar"]]
    found = reference_ticks(fills, orders[fills["order_id"]], opens, account[1].adverse_units)
    for reference, expected, fill in zip(found.tolist(), twin.references, twin.fills, strict=True):
        order = twin.orders[fill.order_id]
        sold_inside = fill.side < 0 and (order.reason in PROTECTIVE or order.order_type is OrderType.STOP)
        assert abs(reference - expected) <= (1 if sold_inside else 0), (fill, order)


@settings(max_examples=60)
@given(data=st.data(), market=generators.markets(), costs=generators.costs(), sizing=generators.sizings())
def test_references_of_signals(data, market, costs, sizing) -> None:
    """Exits, gaps, volume limits, shorts, ruin: exact, but for a tick where a sale's price has two references."""
    exposure = data.draw(generators.exposures(len(market.close)))
    levels = [data.draw(generators.fraction()) for _ in range(3)]
    account = (market, costs, sizing, data.draw(generators.initial_cash), data.draw(st.booleans()))
    twin = watched(naive.run_signals, *account, exposure, *levels)
    states, equity = np.zeros(1, STATE), np.empty(len(market.close))
    terms = kernel_runs.terms_of(market, costs, sizing, account[4])
    orders, fills = run_matched(
        np.array(exposure, dtype=np.float64), *kernel_runs.columns(market), account[3], tuple(levels), terms,
        equity, states, np.empty(1, ORDER), np.empty(1, FILL),
    )  # fmt: skip
    assert_got_back(account, twin, orders, fills)


@settings(max_examples=60)
@given(data=st.data(), market=generators.markets(), costs=generators.costs(), sizing=generators.sizings())
def test_references_of_orders(data, market, costs, sizing) -> None:
    """Limit, stop and stop-limit orders too."""
    schedule = data.draw(generators.schedules(len(market.close)))
    account = (market, costs, sizing, data.draw(generators.initial_cash), data.draw(st.booleans()))
    asked = {}
    decide = generators.decider(market, schedule)

    def noted(bar, view):
        asked[bar] = decide(bar, view)
        return asked[bar]

    twin = watched(naive.run, *account, noted)
    states, equity = np.zeros(1, STATE), np.empty(len(market.close))
    terms = kernel_runs.terms_of(market, costs, sizing, account[4])
    orders, fills = run_orders(
        kernel_runs.replay, np.arange(len(market.close)), *kernel_runs.columns(market), account[3],
        kernel_runs.encode(asked, len(market.close)), np.zeros(1), terms, equity, states,
        np.empty(1, ORDER), np.empty(1, FILL),
    )  # fmt: skip
    assert_got_back(account, twin, orders, fills)


RUNS = {
    "few": few_trades,
    "many": many_trades,
    "both costs": lambda: backtest(
        walk(3, 900), SmaCross(4, 9, "both"), costs=Costs(slippage_bps=7.5, half_spread_bps=2.5)
    ),
    "half-spread alone": lambda: backtest(walk(3, 900), Rsi(), costs=Costs(slippage_bps=0.0, half_spread_bps=3.0)),
    "exits": lambda: backtest(walk(4, 900), SmaCross(4, 9, "both"), exits=Exits(stop_loss=0.01, take_profit=0.01)),
    "free": lambda: backtest(walk(3, 900), SmaCross(4, 9), costs=FREE),
    "no trade": lambda: backtest(walk(3, 9), SmaCross(4, 9)),
    "one bar": lambda: backtest(walk(3, 1), BuyAndHold()),
}


@pytest.mark.parametrize("name", RUNS)
def test_costs_add_up(name):
    """Added back, they give the profit of the same fills at their reference prices, without fees: slowly, by hand."""
    result = RUNS[name]()
    told = build_breakdown(report_of(result), result)
    assert [each.name for each in told.costs] == ["fees", "slippage", "half_spread"]
    assert told.costs[0].amount == result.metrics.fees_paid
    assert told.profit == result.metrics.final_equity - result.inputs.initial_cash
    assert told.profit_before_costs == pytest.approx(told.profit + sum(each.amount for each in told.costs))
    assert told.profit_before_costs == pytest.approx(by_hand(result), abs=1e-6)
    turnover = sum(row.price * row.quantity for row in result.fills.itertuples())
    assert told.turnover == pytest.approx(turnover)


def by_hand(result) -> float:
    """What the fills would have made at their references. Without exits these are the bars' opens."""
    cash, held = 0.0, 0.0
    candles, ticks = result.candles, result.candles.instrument.price_grid
    fills = result.fill_table
    references = reference_ticks(
        fills,
        result.order_table[fills["order_id"]],
        ticks.units(candles.open[fills["bar"]]),
        result.inputs.costs.adverse_units,
    )
    for fill, reference in zip(fills, ticks.floats(references), strict=True):
        quantity = float(candles.instrument.quantity_grid.floats(fill["lots"])) * int(fill["side"])
        if result.order_table[fill["order_id"]]["reason"] == Reason.SIGNAL:
            assert reference == candles.open[fill["bar"]]
        cash -= quantity * reference
        held += quantity
    return cash + held * candles.close[-1]


def test_each_has_its_share():
    """Slippage of 7.5 and half-spread of 2.5 basis points: three quarters and one; alone, all of it."""
    parts = cost_parts(RUNS["both costs"]())
    assert parts.slippage == pytest.approx(3 * parts.half_spread)
    assert parts.half_spread > 0
    parts = cost_parts(RUNS["half-spread alone"]())
    assert (parts.slippage, parts.half_spread > 0) == (0.0, True)
    parts = cost_parts(RUNS["free"]())
    assert (parts.fees, parts.slippage, parts.half_spread) == (0.0, 0.0, 0.0)
    assert parts.turnover > 0
