"""``workbench data`` as a user calls it."""

from tests.cli.command import workbench


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
