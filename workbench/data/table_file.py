"""Candles from Parquet and Arrow (IPC file or Feather) tables made by other programs."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from workbench.data.arrow import column_view
from workbench.data.csv_layout import NAMES, TIME_NAMES
from workbench.data.raw import VALUES, RawCandles
from workbench.data.times import UNITS, from_numbers, from_texts
from workbench.model.errors import DamagedFileError, InputError

INDEX_NAMES = ("index", "__index_level_0__")
"""What pandas calls a time index without a name."""


def read_table(path: Path) -> RawCandles:
    """The candle columns of a Parquet or Arrow file, found by name.

    Raises:
        InputError: a missing column, one of another type, or no rows. DamagedFileError: the file is no such table.
    """
    try:
        columns, table = _read_parquet(path) if path.suffix.lower() == ".parquet" else _read_arrow(path)
        values = {name: _floats(path, name, table[columns[name]]) for name in VALUES}
        times = _times(path, columns["time"], table[columns["time"]])
    except pa.ArrowMemoryError:  # no fault of the file
        raise
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DamagedFileError(f"{path}: not a readable table: {error}") from None
    return RawCandles(rows=np.arange(1, len(times) + 1), open_time_ns=times, **values)


def _read_parquet(path: Path) -> tuple[dict[str, str], pa.Table]:
    with pq.ParquetFile(path) as file:
        columns = _columns(path, file.schema_arrow)
        return columns, _with_rows(path, file.read(columns=list(columns.values())))


def _read_arrow(path: Path) -> tuple[dict[str, str], pa.Table]:
    with pa.memory_map(str(path)) as source:
        table = pa.ipc.open_file(source).read_all()
    columns = _columns(path, table.schema)
    table = table.select(list(columns.values()))
    table.validate(full=True)  # an altered file may tell of more values than it holds
    return columns, _with_rows(path, table)


def _with_rows(path: Path, table: pa.Table) -> pa.Table:
    if table.num_rows == 0:
        raise InputError(path.name, "at least one row", "none")
    return table


def _columns(path: Path, schema: pa.Schema) -> dict[str, str]:
    lowered = {name.lower(): name for name in reversed(schema.names)}
    found: dict[str, str] = {}
    suffixes = ("", "_ns", "_us", "_ms", "_s", "_utc")
    for alias in (*(f"{name}{suffix}" for name in TIME_NAMES for suffix in suffixes), *INDEX_NAMES):
        if alias in lowered:
            found["time"] = lowered[alias]
            break
    for name, aliases in NAMES.items():
        position = next((lowered[alias] for alias in aliases if alias in lowered), None)
        if position is not None:
            found[name] = position
    missing = [name for name in ("time", *VALUES) if name not in found]
    if missing:
        raise InputError(f"{path.name}: columns", f"one for {', '.join(missing)}", ", ".join(schema.names))
    return found


def _floats(path: Path, name: str, column: pa.ChunkedArray) -> NDArray[np.float64]:
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type) or pa.types.is_decimal(column.type)):
        raise InputError(f"{path.name}, {name}", "a column of numbers", column.type)
    if column.type != pa.float64():
        column = column.cast(pa.float64())
    return column_view(column.fill_null(float("nan")) if column.null_count else column)


def _times(path: Path, name: str, column: pa.ChunkedArray) -> NDArray[np.int64]:
    field = f"{path.name}, {name}"
    if column.null_count:
        row = column.is_null().index(True).as_py() + 1
        raise InputError(f"{field} in row {row}", "a time", f"nothing ({column.null_count} are empty)")
    if pa.types.is_date(column.type):
        column = column.cast(pa.timestamp("ms"))
    if pa.types.is_timestamp(column.type):
        try:
            return column_view(column.cast(pa.timestamp("ns", tz=column.type.tz)).cast(pa.int64()))
        except pa.ArrowInvalid as error:
            raise InputError(field, "times between the years 1678 and 2262", error) from None
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return _numeric_times(field, name, column_view(column))
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return from_texts(field, column.to_pylist(), np.arange(1, len(column) + 1))
    raise InputError(field, "timestamps, numbers or ISO texts", column.type)


def _numeric_times(field: str, name: str, numbers: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.int64]:
    if not np.isfinite(numbers).all():
        raise InputError(field, "finite times", "NaN or infinity")
    unit = name.lower().rpartition("_")[2]
    return from_numbers(field, numbers, unit if unit in UNITS and "_" in name else None)
