"""Market trades (prints): what the exchange says was traded, one row each."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.model.errors import InputError

COLUMNS = {"time_ns": np.int64, "trade_id": np.int64, "side": np.int8, "price": np.float64, "quantity": np.float64}


@dataclass(frozen=True, eq=False)
class MarketTrades:
    """Columns of equal length, read-only, in order of time (trades of one moment in the exchange's order).

    Attributes:
        time_ns: (n,) int64, nanoseconds UTC. trade_id: (n,) int64, the exchange's number, each once.
        side: (n,) int8, the taker's: 1 bought, -1 sold. price: (n,) float64, quote currency.
        quantity: (n,) float64, base currency.

    Raises:
        InputError: names the first row and column that break a rule.
    """

    time_ns: NDArray[np.int64]
    trade_id: NDArray[np.int64]
    side: NDArray[np.int8]
    price: NDArray[np.float64]
    quantity: NDArray[np.float64]

    def __post_init__(self) -> None:
        for name, kind in COLUMNS.items():
            object.__setattr__(self, name, _frozen(name, getattr(self, name), kind))
        lengths = [len(getattr(self, name)) for name in COLUMNS]
        if len(set(lengths)) != 1 or 0 in lengths:
            raise InputError("market trades", "columns of one length, at least one row", lengths)
        backwards = np.zeros(len(self), dtype=np.bool_)
        backwards[1:] = self.time_ns[1:] < self.time_ns[:-1]
        _refuse(backwards, "time_ns", "a time not before the row above", self.time_ns)
        _refuse(_seen_before(self.trade_id), "trade_id", "a number of its own", self.trade_id)
        _refuse(~np.isin(self.side, (1, -1)), "side", "1 or -1", self.side)
        for name, column in (("price", self.price), ("quantity", self.quantity)):
            _refuse(~(np.isfinite(column) & (column > 0)), name, "a finite number above 0", column)

    def __len__(self) -> int:
        return len(self.time_ns)


def _frozen(name: str, values: Any, kind: type) -> NDArray[Any]:
    column = np.asarray(values)
    if column.ndim != 1 or not np.can_cast(column.dtype, kind, casting="same_kind"):
        raise InputError(name, f"a column of {np.dtype(kind)}", f"{column.dtype} of shape {column.shape}")
    own: NDArray[Any] = column.astype(kind, copy=True)
    if own.dtype.kind == "i":
        _refuse(own != column, name, f"a number that fits {own.dtype}", column)
    own.flags.writeable = False
    return own


def _seen_before(numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    order = np.argsort(numbers, kind="stable")
    again = np.zeros(len(numbers), dtype=np.bool_)
    again[order[1:]] = numbers[order[1:]] == numbers[order[:-1]]
    return again


def _refuse(bad: NDArray[np.bool_], name: str, expected: str, column: NDArray[Any]) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        raise InputError(f"{name} in row {row}", expected, column[row].item())
