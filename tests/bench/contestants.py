"""The same job for every engine: SMA cross, orders at the next open, fees and slippage, metrics, equity and trades."""

import os
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.bench.market import CASH, COST
from workbench.engine.backtest import backtest
from workbench.engine.costs import Costs
from workbench.engine.exits import Exits
from workbench.model.candle import Candles
from workbench.strategy.sma_cross import SmaCross

Job = Callable[[], Any]
COSTS = Costs(taker_fee_rate=COST["fee_rate"], slippage_bps=COST["slippage"] * 1e4)


def ours(candles: Candles, fast: int, slow: int, *, frames: bool = False, exits: Exits | None = None) -> Job:
    """This workbench; ``frames``: with the pandas frames of trades and equity, as a notebook asks for them."""
    strategy = SmaCross(fast=fast, slow=slow)

    def job() -> Any:
        result = backtest(candles, strategy, costs=COSTS, exits=exits, initial_cash=CASH)
        tables = (result.trades, result.equity) if frames else (result.trade_table, result.equity_curve)
        return result.metrics, *tables

    return job


def general(candles: Candles, fast: int, slow: int) -> Job:
    """This workbench with the general matcher forced, no exits."""
    strategy = SmaCross(fast=fast, slow=slow)

    def job() -> Any:
        result = backtest(candles, strategy, costs=COSTS, initial_cash=CASH, fused=False)
        return result.metrics, result.trade_table, result.equity_curve

    return job


def vectorbt(candles: Candles, fast: int, slow: int, engine: str) -> Job:
    """vectorbt's MA, crossings and from_signals, with total return, Sharpe, drawdown, value and trade records."""
    import pandas as pd
    import vectorbt as vbt

    index = pd.DatetimeIndex(candles.open_time_ns.view("datetime64[ns]"))
    close = pd.Series(candles.close.copy(), index)  # as a user has them: writable, without a time zone
    price = pd.Series(candles.open.copy(), index).shift(-1).fillna(close)

    def job() -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            slow_average = vbt.MA.run(close, slow)
            fast_average = vbt.MA.run(close, fast)
            portfolio = vbt.Portfolio.from_signals(
                close,
                fast_average.ma_crossed_above(slow_average),
                fast_average.ma_crossed_below(slow_average),
                price=price,
                fees=COST["fee_rate"],
                slippage=COST["slippage"],
                init_cash=CASH,
                freq="1h",
                engine=engine,
            )
            figures = portfolio.total_return(), portfolio.sharpe_ratio(), portfolio.max_drawdown()
            return *figures, portfolio.value(), portfolio.trades.records

    return job


def raptorbt(candles: Candles, fast: int, slow: int) -> Job:
    """raptorbt's SMA, crossings in numpy, run_single_backtest with its metrics, equity and trades."""
    os.environ["RAPTORBT_NO_VERSION_CHECK"] = "1"
    import raptorbt as rbt

    config = rbt.BacktestConfig(initial_capital=CASH, fees=COST["fee_rate"], slippage=COST["slippage"])
    columns = candles.open_time_ns, candles.open, candles.high, candles.low, candles.close, candles.volume

    def job() -> Any:
        above = rbt.sma(candles.close, fast) > rbt.sma(candles.close, slow)
        entries, exits = np.zeros(len(above), bool), np.zeros(len(above), bool)
        entries[slow:] = above[slow:] & ~above[slow - 1 : -1]
        exits[slow:] = ~above[slow:] & above[slow - 1 : -1]
        result = rbt.run_single_backtest(*columns, entries, exits, config=config)
        return result.metrics, np.asarray(result.equity_curve()), result.trades()

    return job


def backtesting_py(candles: Candles, fast: int, slow: int) -> Job:
    """The ``backtesting`` package with rolling means from pandas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from backtesting import Backtest, Strategy
        from backtesting.lib import crossover

    frame = candles.to_frame().rename(columns=str.capitalize)

    def mean(values: Any, period: int) -> Any:
        import pandas as pd

        return pd.Series(values).rolling(period).mean().to_numpy()

    class Cross(Strategy):  # type: ignore[misc]
        def init(self) -> None:
            self.fast = self.I(mean, self.data.Close, fast)
            self.slow = self.I(mean, self.data.Close, slow)

        def next(self) -> None:
            if crossover(self.fast, self.slow):
                self.buy()
            elif crossover(self.slow, self.fast):
                self.position.close()

    def job() -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run = Backtest(frame, Cross, cash=CASH * 1000, commission=COST["fee_rate"], spread=COST["slippage"])
            return run.run()

    return job


def read_columns(candles: Candles) -> Job:
    """The floor: reading the five columns once."""
    columns = candles.open, candles.high, candles.low, candles.close, candles.volume
    return lambda: [column.sum() for column in columns]
