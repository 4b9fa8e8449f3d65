"""``workbench data`` as a user calls it."""

import pytest

from tests.cli.command import content, refuses, succeeds, workbench


def test_import_list_and_check(tmp_path):
    """A file goes into the store once; doing it again adds nothing; the store checks clean."""
    path = tmp_path / "BTCTRY-1h.csv"
    rows = [f"{1704067200000 + hour * 3_600_000},100,110,90,105,1.5" for hour in range(30) if hour != 7]
    path.write_text("open_time_ms,open,high,low,close,volume\n" + "\n".join(rows) + "\n")
    first = workbench(tmp_path, "data", "import", path, "--json").json
    assert (first["added"], first["gaps"], first["bars"]) == (29, 1, 29)
    again = workbench(tmp_path, "data", "import", path, "--json").json
    assert (again["added"], again["fingerprint"]) == (0, first["fingerprint"])
    listed = workbench(tmp_path, "data", "list", "--json").json
    assert [(held["pair"], held["bars"]) for held in listed] == [("BTCTRY", 29)]
    checked = workbench(tmp_path, "data", "check", "BTCTRY", "--timeframe", "1h")
    assert checked.status == 0
    assert "1 bar missing" in checked.stdout
    filled = workbench(tmp_path / "other", "data", "import", path, "--repair", "gaps", "--json")
    assert filled.json["repairs"] == ["gaps: added 1 flat bars of volume 0"]


HEADER = "open_time_ms,open,high,low,close,volume\n"


def hours(first, prices):
    """CSV rows, one an hour."""
    return "".join(
        f"{1704067200000 + (first + k) * 3_600_000},{price},{price},{price},{price},1\n"
        for k, price in enumerate(prices)
    )


def test_the_sample_stays_labelled(home, tmp_path):
    """Written, imported, listed and checked: simulated everywhere."""
    written = succeeds(home, "data", "sample", "--folder", tmp_path, "--json").json
    assert written["simulated"] is True
    imported = succeeds(home, "data", "import", written["path"], "--json").json
    assert (imported["simulated"], imported["fingerprint"]) == (True, written["fingerprint"])
    assert "SIMULATED" in succeeds(home, "data", "list").stdout
    assert succeeds(home, "data", "check", "ETHUSDT", "--json").json == {"errors": 0, "gaps": 0, "findings": []}


def test_later_files_take_the_stored_tick_size(home, tmp_path):
    """A file whose prices happen to be round joins the finer ones; a finer one is refused and nothing changes."""
    path = tmp_path / "BTCTRY-1h.csv"
    path.write_text(HEADER + hours(0, ["10.25", "10.5"]))
    succeeds(home, "data", "import", path)
    path.write_text(HEADER + hours(2, ["11", "12"]))
    assert succeeds(home, "data", "import", path, "--json").json["tick_size"] == "0.01"
    before = content(home)
    path.write_text(HEADER + hours(4, ["10.125"]))
    assert "row 2, open: expected a multiple of the tick size 0.01, received 10.125" in refuses(
        home, "data", "import", path
    )
    path.write_text(HEADER + hours(1, ["10.75", "11"]))
    assert "01:00:00 UTC, open: stored 10.5, received 10.75" in refuses(home, "data", "import", path)
    assert "a multiple" in refuses(home, "data", "import", path, "--tick-size", "0.1")
    assert content(home) == before


def test_check_shows_each_finding(home, tmp_path):
    """Row, time, column, value and rule; exit status 1, and the store is not touched."""
    path = tmp_path / "BTCTRY-1h.csv"
    path.write_text(HEADER + hours(0, ["10", "10"]) + "1704074400000,10,8,9,10,-5\n")
    done = workbench(home, "data", "check", path, "--json")
    assert done.status == 1
    assert [(found["row"], found["column"], found["value"]) for found in done.json["findings"]] == [
        (4, "volume", "-5.0"),
        (4, "high", "8.0"),
    ]
    shown = workbench(home, "data", "check", path)
    assert shown.status == 1
    for text in ("2024-01-01 02:00:00", "high below low", "-5.0", "2 errors, 0 gaps"):
        assert text in shown.stdout
    assert not home.exists()


def test_check_of_stored_candles_finds_damage(home, tmp_path):
    """A truncated file and an altered one: status 1 and one line that names the file."""
    path = tmp_path / "BTCTRY-1h.csv"
    path.write_text(HEADER + hours(0, range(10, 200)))
    succeeds(home, "data", "import", path)
    stored = home / "data" / "candles" / "BTCTRY-1h.arrow"
    whole = stored.read_bytes()
    stored.write_bytes(whole[:-100])
    assert "BTCTRY-1h.arrow: truncated" in refuses(home, "data", "check", "BTCTRY", status=1)
    place = len(whole) // 2
    stored.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    assert "BTCTRY-1h.arrow: altered" in refuses(home, "data", "check", "BTCTRY", status=1)


@pytest.mark.parametrize("arguments", [["--pair", "../../x"], ["--timeframe", "../1h"], ["--tick-size", "0"]])
def test_names_and_sizes_that_cannot_be(arguments, home, tmp_path):
    """Refused in one line, with the received value; nothing is written."""
    path = tmp_path / "BTCTRY-1h.csv"
    path.write_text(HEADER + hours(0, ["10", "11"]))
    before = content(tmp_path)
    assert arguments[1] in refuses(home, "data", "import", path, *arguments)
    assert "'../../x'" in refuses(home, "data", "check", "../../x")
    assert content(tmp_path) == before
