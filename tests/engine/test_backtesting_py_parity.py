"""The ``backtesting`` package makes the same trades on its own price data, where its rules are ours.

Differences of rules, and how the tests step around them:

- It trades whole units: the lot is 1.
- Its relative sizes leave room for the commission before rounding, ours for it after: relative sizes are compared
  free of cost, fixed ones with commission.
- Its spread is paid on entries only: it is 0 here.
- Its first decision is at the second bar: targets before are 0 here.
- Its ``crossover`` asks for strict sides on two bars in a row, so a cross by way of a tie is none; its bundled data
  has no such tie for these periods, which a test makes sure of.
- It closes what is left at the last bar's open, or not at all; we value it at the last close: only closed trades are
  compared, and equity at every bar.
- Its stop and target are prices given with the order, ours fractions of the fill: it is told the next open, which no
  strategy could know, so that the levels are the same.
- A limit fills for it when merely touched: ``limit_fills_on_touch``. At an open beyond the target it gets the better
  open, we the target: exits are compared with that, profits without it.
"""

from decimal import Decimal

import numpy as np
import pytest

from tests.engine.test_drivers_agree import Given
from workbench.engine.backtest import backtest
from workbench.engine.costs import FREE, Costs
from workbench.engine.exits import Exits
from workbench.engine.sizing import fixed_quantity, fraction_of_equity
from workbench.model.candle import Candles
from workbench.model.instrument import Instrument
from workbench.model.interval import Interval
from workbench.model.order import Reason
from workbench.strategy.sma_cross import SmaCross

pytestmark = [
    pytest.mark.filterwarnings("ignore:DatetimeIndex.dayofweek is deprecated:DeprecationWarning:backtesting._stats"),
    pytest.mark.filterwarnings("ignore:Some trades remain open:UserWarning"),
]

CASH = 1_000_000.0
QUANTITY = 100
MARKETS = {"GOOG": ("0.01", "1d"), "EURUSD": ("0.00001", "1h")}


def bundled(name):
    """A frame of the package's own prices, and the same as Candles of lot size 1."""
    from backtesting import test

    tick, interval = MARKETS[name]
    frame = getattr(test, name)
    candles = Candles.build(
        pair=name,
        interval=Interval.parse(interval),
        open_time_ns=frame.index.as_unit("ns").asi8,
        open=frame["Open"],
        high=frame["High"],
        low=frame["Low"],
        close=frame["Close"],
        volume=frame["Volume"],
        instrument=Instrument(name, Decimal(tick), Decimal(1)),
    )
    return frame, candles


def cross_strategy(fast, slow, direction, size, levels=None):
    """Their strategy: moving averages by pandas, their crossover, close and reverse at the next open."""
    from backtesting import Strategy
    from backtesting.lib import crossover
    from backtesting.test import SMA

    class Cross(Strategy):
        def init(self):
            self.fast = self.I(SMA, self.data.Close, fast)
            self.slow = self.I(SMA, self.data.Close, slow)

        def next(self):
            if crossover(self.fast, self.slow):
                self.position.close()
                if direction != "short":
                    self.buy(size=size, **self.protection())
            elif crossover(self.slow, self.fast):
                self.position.close()
                if direction != "long":
                    self.sell(size=size)

        def protection(self):
            return {} if levels is None else levels(len(self.data))

    return Cross


def run_theirs(frame, strategy, commission=0.0):
    from backtesting import Backtest

    return Backtest(frame, strategy, cash=CASH, commission=commission, finalize_trades=False).run()


def closed(result):
    return result.trade_table[result.trade_table["is_open"] == 0]


def by_entry(theirs):
    return theirs["_trades"].sort_values("EntryBar", kind="stable").reset_index(drop=True)


def assert_same_entries(trades, table):
    assert len(trades) == len(table) > 10
    assert trades["entry_bar"].tolist() == table["EntryBar"].tolist()
    assert trades["exit_bar"].tolist() == table["ExitBar"].tolist()
    assert (trades["lots"] * trades["side"]).tolist() == table["Size"].tolist()
    assert np.allclose(trades["entry_price"], table["EntryPrice"], rtol=1e-12, atol=0)


def assert_same(result, theirs):
    trades, table = closed(result), by_entry(theirs)
    assert_same_entries(trades, table)
    assert np.allclose(trades["exit_price"], table["ExitPrice"], rtol=1e-12, atol=0)
    assert np.allclose(trades["fees"], table["Commission"], rtol=1e-9, atol=0)
    assert np.allclose(trades["profit"], table["PnL"], rtol=1e-9, atol=1e-9 * CASH)
    assert np.allclose(result.equity_curve, theirs["_equity_curve"]["Equity"], rtol=1e-9, atol=0)


@pytest.mark.parametrize(("fast", "slow"), [(5, 20), (10, 30)])
@pytest.mark.parametrize("name", MARKETS)
def test_no_tie_on_the_way_across(name, fast, slow):
    """The two averages are never equal, in whole ticks, so that both notions of a cross are one."""
    candles = bundled(name)[1]
    sums = np.concatenate([[0], np.cumsum(candles.instrument.price_grid.units(candles.close))])
    quick, lazy = sums[slow:] - sums[slow - fast : -fast], sums[slow:] - sums[:-slow]
    assert (quick * slow != lazy * fast).all()


@pytest.mark.parametrize("direction", ["long", "short", "both"])
@pytest.mark.parametrize(("fast", "slow"), [(5, 20), (10, 30)])
@pytest.mark.parametrize("name", MARKETS)
def test_sma_cross(name, fast, slow, direction):
    """A fixed quantity with commission on both sides."""
    frame, candles = bundled(name)
    costs = Costs(taker_fee_rate=0.002, slippage_bps=0.0)
    strategy = SmaCross(fast, slow, direction)
    ours = backtest(candles, strategy, costs=costs, sizing=fixed_quantity(QUANTITY), initial_cash=CASH)
    assert_same(ours, run_theirs(frame, cross_strategy(fast, slow, direction, QUANTITY), 0.002))


@pytest.mark.parametrize("direction", ["long", "short"])
@pytest.mark.parametrize("name", MARKETS)
def test_fraction_of_equity(name, direction):
    """Half of the equity at the open, in whole units, free of cost."""
    frame, candles = bundled(name)
    strategy = SmaCross(5, 20, direction)
    ours = backtest(candles, strategy, costs=FREE, sizing=fraction_of_equity(0.5), initial_cash=CASH)
    assert_same(ours, run_theirs(frame, cross_strategy(5, 20, direction, 0.5)))


@pytest.mark.parametrize("name", MARKETS)
def test_buy_and_hold(name):
    """One purchase at the third bar's open, held to the end: the same equity at every bar."""
    from backtesting import Strategy

    class Hold(Strategy):
        def init(self):
            pass

        def next(self):
            if not self.position and not self.orders:
                self.buy(size=QUANTITY)

    frame, candles = bundled(name)
    target = np.ones(len(candles))
    target[0] = 0
    costs = Costs(taker_fee_rate=0.002, slippage_bps=0.0)
    ours = backtest(candles, Given(target), costs=costs, sizing=fixed_quantity(QUANTITY), initial_cash=CASH)
    theirs = run_theirs(frame, Hold, 0.002)
    assert ours.fill_table["bar"].tolist() == [2]
    assert np.allclose(ours.equity_curve, theirs["_equity_curve"]["Equity"], rtol=1e-12, atol=0)


@pytest.mark.parametrize(("name", "stop", "target"), [("GOOG", 0.03, 0.05), ("EURUSD", 0.001, 0.002)])
def test_stop_loss_and_take_profit(name, stop, target):
    """Protected long trades leave at the same bars and prices; a gap through the stop leaves at the open."""
    frame, candles = bundled(name)
    grid = candles.instrument.price_grid
    opens = grid.units(candles.open).tolist()

    def distance(bar, fraction):
        return -(-opens[bar] * round(fraction * 1_000_000) // 1_000_000)

    def levels(bar):
        if bar == len(opens):
            return {}
        low, high = opens[bar] - distance(bar, stop), opens[bar] + distance(bar, target)
        return {"sl": float(grid.floats(low)), "tp": float(grid.floats(high))}

    costs = Costs(taker_fee_rate=0.0, maker_fee_rate=0.0, slippage_bps=0.0, limit_fills_on_touch=True)
    exits = Exits(stop_loss=stop, take_profit=target)
    strategy = SmaCross(5, 20)
    ours = backtest(candles, strategy, costs=costs, exits=exits, sizing=fixed_quantity(QUANTITY), initial_cash=CASH)
    trades = closed(ours)
    table = by_entry(run_theirs(frame, cross_strategy(5, 20, "long", QUANTITY, levels)))
    assert_same_entries(trades, table)
    reasons = ours.order_table["reason"][ours.fill_table["order_id"][ours.fill_table["side"] < 0]]
    by_target = (reasons == Reason.TAKE_PROFIT)[: len(trades)]
    assert by_target.sum() > 3
    assert (reasons == Reason.STOP_LOSS).sum() > 3
    opens_at_exit = candles.open[trades["exit_bar"]]
    expected = np.where(by_target, np.maximum(trades["exit_price"], opens_at_exit), trades["exit_price"])
    assert np.allclose(expected, table["ExitPrice"], rtol=1e-12, atol=0)
    better_open = (expected - trades["exit_price"]) * trades["lots"]
    assert np.allclose(trades["profit"] + better_open, table["PnL"], rtol=1e-9, atol=1e-9 * CASH)
