"""The exchange's own time."""

import time


class ExchangeClock:
    """Milliseconds UTC: ``started + offset + (real time passed) * speed``.

    Args:
        start_ms: what the clock shows first, before the offset; None: the computer's time.
    """

    def __init__(self, *, start_ms: int | None, speed: float, offset_seconds: float) -> None:
        self.start_ms = time.time_ns() // 1_000_000 if start_ms is None else start_ms
        self.offset_ms = round(offset_seconds * 1000)
        self._speed = speed
        self._started = time.monotonic()

    def elapsed_ms(self) -> int:
        """Since the start, in the exchange's time; jumps of the clock do not count."""
        return int((time.monotonic() - self._started) * 1000 * self._speed)

    def now_ms(self) -> int:
        return self.start_ms + self.offset_ms + self.elapsed_ms()

    def jump(self, seconds: float) -> None:
        """Put the clock forward, or back."""
        self.offset_ms += round(seconds * 1000)
