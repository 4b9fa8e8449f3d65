"""Where flat bars go: the times without a bar, and the bar before each."""

import numpy as np
from numpy.typing import NDArray

from workbench.model.errors import InputError
from workbench.model.interval import Interval

MOST_BARS = 20_000_000
"""Forty years of minutes; one wrong time must not fill the memory with flat bars."""


def spread(times: NDArray[np.int64], interval: Interval) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """All times from the first to the last, and for each the row of the last bar up to it.

    Args:
        times: (n,) rising strictly, multiples of the interval.

    Raises:
        InputError: that would be more than ``MOST_BARS``.
    """
    step = interval.nanoseconds
    bars = (int(times[-1]) - int(times[0])) // step + 1
    if bars > MOST_BARS:
        raise InputError("gaps", f"at most {MOST_BARS:,} bars when filled", f"{bars:,}")
    full = times[0] + step * np.arange(bars)
    return full, np.searchsorted(times, full, side="right") - 1
