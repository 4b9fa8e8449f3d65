"""A signal strategy over a grid of parameters: one row of metrics per combination, any number of threads, same rows.

Each thread keeps one equity curve and overwrites it, so memory does not grow with the grid.
"""

import itertools
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.engine.backtest import DEFAULT_CASH, backtest, check_cash, checked_exposure
from workbench.engine.costs import Costs
from workbench.engine.exits import Exits
from workbench.engine.metrics import Metrics, compute_metrics
from workbench.engine.records import FILL, ORDER, STATE
from workbench.engine.result import BacktestResult
from workbench.engine.signal_run import changes, run_fused
from workbench.engine.sizing import Sizing, fraction_of_equity
from workbench.engine.terms import check_range, make_terms
from workbench.engine.threads import map_in_threads
from workbench.engine.trades import trades_from_fills
from workbench.model.candle import Candles
from workbench.model.errors import InputError
from workbench.strategy.base import Strategy

if TYPE_CHECKING:
    import pandas as pd

Params = dict[str, Any]


@dataclass(frozen=True, repr=False)
class SweepPoint:
    params: Params
    metrics: Metrics

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"SweepPoint {settings}\n{self.metrics}"


@dataclass(frozen=True)
class Sweep:
    """All points in the order of the grid; ``skipped`` holds combinations that make no strategy, with the reason."""

    candles: Candles
    kind: type[Strategy]
    settings: dict[str, Any]
    points: tuple[SweepPoint, ...]
    skipped: tuple[tuple[Params, str], ...]

    @property
    def frame(self) -> "pd.DataFrame":
        """One row per combination: parameters, then metrics."""
        import pandas as pd

        return pd.DataFrame([{**point.params, **point.metrics.to_dict()} for point in self.points])

    def best(self, metric: str = "sharpe") -> SweepPoint:
        """The point with the highest value (first of equals); combinations where it is undefined do not count.

        Raises:
            InputError: no such metric, or it is undefined everywhere.
        """
        defined = [point for point in self.points if not np.isnan(_value(point, metric))]
        if not defined:
            raise InputError("metric", "one that is defined for some combination", metric)
        return max(defined, key=lambda point: _value(point, metric))

    def result(self, point: SweepPoint) -> BacktestResult:
        """The full backtest behind a point."""
        return backtest(self.candles, self.kind(**point.params), **self.settings)


def _value(point: SweepPoint, metric: str) -> float:
    values = point.metrics.to_dict()
    if metric not in values:
        raise InputError("metric", f"one of {', '.join(values)}", metric)
    value = values[metric]
    return float("nan") if value is None else float(value)


def sweep(
    candles: Candles,
    kind: type[Strategy],
    grid: Mapping[str, Iterable[Any]],
    *,
    costs: Costs | None = None,
    sizing: Sizing | None = None,
    exits: Exits | None = None,
    initial_cash: float = DEFAULT_CASH,
    threads: int | None = None,
    on_done: Callable[[int, int], None] | None = None,
) -> Sweep:
    """Backtest every combination of the grid's values.

    Args:
        grid: values by parameter name; what is left out keeps its default.
        threads: default one per processor; the rows do not depend on it.
        on_done: told (combinations done, of how many) from the worker threads.

    Raises:
        InputError: an empty grid, an unknown parameter, no valid combination, or no thread to run on.
    """
    settings = {"costs": costs, "sizing": sizing, "exits": exits, "initial_cash": initial_cash}
    threads = os.cpu_count() or 1 if threads is None else threads
    if threads < 1:
        raise InputError("threads", "at least 1", threads)
    strategies, skipped = _strategies(kind, grid, len(candles))
    simple = not (exits or Exits()) and (costs or Costs()).max_volume_share is None
    one = _FusedRunner(candles, settings) if simple else _GeneralRunner(candles, settings)
    progress = _Progress(len(strategies), on_done)

    def run(strategy: Strategy) -> Metrics:
        metrics = one(strategy)
        progress.step()
        return metrics

    rows = map_in_threads(run, strategies, threads)
    keys = tuple(grid)
    points = tuple(
        SweepPoint({key: getattr(strategy, key) for key in keys}, metrics)
        for strategy, metrics in zip(strategies, rows, strict=True)
    )
    return Sweep(candles, kind, settings, points, tuple(skipped))


def _strategies(
    kind: type[Strategy], grid: Mapping[str, Iterable[Any]], n_bars: int
) -> tuple[list[Strategy], list[tuple[Params, str]]]:
    known = getattr(kind, "__dataclass_fields__", {})
    for key in grid:
        if key not in known:
            raise InputError(f"grid.{key}", f"a parameter of {kind.__name__}: {', '.join(known)}", key)
    strategies: list[Strategy] = []
    skipped: list[tuple[Params, str]] = []
    for values in itertools.product(*grid.values()):
        params = dict(zip(grid, values, strict=True))
        try:
            strategy = kind(**params)
        except InputError as error:
            skipped.append((params, str(error)))
            continue
        if strategy.warm_up > n_bars:
            skipped.append((params, f"candles: expected at least {strategy.warm_up} bars, received {n_bars}"))
        else:
            strategies.append(strategy)
    if not strategies:
        raise InputError("grid", "at least one valid combination", skipped[0][1] if skipped else "no values")
    return strategies, skipped


class _FusedRunner:
    """Market orders only: the fused kernel over one reused equity curve per thread."""

    def __init__(self, candles: Candles, settings: dict[str, Any]) -> None:
        self._candles = candles
        self._costs = settings["costs"] or Costs()
        self._sizing = settings["sizing"] or fraction_of_equity()
        self._cash = float(settings["initial_cash"])
        self._local = threading.local()
        check_cash(self._cash)
        check_range(float(candles.high.max()), candles.instrument)

    def __call__(self, strategy: Strategy) -> Metrics:
        candles = self._candles
        exposure, allow_short = checked_exposure(strategy.exposure(candles), len(candles))
        terms = make_terms(candles.instrument, candles.interval, self._costs, self._sizing, allow_short=allow_short)
        decisions = changes(exposure)
        rows = decisions.size + 1
        states, orders, fills = np.zeros(1, STATE), np.empty(rows, ORDER), np.empty(rows, FILL)
        if not hasattr(self._local, "equity"):
            self._local.equity = np.empty(len(candles))
        equity = self._local.equity
        open_, high, low, close = candles.open, candles.high, candles.low, candles.close
        run_fused(
            exposure, open_, high, low, close, decisions, self._cash, terms, equity, states, orders, fills,
            allow_short or None,
        )  # fmt: skip
        last = len(candles) - 1
        trades, notional, fees = trades_from_fills(fills[: states["fills"][0]], float(close[last]), last, terms)
        return compute_metrics(equity, self._cash, trades, notional, fees, close, candles.interval.bars_per_year)


class _GeneralRunner:
    def __init__(self, candles: Candles, settings: dict[str, Any]) -> None:
        self._candles = candles
        self._settings = settings

    def __call__(self, strategy: Strategy) -> Metrics:
        return backtest(self._candles, strategy, **self._settings).metrics


class _Progress:
    def __init__(self, total: int, on_done: Callable[[int, int], None] | None) -> None:
        self._total, self._on_done = total, on_done
        self._done = 0
        self._lock = threading.Lock()

    def step(self) -> None:
        with self._lock:
            self._done += 1
            if self._on_done is not None:
                self._on_done(self._done, self._total)
