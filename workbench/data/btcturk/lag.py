"""How late market trades arrive: the last ones of a pair, and their percentiles. Pure."""

from collections import deque

KEPT = 2_048


class LagWindow:
    """The newest lags, milliseconds, after drift compensation."""

    def __init__(self) -> None:
        self._newest: deque[float] = deque(maxlen=KEPT)

    def add(self, lag_ms: float) -> None:
        self._newest.append(lag_ms)

    def percentile(self, fraction: float) -> float | None:
        """By the nearest rank; None while there is none."""
        if not self._newest:
            return None
        ranked = sorted(self._newest)
        return ranked[min(len(ranked) - 1, int(fraction * len(ranked)))]
