"""A function over many items on several threads, which Ctrl-C may stop at any moment.

``concurrent.futures`` is left aside for this: its caller takes locks of the workers for every item, and a
KeyboardInterrupt inside ``threading.Condition.__enter__`` leaves such a lock taken, so that nothing ever ends. Here
the caller starts bare threads and then waits on a ``SimpleQueue``: single calls into C, which leave nothing behind.
"""

import _thread
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import TypeVar, cast

T = TypeVar("T")
R = TypeVar("R")


def map_in_threads(function: Callable[[T], R], items: Sequence[T], threads: int) -> list[R]:
    """``function`` of each item, in the order of the items.

    Each thread takes the next item in turn. After an error no thread takes another one, and the error of the first
    item that fails is raised, whatever the number of threads: the items before it have all been taken, and end.
    After a KeyboardInterrupt the calls that are under way end by themselves; nobody waits for them.
    """
    results: list[R | None] = [None] * len(items)
    errors: dict[int, BaseException] = {}
    numbers = iter(range(len(items)))  # shared by the threads: taking the next one is a single step
    ended: SimpleQueue[None] = SimpleQueue()
    stopped = False

    def work() -> None:
        nonlocal stopped
        while not stopped and (number := next(numbers, None)) is not None:
            try:
                results[number] = function(items[number])
            except BaseException as error:  # noqa: BLE001 - raised below, in the caller's thread
                errors[number] = error
                stopped = True
        ended.put(None)

    try:
        workers = range(min(threads, len(items)))
        for _ in workers:
            _thread.start_new_thread(work, ())
        for _ in workers:
            ended.get()
    finally:
        stopped = True
    if errors:
        raise errors[min(errors)]
    return cast("list[R]", results)
