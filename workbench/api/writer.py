"""The ledger's calls off the event loop: writes one after another on a thread of their own, reads beside them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
READERS = 4


class Threads:
    """``await threads.write(function, ...)``. A write that has begun is finished even when its caller goes away."""

    def __init__(self) -> None:
        self._writer = ThreadPoolExecutor(1, "ledger-writer")
        self._readers = ThreadPoolExecutor(READERS, "ledger-reader")

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["Threads"]:
        """Both are done with all they were given when the block has ended."""
        try:
            yield self
        finally:
            await asyncio.to_thread(self._writer.shutdown)
            await asyncio.to_thread(self._readers.shutdown)

    async def write(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await _run(self._writer, function, *args, **kwargs)

    async def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await _run(self._readers, function, *args, **kwargs)


async def _run(pool: ThreadPoolExecutor, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return await asyncio.get_running_loop().run_in_executor(pool, lambda: function(*args, **kwargs))
