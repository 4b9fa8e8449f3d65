"""Items on several threads: their order, the first error, and Ctrl-C at any moment."""

import subprocess
import sys
import threading

import pytest

from workbench.data.sample import sample_candles
from workbench.engine.sweep import sweep
from workbench.engine.threads import map_in_threads
from workbench.model.errors import InputError
from workbench.strategy.sma_cross import SmaCross

INTERRUPTED_AGAIN_AND_AGAIN = """
import os, random, signal
from workbench.engine.threads import map_in_threads

draw = random.Random(7)
interrupted = 0
for _ in range(200):
    last = draw.randrange(2_000)
    try:
        map_in_threads(lambda item: item == last and os.kill(os.getpid(), signal.SIGINT), range(100_000), 4)
    except KeyboardInterrupt:
        interrupted += 1
print(interrupted)
"""


@pytest.mark.parametrize("threads", [1, 2, 7])
@pytest.mark.parametrize("n", [0, 1, 2, 500])
def test_results_stand_in_the_order_of_the_items(n: int, threads: int) -> None:
    assert map_in_threads(lambda item: item * item, range(n), threads) == [item * item for item in range(n)]


def test_the_threads_work_at_the_same_time() -> None:
    """Each of three calls waits for the other two."""
    together = threading.Barrier(3, timeout=30)
    assert sorted(map_in_threads(lambda _: together.wait(), range(3), 3)) == [0, 1, 2]


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_the_first_items_error_is_raised(threads: int) -> None:
    """Item 5 fails only after item 7 has; with one thread item 7 is never reached. No other item is begun later."""
    later_failed, begun = threading.Event(), []

    def fail(item: int) -> None:
        begun.append(item)
        if item == 5:
            assert threads == 1 or later_failed.wait(30)
            raise ValueError("five")
        if item == 7:
            later_failed.set()
            raise ValueError("seven")

    with pytest.raises(ValueError, match="five"):
        map_in_threads(fail, range(10_000), threads)
    assert len(begun) < 100


def test_ctrl_c_at_any_moment() -> None:
    """200 interrupts at drawn moments, from the start of the threads on: each one arrives, and nothing hangs."""
    command = [sys.executable, "-c", INTERRUPTED_AGAIN_AND_AGAIN]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert (done.returncode, done.stdout, done.stderr) == (0, "200\n", "")


def test_a_sweep_needs_a_thread() -> None:
    with pytest.raises(InputError, match="threads: expected at least 1, received 0"):
        sweep(sample_candles(), SmaCross, {"fast": [5], "slow": [20]}, threads=0)
