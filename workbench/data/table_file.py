"""Candles from Parquet and Arrow (IPC file or Feather) tables made by other programs."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from workbench.data.arrow import column_view
from workbench.data.csv_file import NAMES, TIME_NAMES
from workbench.data.raw import VALUES, RawCandles
from workbench.data.times import UNITS, from_numbers
from workbench.model.errors import DamagedFileError, InputError


def read_table(path: Path) -> RawCandles:
    """The candle columns of a Parquet or Arrow file, found by name.

    Raises:
        InputError: a missing column, one of another type, or no rows. DamagedFileError: the file is no such table.
    """
    try:
        if path.suffix == ".parquet":
            with pq.ParquetFile(path) as file:
                columns = _columns(path, file.schema_arrow)
                table = file.read(columns=list(columns.values()))
        else:
            with pa.memory_map(str(path)) as source:
                table = pa.ipc.open_file(source).read_all()
            columns = _columns(path, table.schema)
    except pa.ArrowInvalid as error:
        raise DamagedFileError(f"{path}: not a readable table: {error}") from None
    if table.num_rows == 0:
        raise InputError(path.name, "at least one row", "none")
    values = {name: _floats(path, name, table[columns[name]]) for name in VALUES}
    times = _times(path, columns["time"], table[columns["time"]])
    return RawCandles(rows=np.arange(1, len(times) + 1), open_time_ns=times, **values)


def _columns(path: Path, schema: pa.Schema) -> dict[str, str]:
    lowered = {name.lower(): name for name in reversed(schema.names)}
    found: dict[str, str] = {}
    for alias in (f"{name}{suffix}" for name in TIME_NAMES for suffix in ("", "_ns", "_us", "_ms", "_s")):
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
        raise InputError(field, "a time in every row", f"{column.null_count} empty")
    if pa.types.is_timestamp(column.type):
        return np.asarray(column.cast(pa.timestamp("ns", tz=column.type.tz)).cast(pa.int64()).to_numpy())
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        unit = name.rpartition("_")[2]
        numbers: NDArray[Any] = np.asarray(column.to_numpy())
        return from_numbers(field, numbers, unit if unit in UNITS and "_" in name else None)
    raise InputError(field, "timestamps or numbers", column.type)
