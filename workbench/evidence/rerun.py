"""Run a report's inputs again."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from workbench.engine.backtest import backtest
from workbench.engine.costs import Costs
from workbench.engine.exits import Exits
from workbench.engine.order_strategy import OrderStrategy
from workbench.engine.result import BacktestResult
from workbench.engine.sizing import Sizing
from workbench.evidence.form import EvidenceReport, InputPart
from workbench.evidence.report import SIZING_MODES
from workbench.model.candle import Candles
from workbench.model.errors import InputError
from workbench.strategy.base import Strategy
from workbench.strategy.catalog import make_strategy

Rerun = Callable[[EvidenceReport, Candles], BacktestResult]


def rerun(report: EvidenceReport, candles: Candles, strategy: Strategy | OrderStrategy | None = None) -> BacktestResult:
    """The result of a report's inputs on the given candles.

    ``strategy`` is needed where the report's is not in the catalog; the report then holds its code.

    Raises:
        InputError: the strategy is not in the catalog and none was given.
    """
    inputs = report.inputs
    strategy = strategy or _from_catalog(inputs)
    costs = Costs(**_fields(inputs.costs))
    if isinstance(strategy, OrderStrategy):
        return backtest(candles, strategy, costs=costs, initial_cash=inputs.initial_cash)
    sizing = Sizing(SIZING_MODES.index(inputs.sizing.mode), inputs.sizing.value, inputs.sizing.window)
    exits = Exits(**_fields(inputs.exits))
    return backtest(candles, strategy, costs=costs, sizing=sizing, exits=exits, initial_cash=inputs.initial_cash)


def select_range(candles: Candles, report: EvidenceReport) -> Candles:
    """The bars of a report's range out of candles that may hold more.

    Raises:
        InputError: there is no bar in that range.
    """
    start, end = (_nanoseconds(text) for text in (report.inputs.range.start, report.inputs.range.end))
    first, last = candles.open_time_ns.searchsorted([start, end]).tolist()
    if first == last:
        raise InputError("candles", f"bars from {report.inputs.range.start} to {report.inputs.range.end}", candles)
    return candles[first:last]


def _from_catalog(inputs: InputPart) -> Strategy:
    if inputs.strategy.source:
        name = inputs.strategy.name
        raise InputError("strategy", f"the object {name}: it is not in the catalog, its code is in the report", "none")
    return make_strategy(inputs.strategy.name, inputs.strategy.params)


def _fields(part: object) -> dict[str, Any]:
    return dict(msgspec.to_builtins(part))


def _nanoseconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 10**9
