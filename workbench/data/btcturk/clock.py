"""The clocks of a feed, as a value that tests replace: a wrong clock, a fast one."""

import time
from typing import Protocol


class Clock(Protocol):
    """Two clocks in nanoseconds: one that never steps, and the wall's, UTC."""

    def monotonic_ns(self) -> int: ...

    def wall_ns(self) -> int: ...


class SystemClock:
    """The clocks of the machine."""

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()

    def wall_ns(self) -> int:
        return time.time_ns()
