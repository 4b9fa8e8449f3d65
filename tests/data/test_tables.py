"""Parquet and Arrow files as other programs write them, broken ones too."""

import contextlib
import random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.candles import walk
from workbench.data.load import load_file
from workbench.data.store import verify_file, write_candles
from workbench.model.candle_rules import COLUMNS
from workbench.model.errors import DamagedFileError, InputError, WorkbenchError

CANDLES = walk(3, 100)
DAY_NS = 86_400_000_000_000


def table(**changed) -> pa.Table:
    """The candles as a table, some columns replaced, or renamed by ``new_name=("old_name", column)``."""
    columns = {name: pa.array(getattr(CANDLES, name)) for name in COLUMNS} | changed
    return pa.table({name: column for name, column in columns.items() if column is not None})


def write(path, content: pa.Table):
    """As Parquet or Arrow, by the suffix."""
    if path.suffix == ".parquet":
        pq.write_table(content, path)
    else:
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, content.schema) as writer:
            writer.write_table(content, max_chunksize=33)
    return path


TIMES = CANDLES.open_time_ns + 20_000 * DAY_NS
TIME_COLUMNS = {
    "open_time_ns": pa.array(TIMES),
    "timestamp": pa.array(TIMES, pa.timestamp("ns", tz="UTC")),
    "Date": pa.array(TIMES // 1_000_000, pa.timestamp("ms")),
    "time": pa.array([str(np.datetime64(int(time), "ns")) for time in TIMES]),
    "open_time_ms": pa.array(TIMES // 1_000_000),
    "unix": pa.array(TIMES / 1e9),
    "__index_level_0__": pa.array(TIMES // 1_000, pa.timestamp("us", tz="Europe/Istanbul")),
}


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
@pytest.mark.parametrize("name", TIME_COLUMNS)
def test_times_of_every_kind(name, suffix, tmp_path):
    """Numbers, texts and timestamps of any unit and zone are the same moments."""
    columns = {"open_time_ns": None} | {name: TIME_COLUMNS[name]}
    loaded = load_file(write(tmp_path / f"ETHUSDT-1h.{suffix}", table(**columns))).candles
    assert loaded.open_time_ns.tolist() == TIMES.tolist()
    assert loaded.volume.tobytes() == CANDLES.volume.tobytes()


def test_dates_and_decimals(tmp_path):
    """Daily candles dated by day, prices as decimals."""
    days = pa.array(np.arange(19_000, 19_100), pa.int32()).cast(pa.date32())
    close = pa.array(CANDLES.close).cast(pa.decimal128(20, 2))
    path = write(tmp_path / "ETHUSDT-1d.parquet", table(open_time_ns=None, date=days, close=close))
    loaded = load_file(path).candles
    assert np.all(np.diff(loaded.open_time_ns) == DAY_NS)
    assert loaded.close.tobytes() == CANDLES.close.tobytes()


def holes(values, row):
    """A column with one empty value."""
    return pa.array([None if k == row else value for k, value in enumerate(values.tolist())])


BROKEN = {
    "no close": ({"close": None}, "one for close"),
    "empty price": ({"close": holes(CANDLES.close, 4)}, r"row 5, .* UTC, close: .* received 'nan: not a number'"),
    "empty time": ({"open_time_ns": holes(TIMES, 4)}, r"open_time_ns in row 5: expected a time"),
    "text price": ({"high": pa.array(["x"] * 100)}, "high: expected a column of numbers, received string"),
    "no time": ({"open_time_ns": pa.array([True] * 100)}, "expected timestamps, numbers or ISO texts"),
    "far time": ({"open_time_ns": pa.array(TIMES, pa.timestamp("us"))}, "times between the years 1678 and 2262"),
    "infinite time": ({"open_time_ns": pa.array([np.inf] * 100)}, "finite times"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_columns_are_named(case, tmp_path):
    """The error names the column, and the row where there is one."""
    changed, text = BROKEN[case]
    with pytest.raises(InputError, match=text):
        load_file(write(tmp_path / "ETHUSDT-1h.parquet", table(**changed)))


def test_empty_tables_and_other_files(tmp_path):
    """No rows, and no table at all."""
    with pytest.raises(InputError, match="at least one row"):
        load_file(write(tmp_path / "ETHUSDT-1h.parquet", table()[:0]))
    for suffix in ("parquet", "arrow"):
        path = tmp_path / f"ETHUSDT-2h.{suffix}"
        path.write_bytes(b"no table")
        with pytest.raises(DamagedFileError, match="not a readable table"):
            load_file(path)


@pytest.mark.parametrize("kind", ["parquet", "arrow", "store"])
def test_flipped_bytes_raise_only_our_errors(kind, tmp_path):
    """However a file is altered: candles or one of our errors; never a crash, a traceback or a warning."""
    path = tmp_path / f"ETHUSDT-1h.{'parquet' if kind == 'parquet' else 'arrow'}"
    if kind == "store":
        write_candles(path, CANDLES[:20])
    else:
        write(path, table()[:20])
    whole, chance = path.read_bytes(), random.Random(1)  # noqa: S311  # for places to alter
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(chance.choice([1, 1, 3])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(bytes(data))
        with contextlib.suppress(WorkbenchError):
            load_file(path)
        if kind == "store":
            with contextlib.suppress(WorkbenchError):
                verify_file(path)
