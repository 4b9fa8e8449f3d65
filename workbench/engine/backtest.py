"""One call from candles and a strategy to a result."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.costs import Costs
from workbench.engine.exits import Exits
from workbench.engine.order_strategy import OrderStrategy
from workbench.engine.records import FILL, ORDER, STATE
from workbench.engine.result import BacktestResult, Inputs
from workbench.engine.signal_run import changes, run_fused, run_matched
from workbench.engine.sizing import Sizing, fraction_of_equity
from workbench.engine.terms import Terms, check_range, make_terms
from workbench.model.candle import Candles
from workbench.model.errors import InputError
from workbench.strategy.base import Exposure, Strategy
from workbench.strategy.catalog import STRATEGIES

DEFAULT_CASH = 10_000.0


def backtest(
    candles: Candles,
    strategy: Strategy | OrderStrategy,
    *,
    costs: Costs | None = None,
    sizing: Sizing | None = None,
    exits: Exits | None = None,
    initial_cash: float = DEFAULT_CASH,
    fused: bool | None = None,
) -> BacktestResult:
    """Run a strategy over candles by the rules of ``workbench.engine.kernel``.

    Args:
        costs: default ``Costs()``.
        sizing: for signal strategies, default all of the equity. exits: for signal strategies, default none.
        initial_cash: quote currency, above 0.
        fused: None picks the fast driver where it applies; False forces the general one (for tests and benchmarks).

    Raises:
        InputError: names the field that does not fit, such as a period longer than the candles.
    """
    costs = costs or Costs()
    check_cash(initial_cash)
    check_range(float(candles.high.max()), candles.instrument)
    if isinstance(strategy, OrderStrategy):
        if sizing is not None or exits is not None:
            raise InputError("sizing, exits", "neither: an order function sizes and protects its own orders", "given")
        return _run_orders(candles, strategy, costs, float(initial_cash))
    sizing, exits = sizing or fraction_of_equity(), exits or Exits()
    if strategy.warm_up > len(candles):
        needed = f"at least {strategy.warm_up} bars for {strategy.label} {strategy.params}"
        raise InputError("candles", needed, f"{len(candles)} bars")
    exposure, allow_short = checked_exposure(strategy.exposure(candles), len(candles))
    terms = make_terms(candles.instrument, candles.interval, costs, sizing, allow_short=allow_short)
    simple = not exits and costs.max_volume_share is None
    if fused and not simple:
        raise InputError("fused", "no exits and no volume limit", "exits or max_volume_share")
    run = _run_fused if simple and fused is not False else _run_matched
    order_table, fill_table, equity = run(candles, exposure, float(initial_cash), exits, terms)
    source = "" if STRATEGIES.get(strategy.label) is type(strategy) else strategy.source()
    inputs = Inputs(strategy.label, strategy.params, costs, sizing, exits, float(initial_cash), allow_short, source)
    return BacktestResult(candles, inputs, terms, order_table, fill_table, equity)


Tables = tuple[NDArray[np.void], NDArray[np.void], NDArray[np.float64]]


def _run_fused(candles: Candles, exposure: Exposure, cash: float, exits: Exits, terms: Terms) -> Tables:
    decisions = changes(exposure)
    rows = decisions.size + 1
    states, orders, fills = np.zeros(1, STATE), np.empty(rows, ORDER), np.empty(rows, FILL)
    equity = np.empty(len(candles))
    run_fused(
        exposure, candles.open, candles.high, candles.low, candles.close, decisions, cash, terms,
        equity, states, orders, fills, True if terms.allow_short else None,
    )  # fmt: skip
    return orders[: states["orders"][0]], fills[: states["fills"][0]], equity


def _run_matched(candles: Candles, exposure: Exposure, cash: float, exits: Exits, terms: Terms) -> Tables:
    rows = changes(exposure).size + 1
    states, equity = np.zeros(1, STATE), np.empty(len(candles))
    orders, fills = run_matched(
        exposure, candles.open, candles.high, candles.low, candles.close, candles.volume, cash, exits.units, terms,
        equity, states, np.empty(rows, ORDER), np.empty(rows, FILL),
    )  # fmt: skip
    return orders[: states["orders"][0]], fills[: states["fills"][0]], equity


def _run_orders(candles: Candles, strategy: OrderStrategy, costs: Costs, cash: float) -> BacktestResult:
    from workbench.engine.order_run import run_orders

    sizing = fraction_of_equity()
    terms = make_terms(candles.instrument, candles.interval, costs, sizing, allow_short=strategy.allow_short)
    states, equity = np.zeros(1, STATE), np.empty(len(candles))
    orders, fills = run_orders(
        strategy.decide, candles.open_time_ns, candles.open, candles.high, candles.low, candles.close, candles.volume,
        cash, strategy.compiled_params, np.zeros(strategy.memory_size), terms,
        equity, states, np.empty(256, ORDER), np.empty(256, FILL),
    )  # fmt: skip
    inputs = Inputs(
        strategy.label, strategy.params, costs, sizing, Exits(), cash, strategy.allow_short, strategy.source()
    )
    order_table, fill_table = orders[: states["orders"][0]], fills[: states["fills"][0]]
    return BacktestResult(candles, inputs, terms, order_table, fill_table, equity)


def checked_exposure(exposure: Exposure, n_bars: int) -> tuple[Exposure, bool]:
    """The targets as int8 or float64, and whether any is short.

    Raises:
        InputError: wrong shape, not a number, or outside -1 to 1.
    """
    array: NDArray[Any] = np.asarray(exposure)
    if array.shape != (n_bars,):
        raise InputError("exposure", f"shape ({n_bars},)", array.shape)
    if array.dtype != np.int8:
        if array.dtype.kind not in "bif":
            raise InputError("exposure", "numbers from -1 to 1", array.dtype)
        array = array.astype(np.float64)
    lowest, highest = float(array.min()), float(array.max())
    if not (lowest >= -1 and highest <= 1):  # NaN fails too
        raise InputError("exposure", "numbers from -1 to 1", f"{lowest} to {highest}")
    return array, lowest < 0


def check_cash(initial_cash: float) -> None:
    """Refuse an account that starts without money.

    Raises:
        InputError: not a finite number above 0.
    """
    if not isinstance(initial_cash, int | float) or not 0 < initial_cash < float("inf"):
        raise InputError("initial_cash", "a finite number above 0", initial_cash)
