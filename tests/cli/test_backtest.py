"""``workbench backtest``, ``sweep`` and ``demo`` as a user calls them."""

import json
from pathlib import Path

import pytest

from tests.cli.command import content, succeeds, workbench
from tests.conftest import shared_data


def test_json_is_all_that_stdout_gets(home: Path) -> None:
    """The promised keys, and evidence where the path says."""
    found = succeeds(
        home, "backtest", "--pair", "ETHUSDT", "--timeframe", "1h", "--strategy", "smaCross", "--json"
    ).json
    assert set(found) == {"id", "digest", "metrics", "evidence", "simulated"}
    assert found["simulated"] is True
    assert found["id"].startswith("smaCross-ETHUSDT-1h-")
    report = json.loads(Path(found["evidence"]).read_text("utf-8"))
    assert (report["id"], report["digest"]) == (found["id"], found["digest"])
    assert Path(found["evidence"]).is_relative_to(home)


def test_a_person_gets_a_table_that_says_simulated(home: Path) -> None:
    """The title names the data as synthetic, the foot tells how to verify."""
    printed = succeeds(home, "backtest", "--strategy", "rsi").stdout
    assert "simulated" in printed.lower() or "synthetic" in printed.lower()
    assert "Sharpe" in printed
    assert "workbench verify rsi-ETHUSDT-1h-" in printed


def test_no_save_writes_nothing(home: Path) -> None:
    """``--no-save`` leaves the disk alone and says so in the JSON."""
    found = succeeds(home, "backtest", "--strategy", "buyAndHold", "--no-save", "--json").json
    assert (found["id"], found["digest"], found["evidence"]) == (None, None, None)
    assert not home.exists()


def test_doing_it_twice_changes_nothing(kept: tuple[Path, str]) -> None:
    """The same run has the same id, and the first report stays."""
    folder, report_id = kept
    before = content(folder)
    found = succeeds(folder, "backtest", "--strategy", "smaCross", "-p", "slow=21", "-p", "fast=9", "--json").json
    assert found["id"] == report_id
    assert content(folder) == before


def test_costs_exits_and_sizing_reach_the_engine(home: Path) -> None:
    """Every option is found again in the report's inputs."""
    options = ["--taker-fee", "0.002", "--slippage-bps", "3", "--half-spread-bps", "1", "--latency-bars", "1"]
    options += ["--stop-loss", "0.05", "--take-profit", "0.1", "--trailing-stop", "0.07", "--cash", "5000"]
    options += ["--sizing", "quote:1000", "--start", "2024-03-01", "--end", "2024-06-01", "--max-volume-share", "0.5"]
    found = succeeds(home, "backtest", "--strategy", "smaCross", *options, "--json").json
    inputs = json.dumps(json.loads(Path(found["evidence"]).read_text("utf-8"))["inputs"])
    for value in ("0.002", "0.05", "0.1", "0.07", "1000", "5000", "2024-03-01", "2024-06-01", "0.5"):
        assert value in inputs, value
    assert found["metrics"]["initial_equity"] == 5000


def test_a_sweep_ranks_and_lists_what_it_skips(home: Path) -> None:
    """The best comes first, impossible combinations are listed with the reason, nothing is written."""
    arguments = ("--strategy", "smaCross", "--grid", "fast=5:25:5", "--grid", "slow=10,20", "--by", "total_return")
    found = succeeds(home, "sweep", *arguments, "--json").json
    returns = [point["total_return"] for point in found["points"]]
    assert len(returns) == 4
    assert returns == sorted(returns, reverse=True)
    assert [(point["fast"], point["slow"]) for point in found["skipped"]] == [(10, 10), (15, 10), (20, 10), (20, 20)]
    assert all("shorter than slow" in point["reason"] for point in found["skipped"])
    assert not home.exists()


@pytest.mark.parametrize("name", ["ETHBTC-5m.csv", "LTCBTC-5m.csv", "UNITTESTBTC-1m.csv"])
@pytest.mark.parametrize("strategy", ["smaCross", "rsi"])
def test_real_candles(home: Path, name: str, strategy: str) -> None:
    """Each real file is named after itself, not called simulated, and verifies from its snapshot and from the file."""
    file = shared_data(name)
    found = succeeds(home, "backtest", "--strategy", strategy, "--csv", file, "--json").json
    assert found["simulated"] is False
    assert found["id"].startswith(f"{strategy}-{file.stem}-")
    assert found["metrics"]["trade_count"] > 0
    assert succeeds(home, "verify", found["id"], "--json").json["verified"] is True
    assert succeeds(home, "verify", found["id"], "--csv", file, "--json").json["verified"] is True


def test_threads_do_not_change_a_sweep(home: Path) -> None:
    """One thread and three print the same bytes."""
    arguments = ("sweep", "--strategy", "rsi", "--grid", "period=7,14,21", "--json", "--threads")
    assert succeeds(home, *arguments, 1).stdout == succeeds(home, *arguments, 3).stdout


def test_demo_shows_both_strategies_and_verifies_them(home: Path) -> None:
    """What `make run` prints: two tables, labelled simulated, with verified evidence."""
    printed = workbench(home, "demo", "--no-serve")
    assert printed.status == 0, printed
    assert printed.stdout.count("SIMULATED data") == 2
    assert printed.stdout.count(": verified, sha256:") == 2
    assert len(list((home / "evidence" / "backtest").glob("*.json"))) == 2
