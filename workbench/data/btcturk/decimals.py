"""Decimal texts of the wire -> whole units of a grid, exactly, without a float in between."""

import re
from decimal import Decimal

from workbench.model.instrument import MAX_UNITS, Grid

DECIMALS = 18
POWERS: tuple[int, ...] = tuple(10**decimals for decimals in range(DECIMALS + 1))
_NUMBER = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,18})?", re.ASCII)
_POWER = re.compile(r"[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{1,3}", re.ASCII)


class OffGridError(ValueError):
    """A number that is no whole count of the grid's units."""


def whole_units(text: str, grid: Grid) -> int:
    """``"3765490.0000000000"`` on a grid of 10 -> 376549.

    Raises:
        ValueError: no plain decimal number of at most 18 digits before and after the point, or too many units.
        OffGridError: a number between two units.
    """
    if _NUMBER.fullmatch(text) is None:
        text = _plain(text)
    whole, _, fraction = text.partition(".")
    units, rest = divmod(int(whole + fraction) * grid.denominator, POWERS[len(fraction)] * grid.numerator)
    if rest:
        raise OffGridError(text)
    if units > MAX_UNITS:
        raise ValueError(text)
    return units


def _plain(text: str) -> str:
    """``"1E-8"``, as a JSON number may be spelled, without its exponent."""
    if len(text) > DECIMALS * 2 or _POWER.fullmatch(text) is None:  # Decimal reads more: 1_0, blanks, other digits
        raise ValueError(text)
    plain = f"{Decimal(text):f}"
    if _NUMBER.fullmatch(plain) is None:
        raise ValueError(text)
    return plain
