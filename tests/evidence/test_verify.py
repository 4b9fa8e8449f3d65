"""Re-running a report."""

import dataclasses

import msgspec
import numpy as np
import pytest

from tests.candles import walk
from tests.evidence.runs import RUN, dearer, few_trades, many_trades
from workbench.engine.backtest import backtest
from workbench.engine.costs import Costs
from workbench.engine.exits import Exits
from workbench.engine.sizing import volatility_target
from workbench.evidence.report import build_report, sealed
from workbench.evidence.rerun import rerun, select_range
from workbench.evidence.trade_columns import trade_columns
from workbench.evidence.verify import first_trade_difference, verify
from workbench.model.candle import Origin
from workbench.model.errors import InputError
from workbench.strategy.buy_and_hold import BuyAndHold
from workbench.strategy.rsi import Rsi


def evidence(result):
    return build_report(result, RUN), trade_columns(result.trade_table, result.candles)


def every_setting():
    costs = Costs(slippage_bps=1.5, max_volume_share=0.5, latency_bars=1)
    exits = Exits(stop_loss=0.02, trailing_stop=0.05)
    return backtest(walk(3, 900), Rsi(7), costs=costs, sizing=volatility_target(0.4), exits=exits, initial_cash=500)


@pytest.mark.parametrize("result", [few_trades, many_trades, every_setting])
def test_the_same_result_comes_out_again(result):
    """Every input of a run is in its report."""
    report, trades = evidence(result())
    verdict = verify(report, trades, result().candles)
    assert verdict.verified
    assert verdict.received_digest == report.digest
    assert str(verdict) == f"{report.id}: verified, {report.digest}"


def test_labels_of_the_package_and_the_candles_do_not_decide():
    """A later package with the same engine verifies; so do equal candles from another file."""
    report, trades = evidence(few_trades())
    report = sealed(msgspec.structs.replace(report, versions=msgspec.structs.replace(report.versions, package="0.0.1")))
    candles = dataclasses.replace(few_trades().candles, origin=Origin("elsewhere"))
    assert verify(report, trades, candles).verified


def test_other_candles_are_named_without_a_run():
    """The fingerprint comes first."""
    report, trades = evidence(few_trades())
    verdict = verify(report, trades, walk(8, 600), run=pytest.fail)
    assert verdict.difference.path == "inputs.candles.fingerprint"


def test_another_engine_version_is_named():
    """Rules that changed are the first thing to know."""
    report, trades = evidence(few_trades())
    old = sealed(msgspec.structs.replace(report, versions=msgspec.structs.replace(report.versions, engine="0")))
    assert str(verify(old, trades, few_trades().candles).difference) == "versions.engine: expected 0, received 1"


@pytest.mark.parametrize("result", [few_trades, many_trades])
def test_the_first_differing_trade_is_named(result):
    """An engine that charges another fee differs in the first trade, and the report says in what."""

    def charges_more(report, candles):
        other = dearer(result())
        return dataclasses.replace(other, inputs=result().inputs)

    report, trades = evidence(result())
    verdict = verify(report, trades, result().candles, run=charges_more)
    assert not verdict.verified
    assert verdict.difference.path.startswith("trades[0].")
    assert verdict.received_digest != report.digest


def test_a_lost_trade_is_named():
    """All trades agree, but one is missing."""
    trades = evidence(many_trades())[1]
    fewer = {name: column[:-1] for name, column in trades.items()}
    count = len(trades["side"])
    expected = f"trades.rows: expected {count}, received {count - 1}"
    assert str(first_trade_difference(trades, fewer)) == expected
    assert first_trade_difference(trades, dict(trades)) is None


def test_a_metric_alone_can_differ():
    """Equal trades with another equity curve: the first metric that differs is named."""

    def drifts(report, candles):
        return dataclasses.replace(few_trades(), equity_curve=few_trades().equity_curve + np.linspace(0, 1, 600))

    report, trades = evidence(few_trades())
    assert verify(report, trades, few_trades().candles, run=drifts).difference.path == "metrics.total_return"


def test_true_is_not_one():
    """What Python calls equal and JSON does not still fails."""

    def confuses(report, candles):
        inputs = dataclasses.replace(few_trades().inputs, allow_short=0)
        return dataclasses.replace(few_trades(), inputs=inputs)

    report, trades = evidence(few_trades())
    verdict = verify(report, trades, few_trades().candles, run=confuses)
    assert not verdict.verified
    assert verdict.difference.path == "digest"


def test_a_strategy_of_one_s_own_must_be_given():
    """Code in a report is never run by itself."""

    class Mine(BuyAndHold):
        name = "mine"

    result = backtest(walk(1, 50), Mine())
    report, trades = evidence(result)
    with pytest.raises(InputError, match="not in the catalog"):
        verify(report, trades, result.candles)
    assert verify(report, trades, result.candles, run=lambda *args: rerun(*args, strategy=Mine())).verified


def test_the_range_is_cut_out_of_longer_candles():
    """Candles that grew since then still hold the run's bars."""
    whole = few_trades().candles
    result = backtest(whole[100:300], BuyAndHold())
    report, trades = evidence(result)
    assert verify(report, trades, select_range(whole, report)).verified
    with pytest.raises(InputError, match="candles: expected bars from"):
        select_range(whole[400:], report)
