"""From a result to its report. Pure: when and where it ran is an argument."""

import re
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np

from workbench.engine.result import BacktestResult
from workbench.engine.version import ENGINE_VERSION, package_version
from workbench.evidence.canonical import columns_digest, report_digest, rounded, table_digest
from workbench.evidence.form import (
    INLINE_TRADES,
    SCHEMA,
    CandlePart,
    Content,
    CostPart,
    EvidenceReport,
    ExitPart,
    InputPart,
    InstrumentPart,
    MetricPart,
    Range,
    Run,
    SizingPart,
    StrategyPart,
    TradeSidecar,
    Versions,
)
from workbench.evidence.trade_columns import Columns, time_text, to_rows, trade_columns
from workbench.model.candle import Candles
from workbench.model.errors import InputError
from workbench.model.instrument import Instrument

SIZING_MODES = ("fraction_of_equity", "fixed_quote", "fixed_quantity", "volatility_target")
"""Names of ``Sizing.mode`` in a report, by its number."""


def build_report(result: BacktestResult, run: Run) -> EvidenceReport:
    """The report of a result; the same inputs and versions give the same digest and id, whatever ``run`` says.

    Raises:
        InputError: a parameter that JSON cannot hold, or a strategy name without letters or digits.
    """
    trades = trade_columns(result.trade_table, result.candles)
    content = Content(
        orders=table_digest(result.order_table),
        fills=table_digest(result.fill_table),
        trades=columns_digest(trades),
        equity=columns_digest({"equity": result.equity_curve}),
    )
    draft = EvidenceReport(
        schema=SCHEMA,
        id="",
        digest="",
        inputs=_inputs(result),
        versions=Versions(engine=ENGINE_VERSION, package=package_version()),
        metrics=_metrics(result),
        content=content,
        trades=_shown_trades(trades, content.trades),
        run=run,
    )
    return sealed(draft)


def sealed(report: EvidenceReport) -> EvidenceReport:
    """The report with the digest of what it now says, and the id that follows from it."""
    digest = report_digest(report)
    return msgspec.structs.replace(report, digest=digest, id=report_id(report.inputs, digest))


def report_id(inputs: InputPart, digest: str) -> str:
    """``<strategy>-<PAIR>-<timeframe>-<first 12 hex digits of the digest>``, fit to be a file's name."""
    name = re.sub(r"[^A-Za-z0-9_]+", "_", inputs.strategy.name)[:60]
    if not re.search(r"[A-Za-z0-9]", name):
        raise InputError("strategy", "a name with letters or digits", inputs.strategy.name)
    return f"{name}-{inputs.pair}-{inputs.timeframe}-{digest.removeprefix('sha256:')[:12]}"


def _shown_trades(trades: Columns, content: str) -> Any:
    count = len(trades["side"])
    return to_rows(trades) if count <= INLINE_TRADES else TradeSidecar(rows=count, content=content)


def _inputs(result: BacktestResult) -> InputPart:
    candles, inputs = result.candles, result.inputs
    sizing = {**_plain("sizing", inputs.sizing.to_dict()), "mode": SIZING_MODES[inputs.sizing.mode]}
    return InputPart(
        pair=candles.pair,
        timeframe=str(candles.interval),
        range=_range(candles),
        strategy=StrategyPart(inputs.strategy, _plain("params", inputs.params), inputs.source),
        costs=msgspec.convert(_plain("costs", inputs.costs.to_dict()), CostPart, strict=False),
        sizing=msgspec.convert(sizing, SizingPart),
        exits=msgspec.convert(_plain("exits", inputs.exits.to_dict()), ExitPart, strict=False),
        initial_cash=inputs.initial_cash,
        allow_short=inputs.allow_short,
        instrument=_instrument(candles.instrument),
        candles=CandlePart(candles.fingerprint, candles.origin.source, candles.origin.simulated),
    )


def _range(candles: Candles) -> Range:
    end = int(candles.open_time_ns[-1]) + candles.interval.nanoseconds
    return Range(time_text(int(candles.open_time_ns[0])), time_text(end), len(candles))


def _instrument(instrument: Instrument) -> InstrumentPart:
    sizes = (instrument.tick_size, instrument.lot_size, instrument.minimum_notional)
    return InstrumentPart(*(f"{size.normalize():f}" for size in sizes))


def _metrics(result: BacktestResult) -> MetricPart:
    values = result.metrics.to_dict()
    return MetricPart(**{name: rounded(value) if isinstance(value, float) else value for name, value in values.items()})  # type: ignore[arg-type]  # names and kinds are those of Metrics, a test compares them


def _plain(field: str, values: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain_value(f"{field}.{name}", value) for name, value in values.items()}


def _plain_value(field: str, value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Decimal):
        value = float(value)
    if value is not None and not isinstance(value, bool | int | float | str):
        raise InputError(field, "a number, a text, true, false or nothing", value)
    return value
