"""A backtest as a notebook uses it: the engine's result with the verbs plot, save and to_vectorbt."""

import time
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from workbench.engine.backtest import DEFAULT_CASH, backtest as run_backtest
from workbench.engine.costs import Costs
from workbench.engine.exits import Exits
from workbench.engine.order_strategy import OrderStrategy
from workbench.engine.result import BacktestResult
from workbench.engine.sizing import Sizing
from workbench.evidence.environment import describe_run
from workbench.evidence.form import EvidenceReport, Run
from workbench.home import Home
from workbench.model.candle import Candles
from workbench.strategy.base import Strategy

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import vectorbt as vbt


@dataclass(frozen=True, eq=False, repr=False)
class Backtest(BacktestResult):
    """A finished run; see :class:`workbench.engine.result.BacktestResult` for its tables and curves."""

    run: Run

    def plot(self) -> "go.Figure":
        """Price with entries and exits, equity against the benchmark, drawdown; under 1 MB at any length."""
        from workbench.evidence.figures import figure

        return figure(self)

    def save(self, *, home: Home | None = None) -> EvidenceReport:
        """Write the evidence of this run (and its candles, where verification could not find them otherwise)."""
        from workbench.research.evidence import save

        return save(self, self.run, home or Home.find())

    def to_vectorbt(self) -> "vbt.Portfolio":
        """A ``vectorbt.Portfolio`` of the same fills."""
        from workbench.evidence.oracle import to_vectorbt

        return to_vectorbt(self)

    def _repr_html_(self) -> str:
        from html import escape

        return f"<h4>{escape(self.title)}</h4>{self.metrics._repr_html_()}"


def backtest(
    candles: Candles,
    strategy: Strategy | OrderStrategy,
    *,
    costs: Costs | None = None,
    sizing: Sizing | None = None,
    exits: Exits | None = None,
    initial_cash: float = DEFAULT_CASH,
) -> Backtest:
    """Run a strategy over candles; arguments and errors as for ``workbench.engine.backtest.backtest``."""
    started_at, clock = datetime.now(UTC), time.perf_counter()
    result = run_backtest(candles, strategy, costs=costs, sizing=sizing, exits=exits, initial_cash=initial_cash)
    run = describe_run(started_at, datetime.now(UTC), time.perf_counter() - clock)
    values: dict[str, Any] = {field.name: getattr(result, field.name) for field in fields(BacktestResult)}
    return Backtest(**values, run=run)
