"""What the server answers: pages, their kernels, the evidence's files. Everything else is a file, or not there.

Who may is decided before, by the door; these add headers and errors of our own to what Voila and Jupyter do.
"""

import os
from typing import Any

from jupyter_server.base.handlers import FileFindHandler, JupyterHandler
from jupyter_server.services.kernels.handlers import KernelHandler
from jupyterlab_server.themes_handler import ThemesHandler
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.web import HTTPError
from voila.static_file_handler import MultiStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from workbench.client import ADDRESS
from workbench.pages.kernels import arriving
from workbench.pages.owners import FullError
from workbench.pages.refusal import OwnErrors, SafeHeaders, page

PAGES = ("report", "guardrails", "live")
START = "/voila/render/report.ipynb"
KEPT_SECONDS = 3_600
"""How long a browser keeps scripts and styles; they change with the installed packages alone."""
ARROW = "application/vnd.apache.arrow.stream"


class Page(OwnErrors, TornadoVoilaHandler):
    """A notebook, run in a kernel of its visitor's own."""

    async def get(self, name: str) -> None:
        visitor = self.application.identity.identify(self.request)  # type: ignore[attr-defined]
        if visitor is None:  # the door has let nobody in without a name
            raise HTTPError(403)
        arriving.set(visitor)
        try:
            async for html in self.get_generator(path=f"{name}.ipynb"):
                self.write(html)
                await self.flush()
        except FullError as full:
            self.set_status(503)
            self.set_header("Retry-After", "60")
            self.finish(page(503, str(full)))


class Channels(VoilaKernelWebsocketHandler):
    """A kernel's websocket; the door has looked at whose it is. Only messages of widgets pass (see the server)."""

    def check_origin(self, origin: str | None = None) -> bool:
        return True  # the door has


class Kernel(OwnErrors, KernelHandler):
    """GET says that a kernel is there; ending it is :class:`Shutdown`'s."""

    SUPPORTED_METHODS = ("GET", "HEAD")


class Shutdown(OwnErrors, JupyterHandler):
    """What a page asks when it is closed."""

    def check_xsrf_cookie(self) -> None:
        """A beacon brings no such cookie; the door has looked at the Origin."""

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
        url = f"{os.environ.get('WORKBENCH_URL') or ADDRESS}/api/evidence/{evidence_id}{asked}"
        try:
            answer = await AsyncHTTPClient().fetch(url, headers={"Accept": form}, request_timeout=30)
        except HTTPClientError as error:
            raise HTTPError(error.code if error.code in (404, 409, 429) else 503) from None
        except OSError:
            raise HTTPError(503) from None
        self.set_header("Content-Type", form)
        self.set_header("Content-Disposition", f'attachment; filename="{evidence_id}.{kind}"')
        self.finish(answer.body)
