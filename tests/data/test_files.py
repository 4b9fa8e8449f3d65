"""Candle files as exchanges and vendors hand them out, broken ones too."""

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.candles import walk
from tests.conftest import shared_data
from workbench.data.checks import check
from workbench.data.csv_file import read_csv
from workbench.data.load import load_file, read_raw
from workbench.data.raw import RawCandles
from workbench.data.repair import repair
from workbench.data.sample import SAMPLE_SEED, sample_candles
from workbench.data.sample_file import csv_bytes, sidecar_bytes
from workbench.model.errors import CandleError, InputError, WorkbenchError
from workbench.model.interval import Interval

ROWS = [(1704067200, "10.5", "11", "9.25", "10", "5"), (1704070800, "10", "12", "10", "11.75", "0.5")]


def lines(time, *, separator=",", quote=""):
    """The two rows with their times written by ``time(seconds)``."""
    return [separator.join(f"{quote}{cell}{quote}" for cell in (time(row[0]), *row[1:])) for row in ROWS]


LAYOUTS = {
    "ms, own names": ["open_time_ms,open,high,low,close,volume", *lines(lambda t: t * 1000)],
    "seconds": ["time,open,high,low,close,volume", *lines(lambda t: t)],
    "microseconds": ["timestamp,o,h,l,c,v", *lines(lambda t: t * 10**6)],
    "nanoseconds": ["t,Open,High,Low,Close,Volume", *lines(lambda t: t * 10**9)],
    "ISO with zone": ["date,open,high,low,close,volume", *lines(lambda t: f"2024-01-01T{(t // 3600) % 24:02}:00:00Z")],
    "ISO without zone": ["Date,Open,High,Low,Close,Volume", *lines(lambda t: f"2024-01-01 {(t // 3600) % 24:02}:00")],
    "semicolons": ["time;open;high;low;close;volume", *lines(lambda t: t, separator=";")],
    "tabs and quotes": ["time\topen\thigh\tlow\tclose\tvolume", *lines(lambda t: t, separator="\t", quote='"')],
    "no header": lines(lambda t: t * 1000),
    "klines of twelve columns": [line + ",1704070799999,1,2,3,4,0" for line in lines(lambda t: t * 1000)],
    "vendor's comment and volumes": [
        "# https://example.org",
        "unix,date,symbol,open,high,low,close,Volume USDT,Volume ETH",
        *(f"{t * 1000},x,ETHUSDT,{o},{h},{low},{c},999,{v}" for t, o, h, low, c, v in ROWS),
    ],
}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(layout, mark, end, tmp_path):
    """All of them are the same two candles."""
    path = tmp_path / "ETHUSDT-1h.csv"
    path.write_bytes((mark + end.join(LAYOUTS[layout]) + end).encode())
    candles = load_file(path).candles
    assert candles.open_time_ns.tolist() == [row[0] * 10**9 for row in ROWS]
    assert candles.close.tolist() == [10.0, 11.75]
    assert candles.volume.tolist() == [5.0, 0.5]
    assert str(candles.instrument.tick_size) == "0.01"


def test_volume_of_the_base_currency(tmp_path):
    """Vendors put "Volume ETH" and "Volume USDT" in either order; nothing is guessed where neither is the pair's."""
    rows = [f"{t},{o},{h},{low},{c},{v},999" for t, o, h, low, c, v in ROWS]
    for name, head in {"ETHUSDT": "Volume ETH,Volume USDT", "USDTTRY": "Volume USDT,Volume TRY"}.items():
        path = tmp_path / f"{name}-1h.csv"
        path.write_text("\n".join([f"unix,open,high,low,close,{head}", *rows]))
        assert load_file(path).candles.volume.tolist() == [5.0, 0.5]
        with pytest.raises(InputError, match="one volume in the pair's base currency"):
            load_file(path, pair="BTCEUR")


WRONG_CSV = {
    "too few cells": ("1704074400,10,11,9", "line 4: expected 6 columns, received '4'"),
    "thousands": ('1704074400,"1,000",11,9,10,5', "line 4, open: expected a number, received '1,000'"),
    "a comma unquoted": ("1704074400,1,000,11,9,10,5", "line 4: expected 6 columns, received '7'"),
    "nothing": ("1704074400,,11,9,10,5", "line 4, open: expected a number, received ''"),
    "Python's spelling": ("1704074400,1_0,11,9,10,5", "line 4, open: expected a number, received '1_0'"),
    "a word for a time": ("noon,10,11,9,10,5", "line 4, time: expected a number, received 'noon'"),
    "milliseconds among seconds": ("1704074400000,10,11,9,10,5", "time: expected times .* all in one unit"),
    "open quote": ('1704074400,"10,11,9,10,5', "line 4: expected 6 columns, received '2'"),
}


@pytest.mark.parametrize("blank", ["", "\n"])
@pytest.mark.parametrize("case", WRONG_CSV)
def test_wrong_rows_are_named(case, blank, tmp_path):
    """File, line (empty ones counted) and column of the first row that does not fit."""
    row, text = WRONG_CSV[case]
    path = tmp_path / "ETHUSDT-1h.csv"
    path.write_text("\n".join([*LAYOUTS["seconds"], row]) + "\n" + blank)
    with pytest.raises(InputError, match=rf"ETHUSDT-1h\.csv, {text}"):
        load_file(path)


def test_a_wrong_iso_time_is_named(tmp_path):
    """The line of a text that is no time."""
    path = tmp_path / "ETHUSDT-1h.csv"
    path.write_text("\n".join([*LAYOUTS["ISO with zone"], "2024-01-01T25:00:00Z,10,11,9,10,5"]))
    with pytest.raises(InputError, match=r"date in line 4: expected a number or an ISO 8601 time, received '2024"):
        load_file(path)


numbers = st.floats(width=64) | st.integers(-(10**6), 10**6).map(float)


@settings(max_examples=60)
@given(rows=st.lists(st.tuples(*[numbers] * 5), min_size=1, max_size=5), iso=st.booleans())
def test_both_ways_to_read_a_line_agree(rows, iso, tmp_path_factory):
    """Arrow's way and the one line by line (which an empty line asks for) give the same bits."""
    times = [f"2024-01-01T{k:02}:00:00Z" if iso else str(1704067200 + k * 3600) for k in range(len(rows))]
    lines = ["time,open,high,low,close,volume"]
    lines += [",".join([time, *map(repr, row)]) for time, row in zip(times, rows, strict=True)]
    folder = tmp_path_factory.mktemp("two")
    (folder / "clean.csv").write_text("\n".join(lines))
    (folder / "blank.csv").write_text("\n".join([*lines, "", ""]))
    clean, blank = read_csv(folder / "clean.csv"), read_csv(folder / "blank.csv")
    for name in ("rows", "open_time_ns", "open", "high", "low", "close", "volume"):
        np.testing.assert_array_equal(getattr(clean, name), getattr(blank, name))
    expected = np.array(rows)
    np.testing.assert_array_equal(
        np.column_stack([clean.open, clean.high, clean.low, clean.close, clean.volume]), expected
    )


cells = st.text(alphabet="0123456789.,;-einfa\n\topench", max_size=200)


@settings(max_examples=150)
@given(data=st.one_of(st.binary(max_size=200), cells.map(str.encode)))
def test_no_file_raises_anything_but_our_errors(data, tmp_path_factory):
    """However broken: candles or one of our errors."""
    path = tmp_path_factory.mktemp("fuzz") / "ETHUSDT-1h.csv"
    path.write_bytes(data)
    with contextlib.suppress(WorkbenchError):
        load_file(path)


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_tables(suffix, tmp_path):
    """Parquet and Arrow files made by pandas and pyarrow."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    candles = walk(3, 100)
    table = pa.Table.from_pandas(candles.to_frame().reset_index())
    path = tmp_path / f"ETHUSDT-1h.{suffix}"
    if suffix == "parquet":
        pq.write_table(table, path)
    else:
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
    loaded = load_file(path, tick_size="0.01").candles
    assert loaded.close.tobytes() == candles.close.tobytes()
    assert loaded.open_time_ns.tobytes() == candles.open_time_ns.tobytes()


@pytest.mark.parametrize("name", ["ETHBTC-5m.csv", "LTCBTC-5m.csv", "UNITTESTBTC-1m.csv"])
def test_real_files(name):
    """Pair, interval and tick size are found; the coarse one has gaps, which are told."""
    loaded = load_file(shared_data(name))
    assert str(loaded.candles.instrument.tick_size) == "1E-8"
    assert (loaded.candles.pair, str(loaded.candles.interval)) == tuple(name[:-4].split("-"))
    assert bool(loaded.gaps) == (name == "UNITTESTBTC-1m.csv")


def broken(**columns) -> RawCandles:
    hour = 3_600_000_000_000
    base = {
        "rows": np.arange(2, 7),
        "open_time_ns": np.arange(5) * hour,
        "open": np.full(5, 10.0),
        "high": np.full(5, 11.0),
        "low": np.full(5, 9.0),
        "close": np.full(5, 10.0),
        "volume": np.ones(5),
    }
    for name, changes in columns.items():
        for row, value in changes.items():
            base[name][row] = value
    return RawCandles(**base)


FINDINGS = {
    "nan": (broken(close={2: np.nan}), (4, "close", "not a number")),
    "inf": (broken(volume={0: np.inf}), (2, "volume", "infinite")),
    "negative": (broken(volume={1: -1.0}), (3, "volume", "negative")),
    "zero": (broken(open={1: 0.0}), (3, "open", "zero price")),
    "high below low": (broken(high={3: 8.0}), (5, "high", "high below low")),
    "open outside": (broken(open={3: 12.0}), (5, "open", "open outside low to high")),
    "close outside": (broken(close={4: 8.5}), (6, "close", "close outside low to high")),
    "duplicate": (broken(open_time_ns={2: 3_600_000_000_000}), (4, "open_time_ns", "duplicate time")),
    "disorder": (broken(open_time_ns={2: 0}), (4, "open_time_ns", "earlier than the row before")),
    "off the interval": (broken(open_time_ns={2: 7_200_000_000_001}), (4, "open_time_ns", "not a multiple of 1h")),
    "wrong interval": (
        broken(open_time_ns={k: k * 14_400_000_000_000 for k in range(5)}),
        (2, "open_time_ns", "wrong interval: rows are 4h apart, not 1h"),
    ),
    "gap": (broken(open_time_ns={4: 7 * 3_600_000_000_000}), (6, "open_time_ns", "gap: 3 bars missing before it")),
}


@pytest.mark.parametrize("case", FINDINGS)
def test_findings(case):
    """Each finding names row, column and rule, and says the value and time in its text."""
    raw, expected = FINDINGS[case]
    found = check(raw, Interval.parse("1h"))
    assert expected in [(finding.row, finding.column, finding.rule) for finding in found]
    for finding in found:
        line = int(np.flatnonzero(raw.rows == finding.row)[0])
        assert finding.open_time_ns == raw.open_time_ns[line]
        np.testing.assert_equal(finding.value, getattr(raw, finding.column)[line])
        assert f"row {finding.row}, 19" in str(finding)
        assert repr(finding.value) in str(finding)


def test_repairs_say_what_they_did():
    """Newest first with a repeated row, a broken one and a hole: four repairs, four sentences, clean candles."""
    raw = broken(close={3: np.nan})
    raw = raw.take(np.array([4, 3, 2, 2, 1, 0]))
    mended, done = repair(raw, Interval.parse("1h"), ["gaps", "sort", "duplicates", "invalid"])
    assert done == [
        "sort: moved 4 rows",
        "duplicates: dropped 1 repeated rows",
        "invalid: dropped 1 rows",
        "gaps: added 1 flat bars of volume 0",
    ]
    assert check(mended, Interval.parse("1h")) == []
    assert (len(mended), mended.volume.tolist()) == (5, [1.0, 1.0, 1.0, 0.0, 1.0])


def test_nothing_is_repaired_unasked(tmp_path):
    """A file with one repeated row is refused, and the line tells where."""
    path = tmp_path / "ETHUSDT-1h.csv"
    path.write_text("\n".join([*LAYOUTS["ms, own names"], LAYOUTS["ms, own names"][-1]]))
    with pytest.raises(CandleError, match=r"row 4, 2024-01-01 01:00:00 UTC.*duplicate time"):
        load_file(path)
    with pytest.raises(InputError, match="--repair"):
        load_file(path, repairs=["magic"])


def test_the_sample_is_what_the_generator_makes(pytestconfig):
    """The committed bytes; two years, labelled simulated, with fat tails and clustered volatility."""
    candles = sample_candles()
    folder = pytestconfig.rootpath / "data" / "sample"
    assert (folder / "ETHUSDT-1h.csv").read_bytes() == csv_bytes(candles)
    assert (folder / "ETHUSDT-1h.json").read_bytes() == sidecar_bytes(candles, SAMPLE_SEED)
    assert candles.origin.simulated
    assert "SIMULATED" in repr(candles)
    assert len(candles) == 731 * 24
    returns = np.diff(candles.close) / candles.close[:-1]
    assert ((returns - returns.mean()) ** 4).mean() / returns.var() ** 2 > 5
    assert np.corrcoef(np.abs(returns[1:]), np.abs(returns[:-1]))[0, 1] > 0.1
    raw = read_raw(folder / "ETHUSDT-1h.csv")
    assert raw.close.tobytes() == candles.close.tobytes()
    assert read_csv(folder / "ETHUSDT-1h.csv").volume.tobytes() == candles.volume.tobytes()
