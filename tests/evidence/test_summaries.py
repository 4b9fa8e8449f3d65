"""The list of reports: as the store has it, and no file is decoded twice."""

import os
from pathlib import Path

import msgspec
import pytest

from tests.candles import walk
from tests.evidence.runs import RUN, few_trades, many_trades
from workbench import wire
from workbench.engine.backtest import backtest
from workbench.evidence import summaries
from workbench.evidence.store import EvidenceStore
from workbench.evidence.summaries import Summaries, Summary
from workbench.strategy.buy_and_hold import BuyAndHold
from workbench.strategy.rsi import Rsi

ALL = 1_000


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence")


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were decoded."""
    names: list[str] = []
    real = summaries.decode_report

    def noted(data, path):
        names.append(path.stem)
        return real(data, path)

    monkeypatch.setattr(summaries, "decode_report", noted)
    return names


def at(second: int):
    return msgspec.structs.replace(RUN, finished_at=f"2026-01-01T00:00:{second:02}Z")


def three(store: EvidenceStore) -> list[str]:
    """Ids, the latest run first."""
    runs = (few_trades(), many_trades(), backtest(walk(1, 50), Rsi(period=7)))
    return [store.record(run, at(second)).id for second, run in reversed(list(enumerate(runs)))]


def test_the_latest_run_comes_first(store):
    """With the report's own figures."""
    ids = three(store)
    held = Summaries(store)
    assert held.refresh(ALL)
    assert [each.id for each in held.find("")] == ids == [each.id for each in store.list()]
    for each in held.find(""):
        report = store.load(each.id)
        assert (each.digest, each.params) == (report.digest, report.inputs.strategy.params)
        assert (each.total_return, each.sharpe) == (report.metrics.total_return, report.metrics.sharpe)


def test_a_summary_has_the_fields_of_its_form():
    """Those of the wire, in its order."""
    assert list(Summary.__struct_fields__) == list(wire.EvidenceSummary.model_fields)


def test_only_new_and_changed_files_are_decoded(store, decoded):
    """What has gone is forgotten, what was altered is damaged, what is mended is back."""
    ids = three(store)
    held = Summaries(store)
    held.refresh(ALL)
    assert sorted(decoded) == sorted(ids)
    decoded.clear()
    held.refresh(ALL)
    new = store.record(backtest(walk(1, 50), BuyAndHold()), at(9)).id
    held.refresh(ALL)
    assert decoded == [new]
    assert [each.id for each in held.find("")] == [new, *ids]

    path = store.path(ids[0])
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    held.refresh(ALL)
    assert held.damaged == [path.name]
    assert [each.id for each in held.find("")] == [new, *ids[1:]]
    path.write_bytes(whole)
    held.refresh(ALL)
    assert held.damaged == []
    store.path(new).unlink()
    held.refresh(ALL)
    assert [each.id for each in held.find("")] == ids
    assert decoded == [new, ids[0], ids[0]]


def test_many_are_read_in_portions(store):
    """As many as are asked for at a time; True once that is all."""
    three(store)
    held = Summaries(store)
    assert not held.refresh(2)
    assert len(held.find("")) == 2
    assert held.refresh(2)
    assert len(held.find("")) == 3


def test_files_that_are_no_reports(store):
    """They are named and harm nothing: other JSON, a folder, a name that is no text; what is hidden is none of it."""
    ids = three(store)
    (store.folder / "notes.json").write_text("{}")
    (store.folder / "folder.json").mkdir()
    (store.folder / ".half-written.json").write_text("{")
    (store.folder / "readme.md").write_text("x")
    Path(os.fsdecode(os.fsencode(store.folder) + b"/\xff.json")).write_text("{}")
    (store.folder / "nowhere.json").symlink_to(store.folder / "gone")
    held = Summaries(store)
    held.refresh(ALL)
    assert held.damaged == ["folder.json", "notes.json", "\ufffd.json"]
    assert [each.id for each in held.find("")] == ids


def test_a_run_at_no_time_is_damaged(store):
    """It would take the list down for everybody who shows when it was."""
    ids = three(store)
    path = store.path(ids[0])
    path.write_bytes(path.read_bytes().replace(b"2026-01-01T00:00:02Z", b"2024-13-01T00:00:00Z"))
    held = Summaries(store)
    held.refresh(ALL)
    assert held.damaged == [path.name]
    assert [each.id for each in held.find("")] == ids[1:]
    listed = {entry.id: entry.problem for entry in store.list()}
    assert "run.finished_at" in listed.pop(ids[0])
    assert listed == dict.fromkeys(ids[1:])


def test_no_folder_is_an_empty_list(store):
    """Before the first report."""
    held = Summaries(store)
    assert held.refresh(ALL)
    assert (held.find(""), held.damaged) == ([], [])


@pytest.mark.parametrize(
    ("query", "strategies"),
    [
        ("rsi", ["rsi"]),
        ("RSI ethusdt 1H", ["rsi"]),
        ("period=7", ["rsi"]),
        ("period 7 simulated", ["rsi"]),
        ("smacross", ["smaCross", "smaCross"]),
        ("fast=3 direction=both", ["smaCross"]),
        ("2026-01-01", ["rsi", "smaCross", "smaCross"]),
        ("real", []),
        ("rsi smacross", []),
        ("  ", ["rsi", "smaCross", "smaCross"]),
    ],
)
def test_words_of_a_query(store, query, strategies):
    """Every word is in what a person may remember of a run, in whatever case."""
    ids = three(store)
    held = Summaries(store)
    held.refresh(ALL)
    assert [each.strategy for each in held.find(query)] == strategies
    assert [each.id for each in held.find(ids[1][-12:])] == [ids[1]]
