"""How far and for how long equity lies below its highest value so far.

The drawdown at a bar is ``equity / peak - 1``, where the peak is the highest of the initial cash and all equity up to
that bar (Magdon-Ismail & Atiya, "Maximum Drawdown", Risk 17(10), 2004): a fraction, 0 at a new high, below -1 when more
than everything is lost. A bar is under water when its drawdown is below -1e-14; less than that is float rounding.
"""

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import compiled

ROUNDING = 1e-14
"""Differences below this, as a fraction of equity, are float noise, not gains or losses."""


@compiled
def drawdown_series(equity: NDArray[np.float64], initial_cash: float) -> NDArray[np.float64]:
    """Drawdown at every bar, (n_bars,), each at most 0."""
    series = np.empty(equity.size)
    peak = initial_cash
    for i in range(equity.size):
        peak = max(peak, equity[i])
        series[i] = equity[i] / peak - 1.0
    return series


@compiled
def deepest_and_longest(equity: NDArray[np.float64], initial_cash: float) -> tuple[float, int]:
    """The lowest drawdown (0.0 if never under water) and the longest run of consecutive bars under water.

    Divides once for each time under water, at its lowest point, so that a bar costs one comparison.
    """
    peak, trough = initial_cash, initial_cash
    surface = peak - peak * ROUNDING
    deepest = 0.0
    longest, bars = 0, 0
    for i in range(equity.size):
        value = equity[i]
        if value < surface:
            bars += 1
            trough = min(trough, value)
            continue
        if bars > 0:
            deepest = min(deepest, trough / peak - 1.0)
            longest = max(longest, bars)
            bars, trough = 0, peak
        if value > peak:
            peak, trough = value, value
            surface = peak - peak * ROUNDING
    if bars > 0:
        deepest = min(deepest, trough / peak - 1.0)
        longest = max(longest, bars)
    return deepest, longest
