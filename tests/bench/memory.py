"""Peak memory of one job in a process of its own: ``python -m tests.bench.memory CONTESTANT BARS FAST SLOW``."""

import json
import resource
import sys
import time

from tests.bench import contestants
from tests.bench.market import make_candles

JOBS = {
    "workbench": contestants.ours,
    "vectorbt rust": lambda candles, fast, slow: contestants.vectorbt(candles, fast, slow, "rust"),
}


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(name: str, n_bars: int, fast: int, slow: int) -> None:
    """Print the growth of the peak over the input, and the best time of three runs after a small warm-up."""
    JOBS[name](make_candles(10_000), fast, slow)()
    candles = make_candles(n_bars)
    # Making candles peaks higher than holding them; ballast up to that peak would hide the job's own growth.
    job = JOBS[name](candles, fast, slow)
    before, current = peak_bytes(), current_bytes()
    times = []
    highest = 0
    for _ in range(3):
        start = time.perf_counter()
        result = job()
        times.append(time.perf_counter() - start)
        highest = max(highest, current_bytes() - current)
        del result
    grown = max(peak_bytes() - before, highest)
    print(json.dumps({"ms": min(times) * 1000, "bytes_per_bar": grown / n_bars}))  # noqa: T201


def current_bytes() -> int:
    """Resident memory now."""
    with open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    main(sys.argv[1], *(int(text) for text in sys.argv[2:5]))
