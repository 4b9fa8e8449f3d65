"""What the server answers: pages, their kernels, the evidence's files. Everything else is a file, or not there.

Who may is decided before, by the door; these add headers and errors of our own to what Voila and Jupyter do.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from jupyter_server.base.handlers import FileFindHandler, JupyterHandler
from jupyter_server.services.kernels.handlers import KernelHandler
from jupyterlab_server.themes_handler import ThemesHandler
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError
from voila.static_file_handler import MultiStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from workbench.client import server_address
from workbench.pages.arrival import Arrival, arriving
from workbench.pages.owners import FullError
from workbench.pages.refusal import OwnErrors, SafeHeaders, page

PAGES = ("report", "guardrails", "live")
START = "/voila/render/report.ipynb"
KEPT_SECONDS = 3_600
"""How long a browser keeps scripts and styles; they change with the installed packages alone."""
PART_SECONDS = 90.0
"""How long the next part of a page may take; a cold kernel on a busy machine takes 10 s."""
NOT_MADE = """<div class="page-trouble" role="alert"><h1>This page could not be made</h1>
<p>The server's log says why. Reload the page to try again.</p></div>"""
ARROW = "application/vnd.apache.arrow.stream"


class Page(OwnErrors, TornadoVoilaHandler):
    """A notebook, run in a kernel of its visitor's own."""

    arrival: Arrival | None = None

    async def get(self, name: str) -> None:
        visitor = self.application.identity.identify(self.request)  # type: ignore[attr-defined]
        if visitor is None:  # the door has let nobody in without a name
            raise HTTPError(403)
        self.arrival = Arrival(visitor)
        arriving.set(self.arrival)
        try:
            await self._send(self.get_generator(path=f"{name}.ipynb"))
        except FullError as full:
            self.set_status(503)
            self.set_header("Retry-After", "60")
            self.finish(page(503, str(full)))
        except (TimeoutError, ConnectionAbortedError, StreamClosedError) as error:
            self.log.warning("page %s was not made: %s", name, type(error).__name__)
            await self._end()
            if not self.arrival.is_gone:
                self.finish(NOT_MADE)
        except BaseException:
            await self._end()
            raise
        else:
            if self.arrival.kernel_id is not None:
                self.kernel_manager.shown(self.arrival.kernel_id)

    async def _send(self, parts: AsyncGenerator[str, None]) -> None:
        """As the parts come. A kernel that dies meanwhile would be waited for without end.

        Raises:
            TimeoutError: nothing came for long. StreamClosedError, ConnectionAbortedError: the browser has gone.
        """
        while True:
            try:
                part = await asyncio.wait_for(anext(parts), PART_SECONDS)
            except StopAsyncIteration:
                return
            self.write(part)
            await self.flush()

    async def _end(self) -> None:
        """The kernel that was made for nobody."""
        held = self.arrival.kernel_id if self.arrival else None
        if held is not None and held in self.kernel_manager:
            await self.kernel_manager.shutdown_kernel(held, now=True)

    def on_connection_close(self) -> None:
        """The browser has gone away before the page was there, such as when somebody reloads again and again."""
        super().on_connection_close()
        if self.arrival is not None:
            self.arrival.is_gone = True
            self._ending = asyncio.ensure_future(self._end())


class Channels(VoilaKernelWebsocketHandler):
    """A kernel's websocket; the door has looked at whose it is. Only messages of widgets pass (see the server)."""

    is_open = False

    def check_origin(self, origin: str | None = None) -> bool:
        return True  # the door has

    async def open(self, kernel_id: str) -> None:
        await super().open(kernel_id)
        self.is_open = True
        self.kernel_manager.opened(kernel_id, self)

    def on_close(self) -> None:
        """Tornado calls this also for a handshake that was cut off, which was never counted."""
        if self.is_open:
            self.kernel_manager.closed(self.kernel_id, self)
            super().on_close()


class Kernel(OwnErrors, KernelHandler):
    """GET says that a kernel is there; ending it is :class:`Shutdown`'s."""

    SUPPORTED_METHODS = ("GET", "HEAD")


class Shutdown(OwnErrors, JupyterHandler):
    """What a page asks when it is closed."""

    async def post(self, kernel_id: str) -> None:
        if kernel_id in self.kernel_manager:
            await self.kernel_manager.shutdown_kernel(kernel_id, now=True)
        self.set_status(204)


class Files(SafeHeaders, MultiStaticFileHandler):
    """Scripts and styles, of ours and of Voila's."""

    def get_cache_time(self, *_: Any) -> int:
        return KEPT_SECONDS


class Extensions(SafeHeaders, FileFindHandler):
    """The widgets' scripts."""

    def set_extra_headers(self, path: str) -> None:
        self.set_header("Cache-Control", f"max-age={KEPT_SECONDS}")


class Themes(SafeHeaders, ThemesHandler):
    """JupyterLab's style sheets."""


class Evidence(OwnErrors, JupyterHandler):
    """A report or its trades as a file, from the API, which lets everybody read them."""

    async def get(self, evidence_id: str, kind: str) -> None:
        asked, form = ("/trades", ARROW) if kind == "trades.arrow" else ("", "application/json")
        url = f"{server_address()}/api/evidence/{evidence_id}{asked}"
        try:
            answer = await AsyncHTTPClient().fetch(url, headers={"Accept": form}, request_timeout=30)
        except HTTPClientError as error:
            raise HTTPError(error.code if error.code in (404, 409, 429) else 503) from None
        except OSError:
            raise HTTPError(503) from None
        self.set_header("Content-Type", form)
        self.set_header("Content-Disposition", f'attachment; filename="{evidence_id}.{kind}"')
        self.finish(answer.body)
