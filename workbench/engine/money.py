"""The arithmetic of fills. Every kernel uses these functions, so that equal inputs give equal bytes.

Rule numbers are those of ``workbench.engine.kernel``.
"""

import math

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import inlined
from workbench.engine.costs import FRACTION_UNITS
from workbench.engine.sizing import FIXED_QUANTITY, FIXED_QUOTE, VOLATILITY_TARGET
from workbench.engine.terms import Terms

ROUNDING = 1e-6
"""A quantity this near below a whole lot (in lots) is that lot: float noise, not money."""


@inlined
def to_ticks(price: float, terms: Terms) -> int:
    """The whole ticks of a price that lies on the grid."""
    return int(round(price * terms.ticks_per_price))


@inlined
def to_price(ticks: int, terms: Terms) -> float:
    """The float nearest to the decimal price."""
    return ticks * terms.tick_numerator / terms.tick_denominator


@inlined
def to_quantity(lots: int, terms: Terms) -> float:
    return lots * terms.lot_numerator / terms.lot_denominator


@inlined
def to_lots(quantity: float, terms: Terms) -> int:
    """Whole lots in a quantity of at least 0, rounded down."""
    exact = quantity * terms.lots_per_quantity
    nearest = round(exact)
    return int(nearest) if abs(exact - nearest) <= ROUNDING else int(math.floor(exact))


@inlined
def distance(ticks: int, units: int) -> int:
    """``ceil(ticks * units / 1e6)`` in whole numbers."""
    return -((-ticks * units) // FRACTION_UNITS)


@inlined
def taker_price(reference: int, side: int, limit_ticks: int, terms: Terms) -> int:
    """Rule 16: worse than the reference by the adverse fraction, never beyond a limit (-1: none)."""
    move = distance(reference, terms.adverse_units)
    if side > 0:
        return reference + move if limit_ticks < 0 else min(reference + move, limit_ticks)
    return max(1, reference - move) if limit_ticks < 0 else max(1, reference - move, limit_ticks)


@inlined
def carrying_capacity(side: int, price: float, fee_rate: float, cash: float, position_lots: int, terms: Terms) -> int:
    """Rule 19: the most lots that a fill at ``price`` may have."""
    unit_cost = price * (1.0 + fee_rate)
    if side > 0:
        affordable = to_lots(cash / unit_cost, terms) if cash > 0.0 else 0
        return max(-position_lots, affordable, 0)
    if not terms.allow_short:
        return max(position_lots, 0)
    long = to_quantity(max(position_lots, 0), terms)
    short = to_quantity(max(-position_lots, 0), terms)
    free = cash + long * price * (1.0 - fee_rate) - 2.0 * short * price
    return max(position_lots, 0) + (to_lots(free / unit_cost, terms) if free > 0.0 else 0)


@inlined
def target_lots(exposure: float, size: float, equity: float, open_price: float, terms: Terms) -> int:
    """Rule 18: the signed position that an exposure asks for, towards zero to whole lots."""
    quantity = abs(exposure) * size
    if terms.size_mode == FIXED_QUOTE:
        quantity = quantity / open_price
    elif terms.size_mode != FIXED_QUANTITY:
        quantity = quantity * equity / open_price if equity > 0.0 else 0.0
    lots = to_lots(quantity, terms)
    return lots if exposure > 0 else -lots


@inlined
def size_at(close: NDArray[np.float64], bar: int, terms: Terms) -> float:
    """What an exposure of 1 means at the deciding bar: the sizing's value, or the volatility fraction."""
    if terms.size_mode != VOLATILITY_TARGET:
        return terms.size_value
    if bar < terms.size_window:
        return 0.0
    realized = realized_volatility(close, bar, terms.size_window, terms.bars_per_year)
    return min(1.0, terms.size_value / realized) if realized > 0.0 else 0.0


@inlined
def realized_volatility(close: NDArray[np.float64], bar: int, window: int, bars_per_year: float) -> float:
    """Sample standard deviation of the last ``window`` simple returns up to ``bar``, annualised; two passes."""
    total = 0.0
    for i in range(bar - window + 1, bar + 1):
        total += close[i] / close[i - 1] - 1.0
    mean = total / window
    squares = 0.0
    for i in range(bar - window + 1, bar + 1):
        deviation = close[i] / close[i - 1] - 1.0 - mean
        squares += deviation * deviation
    return math.sqrt(squares / (window - 1)) * math.sqrt(bars_per_year)
