"""Clocks for tests: wrong ones, fast ones."""

import time


class TestClock:
    """A machine's clocks, ``speed`` times as fast, the wall's wrong by ``error_seconds`` (which may be changed)."""

    __test__ = False

    def __init__(self, speed: float = 1.0, error_seconds: float = 0.0) -> None:
        self.speed = speed
        self.error_seconds = error_seconds
        self._began = time.monotonic_ns()
        self._wall = time.time_ns()

    def monotonic_ns(self) -> int:
        return int((time.monotonic_ns() - self._began) * self.speed)

    def wall_ns(self) -> int:
        return self._wall + self.monotonic_ns() + int(self.error_seconds * 1e9)
