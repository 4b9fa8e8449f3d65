"""Exact decisions on whole ticks: which average is above, whether the index is below a level.

Rounded averages get ties wrong: two different sums can have one float quotient, and one quotient two floats. Here
sums of ticks are integers and quotients are compared by multiplying crosswise, so a tie is a tie. Callers see to it
that no product leaves 64 bits (``check_room``).
"""

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import compiled
from workbench.model.candle import Candles
from workbench.model.errors import InputError

LEVEL_UNITS = 10_000
"""Levels of the RSI have at most four decimals, so that comparing with them is exact."""


@compiled
def sma_cross_exposure(
    close: NDArray[np.float64], ticks_per_price: float, fast: int, slow: int, above: int, below: int
) -> NDArray[np.int8]:
    """Target exposures of an SMA cross.

    Args:
        close: (n_bars,) prices on the tick grid.
        fast, slow: periods, fast < slow.
        above, below: targets after the fast average crossed to that side of the slow one.

    Returns:
        (n_bars,) int8. 0 until the first cross; a tie is not a cross and changes nothing; which side the averages
        are on when both first exist is not a cross either.
    """
    n_bars = close.size
    exposure = np.zeros(n_bars, np.int8)
    if n_bars < slow:
        return exposure
    fast_sum, slow_sum = 0, 0
    for i in range(slow):
        ticks = int(np.rint(close[i] * ticks_per_price))
        slow_sum += ticks
        if i >= slow - fast:
            fast_sum += ticks
    side, target = 0, 0
    difference = fast_sum * slow - slow_sum * fast
    for i in range(slow - 1, n_bars):
        if i >= slow:
            ticks = int(np.rint(close[i] * ticks_per_price))
            fast_change = ticks - int(np.rint(close[i - fast] * ticks_per_price))
            slow_change = ticks - int(np.rint(close[i - slow] * ticks_per_price))
            difference += fast_change * slow - slow_change * fast
        if difference > 0 and side <= 0:
            target = above if side < 0 else target
            side = 1
        elif difference < 0 and side >= 0:
            target = below if side > 0 else target
            side = -1
        exposure[i] = target
    return exposure


@compiled
def rsi_exposure(
    close: NDArray[np.float64], ticks_per_price: float, period: int, wilder: bool, lower: int, upper: int,
    oversold: int, overbought: int,
) -> NDArray[np.int8]:  # fmt: skip
    """Target exposures of RSI levels: ``oversold`` once below ``lower``, ``overbought`` once above ``upper``.

    Args:
        lower, upper: levels in 1 / LEVEL_UNITS.

    Returns:
        (n_bars,) int8. Between the levels the target stays; 0 before the first. With plain means gains and losses are
        integer sums and the comparison is exact; Wilder's recursion is float64 over tick changes.
    """
    n_bars = close.size
    exposure = np.zeros(n_bars, np.int8)
    gain, loss = 0.0, 0.0
    gain_sum, loss_sum = 0, 0
    target = 0
    for i in range(1, n_bars):
        change = int(np.rint(close[i] * ticks_per_price)) - int(np.rint(close[i - 1] * ticks_per_price))
        up, down = max(change, 0), max(-change, 0)
        if i <= period or not wilder:
            gain_sum += up
            loss_sum += down
            if i > period:
                left, before = close[i - period], close[i - period - 1]
                old = int(np.rint(left * ticks_per_price)) - int(np.rint(before * ticks_per_price))
                gain_sum -= max(old, 0)
                loss_sum -= max(-old, 0)
            gain, loss = gain_sum / period, loss_sum / period
        else:
            gain = (gain * (period - 1) + up) / period
            loss = (loss * (period - 1) + down) / period
        if i < period:
            continue
        if wilder:
            strength, whole = gain * (100 * LEVEL_UNITS), gain + loss
            below, above = strength < lower * whole, strength > upper * whole
        else:
            exact, total = gain_sum * (100 * LEVEL_UNITS), gain_sum + loss_sum
            below, above = exact < lower * total, exact > upper * total
        if gain == 0.0 and loss == 0.0:  # nothing moved: 50 by definition
            below, above = lower > 50 * LEVEL_UNITS, upper < 50 * LEVEL_UNITS
        if below:
            target = oversold
        elif above:
            target = overbought
        exposure[i] = target
    return exposure


def check_room(field: str, candles: Candles, factor: int) -> float:
    """Ticks per unit of price, after checking that ``ticks * factor`` fits 62 bits.

    Raises:
        InputError: a finer tick size or longer periods than exact arithmetic has room for.
    """
    grid = candles.instrument.price_grid
    ticks_per_price = grid.denominator / grid.numerator
    highest = int(candles.high.max() * ticks_per_price) + 1
    if highest * factor >= 2**62:
        raise InputError(field, f"periods with a product of at most {2**62 // highest} at this tick size", factor)
    return ticks_per_price
