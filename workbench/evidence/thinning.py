"""Which points of a long curve, and which of many trades, are drawn.

Curves are thinned with MinMaxLTTB (Van Der Donckt et al., "MinMaxLTTB", IEEE VIS 2023), which keeps every spike that a
screen can show; the highest and the lowest point are added, so that a drawdown is as deep as its metric says.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

POINTS = 2000
"""Points a curve keeps; more than a screen has columns."""
MARKED_TRADES = 2000
"""Trades that get markers; of more, those with the largest profit or loss."""

Rows = NDArray[np.int64]


def thinned(values: NDArray[np.float64], points: int = POINTS) -> Rows:
    """Rising row numbers of the points to show, with first, last, highest and lowest; at most ``points``, 6 or more.

    Values that begin with NaN (an indicator's warm-up) keep their first row and what is thinned of the rest: a line
    then begins where the others do, and its gap is one point.
    """
    start = _first_number(values)
    if values.size <= points:
        return np.arange(values.size)
    if start == values.size:
        return np.array([0, values.size - 1])
    if start:
        return np.concatenate([[0], start + thinned(values[start:], points - 1)])
    from tsdownsample import MinMaxLTTBDownsampler

    thinner = MinMaxLTTBDownsampler()  # type: ignore[no-untyped-call]  # the library types its methods only
    rows = thinner.downsample(np.ascontiguousarray(values), n_out=max(points - 2, 3))
    return np.union1d(rows.astype(np.int64), [np.argmin(values), np.argmax(values)])


def largest_trades(trades: NDArray[Any], most: int = MARKED_TRADES) -> NDArray[Any]:
    """Trades in their order; of more than ``most``, those with the largest profit or loss."""
    if trades.size <= most:
        return trades
    largest = np.argsort(-np.abs(trades["profit"]), kind="stable")[:most]
    return trades[np.sort(largest)]


def _first_number(values: NDArray[np.float64]) -> int:
    if not values.size or not np.isnan(values[0]):
        return 0
    numbers = ~np.isnan(values)
    return int(np.argmax(numbers)) if numbers.any() else int(values.size)
