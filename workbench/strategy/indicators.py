"""Indicators: arrays in, arrays out, one pass, NaN until the first full window.

For looking at. The strategies decide with exact integers (``signs.py``, ``levels.py``), not with these floats.
"""

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import compiled

Floats = NDArray[np.float64]


@compiled
def sma(values: Floats, period: int) -> Floats:
    """Simple moving average, (n,) -> (n,). Each window is summed anew, so no rounding error builds up."""
    out = np.full(values.size, np.nan)
    for i in range(period - 1, values.size):
        total = 0.0
        for k in range(i - period + 1, i + 1):
            total += values[k]
        out[i] = total / period
    return out


@compiled
def rsi(values: Floats, period: int, wilder: bool) -> Floats:
    """Relative strength index, 0 to 100, (n,) -> (n,); 50 where nothing moved.

    Wilder, New Concepts in Technical Trading Systems (1978): the first averages are plain means of the first
    ``period`` changes, later ones ``(previous * (period - 1) + change) / period``. ``wilder=False`` uses plain means
    of the last ``period`` changes throughout (Cutler's RSI).
    """
    out = np.full(values.size, np.nan)
    gain, loss = 0.0, 0.0
    for i in range(1, values.size):
        change = values[i] - values[i - 1]
        up, down = max(change, 0.0), max(-change, 0.0)
        if i <= period or not wilder:
            gain += up
            loss += down
            if i > period:
                old = values[i - period] - values[i - period - 1]
                gain -= max(old, 0.0)
                loss -= max(-old, 0.0)
        else:
            gain = (gain * (period - 1) + up * period) / period
            loss = (loss * (period - 1) + down * period) / period
        if i >= period:
            out[i] = 100.0 * gain / (gain + loss) if gain + loss > 0.0 else 50.0
    return out
