"""Ask the server again and again in a task of the kernel, so that a page shows what others did without a reload."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from workbench.client import ApiError
from workbench.model.errors import WorkbenchError

EVERY_SECONDS = 0.5
TOO_MANY = 429
CALMER = 10
"""Times as long between two questions, after the server said that there are too many."""

_running: set["asyncio.Task[None]"] = set()
"""The loop keeps only weak references to tasks."""


async def poll(
    ask: Callable[[], Callable[[], None]], fail: Callable[[Exception], None], every_seconds: float = EVERY_SECONDS
) -> None:
    """Until cancelled: ``ask`` in a thread, then what it gives back in the loop's own, where widgets may be changed.

    Args:
        fail: told why the server gave no answer; asking goes on, so a page recovers by itself.
    """
    while True:
        pause = every_seconds
        try:
            show = await asyncio.to_thread(ask)
            show()
        except WorkbenchError as error:
            fail(error)
            pause *= CALMER if isinstance(error, ApiError) and error.status == TOO_MANY else 1
        await asyncio.sleep(pause)


def spawn(work: Coroutine[Any, Any, None], fail: Callable[[Exception], None]) -> "asyncio.Task[None]":
    """A task of the running loop; where it ends by an error of ours, ``fail`` is told: nothing stops in silence."""
    task = asyncio.get_running_loop().create_task(work)
    _running.add(task)
    task.add_done_callback(lambda ended: _ended(ended, fail))
    return task


def _ended(task: "asyncio.Task[None]", fail: Callable[[Exception], None]) -> None:
    _running.discard(task)
    error = None if task.cancelled() else task.exception()
    if isinstance(error, Exception):
        fail(error)
