"""Saving evidence with what it takes to verify it, and verifying it by its id."""

import contextlib
from pathlib import Path

from workbench.data.sample import SAMPLE_INTERVAL, SAMPLE_PAIR, sample_candles
from workbench.data.store import CandleStore
from workbench.engine.order_strategy import OrderStrategy
from workbench.engine.result import BacktestResult
from workbench.evidence.form import EvidenceReport, Run
from workbench.evidence.rerun import rerun, select_range
from workbench.evidence.store import EvidenceStore
from workbench.evidence.verify import Verdict, verify as verify_report
from workbench.home import Home
from workbench.model.candle import Candles
from workbench.model.errors import InputError, NotFoundError
from workbench.model.interval import Interval
from workbench.strategy.base import Strategy


def save(result: BacktestResult, run: Run, home: Home) -> EvidenceReport:
    """Write a report; first a snapshot of its candles, unless the store or the bundled sample holds the same."""
    candles = result.candles
    pair, interval, fingerprint = candles.pair, candles.interval, candles.fingerprint
    if not any(held.fingerprint == fingerprint for held in _kept(pair, interval, home)):
        CandleStore(home.data).put_snapshot(candles)
    return EvidenceStore(home.evidence).record(result, run)


def verify(
    report_id: str,
    *,
    candles: Candles | None = None,
    strategy: Strategy | OrderStrategy | None = None,
    home: Home | None = None,
) -> Verdict:
    """Run a report's inputs again and compare digests.

    Args:
        candles: by default the snapshot kept with the evidence, the store's, or the bundled sample.
        strategy: needed only where the report's strategy is not in the catalog.

    Raises:
        NotFoundError: no such report, or its candles are nowhere to be found.
        DamagedFileError: the report or its trades were truncated or altered.
    """
    where = home or Home.find()
    store = EvidenceStore(where.evidence)
    report = store.load(report_id)
    trades = store.trades(report)
    bars = select_range(candles, report) if candles is not None else find_candles(report, where)
    return verify_report(report, trades, bars, lambda again, on: rerun(again, on, strategy))


def find_candles(report: EvidenceReport, home: Home) -> Candles:
    """The candles a report was made of.

    Raises:
        NotFoundError: none that is kept has the report's fingerprint.
    """
    fingerprint = report.inputs.candles.fingerprint
    try:
        return CandleStore(home.data).load_snapshot(fingerprint)
    except NotFoundError:
        pass
    pair, interval = report.inputs.pair, Interval.parse(report.inputs.timeframe)
    for candles in _kept(pair, interval, home):
        try:
            bars = select_range(candles, report)
        except InputError:
            continue
        if bars.fingerprint == fingerprint:
            return bars
    raise NotFoundError(
        f"{report.id}: its candles ({pair} {interval}, {fingerprint}) are neither stored nor bundled; "
        f"give the file they came from with --csv"
    )


def _kept(pair: str, interval: Interval, home: Home) -> list[Candles]:
    """What the store and the package hold under a name."""
    kept: list[Candles] = []
    with contextlib.suppress(NotFoundError):
        kept.append(CandleStore(home.data).load(pair, interval))
    if (pair, interval) == (SAMPLE_PAIR, SAMPLE_INTERVAL):
        kept.append(sample_candles())
    return kept


def load_report(report_id: str, home: Home) -> tuple[EvidenceReport, Path]:
    """A report with the path of its file."""
    store = EvidenceStore(home.evidence)
    return store.load(report_id), store.path(report_id)
