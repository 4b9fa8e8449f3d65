"""Laws that every run of the compiled engine keeps: money, no look-ahead, scale, volume, round trips, same bytes."""

import pickle
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.candles import from_ticks, walk
from tests.engine.test_drivers_agree import Given
from workbench.engine.backtest import backtest
from workbench.engine.costs import Costs
from workbench.engine.exits import Exits
from workbench.engine.order_function import (
    BUY,
    LIMIT,
    SELL,
    STOP,
    STOP_LIMIT,
    cancel,
    is_open,
    order_function,
    place,
    target,
)
from workbench.engine.order_strategy import OrderStrategy
from workbench.engine.sizing import fixed_quantity, fixed_quote, fraction_of_equity, volatility_target
from workbench.engine.sweep import sweep
from workbench.model.order import Liquidity, Reason
from workbench.strategy.rsi import Rsi
from workbench.strategy.sma_cross import SmaCross

N_BARS = 150


@order_function
def busy(bars, account, book, params, memory):
    """Every kind of order, and cancels; memory keeps the id of the last limit."""
    close, bar = bars.close[-1], bars.close.size
    if bar % 11 == 3:
        place(book, BUY, LIMIT, 4.0, close * 0.9995, trailing_stop=0.002)
    if bar % 11 == 5:
        memory[0] = place(book, SELL, LIMIT, 3.0, close * 1.0005)
        memory[1] = 1.0
    if bar % 11 == 8 and memory[1] > 0.0 and is_open(book, int(memory[0])):
        cancel(book, int(memory[0]))
    if bar % 11 == 9:
        place(book, SELL, STOP, 2.0, np.nan, close * 0.999, stop_loss=0.001, take_profit=0.002)
        place(book, BUY, STOP_LIMIT, 2.0, close * 1.002, close * 1.001)
    if bar % 37 == 0:
        target(book, 0.5 if bar % 2 else -0.5)


costs = st.builds(
    Costs,
    taker_fee_rate=st.sampled_from([0.0, 0.001, 0.02]),
    maker_fee_rate=st.sampled_from([0.0, 0.0005]),
    slippage_bps=st.sampled_from([0.0, 2.0, 90.0]),
    max_volume_share=st.sampled_from([None, 0.05, 0.5]),
    latency_bars=st.integers(0, 3),
    limit_fills_on_touch=st.booleans(),
)
sizings = st.sampled_from(
    [fraction_of_equity(), fraction_of_equity(0.4), fixed_quote(700.0), fixed_quantity(6.5), volatility_target(0.5, 5)]
)
fractions = st.sampled_from([None, 0.001, 0.004, 0.02])
exits = st.builds(Exits, stop_loss=fractions, take_profit=fractions, trailing_stop=fractions)
long_targets = st.lists(st.sampled_from([0.0, 0.25, 1.0, 1.0]), min_size=N_BARS, max_size=N_BARS)
targets = st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.0, 0.25, 1.0]), min_size=N_BARS, max_size=N_BARS)


@st.composite
def runs(draw):
    """A function of candles: some strategy with some costs, on a market of its own."""
    candles = walk(draw(st.integers(0, 10_000)), N_BARS, coarse=draw(st.sampled_from([1, 30, 400])), start=8_000)
    settings_ = {"costs": draw(costs), "initial_cash": draw(st.sampled_from([40.0, 1_000.0, 50_000.0]))}
    if draw(st.integers(0, 2)) == 0:
        strategy = OrderStrategy(busy, allow_short=draw(st.booleans()))
    else:
        held = np.repeat(np.array(draw(targets)), 4)[:N_BARS]
        strategy = Given(held)
        settings_ |= {"sizing": draw(sizings), "exits": draw(exits)}

    def run(bars):
        short = isinstance(strategy, Given)
        return backtest(bars, Given(strategy.targets[: len(bars)]) if short else strategy, **settings_)

    return candles, run


def prices_of(result):
    fills, instrument = result.fill_table, result.candles.instrument
    price = instrument.price_grid.floats(fills["price_ticks"])
    return price, instrument.quantity_grid.floats(fills["lots"])


@settings(max_examples=80)
@given(runs())
def test_money_is_conserved(case):
    """Equity at every bar is cash and position at the close, worked out anew from nothing but the fills."""
    candles, run = case
    result = run(candles)
    fills, cash = result.fill_table, result.inputs.initial_cash
    price, quantity = prices_of(result)
    paid, moved = np.zeros(N_BARS), np.zeros(N_BARS)
    np.add.at(paid, fills["bar"], fills["side"] * price * quantity + fills["fee"])
    np.add.at(moved, fills["bar"], fills["side"] * quantity)
    equity = cash - np.cumsum(paid) + np.cumsum(moved) * candles.close
    turnover = cash + float((price * quantity).sum())
    assert np.allclose(result.equity_curve, equity, rtol=0, atol=1e-9 * turnover)


@settings(max_examples=80)
@given(runs())
def test_trades_tile_the_fills(case):
    """Their fees add up to the fills' fees, their profits to the change of equity, their lots to what was entered."""
    candles, run = case
    result = run(candles)
    fills, trades, cash = result.fill_table, result.trade_table, result.inputs.initial_cash
    price, quantity = prices_of(result)
    scale = cash + float((price * quantity).sum())
    assert trades["fees"].sum() == pytest.approx(fills["fee"].sum(), rel=1e-9, abs=1e-9)
    assert abs(trades["profit"].sum() - (result.equity_curve[-1] - cash)) <= 1e-9 * scale
    held = trades[trades["is_open"] == 1]
    last = int((fills["side"] * fills["lots"]).sum())
    assert 2 * trades["lots"].sum() == fills["lots"].sum() + abs(last)
    assert len(held) == (last != 0)
    assert (trades["entry_bar"][1:] >= trades["exit_bar"][:-1]).all()


@settings(max_examples=80)
@given(case=runs(), cut=st.integers(1, N_BARS - 1))
def test_no_look_ahead(case, cut):
    """Cutting off later bars changes no fill, no order and no equity of the bars before, to the byte."""
    candles, run = case
    whole, part = run(candles), run(candles[:cut])
    assert part.equity_curve.tobytes() == whole.equity_curve[:cut].tobytes()
    early = whole.fill_table[whole.fill_table["bar"] < cut]
    assert part.fill_table.tolist() == early.tolist()
    orders = whole.order_table[: len(part.order_table)]
    for name in ("placed_bar", "active_bar", "exposure", "size", "order_type", "limit_ticks", "stop_ticks", "reason"):
        assert part.order_table[name].tobytes() == orders[name].tobytes(), name
    later = whole.order_table[len(part.order_table) :]
    assert (later["placed_bar"] >= cut).all()


@settings(max_examples=60)
@given(runs())
def test_fills_keep_their_bar(case):
    """No fill comes before its order may act; a taker's price is in the bar but for slippage, a maker's his limit."""
    candles, run = case
    result = run(candles)
    fills, orders = result.fill_table, result.order_table
    assert (fills["bar"] >= orders["active_bar"][fills["order_id"]]).all()
    assert (np.diff(fills["bar"]) >= 0).all()
    decided = np.isin(orders["reason"][fills["order_id"]], (Reason.SIGNAL, Reason.STRATEGY))
    assert (fills["bar"][decided] > orders["placed_bar"][fills["order_id"]][decided]).all()
    taker, fill_ticks = fills["liquidity"] == Liquidity.TAKER, fills["price_ticks"]
    assert (fill_ticks[~taker] == orders["limit_ticks"][fills["order_id"]][~taker]).all()
    grid, bar = candles.instrument.price_grid, fills["bar"][taker]
    room = result.terms.adverse_units / 1_000_000
    assert (fill_ticks[taker] <= np.ceil(grid.units(candles.high[bar]) * (1 + room))).all()
    assert (fill_ticks[taker] >= np.maximum(np.floor(grid.units(candles.low[bar]) * (1 - room)), 1)).all()


@settings(max_examples=60)
@given(runs())
def test_volume_budget_is_kept(case):
    """All fills of a bar, but a closing by ruin, take at most their share of its volume."""
    candles, run = case
    result = run(candles)
    share = result.inputs.costs.max_volume_share
    fills = result.fill_table[result.order_table["reason"][result.fill_table["order_id"]] != Reason.RUIN]
    taken = np.zeros(N_BARS)
    np.add.at(taken, fills["bar"], candles.instrument.quantity_grid.floats(fills["lots"]))
    assert (taken <= (np.inf if share is None else share) * np.maximum(candles.volume, 1e-300) + 1e-8).all()


@settings(max_examples=60)
@given(seed=st.integers(0, 10_000), held=long_targets, costs=costs, sizing=sizings, exits=exits)
def test_long_only_runs_owe_nothing(seed, held, costs, sizing, exits):
    """Without short sales cash never falls below zero and the position never below none."""
    candles = walk(seed, N_BARS, coarse=30)
    result = backtest(candles, Given(np.array(held)), costs=costs, sizing=sizing, exits=exits, initial_cash=1_000.0)
    price, quantity = prices_of(result)
    fills = result.fill_table
    cash = 1_000.0 - np.cumsum(fills["side"] * price * quantity + fills["fee"])
    assert (cash >= -1e-6).all()
    assert (np.cumsum(fills["side"] * fills["lots"]) >= 0).all()
    assert (result.equity_curve > 0).all()


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), held=targets, costs=costs, exits=exits)
def test_twice_the_money_twice_the_quantity(seed, held, costs, exits):
    """With sizing by equity, no volume limit and a fine lot, every price and bar stays and every quantity doubles."""
    candles = walk(seed, N_BARS)
    grid = candles.instrument.price_grid
    prices = (grid.units(column) for column in (candles.open, candles.high, candles.low, candles.close))
    fine = from_ticks(*prices, candles.volume, lot="0.00000001")
    unlimited = Costs(**{**costs.to_dict(), "max_volume_share": None})
    strategy = Given(np.array(held))
    one, two = (
        backtest(fine, strategy, costs=unlimited, exits=exits, initial_cash=cash) for cash in (10_000.0, 20_000.0)
    )
    assert one.fill_table["bar"].tolist() == two.fill_table["bar"].tolist()
    assert one.fill_table["price_ticks"].tolist() == two.fill_table["price_ticks"].tolist()
    lots = one.fill_table["lots"]
    assert (np.abs(two.fill_table["lots"] - 2 * lots) <= 4 * len(lots) + 4).all()
    assert np.allclose(two.equity_curve, 2 * one.equity_curve, rtol=1e-9)


def bytes_of(result):
    tables = (result.order_table, result.fill_table, result.trade_table)
    columns = [table[name].tobytes() for table in tables for name in table.dtype.names]
    return b"".join([*columns, result.equity_curve.tobytes(), repr(result.metrics.to_dict()).encode()])


CASES = {
    "signals": lambda candles: backtest(candles, SmaCross(5, 20, "both")),
    "exits": lambda candles: backtest(
        candles, Rsi(7, 40, 60), exits=Exits(stop_loss=0.002, trailing_stop=0.003), costs=Costs(max_volume_share=0.2)
    ),
    "orders": lambda candles: backtest(candles, OrderStrategy(busy, allow_short=True)),
}


@pytest.mark.parametrize("name", CASES)
def test_same_bytes_again_and_on_any_thread(name):
    """Runs repeated, and from 2 and 4 threads at once, give the bytes of the first."""
    from concurrent.futures import ThreadPoolExecutor

    candles = walk(3, 2_000)
    first = bytes_of(CASES[name](candles))
    for threads in (1, 2, 4):
        with ThreadPoolExecutor(threads) as pool:
            again = list(pool.map(lambda _: bytes_of(CASES[name](candles)), range(8)))
        assert set(again) == {first}


@pytest.mark.parametrize("exits", [None, Exits(stop_loss=0.002)])
def test_sweep_does_not_depend_on_threads(exits):
    """Rows and their order are the same from 1, 2 and 4 threads, and those of single backtests."""
    candles, grid = walk(4, 1_500), {"fast": range(3, 9), "slow": range(8, 20, 3)}
    sweeps = [sweep(candles, SmaCross, grid, exits=exits, threads=threads) for threads in (1, 2, 4)]
    rows = [[(point.params, repr(point.metrics.to_dict())) for point in one.points] for one in sweeps]
    assert rows[0] == rows[1] == rows[2]
    for point in sweeps[0].points[::5]:
        assert repr(sweeps[0].result(point).metrics.to_dict()) == repr(point.metrics.to_dict())


SECOND_PROCESS = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from tests.candles import walk
from tests.engine.test_laws import CASES, bytes_of
for name in CASES:
    print(hashlib.sha256(bytes_of(CASES[name](walk(3, 2_000)))).hexdigest())
"""


def test_same_bytes_in_a_second_process():
    """A fresh interpreter gives the same bytes."""
    import hashlib

    root = str(Path(__file__).parents[2])
    run = subprocess.run([sys.executable, "-c", SECOND_PROCESS, root], capture_output=True, text=True, check=True)
    here = [hashlib.sha256(bytes_of(case(walk(3, 2_000)))).hexdigest() for case in CASES.values()]
    assert run.stdout.split() == here


def test_candles_survive_pickling():
    """The copy has the same bytes, fingerprint and instrument, and is as read-only as the original."""
    candles = walk(5, 300)
    copy = pickle.loads(pickle.dumps(candles))
    assert copy.fingerprint == candles.fingerprint
    assert copy.instrument == candles.instrument
    assert copy.instrument.tick_size == Decimal("0.01")
    assert not copy.close.flags.writeable
    assert str(copy) == str(candles)


@pytest.mark.parametrize("name", ["signals", "exits", "orders"])
def test_results_survive_pickling(name):
    """The copy of a result has the same tables, equity, metrics and inputs, before and after they were looked at."""
    result = CASES[name](walk(5, 600))
    fresh = pickle.loads(pickle.dumps(result))
    assert bytes_of(fresh) == bytes_of(result)
    assert bytes_of(pickle.loads(pickle.dumps(result))) == bytes_of(result)
    assert fresh.inputs == result.inputs
