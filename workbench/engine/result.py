"""What a backtest gives: the engine's tables, the equity curve, the metrics, and pandas views of them on demand."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.costs import Costs
from workbench.engine.exits import Exits
from workbench.engine.metrics import Metrics, compute_metrics
from workbench.engine.sizing import Sizing
from workbench.engine.terms import Terms
from workbench.engine.trades import trades_from_fills
from workbench.model.candle import Candles

if TYPE_CHECKING:
    import pandas as pd

Table = NDArray[Any]


@dataclass(frozen=True)
class Inputs:
    """Everything that decides a result, but for the candles.

    ``source`` is the code of a strategy that is not in the catalog, empty otherwise.
    """

    strategy: str
    params: dict[str, Any]
    costs: Costs
    sizing: Sizing
    exits: Exits
    initial_cash: float
    allow_short: bool
    source: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class BacktestResult:
    """One finished run.

    Attributes:
        order_table, fill_table: records of ``workbench.engine.records`` (ticks and lots).
        equity_curve: (n_bars,) float64, quote currency, at each bar's close.
        orders, fills, trades: pandas frames in prices and quantities, times in UTC.
        equity, drawdown: pandas series by open time of the bar.
    """

    candles: Candles
    inputs: Inputs
    terms: Terms = field(repr=False)
    order_table: Table
    fill_table: Table
    equity_curve: NDArray[np.float64]

    @cached_property
    def _trades_and_totals(self) -> tuple[Table, float, float]:
        last = len(self.candles) - 1
        return trades_from_fills(self.fill_table, float(self.candles.close[last]), last, self.terms)

    @property
    def trade_table(self) -> Table:
        """Round trips as records of ``workbench.engine.records.TRADE``."""
        return self._trades_and_totals[0]

    @cached_property
    def metrics(self) -> Metrics:
        trades, notional, fees = self._trades_and_totals
        return compute_metrics(
            self.equity_curve,
            self.inputs.initial_cash,
            trades,
            notional,
            fees,
            self.candles.close,
            self.candles.interval.bars_per_year,
        )

    @cached_property
    def orders(self) -> "pd.DataFrame":
        from workbench.engine.frames import orders_frame

        return orders_frame(self.order_table, self.candles)

    @cached_property
    def fills(self) -> "pd.DataFrame":
        from workbench.engine.frames import fills_frame

        return fills_frame(self.fill_table, self.candles)

    @cached_property
    def trades(self) -> "pd.DataFrame":
        from workbench.engine.frames import trades_frame

        return trades_frame(self.trade_table, self.candles)

    @cached_property
    def equity(self) -> "pd.Series[float]":
        from workbench.engine.frames import by_time

        return by_time(self.equity_curve, self.candles, "equity")

    @cached_property
    def drawdown(self) -> "pd.Series[float]":
        from workbench.engine.drawdown import drawdown_series
        from workbench.engine.frames import by_time

        return by_time(drawdown_series(self.equity_curve, self.inputs.initial_cash), self.candles, "drawdown")

    @property
    def title(self) -> str:
        """One line that says what ran on what, and that simulated data is simulated."""
        settings = ", ".join(f"{key}={value}" for key, value in self.inputs.params.items())
        label = " · SIMULATED data" if self.candles.origin.simulated else ""
        return f"{self.inputs.strategy}({settings}) on {self.candles.pair} {self.candles.interval}{label}"

    def __repr__(self) -> str:
        return f"{self.title}\n{self.metrics}"
