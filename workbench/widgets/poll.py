"""Ask the server again and again in a task of the kernel, so that a page shows what others did without a reload."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from workbench.client import ApiError
from workbench.model.errors import WorkbenchError

EVERY_SECONDS = 0.5
NOT_NOW = (401, 429)
CALMER = 10
"""Times as long between two questions, after too many of them, or with a token that the server does not know."""
FIRST_SECONDS = 3.0
"""How long a page may take for its first answers; later ones come as they come."""

_running: set["asyncio.Task[None]"] = set()
"""The loop keeps only weak references to tasks."""


async def poll(
    ask: Callable[[], Callable[[], None]], fail: Callable[[Exception], None], every_seconds: float = EVERY_SECONDS
) -> None:
    """Until cancelled: ``ask`` in a thread, then what it gives back in the loop's own, where widgets may be changed.

    Args:
        fail: told why the server gave no answer, or one that cannot be read; asking goes on, so a page recovers by
        itself.
    """
    while True:
        pause = every_seconds
        try:
            show = await asyncio.to_thread(ask)
        except (WorkbenchError, ValueError) as error:
            fail(error)
            pause *= CALMER if isinstance(error, ApiError) and error.status in NOT_NOW else 1
        else:
            show()
        await asyncio.sleep(pause)


def ask_first(ask: Callable[[], Callable[[], None]], fail: Callable[[Exception], None]) -> None:
    """One round before the page is shown, so that it is shown with something in it; a slow server is not waited for."""
    asking = ThreadPoolExecutor(1)
    try:
        asking.submit(ask).result(FIRST_SECONDS)()
    except TimeoutError:
        pass  # the page says that it is loading
    except (WorkbenchError, ValueError) as error:
        fail(error)
    finally:
        asking.shutdown(wait=False)


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
