"""Timing: warm up, repeat within a bounded time, keep the best and the median."""

import statistics
import time
from collections.abc import Callable
from typing import Any


def measure(run: Callable[[], Any], *, seconds: float = 2.0, most: int = 200) -> dict[str, float]:
    """Milliseconds of ``run``: best, median and how often it ran. The first two calls do not count."""
    for _ in range(2):
        run()
    times: list[float] = []
    deadline = time.perf_counter() + seconds
    while len(times) < 5 or (time.perf_counter() < deadline and len(times) < most):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    return {"best_ms": min(times), "median_ms": statistics.median(times), "runs": len(times)}
