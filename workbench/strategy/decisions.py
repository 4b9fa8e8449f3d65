"""Exact decisions on whole ticks: which average is above, whether the index is below a level.

Rounded averages get ties wrong: two different sums can have one float quotient, and one quotient two floats. Here
sums of ticks are integers and quotients are compared by multiplying crosswise, so a tie is a tie. Callers see to it
that every product is held exactly (``whole_ticks``).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import compiled
from workbench.model.candle import Candles
from workbench.model.errors import InputError

LEVEL_UNITS = 10_000
"""Levels of the RSI have at most four decimals, so that comparing with them is exact."""


BLOCK = 1024


@compiled
def sma_cross_exposure(
    close: NDArray[np.float64], ticks_per_price: float, fast: int, slow: int, above: int, below: int, number: type
) -> NDArray[np.int8]:
    """Target exposures of an SMA cross.

    Args:
        close: (n_bars,) prices on the tick grid.
        fast, slow: periods, fast < slow.
        above, below: targets after the fast average crossed to that side of the slow one.
        number: np.float64 where whole numbers up to 2**53 are room enough (faster), else np.int64.

    Returns:
        (n_bars,) int8. 0 until the first cross; a tie is not a cross and changes nothing; which side the averages
        are on when both first exist is not a cross either.
    """
    n_bars = close.size
    exposure = np.zeros(n_bars, np.int8)
    if n_bars < slow:
        return exposure
    difference = number(0)  # fast sum * slow - slow sum * fast
    for i in range(slow):
        ticks = number(np.rint(close[i] * ticks_per_price))
        difference += ticks * (slow - fast) if i >= slow - fast else -ticks * fast
    side = 1 if difference > 0 else (-1 if difference < 0 else 0)
    target = 0
    newest, leaves_fast, leaves_slow = close[slow:], close[slow - fast : n_bars - fast], close[: n_bars - slow]
    steps: NDArray[Any] = np.empty(BLOCK, number)
    for start in range(0, newest.size, BLOCK):
        end = min(start + BLOCK, newest.size)
        into, out_of_fast, out_of_slow = newest[start:end], leaves_fast[start:end], leaves_slow[start:end]
        for k in range(into.size):  # no chain from bar to bar: the processor takes several at once
            ticks = number(np.rint(into[k] * ticks_per_price))
            fast_step = ticks - number(np.rint(out_of_fast[k] * ticks_per_price))
            slow_step = ticks - number(np.rint(out_of_slow[k] * ticks_per_price))
            steps[k] = fast_step * slow - slow_step * fast
        targets = exposure[slow + start : slow + end]
        for k in range(targets.size):
            difference += steps[k]
            if difference > 0 and side <= 0:
                target = above if side < 0 else target
                side = 1
            elif difference < 0 and side >= 0:
                target = below if side > 0 else target
                side = -1
            targets[k] = target
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


def whole_ticks(field: str, candles: Candles, factor: int) -> tuple[float, type]:
    """Ticks per unit of price, and the number type in which ``ticks * factor`` is exact.

    Raises:
        InputError: a finer tick size or longer periods than 62 bits have room for.
    """
    grid = candles.instrument.price_grid
    ticks_per_price = grid.denominator / grid.numerator
    highest = int(candles.high.max() * ticks_per_price) + 1
    if highest * factor >= 2**62:
        raise InputError(field, f"periods with a product of at most {2**62 // highest} at this tick size", factor)
    return ticks_per_price, np.float64 if highest * factor < 2**53 else np.int64
