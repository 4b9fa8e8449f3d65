"""What a notebook shows when a cell ends with a value: short, in the field's words, SIMULATED where it is."""

import dataclasses

import pytest

import workbench as wb
from tests.candles import walk
from workbench.home import Home
from workbench.model.candle import Origin


@pytest.fixture
def candles():
    return dataclasses.replace(walk(4, 600), origin=Origin("a generator", simulated=True))


def test_a_report_names_itself_and_its_digest(candles, tmp_path):
    """Not the whole document: its id, its digest, and that the candles were simulated."""
    report = wb.backtest(candles, wb.SmaCross(3, 9)).save(home=Home.at(tmp_path))
    assert repr(report) == f"EvidenceReport {report.id} (SIMULATED data): {report.digest}"
    assert repr(wb.verify(report.id, home=Home.at(tmp_path))) == f"{report.id}: verified, {report.digest}"


def test_a_sizing_reads_like_the_call_that_made_it():
    """The mode's name, not its number."""
    assert repr(wb.fraction_of_equity(0.5)) == "fraction_of_equity(0.5)"
    assert repr(wb.volatility_target(0.4, window=30)) == "volatility_target(0.4, window=30)"


def test_the_best_point_of_a_sweep_can_be_shown_and_run_again(candles, tmp_path):
    """It prints its parameters above its metrics; its whole backtest can be plotted and saved."""
    sweep = wb.sweep(candles, wb.SmaCross, fast=(3, 5), slow=(9, 20))
    best = sweep.best("total_return")
    assert repr(best).splitlines()[0] == "SweepPoint fast={fast}, slow={slow}".format(**best.params)
    again = sweep.result(best)
    assert again.metrics == best.metrics
    assert "SIMULATED" in again.plot().layout.title.text
    assert "SIMULATED" in sweep.heatmap().layout.title.subtitle.text
    assert again.save(home=Home.at(tmp_path)).metrics.trade_count == best.metrics.trade_count


def test_a_result_is_a_table_in_a_notebook(candles):
    """Its title, escaped, above the metrics."""
    shown = wb.backtest(candles, wb.SmaCross(3, 9))._repr_html_()
    assert shown.startswith("<h4>smaCross(fast=3, slow=9, direction=long) on")
    assert "SIMULATED" in shown
    assert shown.count("<tr>") == len(dataclasses.fields(wb.backtest(candles, wb.BuyAndHold()).metrics))


def test_the_side_of_a_trade_is_long_or_short(candles):
    """Orders buy and sell (one whose side was never decided has none); trades are long or short."""
    result = wb.backtest(candles, wb.SmaCross(3, 9, "both"))
    assert set(result.trades["side"]) == {"long", "short"}
    assert set(result.orders["side"].dropna()) == {"buy", "sell"}
    assert (result.trades["side"] == "long").tolist() == (result.trade_table["side"] > 0).tolist()


def test_runs_stand_side_by_side(candles):
    """One column a run, written as in the run's own table."""
    runs = {"cross": wb.backtest(candles, wb.SmaCross(3, 9)), "hold": wb.backtest(candles, wb.BuyAndHold())}
    table = wb.compare(runs)
    assert list(table.columns) == ["cross", "hold"]
    assert table.loc["Trades", "hold"] == "1"
    assert table.loc["Total return", "cross"] == f"{runs['cross'].metrics.total_return * 100:,.2f} %"
    with pytest.raises(wb.WorkbenchError, match="at least one result"):
        wb.compare({})
