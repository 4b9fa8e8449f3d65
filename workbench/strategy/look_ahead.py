"""Finds strategies that use the future: their past decisions change when the future is cut off."""

import numpy as np

from workbench.model.candle import Candles
from workbench.strategy.base import Strategy


def find_look_ahead(strategy: Strategy, candles: Candles, *, cuts: int = 20) -> int | None:
    """The first bar whose target changes when later candles are hidden; None when none of the cuts shows one.

    Recomputes the exposure on ``cuts`` shortened histories (evenly spread) and compares them with the same rows of
    the full one.
    """
    full = strategy.exposure(candles)
    shortest = min(len(candles), max(strategy.warm_up, 1))
    for length in np.unique(np.linspace(shortest, len(candles), cuts, dtype=np.int64)):
        part = strategy.exposure(candles[: int(length)])
        different = np.flatnonzero(part != full[: part.size])
        if different.size:
            return int(different[0])
    return None
