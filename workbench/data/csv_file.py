"""Candles from CSV: the layouts that exchanges and data vendors hand out, with or without a header."""

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.data.raw import VALUES, RawCandles
from workbench.data.times import UNITS, from_numbers, from_texts
from workbench.model.errors import InputError

TIME_NAMES = ("open_time", "opentime", "timestamp", "unix", "time", "datetime", "date", "t")
NAMES = {
    "open": ("open", "o", "open_price"),
    "high": ("high", "h", "max", "high_price"),
    "low": ("low", "l", "min", "low_price"),
    "close": ("close", "c", "last", "close_price"),
    "volume": ("volume", "v", "vol", "base_volume", "amount"),
}
DELIMITERS = (",", ";", "\t", "|")


def read_csv(path: Path, pair: str | None = None) -> RawCandles:
    """All rows of a file, unchecked but for being numbers.

    A header is recognised by names (any case); without one the columns are time, open, high, low, close, volume and
    whatever follows is ignored (the kline layout of most exchanges). Lines starting with # before the header are
    skipped.

    Raises:
        InputError: an empty file, a missing column, a text where a number belongs: names file, line and column.
    """
    lines = _text(path).splitlines()
    first = next((k for k, line in enumerate(lines) if line.strip() and not line.startswith("#")), None)
    if first is None:
        raise InputError(path.name, "a header or a row of numbers", "an empty file")
    delimiter = max(DELIMITERS, key=lines[first].count)
    head = [cell.strip().strip('"') for cell in lines[first].split(delimiter)]
    has_header = not _is_number(head[-1]) and not _is_number(head[min(1, len(head) - 1)])
    names = _find_columns(path, head) if has_header else _by_position(path, head)
    start = first + 1 if has_header else first
    rows = [(k + 1, line) for k, line in enumerate(lines[start:], start) if line.strip()]
    if not rows:
        raise InputError(path.name, "at least one row of numbers", "a header only")
    cells = [line.replace('"', "").split(delimiter) for _, line in rows]
    _check_widths(path, rows, cells, max(names.values()))
    numbers = np.array([number for number, _ in rows], dtype=np.int64)
    columns = {name: _floats(path, name, numbers, [row[names[name]] for row in cells]) for name in VALUES}
    time_head = head[names["time"]] if has_header else "time"
    times = _times(path, time_head, numbers, [row[names["time"]].strip() for row in cells])
    return RawCandles(rows=numbers, open_time_ns=times, **columns)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            path.name, "a text file (UTF-8)", f"byte {error.object[error.start]:#x} at {error.start}"
        ) from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _find_columns(path: Path, head: list[str]) -> dict[str, int]:
    lowered = [re.sub(r"[\s\-]+", "_", cell.lower()) for cell in head]
    found: dict[str, int] = {}
    for name in TIME_NAMES:
        position = next(
            (k for k, cell in enumerate(lowered) if re.fullmatch(rf"{name}(_(s|ms|us|ns|utc))?", cell)), None
        )
        if position is not None:
            found["time"] = position
            break
    for name, known in NAMES.items():
        position = next((lowered.index(alias) for alias in known if alias in lowered), None)
        if position is None and name == "volume":  # "Volume ETH" beside "Volume USDT": the first is the base currency's
            position = next((k for k, cell in enumerate(lowered) if cell.startswith("volume_")), None)
        if position is not None:
            found[name] = position
    missing = [name for name in ("time", *VALUES) if name not in found]
    if missing:
        raise InputError(f"{path.name}: columns", f"one for {', '.join(missing)}", ", ".join(head))
    return found


def _by_position(path: Path, head: list[str]) -> dict[str, int]:
    names = ("time", *VALUES)
    if len(head) < len(names):
        raise InputError(f"{path.name}: columns", "time, open, high, low, close, volume", f"{len(head)} columns")
    return {name: k for k, name in enumerate(names)}


def _check_widths(path: Path, rows: list[tuple[int, str]], cells: list[list[str]], last: int) -> None:
    for (number, line), row in zip(rows, cells, strict=True):
        if len(row) <= last:
            raise InputError(f"{path.name}, line {number}", f"at least {last + 1} columns", line)


def _floats(path: Path, name: str, numbers: NDArray[np.int64], texts: list[str]) -> NDArray[np.float64]:
    try:
        return np.array(texts, dtype=np.float64)
    except ValueError:
        row = next(k for k, text in enumerate(texts) if not _is_number(text))
        raise InputError(f"{path.name}, line {numbers[row]}, {name}", "a number", texts[row]) from None


def _times(path: Path, head: str, numbers: NDArray[np.int64], texts: list[str]) -> NDArray[np.int64]:
    field = f"{path.name}, {head}"
    suffix = re.search(r"_(s|ms|us|ns)$", head.lower())
    unit = suffix[1] if suffix and suffix[1] in UNITS else None
    if all(re.fullmatch(r"-?\d{1,18}", text) for text in texts):
        return from_numbers(field, np.array(texts, dtype=np.int64), unit)
    if all(_is_number(text) for text in texts):
        values: NDArray[Any] = np.array(texts, dtype=np.float64)
        if not np.isfinite(values).all():
            raise InputError(field, "finite times", "NaN or infinity")
        return from_numbers(field, values, unit)
    digits = [k for k, text in enumerate(texts) if _is_number(text)]
    if digits and len(digits) > len(texts) // 2:
        row = next(k for k, text in enumerate(texts) if not _is_number(text))
        raise InputError(f"{path.name}, line {numbers[row]}, {head}", "a number", texts[row])
    return from_texts(field, texts)
