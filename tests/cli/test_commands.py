"""The commands as a user types them: a backtest, its evidence, its verification."""

import json
from pathlib import Path

import pytest

from tests.cli.command import workbench
from tests.conftest import shared_data


def test_backtest_writes_evidence_that_verifies(tmp_path):
    """JSON alone on stdout, a file where it says, the same digest again, and the oracle agrees."""
    arguments = ("backtest", "--strategy", "smaCross", "--param", "fast=9", "--param", "slow=21", "--json")
    done = workbench(tmp_path, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["simulated"] is True
    assert told["metrics"]["trade_count"] > 100
    report = json.loads(Path(told["evidence"]).read_text())
    assert (report["id"], report["digest"]) == (told["id"], told["digest"])
    assert json.loads(workbench(tmp_path, *arguments).stdout) == told
    verified = workbench(tmp_path, "verify", told["id"], "--oracle", "vectorbt", "--json")
    assert verified.returncode == 0, verified.stderr
    assert json.loads(verified.stdout) == {
        "id": told["id"],
        "verified": True,
        "digest": told["digest"],
        "difference": None,
        "oracle": {"name": "vectorbt", "agrees": True, "differences": []},
    }


@pytest.mark.parametrize("name", ["ETHBTC-5m.csv", "LTCBTC-5m.csv", "UNITTESTBTC-1m.csv"])
@pytest.mark.parametrize("strategy", ["smaCross", "rsi"])
def test_real_candles(name, strategy, tmp_path):
    """Real candle files: backtested, marked as not simulated, and verified from the snapshot kept with the evidence."""
    done = workbench(tmp_path, "backtest", "--strategy", strategy, "--csv", shared_data(name), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["simulated"] is False
    verified = workbench(tmp_path, "verify", told["id"])
    assert (verified.returncode, verified.stderr) == (0, "")
    assert told["digest"] in verified.stdout


def test_altered_evidence_is_named(tmp_path):
    """A changed figure is damage (exit status 1), not another result."""
    told = json.loads(workbench(tmp_path, "backtest", "--strategy", "rsi", "--json").stdout)
    path = tmp_path / "evidence" / "backtest" / f"{told['id']}.json"
    report = json.loads(path.read_text())
    report["metrics"]["sharpe"] = 9.99
    path.write_text(json.dumps(report))
    done = workbench(tmp_path, "verify", told["id"])
    assert done.returncode == 1
    assert "altered" in done.stderr
    listed = workbench(tmp_path, "evidence", "list", "--json")
    assert listed.returncode == 1
    assert "altered" in json.loads(listed.stdout)[0]["problem"]


def test_sweep_does_not_depend_on_threads(tmp_path):
    """The same rows from one thread and from three; combinations that make no strategy are listed with the reason."""
    arguments = ("sweep", "--strategy", "smaCross", "--grid", "fast=5:25:5", "--grid", "slow=20,50", "--json")
    one = workbench(tmp_path, *arguments, "--threads", "1")
    three = workbench(tmp_path, *arguments, "--threads", "3")
    assert (one.returncode, one.stderr) == (0, "")
    assert one.stdout == three.stdout
    told = json.loads(one.stdout)
    assert len(told["points"]) == 7
    assert [row["fast"] for row in told["skipped"]] == [20]


def test_import_list_and_check(tmp_path):
    """A file goes into the store once; doing it again adds nothing; the store checks clean."""
    path = tmp_path / "BTCTRY-1h.csv"
    rows = [f"{1704067200000 + hour * 3_600_000},100,110,90,105,1.5" for hour in range(30) if hour != 7]
    path.write_text("open_time_ms,open,high,low,close,volume\n" + "\n".join(rows) + "\n")
    first = json.loads(workbench(tmp_path, "data", "import", path, "--json").stdout)
    assert (first["added"], first["gaps"], first["bars"]) == (29, 1, 29)
    again = json.loads(workbench(tmp_path, "data", "import", path, "--json").stdout)
    assert (again["added"], again["fingerprint"]) == (0, first["fingerprint"])
    listed = json.loads(workbench(tmp_path, "data", "list", "--json").stdout)
    assert [(held["pair"], held["bars"]) for held in listed] == [("BTCTRY", 29)]
    checked = workbench(tmp_path, "data", "check", "BTCTRY", "--timeframe", "1h")
    assert checked.returncode == 0
    assert "1 bar missing" in checked.stdout
    filled = workbench(tmp_path / "other", "data", "import", path, "--repair", "gaps", "--json")
    assert json.loads(filled.stdout)["repairs"] == ["gaps: added 1 flat bars of volume 0"]


def test_demo_shows_both_strategies(tmp_path):
    """What ``make run`` shows: two tables, labelled simulated, with verified evidence."""
    done = workbench(tmp_path, "demo")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("SIMULATED data") == 2
    assert done.stdout.count(": verified, sha256:") == 2
    assert len(list((tmp_path / "evidence" / "backtest").glob("*.json"))) == 2
