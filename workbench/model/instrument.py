"""What is traded and on which grid: tick size for prices, lot size for quantities.

Prices are whole ticks and quantities whole lots wherever a decision is made. A size such as 0.05 is kept as the
fraction 1/20, so that ``ticks * numerator / denominator`` is the float nearest to the decimal price: one rounding,
and two equal prices are equal floats.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.model.errors import InputError

MAX_DECIMALS = 10
MAX_UNITS = 2**53
"""Largest count of ticks or lots: beyond it a float no longer holds every integer."""
GRID_TOLERANCE = 1e-3
"""How far, in ticks, a float may lie from the grid and still be read as that tick."""

BLOCK = 16_000
"""Rows at a time in checks of long columns: fresh memory costs more than the arithmetic, so little of it is used."""


def parse_pair(text: str) -> str:
    """A pair's name in capitals, such as ``ETHUSDT``.

    Raises:
        InputError: anything but 2 to 20 letters and digits; a path can therefore never be a pair.
    """
    if not isinstance(text, str) or re.fullmatch(r"[A-Za-z0-9]{2,20}", text) is None:
        raise InputError("pair", "2 to 20 letters and digits such as ETHUSDT", text)
    return text.upper()


def parse_decimal(field: str, value: "Decimal | str | int | float") -> Decimal:
    """An exact decimal; floats are read by their shortest text (0.1 is one tenth).

    Raises:
        InputError: not a finite number.
    """
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise InputError(field, "a number", value) from None
    if not number.is_finite():
        raise InputError(field, "a finite number", value)
    return number


@dataclass(frozen=True)
class Grid:
    """Multiples of ``numerator / denominator``."""

    numerator: int
    denominator: int

    @classmethod
    def of(cls, field: str, size: Decimal) -> "Grid":
        if size <= 0:
            raise InputError(field, "a number above 0", size)
        numerator, denominator = size.as_integer_ratio()
        if denominator > 10**MAX_DECIMALS or numerator > 10**MAX_DECIMALS:
            raise InputError(field, f"at most {MAX_DECIMALS} digits before and after the point", size)
        return cls(numerator, denominator)

    def floats(self, units: ArrayLike) -> NDArray[np.float64]:
        """Whole units -> the nearest floats, any shape."""
        return np.asarray(units, dtype=np.float64) * self.numerator / self.denominator

    def units(self, values: ArrayLike) -> NDArray[np.int64]:
        """Floats -> the nearest whole units, any shape; says nothing about how near."""
        return np.rint(np.asarray(values, dtype=np.float64) * self.denominator / self.numerator).astype(np.int64)


@dataclass(frozen=True)
class Instrument:
    """One market: the pair with its tick size, lot size and smallest order value (quote currency)."""

    pair: str
    tick_size: Decimal
    lot_size: Decimal = Decimal("0.00000001")
    minimum_notional: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pair", parse_pair(self.pair))
        for field in ("tick_size", "lot_size", "minimum_notional"):
            object.__setattr__(self, field, parse_decimal(field, getattr(self, field)))
        if self.minimum_notional < 0:
            raise InputError("minimum_notional", "a number of at least 0", self.minimum_notional)
        _ = self.price_grid, self.quantity_grid

    @cached_property
    def price_grid(self) -> Grid:
        return Grid.of("tick_size", self.tick_size)

    @cached_property
    def quantity_grid(self) -> Grid:
        return Grid.of("lot_size", self.lot_size)


def infer_tick_size(*prices: NDArray[np.float64]) -> Decimal:
    """The largest power of ten (at most 1) on whose grid all prices lie.

    Args:
        prices: arrays of any shape, finite and positive.

    Raises:
        InputError: the prices need more than 10 decimals, so they lie on no grid; round them first.
    """
    for decimals in range(MAX_DECIMALS + 1):
        if all(_on_grid(column, 10**decimals) for column in prices):
            return Decimal(1).scaleb(-decimals)
    raise InputError("prices", f"values with at most {MAX_DECIMALS} decimals (give a tick size to round to)", "more")


@np.errstate(over="ignore", invalid="ignore")  # a price too large for the grid is not on it
def _on_grid(values: NDArray[np.float64], denominator: int) -> bool:
    head = values[:64] * denominator
    if np.any(np.abs(head - np.rint(head)) > GRID_TOLERANCE):  # most wrong guesses end here
        return False
    return all(_block_on_grid(values[k : k + BLOCK], denominator) for k in range(0, len(values), BLOCK))


def _block_on_grid(values: NDArray[np.float64], denominator: int) -> bool:
    scaled = values * denominator
    largest = scaled.max()
    scaled -= np.rint(scaled)
    return bool(max(scaled.max(), -scaled.min()) <= GRID_TOLERANCE and largest <= MAX_UNITS)
