"""The trades of a report as columns: prices and quantities instead of ticks and lots, times beside bars.

Columns, in order: side (int8, 1 long, -1 short), entry_bar, exit_bar (int64), entry_time, exit_time (int64,
nanoseconds UTC, open times of the bars), quantity, entry_price, exit_price, fees, profit (float64), is_open (bool).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.evidence.form import TradeRow
from workbench.model.candle import Candles

Columns = dict[str, NDArray[Any]]

TYPES: dict[str, type[Any]] = {
    "side": np.int8,
    "entry_bar": np.int64,
    "exit_bar": np.int64,
    "entry_time": np.int64,
    "exit_time": np.int64,
    "quantity": np.float64,
    "entry_price": np.float64,
    "exit_price": np.float64,
    "fees": np.float64,
    "profit": np.float64,
    "is_open": np.bool_,
}


def trade_columns(trades: NDArray[Any], candles: Candles) -> Columns:
    """Columns of the engine's trade records."""
    derived = {
        "entry_time": candles.open_time_ns[trades["entry_bar"]],
        "exit_time": candles.open_time_ns[trades["exit_bar"]],
        "quantity": candles.instrument.quantity_grid.floats(trades["lots"]),
        "is_open": trades["is_open"].astype(np.bool_),
    }
    return {name: derived[name] if name in derived else np.ascontiguousarray(trades[name]) for name in TYPES}


def to_rows(columns: Columns) -> list[TradeRow]:
    """One row a trade, as a report shows them."""
    words: dict[str, list[Any]] = {name: column.tolist() for name, column in columns.items()}
    words["side"] = ["long" if side > 0 else "short" for side in words["side"]]
    for name in ("entry_time", "exit_time"):
        words[name] = [time_text(nanoseconds) for nanoseconds in words[name]]
    return [TradeRow(*row) for row in zip(*(words[name] for name in TYPES), strict=True)]


def from_rows(rows: Sequence[TradeRow]) -> Columns:
    """The inverse of :func:`to_rows`."""
    words: dict[str, list[Any]] = {name: [getattr(row, name) for row in rows] for name in TYPES}
    words["side"] = [1 if side == "long" else -1 for side in words["side"]]
    for name in ("entry_time", "exit_time"):
        words[name] = [_nanoseconds(text) for text in words[name]]
    return {name: np.array(words[name], dtype=kind) for name, kind in TYPES.items()}


def time_text(nanoseconds: int) -> str:
    """Nanoseconds UTC, whole seconds, as ISO 8601."""
    return f"{datetime.fromtimestamp(nanoseconds // 10**9, tz=UTC):%Y-%m-%dT%H:%M:%SZ}"


def _nanoseconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 10**9
