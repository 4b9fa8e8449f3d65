"""Metrics against their slow twin, against vectorbt, and by hand at the edges."""

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests import naive_metrics
from tests.candles import walk
from workbench.engine.backtest import backtest
from workbench.engine.costs import Costs
from workbench.engine.drawdown import deepest_and_longest, drawdown_series
from workbench.engine.metrics import Metrics, compute_metrics
from workbench.engine.records import TRADE
from workbench.strategy.sma_cross import SmaCross

CASH = 1000.0


def measure(equity, trades=(), close=(100.0, 110.0), bars_per_year=8760.0, notional=0.0, fees=0.0) -> Metrics:
    table = np.zeros(len(trades), TRADE)
    for row, trade in enumerate(trades):
        for name, value in trade.items():
            table[row][name] = value
    return compute_metrics(np.array(equity, dtype=float), CASH, table, notional, fees, np.array(close), bars_per_year)


@st.composite
def runs(draw):
    """An equity curve (flat stretches, falls, ruin) and trades that do not overlap."""
    steps = draw(st.lists(st.sampled_from([0.0, 0.0, 1.5, -2.0, 17.25, -40.0, 300.0, -700.0]), min_size=1, max_size=40))
    equity = CASH + np.cumsum(steps)
    bars = sorted(draw(st.sets(st.integers(0, len(steps) - 1), max_size=10)))
    trades = []
    for entry, exit_ in zip(bars[::2], bars[1::2], strict=False):
        profit = draw(st.sampled_from([0.0, 12.5, -3.0, 41.0, -60.0]))
        trades.append({"entry_bar": entry, "exit_bar": exit_, "profit": profit, "is_open": 0})
    if trades and draw(st.booleans()):
        trades[-1].update(is_open=1, exit_bar=len(steps) - 1)
    return equity, trades


@given(runs(), st.sampled_from([365.0, 8760.0, 525600.0]))
@settings(max_examples=300)
def test_equals_the_slow_twin(run, bars_per_year):
    """Every figure is the textbook's, on curves with flat stretches, losses and ruin."""
    equity, trades = run
    close = np.linspace(100, 90, len(equity))
    ours = measure(equity, trades, close, bars_per_year, 5000.0, 7.5)
    theirs = naive_metrics.metrics(equity.tolist(), CASH, trades, 5000.0, 7.5, close.tolist(), bars_per_year)
    for name, expected in theirs.items():
        assert getattr(ours, name) == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True), name


@given(st.lists(st.floats(1.0, 1e6), min_size=1, max_size=60))
def test_drawdown_equals_the_slow_twin(equity):
    """The series is equity over its highest value so far, and its lowest point is the maximum drawdown."""
    array = np.array(equity)
    expected = naive_metrics.drawdowns(equity, CASH)
    series = drawdown_series(array, CASH)
    assert series.tolist() == expected
    assert series.max() <= 0
    assert deepest_and_longest(array, CASH)[0] == min(0.0, *series.tolist())


def test_one_bar():
    """One return has no deviation; what can be known is known."""
    metrics = measure([900.0])
    assert (metrics.total_return, metrics.max_drawdown, metrics.max_drawdown_bars) == pytest.approx((-0.1, -0.1, 1))
    assert all(math.isnan(value) for value in (metrics.volatility, metrics.sharpe, metrics.sortino))


def test_no_trade():
    """An account that never traded is flat: zeros where a figure exists, undefined ratios."""
    values = measure([CASH] * 5).to_dict()
    undefined = ["sharpe", "sortino", "calmar", "win_rate", "profit_factor", "expectancy"]
    assert [name for name, value in values.items() if value is None] == undefined
    zero = "total_return cagr volatility max_drawdown max_drawdown_bars exposure turnover fees_paid trade_count"
    assert {values[name] for name in zero.split()} == {0}


def test_constant_growth_has_no_sharpe_ratio():
    """Float noise in equal returns is not variance."""
    metrics = measure(CASH * 1.001 ** np.arange(1, 200))
    assert math.isnan(metrics.sharpe)
    assert math.isnan(metrics.sortino)
    assert metrics.volatility < 1e-11


def test_a_small_deviation_around_a_large_mean_is_exact():
    """Cancellation does not eat the deviation of returns that nearly agree."""
    returns = 1e-3 + 1e-9 * np.tile([1.0, -1.0], 500)
    equity = CASH * np.cumprod(1 + returns)
    expected = naive_metrics.averages(equity.tolist(), CASH, 8760.0, False)
    assert measure(equity).sharpe == pytest.approx(expected["sharpe"], rel=1e-6)


def test_ruin():
    """Owing money is a loss beyond everything: reported as such, with no averages over it."""
    metrics = measure([1200.0, -100.0, -100.0])
    assert metrics.total_return == pytest.approx(-1.1)
    assert metrics.cagr == -1.0
    assert metrics.max_drawdown == pytest.approx(-1300 / 1200)
    assert metrics.max_drawdown_bars == 2
    undefined = (metrics.volatility, metrics.sharpe, metrics.sortino, metrics.turnover)
    assert all(math.isnan(value) for value in undefined)


def test_growth_beyond_a_float_is_undefined():
    """A gain in one minute, compounded for a year, is no number."""
    metrics = measure([1500.0, 1600.0], bars_per_year=525600.0)
    assert math.isnan(metrics.cagr)
    assert metrics.total_return == pytest.approx(0.6)


def test_rounding_noise_is_not_under_water():
    """Equity one float below its peak is at its peak."""
    metrics = measure([CASH, np.nextafter(CASH, 0), np.nextafter(CASH, 0)])
    assert (metrics.max_drawdown, metrics.max_drawdown_bars) == (0.0, 0)
    assert math.isnan(metrics.calmar)


def test_open_trade_counts_but_has_no_outcome():
    """What is still held raises the count and the exposure, not the win rate."""
    closed = {"entry_bar": 0, "exit_bar": 2, "profit": -5.0, "is_open": 0}
    held = {"entry_bar": 2, "exit_bar": 3, "profit": 50.0, "is_open": 1}
    metrics = measure([CASH] * 4, [closed, held])
    assert (metrics.trade_count, metrics.exposure) == (2, 1.0)
    assert (metrics.win_rate, metrics.expectancy, metrics.profit_factor) == (0.0, -5.0, 0.0)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_agrees_with_vectorbt(seed):
    """Where the definitions are the same, vectorbt's figures for the same fills are ours."""
    from workbench.evidence.oracle import to_vectorbt

    result = backtest(walk(seed, 3000), SmaCross(5, 20, "both"), costs=Costs(taker_fee_rate=1e-5, slippage_bps=0))
    ours, portfolio = result.metrics, to_vectorbt(result)
    assert 0 < ours.win_rate < 1
    returns = portfolio.returns().vbt.returns(freq="1h", year_freq="365D")
    trips = portfolio.positions.closed
    expected = {
        "total_return": portfolio.total_return(),
        "cagr": returns.annualized(),
        "volatility": returns.annualized_volatility(),
        "sharpe": returns.sharpe_ratio(),
        "sortino": returns.sortino_ratio(),
        "calmar": returns.calmar_ratio(),
        "max_drawdown": portfolio.max_drawdown(),
        "win_rate": trips.win_rate(),
        "profit_factor": trips.profit_factor(),
        "expectancy": trips.expectancy(),
        "fees_paid": portfolio.orders.fees.sum(),
        "trade_count": portfolio.positions.count(),
        "benchmark_return": portfolio.total_benchmark_return(),
    }
    assert {name: getattr(ours, name) for name in expected} == pytest.approx(expected, rel=1e-8)


def test_prints_as_an_aligned_table():
    """People read percent and a dash for what is undefined; all lines are equally long."""
    lines = str(measure([CASH, 1234.5])).splitlines()
    assert lines[0].split() == ["Total", "return", "23.45", "%"]
    assert len({len(line) for line in lines}) == 1
    assert len(lines) == len(Metrics.__dataclass_fields__)
    assert "–" in str(measure([CASH]))
    assert measure([CASH])._repr_html_().count("<tr>") == len(lines)
