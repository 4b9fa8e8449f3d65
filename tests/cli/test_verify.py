"""``workbench verify`` and ``evidence``: yes, no with the first difference, and damage named."""

import json
from pathlib import Path

import pytest

from tests.cli.command import content, refuses, succeeds, workbench


def report_file(folder: Path, report_id: str) -> Path:
    return folder / "evidence" / "backtest" / f"{report_id}.json"


def test_verify_says_yes(kept: tuple[Path, str]) -> None:
    """Exit status 0, and nothing is written."""
    folder, report_id = kept
    before = content(folder)
    assert "verified" in succeeds(folder, "verify", report_id).stdout
    assert succeeds(folder, "verify", report_id, "--json").json["verified"] is True
    assert content(folder) == before


def test_the_oracle_agrees(kept: tuple[Path, str]) -> None:
    """vectorbt, fed the same fills, comes to the same accounts."""
    folder, report_id = kept
    found = workbench(folder, "verify", report_id, "--oracle", "vectorbt", "--json")
    assert found.status == 0, found
    assert found.json["oracle"] == {"name": "vectorbt", "agrees": True, "differences": []}


def test_an_unknown_oracle_is_refused(kept: tuple[Path, str]) -> None:
    """The line says which ones there are."""
    folder, report_id = kept
    assert "--oracle: expected vectorbt, received 'tealeaves'" in refuses(
        folder, "verify", report_id, "--oracle", "tealeaves"
    )


@pytest.mark.parametrize("damage", ["altered", "truncated", "emptied"])
def test_a_damaged_report_is_named_as_such(kept: tuple[Path, str], damage: str) -> None:
    """Exit status 1, one line with the file's name; the report is never half-read."""
    folder, report_id = kept
    path = report_file(folder, report_id)
    text = path.read_text("utf-8")
    changed = {
        "altered": text.replace('"fast": 9', '"fast": 8').replace('"fast":9', '"fast":8'),
        "truncated": text[:-40],
        "emptied": "",
    }
    assert changed[damage] != text
    path.write_text(changed[damage], "utf-8")
    for command in (("verify", report_id), ("evidence", "show", report_id)):
        line = refuses(folder, *command, status=1)
        assert report_id in line
        assert "altered" in line or "truncated" in line or "damaged" in line


def test_a_forged_report_meets_the_rerun(kept: tuple[Path, str]) -> None:
    """A report whose digest was made to fit its false metrics fails with the first difference."""
    import msgspec

    from workbench.evidence.form import EvidenceReport
    from workbench.evidence.report import sealed

    folder, report_id = kept
    path = report_file(folder, report_id)
    report = msgspec.json.decode(path.read_bytes(), type=EvidenceReport)
    metrics = msgspec.structs.replace(report.metrics, total_return=9.0)
    forged = sealed(msgspec.structs.replace(report, metrics=metrics))
    report_file(folder, forged.id).write_bytes(msgspec.json.encode(forged))
    sidecar = path.with_name(f"{report_id}.trades.arrow")
    sidecar.rename(sidecar.with_name(f"{forged.id}.trades.arrow"))
    done = workbench(folder, "verify", forged.id)
    assert (done.status, done.stderr) == (1, "")
    assert "total_return" in done.stdout
    assert "9.0" in done.stdout
    found = workbench(folder, "verify", forged.id, "--json")
    assert found.status == 1
    assert found.json["verified"] is False
    assert "total_return" in found.json["difference"]


def test_other_candles_are_not_taken_for_the_reports(kept: tuple[Path, str], tmp_path: Path) -> None:
    """Verification on a file that differs in one price does not say yes."""
    folder, report_id = kept
    sample = Path(__file__).parents[2] / "data" / "sample" / "ETHUSDT-1h.csv"
    lines = sample.read_text("utf-8").splitlines()
    head, *cells = lines[5000].split(",")
    cells[-1] = str(float(cells[-1]) + 1)
    lines[5000] = ",".join([head, *cells])
    other = tmp_path / "ETHUSDT-1h.csv"
    other.write_text("\n".join(lines) + "\n", "utf-8")
    done = workbench(folder, "verify", report_id, "--csv", other)
    assert done.status in (1, 2)
    assert "fingerprint" in done.stdout + done.stderr


def test_list_show_and_compare(kept: tuple[Path, str]) -> None:
    """A second report appears in the list; comparing names the parameter and the metrics that differ."""
    folder, first = kept
    second = succeeds(folder, "backtest", "--strategy", "smaCross", "-p", "fast=10", "-p", "slow=21", "--json").json[
        "id"
    ]
    listed = succeeds(folder, "evidence", "list", "--json").json
    assert {entry["id"] for entry in listed} == {first, second}
    assert all(entry["simulated"] for entry in listed)
    assert first in succeeds(folder, "evidence", "list").stdout.replace("\n", "")
    assert json.loads(succeeds(folder, "evidence", "show", first).stdout)["id"] == first
    rows = succeeds(folder, "evidence", "compare", first, second, "--json").json
    differing = {row["path"]: (row["first"], row["second"]) for row in rows}
    assert next(value for path, value in differing.items() if path.endswith("fast")) in ((9, 10), ("9", "10"))
    assert "metrics.total_return" in differing
    assert "the same" in succeeds(folder, "evidence", "compare", first, first).stdout


def test_the_list_names_damage(kept: tuple[Path, str]) -> None:
    """A damaged report is in the list with its problem, and the exit status is 1."""
    folder, report_id = kept
    report_file(folder, report_id).write_text("{", "utf-8")
    done = workbench(folder, "evidence", "list", "--json")
    assert done.status == 1
    assert done.json[0]["id"] == report_id
    assert done.json[0]["problem"]


def test_no_evidence_yet(home: Path) -> None:
    """An empty home is no error, and stays empty."""
    assert succeeds(home, "evidence", "list", "--json").json == []
    assert "no evidence yet" in succeeds(home, "evidence", "list").stdout
    assert not home.exists()
