"""How large a position an exposure of 1 means."""

from dataclasses import asdict, dataclass
from typing import Any

from workbench.model.errors import InputError

FRACTION_OF_EQUITY, FIXED_QUOTE, FIXED_QUANTITY, VOLATILITY_TARGET = 0, 1, 2, 3


@dataclass(frozen=True, repr=False)
class Sizing:
    """A mode with its value; make one with the four functions below."""

    mode: int
    value: float
    window: int = 0

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __repr__(self) -> str:
        names = ("fraction_of_equity", "fixed_quote", "fixed_quantity", "volatility_target")
        window = f", window={self.window}" if self.mode == VOLATILITY_TARGET else ""
        return f"{names[self.mode]}({self.value:g}{window})"


def _positive(field: str, value: float, maximum: float = float("inf")) -> float:
    if not isinstance(value, int | float) or not 0 < value <= maximum:
        raise InputError(field, f"a number above 0{'' if maximum == float('inf') else f', at most {maximum:g}'}", value)
    return float(value)


def fraction_of_equity(fraction: float = 1.0) -> Sizing:
    """Exposure 1 is ``fraction`` of the equity at the price of the first fill's bar."""
    return Sizing(FRACTION_OF_EQUITY, _positive("fraction", fraction, 1.0))


def fixed_quote(amount: float) -> Sizing:
    """Exposure 1 is a position worth ``amount`` in quote currency."""
    return Sizing(FIXED_QUOTE, _positive("amount", amount))


def fixed_quantity(quantity: float) -> Sizing:
    """Exposure 1 is ``quantity`` in base currency."""
    return Sizing(FIXED_QUANTITY, _positive("quantity", quantity))


def volatility_target(annual_volatility: float, window: int = 20) -> Sizing:
    """Exposure 1 is the fraction of equity that would have had ``annual_volatility`` over the last ``window`` returns.

    The fraction is ``min(1, annual_volatility / realized)``, where realized is the sample standard deviation (ddof 1)
    of the last ``window`` close-to-close returns at the deciding bar, times the square root of bars per year.
    With fewer returns than ``window``, or none that differ, the fraction is 0: no position is taken.
    """
    if not isinstance(window, int) or window < 2:
        raise InputError("window", "a whole number of at least 2", window)
    return Sizing(VOLATILITY_TARGET, _positive("annual_volatility", annual_volatility), window)
