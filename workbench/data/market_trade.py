"""Market trades (prints): what the exchange says was traded, one row each."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.model.errors import InputError, NotFoundError


@dataclass(frozen=True, eq=False)
class MarketTrades:
    """Columns of equal length, in order of time (trades of one moment in the exchange's order).

    Attributes:
        time_ns: (n,) int64, nanoseconds UTC. price: quote currency. quantity: base currency.
        side: (n,) int8, the taker's: 1 bought, -1 sold.
    """

    time_ns: NDArray[np.int64]
    price: NDArray[np.float64]
    quantity: NDArray[np.float64]
    side: NDArray[np.int8]

    def __post_init__(self) -> None:
        lengths = {len(self.time_ns), len(self.price), len(self.quantity), len(self.side)}
        if len(lengths) != 1 or 0 in lengths:
            raise InputError("market trades", "columns of one length, at least one row", sorted(lengths))
        _refuse(np.diff(self.time_ns, prepend=self.time_ns[0]) < 0, "time_ns", "a time not before the row above")
        for name, column in (("price", self.price), ("quantity", self.quantity)):
            _refuse(~(np.isfinite(column) & (column > 0)), name, "a finite number above 0")
        _refuse(~np.isin(self.side, (1, -1)), "side", "1 or -1")

    def __len__(self) -> int:
        return len(self.time_ns)


def _refuse(bad: NDArray[np.bool_], name: str, expected: str) -> None:
    if bad.any():
        raise InputError(f"{name} in row {int(np.argmax(bad))}", expected, "another")


def read_market_trades(path: Path) -> MarketTrades:
    """A CSV with the columns time_ms, side (buy or sell), price, quantity; other columns are ignored.

    Raises:
        NotFoundError: no such file. InputError: names the line and column that do not fit.
    """
    if not path.is_file():
        raise NotFoundError(f"{path}: no such file")
    rows: list[tuple[int, float, float, int]] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), 2):
            rows.append(_row(path, line, row))
    if not rows:
        raise InputError(path.name, "at least one market trade", "none")
    times, prices, quantities, sides = zip(*rows, strict=True)
    return MarketTrades(
        np.array(times, dtype=np.int64) * 1_000_000,
        np.array(prices),
        np.array(quantities),
        np.array(sides, dtype=np.int8),
    )


def _row(path: Path, line: int, row: dict[str, Any]) -> tuple[int, float, float, int]:
    sides = {"buy": 1, "sell": -1}
    name = "time_ms"
    try:
        moment = int(row[name])
        name = "price"
        price = float(row[name])
        name = "quantity"
        quantity = float(row[name])
        name = "side"
        return moment, price, quantity, sides[row[name]]
    except KeyError:
        expected = "buy or sell" if name in row else f"a column {name}"
    except (TypeError, ValueError):
        expected = "a number"
    raise InputError(f"{path.name}, line {line}, {name}", expected, row.get(name))
