"""Candles from CSV: the layouts that exchanges and data vendors hand out, with or without a header.

Arrow reads what is clean, in a few milliseconds. Whatever it refuses is read again line by line, only to say which
line and column are wrong (or to take what Arrow is too strict for, such as empty lines).
"""

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.data.csv_layout import Layout, find_layout, is_number
from workbench.data.raw import VALUES, RawCandles
from workbench.data.times import UNITS, from_numbers, from_texts
from workbench.model.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_csv(path: Path, pair: str | None = None) -> RawCandles:
    """All rows of a file, unchecked but for being numbers.

    A header is recognised by names (any case); without one the columns are time, open, high, low, close, volume and
    whatever follows is ignored (the kline layout of most exchanges).

    Args:
        pair: tells which of several volumes is the base currency's, where it is known.

    Raises:
        InputError: an empty file, a missing column, a text where a number belongs: names file, line and column.
    """
    data = path.read_bytes().removeprefix(BYTE_ORDER_MARK)
    lines = _text(path, data).splitlines()
    layout = find_layout(path.name, lines, pair)
    if not any(line.strip() for line in lines[layout.first :]):
        raise InputError(path.name, "at least one row of numbers", "a header only")
    table = _read_clean(data, lines, layout)
    return _read_lines(path, lines, layout) if table is None else _from_table(path, table, layout)


def _text(path: Path, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InputError(
            path.name, "a text file (UTF-8)", f"byte {error.object[error.start]:#x} at {error.start}"
        ) from None


def _read_clean(data: bytes, lines: list[str], layout: Layout) -> "pa.Table | None":
    """The six columns by Arrow; None where a row is not what it should be, or rows are not lines."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names = [str(k) for k in range(layout.width)]
    wanted = {name: names[k] for name, k in layout.columns.items()}
    types = {wanted[name]: pa.float64() for name in VALUES} | {wanted["time"]: _time_type(lines, layout)}
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(data),
            arrow_csv.ReadOptions(column_names=names, skip_rows=layout.first),
            arrow_csv.ParseOptions(delimiter=layout.delimiter),
            arrow_csv.ConvertOptions(
                column_types=types, include_columns=list(wanted.values()), null_values=[], strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    clean = table.num_rows == len(lines) - layout.first and not any(column.null_count for column in table.columns)
    return table.rename_columns(list(wanted)) if clean else None


def _time_type(lines: list[str], layout: Layout) -> "pa.DataType":
    import pyarrow as pa

    cells = next(line for line in lines[layout.first :] if line.strip()).split(layout.delimiter)
    text = cells[min(layout.columns["time"], len(cells) - 1)].strip().strip('"')
    if re.fullmatch(r"-?\d{1,19}", text):
        return pa.int64()
    if is_number(text):
        return pa.float64()
    return pa.timestamp("ns", tz="UTC" if re.search(r"(Z|[+-]\d\d(:?\d\d)?)$", text[10:]) else None)


def _from_table(path: Path, table: "pa.Table", layout: Layout) -> RawCandles:
    import pyarrow as pa

    from workbench.data.arrow import column_view

    rows = np.arange(layout.first + 1, layout.first + 1 + table.num_rows)
    moments = table["time"]
    if pa.types.is_timestamp(moments.type):
        times = column_view(moments.cast(pa.int64()))
    else:
        times = _numeric_times(path, layout, column_view(moments))
    return RawCandles(rows=rows, open_time_ns=times, **{name: column_view(table[name]) for name in VALUES})


def _read_lines(path: Path, lines: list[str], layout: Layout) -> RawCandles:
    kept = [(k + 1, line) for k, line in enumerate(lines[layout.first :], layout.first) if line.strip()]
    numbers = np.array([number for number, _ in kept], dtype=np.int64)
    cells = [_cells(path, number, line, layout.delimiter) for number, line in kept]
    for number, row in zip(numbers, cells, strict=True):
        if len(row) != layout.width and not (len(row) == layout.width + 1 and not row[-1].strip()):
            raise InputError(f"{path.name}, line {number}", f"{layout.width} columns", f"{len(row)}")
    texts = {name: [row[k].strip() for row in cells] for name, k in layout.columns.items()}
    columns = {name: _floats(path, name, numbers, texts[name]) for name in VALUES}
    return RawCandles(rows=numbers, open_time_ns=_times(path, layout, numbers, texts["time"]), **columns)


def _cells(path: Path, number: int, line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error as error:
        raise InputError(f"{path.name}, line {number}", "cells of text", error) from None


def _floats(path: Path, name: str, numbers: NDArray[np.int64], texts: list[str]) -> NDArray[np.float64]:
    wrong = next((k for k, text in enumerate(texts) if not is_number(text)), None)
    if wrong is not None:
        raise InputError(f"{path.name}, line {numbers[wrong]}, {name}", "a number", texts[wrong])
    return np.array([float(text) for text in texts])


def _times(path: Path, layout: Layout, numbers: NDArray[np.int64], texts: list[str]) -> NDArray[np.int64]:
    if all(re.fullmatch(r"-?\d{1,19}", text) and abs(int(text)) < 2**63 for text in texts):
        return _numeric_times(path, layout, np.array(texts, dtype=np.int64))
    numeric = [is_number(text) for text in texts]
    if all(numeric):
        return _numeric_times(path, layout, np.array(texts, dtype=np.float64))
    if sum(numeric) > len(texts) // 2:
        row = numeric.index(False)
        raise InputError(f"{path.name}, line {numbers[row]}, {layout.time_head}", "a number", texts[row])
    return from_texts(f"{path.name}, {layout.time_head}", texts, numbers)


def _numeric_times(path: Path, layout: Layout, numbers: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.int64]:
    field = f"{path.name}, {layout.time_head}"
    if not np.isfinite(numbers).all():
        raise InputError(field, "finite times", "NaN or infinity")
    suffix = layout.time_head.lower().rpartition("_")[2]
    return from_numbers(field, numbers, suffix if suffix in UNITS and suffix != layout.time_head.lower() else None)
