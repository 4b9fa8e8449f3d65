"""The kernels behind the pages: one for each open page, one owner each, some kept warm, none kept for nothing.

A warm kernel has the dashboards' packages loaded and no visitor. It is handed to one person once and ends with that
person's page: what a kernel knows of its visitor never meets another.
"""

import asyncio
import os
import time
from pathlib import Path
from typing import Any, Protocol, cast
from uuid import uuid4

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from jupyter_server.utils import ApiPath
from tornado.ioloop import PeriodicCallback

from workbench.pages.arrival import arriving
from workbench.pages.kernel_env import bare, hand_over
from workbench.pages.kernel_spec import NAME
from workbench.pages.owners import Owners

LOOK_SECONDS = 5.0
WARM_UP = "import workbench.widgets.warm"
WARM_SECONDS = 60.0


class Closable(Protocol):
    """A websocket."""

    def close(self) -> None: ...


class Host(Protocol):
    """What a server says of its kernels.

    Attributes:
        warm: how many are kept ready.
        lonely_seconds: how long one lives without an open page.
    """

    owners: Owners
    warm: int
    lonely_seconds: float


class Kernels(AsyncMappingKernelManager):
    """``parent``, the server, is a :class:`Host`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._warm: list[str] = []
        self._warming: asyncio.Task[None] | None = None
        self._lonely_since: dict[str, float] = {}
        self._looking = PeriodicCallback(self._look, LOOK_SECONDS * 1000)
        self._sockets: dict[str, set[Closable]] = {}

    @property
    def host(self) -> Host:
        return cast("Host", self.parent)

    def begin(self) -> None:
        """Keep kernels warm, and end those that nobody looks at."""
        self._looking.start()
        self._refill()

    async def start_kernel(self, *, env: dict[str, str], **kwargs: Any) -> str:  # type: ignore[override]
        """A kernel for the visitor who is arriving.

        Raises:
            FullError: no more for now. LookupError: nobody is arriving. ConnectionAbortedError: that browser has gone.
        """
        arrival = arriving.get()
        visitor = arrival.visitor
        self.host.owners.reserve(visitor.owner)
        try:
            kernel_id = await self._take_warm() or await self._launch()
            self.host.owners.claim(visitor.owner, kernel_id)
        finally:
            self.host.owners.release(visitor.owner)
        arrival.kernel_id = kernel_id
        self._refill()
        if arrival.is_gone:
            await self.shutdown_kernel(kernel_id, now=True)
            raise ConnectionAbortedError
        await asyncio.to_thread(hand_over, self._visit(kernel_id), visitor, env)
        self.log.info("kernel %s has a visitor", kernel_id)
        return kernel_id

    def shown(self, kernel_id: str) -> None:
        """Its page is with the browser: from now on it is lonely until the browser opens its websocket."""
        if kernel_id in self and kernel_id not in self._sockets:
            self._lonely_since[kernel_id] = time.monotonic()

    async def shutdown_kernel(self, kernel_id: str, now: bool = False, restart: bool = False) -> None:  # type: ignore[override]
        self.host.owners.forget(kernel_id)
        self._lonely_since.pop(kernel_id, None)
        for socket in self._sockets.pop(kernel_id, set()):
            socket.close()  # the page says that it is no longer live
        self._visit(kernel_id).unlink(missing_ok=True)
        await super()._async_shutdown_kernel(kernel_id, now=now, restart=restart)

    async def shutdown_all(self, now: bool = False) -> None:  # type: ignore[override]
        self._looking.stop()
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.gather(self._warming, return_exceptions=True)
        await asyncio.gather(*(self.shutdown_kernel(each, now=True) for each in self.list_kernel_ids()))

    def opened(self, kernel_id: str, socket: Closable) -> None:
        """A page has opened its websocket."""
        self._sockets.setdefault(kernel_id, set()).add(socket)
        self._lonely_since.pop(kernel_id, None)

    def closed(self, kernel_id: str, socket: Closable) -> None:
        """And it is closed."""
        held = self._sockets.get(kernel_id, set())
        held.discard(socket)
        if kernel_id in self and not held:
            self._sockets.pop(kernel_id, None)
            self._lonely_since[kernel_id] = time.monotonic()

    # ---------------------------------------------------------------------------------------------------------------

    def _visit(self, kernel_id: str) -> Path:
        return Path(self.connection_dir) / f"visit-{kernel_id}.json"

    async def _launch(self) -> str:
        kernel_id = str(uuid4())
        env = bare(os.environ, self._visit(kernel_id))
        await super()._async_start_kernel(kernel_id=kernel_id, kernel_name=NAME, path=ApiPath(""), env=env)
        return kernel_id

    async def _take_warm(self) -> str | None:
        while self._warm:
            kernel_id = self._warm.pop(0)
            if kernel_id in self:
                if await self.is_alive(kernel_id):
                    return kernel_id
                await self.shutdown_kernel(kernel_id, now=True)
        return None

    def _refill(self) -> None:
        """One at a time, so that warming up does not keep visitors waiting for long."""
        if len(self._warm) < self.host.warm and (self._warming is None or self._warming.done()):
            self._warming = asyncio.create_task(self._warm_up())

    async def _warm_up(self) -> None:
        while len(self._warm) < self.host.warm:
            kernel_id = await self._launch()
            try:
                await self._run(kernel_id, WARM_UP)
            except (RuntimeError, TimeoutError) as error:
                self.log.warning("a kernel could not be warmed up: %s", error)
                await self.shutdown_kernel(kernel_id, now=True)
                return
            except asyncio.CancelledError:
                await self.shutdown_kernel(kernel_id, now=True)
                raise
            self._warm.append(kernel_id)
            self.log.info("kernel %s is warm", kernel_id)

    async def _run(self, kernel_id: str, code: str) -> None:
        """Raises:
        RuntimeError: the code fails, or the kernel ends. TimeoutError: it takes too long.
        """
        client = cast("AsyncKernelClient", self.get_kernel(kernel_id).client())
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=WARM_SECONDS)
            reply = await client.execute_interactive(code, silent=True, store_history=False, timeout=WARM_SECONDS)
            if reply["content"]["status"] != "ok":
                raise RuntimeError(f"{code}: {reply['content'].get('evalue', 'failed')}")
        finally:
            client.stop_channels()

    async def _look(self) -> None:
        """End kernels without an open page (closed laptops, pages never shown), and what is left of dead ones."""
        for kernel_id in self.list_kernel_ids():
            if kernel_id in self and not await self.is_alive(kernel_id):
                self.log.warning("kernel %s has died", kernel_id)
                self._warm = [each for each in self._warm if each != kernel_id]
                await self.shutdown_kernel(kernel_id, now=True)
        self._refill()
        now = time.monotonic()
        for kernel_id, since in list(self._lonely_since.items()):
            if now - since > self.host.lonely_seconds:
                self._lonely_since.pop(kernel_id, None)
                if kernel_id in self:
                    self.log.info("ending kernel %s: nobody looks at its page", kernel_id)
                    await self.shutdown_kernel(kernel_id, now=True)
