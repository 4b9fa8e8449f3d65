"""vectorbt as a second opinion: it agrees with every kind of run, and notices when one is altered."""

from dataclasses import replace

import numpy as np
import pytest

from tests.candles import from_ticks, walk
from workbench.engine.backtest import backtest
from workbench.engine.costs import FREE, Costs
from workbench.engine.exits import Exits
from workbench.engine.order_function import BUY, LIMIT, MARKET, SELL, STOP, order_function, place
from workbench.engine.order_strategy import OrderStrategy
from workbench.engine.sizing import fixed_quantity, volatility_target
from workbench.evidence.oracle import disagreements, to_vectorbt
from workbench.model.order import Reason
from workbench.strategy.buy_and_hold import BuyAndHold
from workbench.strategy.sma_cross import SmaCross

EXITS = Exits(stop_loss=0.001, take_profit=0.0015, trailing_stop=0.0012)


@order_function
def ladder(bars, account, book, params, memory):
    """Several fills in one bar: two limits and a stop a few ticks around the close, then out by reversing."""
    close, bar = bars.close[-1], bars.close.size
    if bar % 7 == 1:
        place(book, BUY, LIMIT, 3.0, close - 0.01)
        place(book, BUY, LIMIT, 2.0, close - 0.02)
        place(book, BUY, STOP, 1.5, np.nan, close + 0.01)
    if bar % 7 == 4:
        place(book, SELL, MARKET, 5.0)
        place(book, SELL, MARKET, 4.25)


def with_lots(candles, lot):
    """The same bars of an instrument with another lot size."""
    grid = candles.instrument.price_grid
    prices = (grid.units(column) for column in (candles.open, candles.high, candles.low, candles.close))
    return from_ticks(*prices, candles.volume, lot=lot)


def ruined():
    """A short position in a market that trebles: the account ends below zero."""
    close = np.array([100, 101, 102, 103, 102, 100, 98, 97, 250, 320, 330, 340]) * 100
    open_ = np.concatenate([close[:1], close[:-1]])
    candles = from_ticks(open_, np.maximum(open_, close), np.minimum(open_, close), close)
    return backtest(candles, SmaCross(1, 3, "short"), costs=FREE)


RUNS = {
    "long": lambda: backtest(walk(1, 2_000), SmaCross(3, 8)),
    "short": lambda: backtest(walk(2, 2_000), SmaCross(3, 8, "short")),
    "reversals": lambda: backtest(walk(3, 2_000), SmaCross(3, 8, "both")),
    "free": lambda: backtest(walk(3, 2_000), SmaCross(3, 8, "both"), costs=FREE),
    "partial fills": lambda: backtest(
        walk(4, 2_000), SmaCross(3, 8, "both"), costs=Costs(max_volume_share=0.3), initial_cash=5_000.0
    ),
    "exits": lambda: backtest(walk(5, 2_000), SmaCross(3, 8, "both"), exits=EXITS),
    "exits and partial fills": lambda: backtest(
        walk(5, 2_000), SmaCross(3, 8, "both"), exits=EXITS, costs=Costs(max_volume_share=0.2)
    ),
    "latency": lambda: backtest(walk(6, 2_000), SmaCross(3, 8, "both"), costs=Costs(latency_bars=3)),
    "several fills in one bar": lambda: backtest(
        walk(7, 2_000), OrderStrategy(ladder, allow_short=True), initial_cash=10_000.0
    ),
    "coarse lots": lambda: backtest(with_lots(walk(8, 2_000), "3"), SmaCross(3, 8, "both")),
    "fixed quantity": lambda: backtest(walk(9, 2_000), SmaCross(3, 8, "both"), sizing=fixed_quantity(2.5)),
    "volatility": lambda: backtest(walk(10, 2_000), SmaCross(3, 8, "both"), sizing=volatility_target(0.1, 10)),
    "still open": lambda: backtest(walk(11, 50), BuyAndHold()),
    "no fill": lambda: backtest(walk(12, 30), SmaCross(10, 29)),
    "ruin": ruined,
}


@pytest.mark.parametrize("name", RUNS)
def test_vectorbt_agrees(name):
    """Equity at every bar and every round trip are the same to 1e-9."""
    result = RUNS[name]()
    assert disagreements(result) == []


def test_runs_are_what_they_say():
    """The runs above hold partial fills, several fills in one bar, both sides, protective exits and a ruin."""
    partial = RUNS["partial fills"]()
    assert len(partial.fill_table) > 1.5 * len(np.unique(partial.fill_table["order_id"]))
    crowded = RUNS["several fills in one bar"]().fill_table
    assert np.unique(crowded["bar"], return_counts=True)[1].max() >= 3
    assert set(RUNS["reversals"]().trade_table["side"].tolist()) == {1, -1}
    assert {Reason.STOP_LOSS, Reason.TAKE_PROFIT, Reason.TRAILING_STOP} <= set(
        RUNS["exits"]().order_table["reason"].tolist()
    )
    assert RUNS["still open"]().trade_table["is_open"].tolist() == [1]
    assert ruined().equity_curve[-1] < 0


def tampered(result, column, change):
    """The result with one fill in the middle changed."""
    fills = result.fill_table.copy()
    fills[column][len(fills) // 2] = change(fills[column][len(fills) // 2])
    return replace(result, fill_table=fills)


@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("price_ticks", lambda ticks: ticks + 1),
        ("lots", lambda lots: lots - 1),
        ("fee", lambda fee: fee * 1.0001),
        ("side", lambda side: -side),
        ("bar", lambda bar: bar + 1),
    ],
)
@pytest.mark.parametrize("name", ["long", "reversals", "exits"])
def test_an_altered_fill_is_noticed(name, column, change):
    """One tick, one lot, a hundredth of a percent of one fee, one side or one bar."""
    assert disagreements(tampered(RUNS[name](), column, change)) != []


def test_an_altered_equity_curve_is_noticed():
    """One bar of it, by two billionths of the account."""
    result = RUNS["long"]()
    equity = result.equity_curve.copy()
    equity[1_234] += 2e-9 * max(equity[1_234], result.inputs.initial_cash)
    assert disagreements(replace(result, equity_curve=equity))[0].startswith("equity[1234]: expected ")


@pytest.mark.parametrize("column", ["entry_bar", "exit_bar", "lots", "entry_price", "exit_price", "fees", "profit"])
def test_an_altered_trade_is_noticed(column):
    """Each column of the round trips is compared on its own; the text names it."""
    result = RUNS["reversals"]()
    trades = result.trade_table.copy()
    trades[column][3] += 1
    altered = replace(result)
    altered.__dict__["_trades_and_totals"] = (trades, 0.0, 0.0)
    name = "quantity" if column == "lots" else column
    assert [text.split(":")[0] for text in disagreements(altered)] == [f"trades.{name}[3]"]


def test_portfolio_has_vectorbts_statistics():
    """The portfolio handed to a notebook counts the same orders, fees and return, in the bars' own times."""
    result = RUNS["reversals"]()
    portfolio = to_vectorbt(result)
    assert portfolio.orders.count() == len(result.fill_table)
    assert portfolio.total_return() == pytest.approx(result.metrics.total_return, rel=1e-6)
    assert portfolio.orders.records["fees"].sum() == pytest.approx(result.fill_table["fee"].sum(), rel=1e-12)
    assert portfolio.wrapper.index.equals(result.equity.index)
    assert portfolio.max_drawdown() == pytest.approx(result.metrics.max_drawdown, rel=1e-6)


def test_a_rest_of_cash_is_not_a_disagreement():
    """vectorbt forgets cash below 1e-9 of a payment: with fine lots its value drifts, our comparison does not."""
    candles = with_lots(walk(13, 6_000, coarse=20, start=300_000), "0.00000001")
    result = backtest(candles, SmaCross(2, 4))
    drift = np.abs(to_vectorbt(result).value().to_numpy() - result.equity_curve).max()
    assert drift > 1e-9 * result.inputs.initial_cash
    assert disagreements(result) == []
