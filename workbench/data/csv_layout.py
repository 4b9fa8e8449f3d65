"""Which column of a CSV is which: by the names in its header, or by position where it has none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.data.raw import VALUES
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


@dataclass(frozen=True)
class Layout:
    """Where things stand in a file.

    Attributes:
        first: index of the first line that holds a row. columns: time, open ... volume -> index of the column.
        time_head: what the header calls the time. width: columns of a row.
    """

    first: int
    delimiter: str
    width: int
    columns: dict[str, int]
    time_head: str


def find_layout(name: str, lines: Sequence[str], pair: str | None) -> Layout:
    """The layout of a file; empty lines and lines starting with # before the header are skipped.

    Args:
        name: of the file, for messages. pair: tells which of several volumes is the base currency's.

    Raises:
        InputError: an empty file, or a column that is missing or ambiguous.
    """
    first = next((k for k, line in enumerate(lines) if line.strip() and not line.startswith("#")), None)
    if first is None:
        raise InputError(name, "a header or a row of numbers", "an empty file")
    delimiter = max(DELIMITERS, key=lines[first].count)
    head = [cell.strip().strip('"') for cell in lines[first].split(delimiter)]
    if is_number(head[-1]) or is_number(head[min(1, len(head) - 1)]):
        return Layout(first, delimiter, len(head), _by_position(name, head), "time")
    columns = _by_name(name, head, pair)
    return Layout(first + 1, delimiter, len(head), columns, head[columns["time"]])


def is_number(text: str) -> bool:
    """Whether a person would call it one; Python's own spelling ``1_000`` is not meant."""
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def _by_position(name: str, head: list[str]) -> dict[str, int]:
    names = ("time", *VALUES)
    if len(head) < len(names):
        raise InputError(f"{name}: columns", "time, open, high, low, close, volume", f"{len(head)} columns")
    return {column: k for k, column in enumerate(names)}


def _by_name(name: str, head: list[str], pair: str | None) -> dict[str, int]:
    lowered = [re.sub(r"[\s\-]+", "_", cell.lower()) for cell in head]
    found: dict[str, int] = {}
    for alias in TIME_NAMES:
        position = next(
            (k for k, cell in enumerate(lowered) if re.fullmatch(rf"{alias}(_(s|ms|us|ns|utc))?", cell)), None
        )
        if position is not None:
            found["time"] = position
            break
    for column, aliases in NAMES.items():
        position = next((lowered.index(alias) for alias in aliases if alias in lowered), None)
        if position is not None:
            found[column] = position
    if "volume" not in found:
        found |= _volume_of_base(name, lowered, pair)
    missing = [column for column in ("time", *VALUES) if column not in found]
    if missing:
        raise InputError(f"{name}: columns", f"one for {', '.join(missing)}", ", ".join(head))
    return found


def _volume_of_base(name: str, lowered: list[str], pair: str | None) -> dict[str, int]:
    """The column of "Volume ETH" beside "Volume USDT"; vendors put them in either order."""
    volumes = [k for k, cell in enumerate(lowered) if cell.startswith("volume_")]
    base = [k for k in volumes if (pair or "").lower().startswith(lowered[k].removeprefix("volume_"))]
    if len(volumes) > 1 and len(base) != 1:
        names = ", ".join(lowered[k] for k in volumes)
        raise InputError(f"{name}: columns", "one volume in the pair's base currency (see --pair)", names)
    chosen = base or volumes
    return {"volume": chosen[0]} if chosen else {}
