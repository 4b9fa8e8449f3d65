"""Bad input: exit status 2, one readable line that names the field, no traceback, nothing written."""

import pytest

from tests.cli.command import content, refuses

HEADER = "open_time_ms,open,high,low,close,volume\n"
ROW = "1704067200000,10,11,9,10,5\n"
NEXT = "1704070800000,10,11,9,10,5\n"

ARGUMENTS = {
    "unknown strategy": (["backtest", "--strategy", "smaCros"], "did you mean smaCross"),
    "fast not below slow": (["backtest", "--strategy", "smaCross", "-p", "fast=21", "-p", "slow=21"], "fast"),
    "unknown parameter": (["backtest", "--strategy", "smaCross", "-p", "quick=3"], "quick"),
    "text in a parameter": (["backtest", "--strategy", "smaCross", "-p", "fast=nine"], "a whole number"),
    "no equals sign": (["backtest", "--strategy", "smaCross", "-p", "fast"], "name=value"),
    "period longer than the data": (["backtest", "--strategy", "smaCross", "-p", "slow=50000"], "at least 50000 bars"),
    "negative fee": (["backtest", "--strategy", "rsi", "--taker-fee", "-0.1"], "taker_fee_rate"),
    "no cash": (["backtest", "--strategy", "rsi", "--cash", "0"], "initial_cash"),
    "path as a pair": (["backtest", "--strategy", "rsi", "--pair", "../../x"], "pair: expected 2 to 20 letters"),
    "unknown timeframe": (["backtest", "--strategy", "rsi", "--timeframe", "1 hour"], "timeframe"),
    "nothing stored": (["backtest", "--strategy", "rsi", "--pair", "BTCTRY"], "no candles of BTCTRY 1h"),
    "empty range": (["backtest", "--strategy", "rsi", "--start", "2030-01-01"], "range"),
    "no such file": (["backtest", "--strategy", "rsi", "--csv", "nowhere.csv"], "nowhere.csv: no such file"),
    "unknown sizing": (["backtest", "--strategy", "rsi", "--sizing", "all"], "--sizing"),
    "unknown oracle": (["verify", "rsi-ETHUSDT-1h-000000000000", "--oracle", "tarot"], "--oracle"),
    "path as an id": (["verify", "../../etc/passwd"], "id: expected an evidence id"),
    "unknown id": (["verify", "rsi-ETHUSDT-1h-000000000000"], "no such evidence"),
    "unknown repair": (["data", "import", "nowhere.csv", "--repair", "magic"], "nowhere.csv"),
    "unknown grid": (["sweep", "--strategy", "smaCross", "--grid", "quick=1:3"], "quick"),
}

FILES = {
    "empty file": ("", "empty"),
    "header only": (HEADER, "header only"),
    "wrong column": ("open_time_ms,open,high,low,last_price,volume\n" + ROW + NEXT, "close"),
    "text in a number": (HEADER + ROW + "1704070800000,10,eleven,9,10,5\n", "line 3, high: expected a number"),
    "two candles at one time": (HEADER + ROW + NEXT + NEXT, "duplicate time"),
    "high below low": (HEADER + ROW + "1704070800000,10,8,9,10,5\n", "high below low"),
    "not a number": (HEADER + ROW + "1704070800000,10,11,9,nan,5\n", "not a number"),
    "negative volume": (HEADER + ROW + "1704070800000,10,11,9,10,-5\n", "negative"),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_arguments(case, tmp_path):
    """What is asked for cannot be: said in one line."""
    arguments, text = ARGUMENTS[case]
    assert text in refuses(tmp_path, *arguments)
    assert content(tmp_path) == {}


@pytest.mark.parametrize("case", FILES)
def test_files(case, tmp_path):
    """What is in the file cannot be: the line names file and place."""
    rows, text = FILES[case]
    home, path = tmp_path / "home", tmp_path / "ETHUSDT-1h.csv"
    path.write_text(rows)
    assert text in refuses(home, "backtest", "--strategy", "rsi", "--csv", path)
    assert not home.exists()
    assert text in refuses(home, "data", "import", path)
    assert not home.exists()
