"""The dashboards' server: Voila's, with handlers, kernels and a page template of our own behind the door."""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from traitlets.config import Config
from voila.app import Voila
from voila.paths import collect_static_paths, collect_template_paths

from workbench.pages import handlers
from workbench.pages.door import KERNEL, Door, Identity
from workbench.pages.headers import NOT_KEPT, SECURITY
from workbench.pages.kernel_spec import OwnKernelSpec
from workbench.pages.kernels import Kernels
from workbench.pages.owners import Owners
from workbench.pages.refusal import Missing, Onward

HOST = "127.0.0.1"
HERE = Path(__file__).parent
EXTENSIONS = ["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8", "anywidget"]
"""Of all that is installed, what the pages need: every script more is one more to wait for."""
FIGURES = ("report", "live")
"""Pages that draw."""
LONGEST_FOLDER = 50
"""A socket's path may have 103 characters, of which its name takes 50."""
KERNEL_ID = rf"(?P<{KERNEL}>[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})"
EVIDENCE_ID = r"(?P<evidence_id>[A-Za-z0-9_]{1,60}-[A-Z0-9]{2,20}-[0-9]{1,9}[smhdw]-[0-9a-f]{12})"
NEVER_SECONDS = 86_400
"""Voila would put an inline script into a page that takes longer than this to begin; our policy runs none."""


class Dashboards(Voila):
    """One server on 127.0.0.1.

    Attributes:
        identity: how visitors are known.
        warm: kernels kept ready; 0: none.
        lonely_seconds: how long a kernel lives without an open page.
    """

    identity: Identity
    owners: Owners
    warm: int = 1
    lonely_seconds: float = 60.0
    wanted_port: int = 0

    @classmethod
    def made(
        cls,
        folder: Path,
        identity: Identity,
        *,
        owners: Owners,
        port: int,
        warm: int = 1,
        lonely_seconds: float = 60.0,
    ) -> "Dashboards":
        """A server of a folder's notebooks, not started yet; ``port`` 0 takes any free one."""
        server: Dashboards = cls.instance(config=_config(folder), root_dir=str(folder.absolute()), ip=HOST)
        server.identity, server.owners, server.wanted_port = identity, owners, port
        server.warm, server.lonely_seconds = warm, lonely_seconds
        server.initialize([])
        return server

    def load_config_file(self, *_: Any, **__: Any) -> None:
        """Only what is said here counts, whatever lies in the user's Jupyter folders."""

    def setup_template_dirs(self) -> None:
        """Our page first; Voila's own templates only lend it their files."""
        self.template_paths = [str(HERE / "template"), *collect_template_paths(["voila", "nbconvert"], "lab")]
        self.static_paths = [
            str(HERE / "static"),
            *collect_static_paths(["voila", "nbconvert"], "lab"),
            str(files("plotly") / "package_data"),  # its script: else it came anew with every figure
        ]

    def init_settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = super().init_settings()
        return {
            **settings,
            "headers": {**SECURITY, **NOT_KEPT},
            "default_handler_class": Missing,
            "disable_check_xsrf": True,
        }

    def init_handlers(self) -> list[Any]:
        """All there is; what Voila would offer besides (files, contents, a tree) is not."""
        pages = "|".join(handlers.PAGES)
        run = {
            "template_paths": self.template_paths,
            "config": self.config,
            "voila_configuration": self.voila_configuration,
        }
        return [
            (r"/", Onward, {"place": handlers.START}),
            (rf"/voila/render/({pages})\.ipynb", handlers.Page, run),
            (rf"/voila/render/evidence/{EVIDENCE_ID}\.(?P<kind>json|trades\.arrow)", handlers.Evidence),
            (rf"/api/kernels/{KERNEL_ID}", handlers.Kernel),
            (rf"/api/kernels/{KERNEL_ID}/channels", handlers.Channels),
            (rf"/voila/api/shutdown/{KERNEL_ID}", handlers.Shutdown),
            (r"/voila/static/(.*)", handlers.Files, {"paths": self.static_paths}),
            (r"/voila/labextensions/(.*)", handlers.Extensions, {"path": self.labextensions_path}),
            (
                r"/voila/api/themes/(.*)",
                handlers.Themes,
                {"themes_url": "/voila/api/themes", "path": self.themes_dir, "labextensions_path": []},
            ),
        ]

    async def run(self, tell: Callable[[str], None], stop: asyncio.Event) -> None:
        """Serve until ``stop``; ``tell`` is given the address once it answers.

        Raises:
            OSError: the port is taken.
        """
        sockets = bind_sockets(self.wanted_port, HOST)
        with tempfile.TemporaryDirectory(prefix="workbench-dashboards-") as folder:
            self.connection_dir = folder
            self.config.KernelManager.transport = _transport(folder)
            self.app = Door(**self.init_settings())
            self.app.identity, self.app.owners = self.identity, self.owners
            self.app.add_handlers(".*$", self.init_handlers())
            server = HTTPServer(self.app)
            server.add_sockets(sockets)
            self.kernel_manager.begin()
            try:
                tell(f"http://{HOST}:{sockets[0].getsockname()[1]}")
                await stop.wait()
            finally:
                server.stop()
                await self.kernel_manager.shutdown_all(now=True)


def _transport(folder: str) -> str:
    """Sockets in the folder, which is ours alone: on TCP, any account of this machine could listen to what pages show.

    Their paths must be short; where the folder's is not (or the system has none), TCP it is.
    """
    return "ipc" if os.name == "posix" and len(folder) <= LONGEST_FOLDER else "tcp"


def _informed(page_config: dict[str, Any], *, notebook_path: str, **_: Any) -> dict[str, Any]:
    """What the template asks for: the version of our own files, and the script that a page's figures will want."""
    told = {"pageVersion": _own_version()}
    if Path(notebook_path).stem in FIGURES:
        told["figureScript"] = f"widgetbundle.js?v={version('plotly')}"
    return {**page_config, **told}


@cache
def _own_version() -> str:
    """Of the files that browsers keep."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted((HERE / "static").iterdir()))).hexdigest()[:8]


def _config(folder: Path) -> Config:
    return Config(
        VoilaConfiguration={
            "template": "lab",
            "theme": "light",
            "allow_template_override": "NO",
            "allow_theme_override": "NO",
            "extension_allowlist": EXTENSIONS,
            "http_keep_alive_timeout": NEVER_SECONDS,
            "multi_kernel_manager_class": Kernels,
            "kernel_spec_manager_class": OwnKernelSpec,
            "page_config_hook": _informed,
            "show_tracebacks": False,
            "strip_sources": True,
        },
        KernelManager={"autorestart": False},
        LargeFileManager={"root_dir": str(folder.absolute())},
    )
