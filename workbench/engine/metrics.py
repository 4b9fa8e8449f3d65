"""What a run achieved, in the field's standard figures.

Conventions. Returns and drawdowns are fractions. The return of bar i is ``equity[i] / equity[i - 1] - 1``; the first
bar's is measured from the initial cash, so n bars have n returns. A year has 365 days (crypto markets do not close);
the risk-free rate is 0. A figure that is not defined is NaN here and null in JSON. Sums run strictly from first to
last, so that the same run gives the same bytes.

An open trade (still held at the last bar, valued at the last close) counts in ``trade_count`` and ``exposure`` but not
in ``win_rate``, ``profit_factor`` and ``expectancy``: it has no outcome yet and has not paid to get out.

========================  =========================================================================================
case                      what is then defined how
========================  =========================================================================================
no closed trade           win_rate, profit_factor, expectancy NaN; with no trade at all exposure and turnover 0
no losing trade           profit_factor NaN
one bar                   volatility, sharpe, sortino NaN
no variance (deviation    volatility as it is (0 for a flat curve), sharpe NaN
below 1e-14)
no falling bar (downside  sortino NaN
deviation below 1e-14)
never under water         max_drawdown 0, max_drawdown_bars 0, calmar NaN
growth beyond a float     cagr NaN, calmar NaN (a short run with a large gain, annualised)
ruin (equity <= 0 at      volatility, sharpe, sortino, turnover NaN: averages over bars say nothing when one of them
the close of some bar)    took everything. total_return and max_drawdown as they are, below -1 when money is owed;
                          cagr -1 when nothing is left at the end. All others as ever
========================  =========================================================================================
"""

import math
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import compiled
from workbench.engine.drawdown import ROUNDING, deepest_and_longest

NAN = float("nan")


@dataclass(frozen=True)
class Metrics:
    """The figures of one run; formulas are in :func:`compute_metrics`, edge cases in the module's table."""

    total_return: float
    cagr: float
    volatility: float
    sharpe: float
    sortino: float
    calmar: float
    max_drawdown: float
    max_drawdown_bars: int
    win_rate: float
    profit_factor: float
    expectancy: float
    exposure: float
    turnover: float
    fees_paid: float
    trade_count: int
    benchmark_return: float
    initial_equity: float
    final_equity: float

    def to_dict(self) -> dict[str, float | int | None]:
        """By name, undefined figures as None."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: None if math.isnan(value) else value for name, value in values.items()}

    def __str__(self) -> str:
        from workbench.engine.metric_table import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from workbench.engine.metric_table import as_html

        return as_html(self)


def compute_metrics(
    equity: NDArray[np.float64],
    initial_cash: float,
    trades: NDArray[Any],
    traded_notional: float,
    fees_paid: float,
    close: NDArray[np.float64],
    bars_per_year: float,
) -> Metrics:
    """All figures of a run of n bars.

    ==================  ==================================================================================  ==========
    figure              formula                                                                             source
    ==================  ==================================================================================  ==========
    total_return        last equity / initial cash - 1                                                      definition
    cagr                (last equity / initial cash) ** (bars per year / n) - 1                             definition
    volatility          standard deviation of returns (ddof 1) * sqrt(bars per year)                        [1]
    sharpe              mean return / standard deviation of returns (ddof 1) * sqrt(bars per year)          [1]
    sortino             mean return / sqrt(mean(min(return, 0) ** 2)) * sqrt(bars per year)                 [2]
    calmar              cagr / abs(max_drawdown), over the whole run                                        [3]
    max_drawdown        lowest drawdown, from the highest equity so far                                     [4]
    max_drawdown_bars   most consecutive bars under water                                                   [4]
    win_rate            closed trades with profit after fees above 0 / closed trades                        [5]
    profit_factor       sum of profits of winning trades / abs(sum of losses of the other closed trades)    [5]
    expectancy          mean profit after fees of a closed trade, quote currency                            [5]
    exposure            bars at whose close a position was held / n                                         definition
    turnover            notional of all fills, buys and sales / mean equity, per year                       definition
    fees_paid           fees of all fills, quote currency                                                   definition
    benchmark_return    last close / first close - 1: bought at the first close, held, without costs        definition
    ==================  ==================================================================================  ==========

    [1] Sharpe, "The Sharpe Ratio", Journal of Portfolio Management 21(1), 1994.
    [2] Sortino & Price, "Performance Measurement in a Downside Risk Framework", Journal of Investing 3(3), 1994.
    [3] Young, "Calmar Ratio: A Smoother Tool", Futures 20(1), 1991; there over 36 months.
    [4] Magdon-Ismail & Atiya, "Maximum Drawdown", Risk 17(10), 2004.
    [5] Pardo, "The Evaluation and Optimization of Trading Strategies", 2nd ed., Wiley, 2008.

    ``equity`` and ``close`` are (n_bars,), n_bars at least 1; ``trades`` are records of ``engine.records.TRADE``;
    ``traded_notional`` and ``fees_paid`` are those of all fills.
    """
    n_bars = equity.size
    final = float(equity[-1])
    total, squares, falls, equity_sum, ruined = _return_sums(equity, initial_cash)
    volatility, sharpe, sortino = (NAN, NAN, NAN) if ruined else _ratios(equity, initial_cash, total, squares, falls)
    depth, depth_bars = deepest_and_longest(equity, initial_cash)
    cagr = _annual_growth(final / initial_cash, bars_per_year / n_bars)
    closed, wins, gains, losses, bars_held = _trade_sums(
        trades["entry_bar"], trades["exit_bar"], trades["profit"], trades["is_open"], n_bars
    )
    return Metrics(
        total_return=final / initial_cash - 1.0,
        cagr=cagr,
        volatility=volatility * math.sqrt(bars_per_year),
        sharpe=sharpe * math.sqrt(bars_per_year),
        sortino=sortino * math.sqrt(bars_per_year),
        calmar=cagr / -depth if depth < 0 else NAN,
        max_drawdown=depth,
        max_drawdown_bars=depth_bars,
        win_rate=wins / closed if closed else NAN,
        profit_factor=gains / losses if losses > 0 else NAN,
        expectancy=(gains - losses) / closed if closed else NAN,
        exposure=bars_held / n_bars,
        turnover=traded_notional / (equity_sum / n_bars) * (bars_per_year / n_bars) if equity_sum > 0 else NAN,
        fees_paid=float(fees_paid),
        trade_count=trades.size,
        benchmark_return=float(close[-1] / close[0]) - 1.0,
        initial_equity=float(initial_cash),
        final_equity=final,
    )


def _annual_growth(growth: float, years_inverse: float) -> float:
    if growth <= 0:
        return -1.0
    try:
        return math.pow(growth, years_inverse) - 1.0
    except OverflowError:
        return NAN


def _ratios(
    equity: NDArray[np.float64], initial_cash: float, total: float, squares: float, falls: float
) -> tuple[float, float, float]:
    """Deviation, Sharpe and Sortino ratio per bar."""
    count = equity.size
    if count < 2:
        return NAN, NAN, NAN
    mean = total / count
    spread = squares - total * mean
    if spread < 1e-4 * squares:  # nearly all of it cancelled: measure from the mean instead
        spread = _squares_around(equity, initial_cash, mean)
    deviation, downside = math.sqrt(spread / (count - 1)), math.sqrt(falls / count)
    return (
        deviation,
        mean / deviation if deviation > ROUNDING else NAN,
        mean / downside if downside > ROUNDING else NAN,
    )


@compiled
def _return_sums(equity: NDArray[np.float64], initial_cash: float) -> tuple[float, float, float, float, bool]:
    """Sums of returns, their squares, the squares of those below 0, and equity; True (the rest NaN) means ruin."""
    total, squares, falls, equity_sum = 0.0, 0.0, 0.0, 0.0
    previous = initial_cash
    for i in range(equity.size):
        value = equity[i]
        if value <= 0.0:
            return NAN, NAN, NAN, NAN, True
        change = value / previous - 1.0
        square = change * change
        total += change
        squares += square
        falls += square if change < 0.0 else 0.0
        equity_sum += value
        previous = value
    return total, squares, falls, equity_sum, False


@compiled
def _squares_around(equity: NDArray[np.float64], initial_cash: float, mean: float) -> float:
    squares = 0.0
    previous = initial_cash
    for i in range(equity.size):
        deviation = equity[i] / previous - 1.0 - mean
        squares += deviation * deviation
        previous = equity[i]
    return squares


@compiled
def _trade_sums(
    entry_bar: NDArray[np.int64],
    exit_bar: NDArray[np.int64],
    profit: NDArray[np.float64],
    is_open: NDArray[np.int8],
    n_bars: int,
) -> tuple[int, int, float, float, int]:
    """Closed trades, those won, the sum of their profits, of the others' losses (at least 0); bars held by all."""
    closed, wins, bars_held = 0, 0, 0
    gains, losses = 0.0, 0.0
    for k in range(profit.size):
        if is_open[k]:
            bars_held += n_bars - entry_bar[k]
            continue
        bars_held += exit_bar[k] - entry_bar[k]
        closed += 1
        if profit[k] > 0.0:
            wins += 1
            gains += profit[k]
        else:
            losses -= profit[k]
    return closed, wins, gains, losses, bars_held
