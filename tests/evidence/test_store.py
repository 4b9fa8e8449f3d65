"""Evidence on disk: written whole, read whole, and what was tampered with is named."""

import errno
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.evidence.runs import RUN, few_trades, many_trades
from workbench.evidence.canonical import columns_digest
from workbench.evidence.reading import decode_report
from workbench.evidence.report import build_report, sealed
from workbench.evidence.store import EvidenceStore
from workbench.evidence.trade_columns import trade_columns
from workbench.model.errors import DamagedFileError, InputError, NotFoundError


@pytest.fixture
def store(tmp_path):
    return EvidenceStore(tmp_path / "evidence")


@pytest.mark.parametrize("result", [few_trades, many_trades])
def test_what_was_saved_is_loaded(store, result):
    """Report and trades come back as they went in."""
    report = store.record(result(), RUN)
    assert store.load(report.id) == report
    columns = trade_columns(result().trade_table, result().candles)
    assert columns_digest(store.trades(report)) == columns_digest(columns)
    assert store.path(report.id).name == f"{report.id}.json"
    assert store.sidecar_path(report.id).exists() == (result is many_trades)


def test_the_sidecar_is_an_ordinary_arrow_file(store):
    """pandas reads it: UTC times, prices, booleans."""
    import pyarrow as pa

    report = store.record(many_trades(), RUN)
    with pa.memory_map(str(store.sidecar_path(report.id))) as source:
        frame = pa.ipc.open_file(source).read_pandas()
    assert frame["profit"].tolist() == many_trades().trades["profit"].tolist()
    assert str(frame["entry_time"].dtype) == "datetime64[ns, UTC]"


def test_saving_again_keeps_the_file(store):
    """The first run's times stay; the same evidence is not rewritten."""
    report = store.record(few_trades(), RUN)
    before = store.path(report.id).stat()
    again = store.record(few_trades(), msgspec.structs.replace(RUN, platform="elsewhere"))
    after = store.path(report.id).stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)
    assert again == store.load(report.id) == report


@pytest.mark.parametrize("which", ["path", "sidecar_path"])
def test_saving_again_replaces_a_damaged_file(store, which):
    """Running again is how damaged evidence is mended."""
    report = store.record(many_trades(), RUN)
    getattr(store, which)(report.id).write_bytes(b"{")
    store.record(many_trades(), RUN)
    assert store.trades(store.load(report.id))["side"].size == report.metrics.trade_count


def test_trades_of_another_run_are_refused(store):
    """A report is never saved beside trades that are not its own."""
    other = trade_columns(few_trades().trade_table, few_trades().candles)
    with pytest.raises(InputError, match="trades"):
        store.save(build_report(many_trades(), RUN), other)


def saved_bytes():
    return msgspec.json.format(msgspec.json.encode(build_report(few_trades(), RUN)), indent=2)


@given(st.data())
@settings(max_examples=60)
def test_a_truncated_file_is_never_half_read(data):
    """Whatever is missing at the end, the file is named and nothing is returned."""
    whole, path = saved_bytes(), EvidenceStore(Path("evidence")).path(build_report(few_trades(), RUN).id)
    length = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(DamagedFileError, match="truncated") as caught:
        decode_report(whole[:length], path)
    assert str(path) in str(caught.value)


@given(st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_an_altered_byte_is_noticed(data):
    """One byte changed: either the file is refused, or what it says under the digest is still the same."""
    whole = bytearray(saved_bytes())
    report = build_report(few_trades(), RUN)
    whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = decode_report(bytes(whole), EvidenceStore(Path("evidence")).path(report.id))
    except DamagedFileError:
        return
    assert msgspec.structs.replace(read, run=RUN) == report


def test_an_altered_metric_is_named(store):
    """A better Sharpe ratio written in by hand does not pass."""
    report = store.record(few_trades(), RUN)
    path = store.path(report.id)
    better = msgspec.structs.replace(report, metrics=msgspec.structs.replace(report.metrics, sharpe=9.0))
    path.write_bytes(msgspec.json.encode(better))
    with pytest.raises(DamagedFileError, match=r"\.json: altered: its digest is sha256:"):
        store.load(report.id)


IMPOSSIBLE = ("2024-13-01T00:00:00Z", "2024-02-30T00:00:00Z", "0000-01-01T00:00:00Z", "2024-01-01T00:00:00Z\n")


@pytest.mark.parametrize("time", IMPOSSIBLE)
@pytest.mark.parametrize("field", ["started_at", "finished_at"])
def test_a_run_at_no_time_is_named(store, field, time):
    """No digest covers the run, but its times are shown to people."""
    report = store.record(few_trades(), RUN)
    impossible = msgspec.structs.replace(report, run=msgspec.structs.replace(RUN, **{field: time}))
    store.path(report.id).write_bytes(msgspec.json.encode(impossible))
    with pytest.raises(DamagedFileError, match=rf"altered: run\.{field}: expected a time, received {time[:10]}"):
        store.load(report.id)


@pytest.mark.parametrize("time", IMPOSSIBLE)
@pytest.mark.parametrize(
    "field", ["inputs.range.start", "inputs.range.end", "trades[1].entry_time", "trades[1].exit_time"]
)
def test_an_impossible_time_is_named_where_the_seal_fits(store, field, time):
    """Whoever writes it in may seal it anew."""
    report, name = build_report(few_trades(), RUN), field.rpartition(".")[2]
    if field.startswith("inputs"):
        inputs = report.inputs
        span = msgspec.structs.replace(inputs.range, **{name: time})
        forged = msgspec.structs.replace(report, inputs=msgspec.structs.replace(inputs, range=span))
    else:
        first, second, *others = report.trades
        forged = msgspec.structs.replace(
            report, trades=[first, msgspec.structs.replace(second, **{name: time}), *others]
        )
    forged = sealed(forged)
    with pytest.raises(DamagedFileError, match=rf"altered: {re.escape(field)}: expected a time, received {time[:10]}"):
        decode_report(msgspec.json.encode(forged), store.path(forged.id))


def test_a_time_beyond_nanoseconds_is_named(store):
    """Sealed anew, it is read; as a column it does not fit."""
    report = build_report(few_trades(), RUN)
    first, *others = report.trades
    forged = sealed(
        msgspec.structs.replace(
            report, trades=[msgspec.structs.replace(first, entry_time="9999-01-01T00:00:00Z"), *others]
        )
    )
    with pytest.raises(DamagedFileError, match="a trade's number is too large"):
        store.trades(forged)


def test_a_renamed_file_is_named(store):
    """A report under another id is not that id's report."""
    report = store.record(few_trades(), RUN)
    other = report.id[:-12] + "0" * 12
    store.path(report.id).rename(store.path(other))
    with pytest.raises(DamagedFileError, match="renamed"):
        store.load(other)


def test_an_unknown_schema_is_named(store):
    """A report of a later version is not misread."""
    report = store.record(few_trades(), RUN)
    path = store.path(report.id)
    path.write_bytes(path.read_bytes().replace(b"workbench.evidence/1", b"workbench.evidence/2"))
    with pytest.raises(DamagedFileError, match="unknown schema: expected workbench"):
        store.load(report.id)


@pytest.mark.parametrize("cut", [0, 8, 1000, -10, -1])
def test_a_truncated_sidecar_is_named(store, cut):
    """Trades are complete or an error."""
    report = store.record(many_trades(), RUN)
    path = store.sidecar_path(report.id)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DamagedFileError, match=r"trades\.arrow: truncated or altered"):
        store.trades(report)


def test_an_altered_or_missing_sidecar_is_named(store):
    """A profit changed inside the Arrow file shows in its hash."""
    report = store.record(many_trades(), RUN)
    path = store.sidecar_path(report.id)
    profit = np.array([many_trades().trade_table["profit"][0]]).tobytes()
    path.write_bytes(path.read_bytes().replace(profit, np.array([1e6]).tobytes()))
    with pytest.raises(DamagedFileError, match="altered: its content is"):
        store.trades(report)
    path.unlink()
    with pytest.raises(DamagedFileError, match="missing"):
        store.trades(report)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a/b-ETHUSDT-1h-0123456789ab", "..", "x" * 300, None])
def test_an_id_cannot_leave_the_folder(store, name):
    """What is not an id never becomes a path."""
    with pytest.raises(InputError, match="id: expected"):
        store.load(name)


def test_what_is_not_there_is_said(store):
    """The error lists what there is."""
    with pytest.raises(NotFoundError, match="there is none"):
        store.load("smaCross-ETHUSDT-1h-0123456789ab")
    report = store.record(few_trades(), RUN)
    with pytest.raises(NotFoundError, match=report.id):
        store.load("smaCross-ETHUSDT-1h-0123456789ab")


def test_the_list_shows_damaged_files_too(store):
    """One bad file does not hide the others."""
    assert store.list() == []
    late = store.record(few_trades(), RUN)
    early = store.record(many_trades(), msgspec.structs.replace(RUN, finished_at="2025-01-01T00:00:00Z"))
    (store.folder / "broken.json").write_bytes(b'{"schema": "workb')
    listed = store.list()
    assert [entry.id for entry in listed] == [late.id, early.id, "broken"]
    assert listed[0].report == late
    assert "truncated" in listed[2].problem


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
@pytest.mark.parametrize("result", [few_trades, many_trades])
def test_a_stopped_save_leaves_nothing_half_written(store, monkeypatch, stop, result):
    """Ctrl-C and a full disk: no report, no temporary file; the next save works."""

    def fail(descriptor):
        raise stop

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(type(stop)):
            store.record(result(), RUN)
    assert list(store.folder.iterdir()) == []
    store.load(store.record(result(), RUN).id)


def test_a_stop_between_trades_and_report_leaves_no_report(store, monkeypatch):
    """Trades without a report are not evidence; the next save completes them."""
    calls = []

    def fail_at_the_third(descriptor):
        calls.append(descriptor)
        if len(calls) == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            store.record(many_trades(), RUN)
    assert store.list() == []
    assert [path.suffix for path in store.folder.iterdir()] == [".arrow"]
    store.trades(store.load(store.record(many_trades(), RUN).id))


def test_writers_at_the_same_time_leave_one_whole_report(store):
    """Each writer renames a file of its own."""
    assert many_trades().metrics.trade_count > 200  # computed once, before the threads
    with ThreadPoolExecutor(8) as pool:
        saved = list(pool.map(lambda _: store.record(many_trades(), RUN), range(16)))
    assert len({report.digest for report in saved}) == 1
    store.trades(store.load(saved[0].id))
    assert len(list(store.folder.iterdir())) == 2
