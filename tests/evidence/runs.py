"""Small results and reports for the tests of evidence."""

from functools import cache

from tests.candles import walk
from workbench.engine.backtest import backtest
from workbench.engine.costs import Costs
from workbench.engine.result import BacktestResult
from workbench.evidence.form import EvidenceReport, Run
from workbench.evidence.report import build_report
from workbench.strategy.sma_cross import SmaCross

RUN = Run(
    started_at="2026-01-01T00:00:00Z",
    finished_at="2026-01-01T00:00:01Z",
    seconds=1.0,
    python="3.11",
    numpy="2",
    numba="0",
    platform="test",
)


@cache
def few_trades() -> BacktestResult:
    """Some dozen trades: they stand in the report."""
    return backtest(walk(7, 600), SmaCross(5, 20))


@cache
def many_trades() -> BacktestResult:
    """More trades than a report shows: they go to a sidecar."""
    return backtest(walk(7, 6000), SmaCross(3, 8, "both"))


def dearer(result: BacktestResult) -> BacktestResult:
    """The same run with another fee."""
    return backtest(result.candles, SmaCross(**result.inputs.params), costs=Costs(taker_fee_rate=0.002))


def report_of(result: BacktestResult) -> EvidenceReport:
    """Its report, not stored."""
    return build_report(result, RUN)
