"""Trades beside a report: an uncompressed Arrow file that pandas, polars and DuckDB read as it is."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import ipc

from workbench.data.arrow import column_view
from workbench.evidence.trade_columns import TYPES, Columns
from workbench.model.errors import DamagedFileError

TIMES = ("entry_time", "exit_time")


def encode(columns: Columns) -> memoryview:
    """The bytes of the file; times become UTC timestamps."""
    table = pa.table({name: _to_arrow(name, column) for name, column in columns.items()})
    sink = pa.BufferOutputStream()
    with ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return memoryview(sink.getvalue())


def decode(path: Path) -> Columns:
    """The columns in a file.

    Raises:
        DamagedFileError: it is missing, truncated, or holds other columns.
    """
    try:
        with path.open("rb") as file:
            table = ipc.open_file(file).read_all()
    except FileNotFoundError:
        raise DamagedFileError(f"{path}: missing: its report says that the trades are there") from None
    except pa.ArrowMemoryError:  # no fault of the file
        raise
    except pa.ArrowException as error:
        raise DamagedFileError(f"{path}: truncated or altered: {error}") from None
    if table.column_names != list(TYPES):
        raise DamagedFileError(f"{path}: altered: expected columns {list(TYPES)}, received {table.column_names}")
    return {name: _to_numpy(name, table.column(name), path) for name in TYPES}


def _to_arrow(name: str, column: Any) -> Any:
    return pa.array(column, pa.timestamp("ns", "UTC")) if name in TIMES else pa.array(column)


def _to_numpy(name: str, column: Any, path: Path) -> Any:
    try:
        array = _view(name, column)
    except TypeError as error:
        raise DamagedFileError(f"{path}: altered: {name}: {error}") from None
    if array.dtype != np.dtype(TYPES[name]):
        raise DamagedFileError(f"{path}: altered: expected {name} as {np.dtype(TYPES[name])}, received {column.type}")
    return array


def _view(name: str, column: Any) -> Any:
    if name in TIMES and pa.types.is_timestamp(column.type):
        return column_view(column.cast(pa.int64()))
    if pa.types.is_boolean(column.type):  # Arrow packs eight of them into a byte
        return column_view(column.cast(pa.uint8())).astype(np.bool_)
    return column_view(column)
