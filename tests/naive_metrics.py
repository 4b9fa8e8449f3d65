"""Metrics and drawdown, slow and obvious: lists, exact sums, one formula after the other."""

import math
from statistics import fmean, stdev

NAN = float("nan")
NOISE = 1e-14


def drawdowns(equity, initial_cash):
    return [equity[i] / max([initial_cash, *equity[: i + 1]]) - 1 for i in range(len(equity))]


def metrics(equity, initial_cash, trades, traded_notional, fees_paid, close, bars_per_year):
    """By name; trades are dicts with entry_bar, exit_bar, profit, is_open."""
    n = len(equity)
    ruined = min(equity) <= 0
    under_water = drawdowns(equity, initial_cash)
    depth = min([0.0, *(value for value in under_water if value < -NOISE)])
    growth = equity[-1] / initial_cash
    cagr = annual_growth(growth, bars_per_year / n)
    profits = [trade["profit"] for trade in trades if not trade["is_open"]]
    losses = -math.fsum(profit for profit in profits if profit <= 0)
    return {
        "total_return": growth - 1,
        "cagr": cagr,
        **averages(equity, initial_cash, bars_per_year, ruined),
        "calmar": cagr / -depth if depth else NAN,
        "max_drawdown": depth,
        "max_drawdown_bars": longest_run([value < -NOISE for value in under_water]),
        "win_rate": fmean(profit > 0 for profit in profits) if profits else NAN,
        "profit_factor": math.fsum(profit for profit in profits if profit > 0) / losses if losses else NAN,
        "expectancy": fmean(profits) if profits else NAN,
        "exposure": sum(any(holds(trade, bar) for trade in trades) for bar in range(n)) / n,
        "turnover": NAN if ruined else traded_notional / fmean(equity) * bars_per_year / n,
        "fees_paid": fees_paid,
        "trade_count": len(trades),
        "benchmark_return": close[-1] / close[0] - 1,
        "initial_equity": initial_cash,
        "final_equity": equity[-1],
    }


def averages(equity, initial_cash, bars_per_year, ruined):
    returns = [
        after / before - 1 if before else NAN for before, after in zip([initial_cash, *equity], equity, strict=False)
    ]
    if ruined or len(returns) < 2:
        return {"volatility": NAN, "sharpe": NAN, "sortino": NAN}
    year = math.sqrt(bars_per_year)
    mean, deviation = fmean(returns), stdev(returns)
    downside = math.sqrt(fmean(min(value, 0) ** 2 for value in returns))
    return {
        "volatility": deviation * year,
        "sharpe": mean / deviation * year if deviation > NOISE else NAN,
        "sortino": mean / downside * year if downside > NOISE else NAN,
    }


def annual_growth(growth, periods_per_year):
    if growth <= 0:
        return -1.0
    try:
        return growth**periods_per_year - 1
    except OverflowError:
        return NAN


def holds(trade, bar):
    return trade["entry_bar"] <= bar and (trade["is_open"] or bar < trade["exit_bar"])


def longest_run(flags):
    longest = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest
