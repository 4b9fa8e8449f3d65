"""Sweeps as a notebook uses them: keyword grids, a progress bar, a heatmap."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from workbench.engine.backtest import DEFAULT_CASH
from workbench.engine.costs import Costs
from workbench.engine.exits import Exits
from workbench.engine.sizing import Sizing
from workbench.engine.sweep import Sweep as EngineSweep, SweepPoint, sweep as run_sweep
from workbench.model.candle import Candles
from workbench.model.errors import InputError
from workbench.research.backtest import Backtest, backtest
from workbench.strategy.base import Strategy

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLOW_SWEEP = 5_000_000
"""Bars times combinations from which a progress bar is shown."""


@dataclass(frozen=True)
class Sweep(EngineSweep):
    """A finished sweep; ``frame``, ``best(metric)`` and ``result(point)`` as in the engine."""

    def heatmap(self, metric: str = "sharpe") -> "go.Figure":
        """The metric over the two parameters that vary.

        Raises:
            InputError: not exactly two parameters vary.
        """
        from workbench.evidence.heatmap import heatmap

        varying = [key for key in self.points[0].params if len({point.params[key] for point in self.points}) > 1]
        if len(varying) != 2:
            raise InputError("heatmap", "a sweep in which two parameters vary", ", ".join(varying) or "none")
        label = " · SIMULATED data" if self.candles.origin.simulated else ""
        subject = f"{self.kind.name or self.kind.__name__} · {self.candles.pair} {self.candles.interval}{label}"
        return heatmap(self.frame, metric, subject=subject)

    def result(self, point: SweepPoint) -> Backtest:
        """The whole backtest of one point, to plot or save; same metrics as the point's."""
        return backtest(self.candles, self.kind(**point.params), **self.settings)

    def __repr__(self) -> str:
        skipped = f", {len(self.skipped)} combinations skipped" if self.skipped else ""
        return f"Sweep of {self.kind.name} on {self.candles}: {len(self.points)} points{skipped}"


def sweep(
    candles: Candles,
    kind: type[Strategy],
    *,
    costs: Costs | None = None,
    sizing: Sizing | None = None,
    exits: Exits | None = None,
    initial_cash: float = DEFAULT_CASH,
    threads: int | None = None,
    on_done: Callable[[int, int], None] | None = None,
    **grid: Iterable[Any],
) -> Sweep:
    """Backtest every combination: ``sweep(candles, SmaCross, fast=range(5, 50), slow=range(20, 200))``.

    Long sweeps show a progress bar. Combinations that make no strategy (fast not below slow) are listed in
    ``.skipped``. Arguments and errors as for ``workbench.engine.sweep.sweep``.
    """
    values = {key: list(values) for key, values in grid.items()}
    size = len(candles)
    for column in values.values():
        size *= len(column)

    def run(report: Callable[[int, int], None] | None) -> EngineSweep:
        return run_sweep(
            candles, kind, values, costs=costs, sizing=sizing, exits=exits, initial_cash=initial_cash,
            threads=threads, on_done=report,
        )  # fmt: skip

    done = run(on_done) if on_done is not None or size < SLOW_SWEEP else _with_progress_bar(run)
    return Sweep(**{field.name: getattr(done, field.name) for field in fields(EngineSweep)})


def _with_progress_bar(run: Callable[[Callable[[int, int], None]], EngineSweep]) -> EngineSweep:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)  # stdout belongs to the result
    with Progress(console=console, transient=True, disable=not (console.is_terminal or console.is_jupyter)) as progress:
        task = progress.add_task("sweep", total=None)
        return run(lambda done, total: progress.update(task, completed=done, total=total))
