"""``workbench dashboards``: the report, guardrails and live pages, served by Voila."""

import asyncio
import errno
import getpass
import logging
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

import typer

from workbench.cli import options as opt
from workbench.ending import on_end
from workbench.home import Home
from workbench.model.errors import InputError, NotFoundError
from workbench.token_file import ROLES, read_tokens

if TYPE_CHECKING:
    from workbench.pages.door import Identity
    from workbench.pages.server import Dashboards
    from workbench.pages.visitor import Visitor

PORT = 3003
PAGES = ("report", "guardrails", "live")
PROXY = "WORKBENCH_PROXY_SECRET"
KEY = "WORKBENCH_DASHBOARDS_KEY"


def dashboards_command(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0: any free one.", min=0, max=65_535)] = PORT,
    folder: Annotated[
        Path | None, typer.Option(help="Where the pages' notebooks lie. Default: this package's own.")
    ] = None,
    role: Annotated[
        str, typer.Option(help="As whom you look on your own machine: admin, researcher, viewer.")
    ] = "admin",
    warm: Annotated[int, typer.Option(help="Kernels kept ready for visitors.", min=0, max=16)] = 1,
    per_person: Annotated[int, typer.Option(help="Pages that one person may have open.", min=1)] = 8,
    in_all: Annotated[int, typer.Option(help="Pages that may be open in all, each about 100 MB.", min=1)] = 24,
    lonely_seconds: Annotated[float, typer.Option(help="How long a kernel lives without an open page.", min=5)] = 60.0,
    as_json: opt.AsJson = False,
) -> None:
    """Serve the dashboards on 127.0.0.1; Ctrl-C ends it and every page's kernel.

    On your own machine the printed address carries a key; whoever has it looks with the role of --role, with the API's
    token of this home. Behind nginx (WORKBENCH_PROXY_SECRET is set, see deploy/nginx) everybody is who nginx says. The
    API's address is WORKBENCH_URL, else http://127.0.0.1:4010.

    Example: workbench dashboards --role viewer
    """
    folder = folder or _folder()
    missing = [page for page in PAGES if not (folder / f"{page}.ipynb").is_file()]
    if missing:
        raise NotFoundError(f"{folder}: no {missing[0]}.ipynb in it; give another --folder")
    from workbench.pages.owners import Owners
    from workbench.pages.server import Dashboards

    key = os.environ.get(KEY) or secrets.token_urlsafe(24)
    identity = _identity(role, key)
    logging.getLogger("tornado.access").setLevel(logging.ERROR)  # its lines hold addresses with keys
    server = Dashboards.made(
        folder,
        identity,
        owners=Owners(per_person, in_all),
        port=port,
        warm=warm,
        lonely_seconds=lonely_seconds,
    )
    query = "" if os.environ.get(PROXY) else f"?{urlencode({'token': key})}"
    asyncio.run(_run(server, lambda url: _tell(url, query, as_json=as_json)))


def _folder() -> Path:
    """An installed package has the notebooks inside, a checkout beside it."""
    packaged = Path(__file__).parents[1] / "pages" / "notebooks"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "dashboards"


def _identity(role: str, key: str) -> "Identity":
    from workbench.pages.behind_proxy import BehindProxy
    from workbench.pages.own_machine import OwnMachine

    secret = os.environ.get(PROXY)
    return BehindProxy(secret) if secret else OwnMachine(key, _own_visitor(role))


def _own_visitor(role: str) -> "Visitor":
    """Raises:
    InputError: no such role. DamagedFileError: others can read the file of tokens.
    """
    from workbench.pages.visitor import TOKEN_HEADERS, Visitor

    name = getpass.getuser()
    if role == "viewer":
        return Visitor(name)
    if role not in ROLES:
        raise InputError("--role", "admin, researcher or viewer", role)
    token = os.environ.get(f"WORKBENCH_{role.upper()}_TOKEN") or os.environ.get(f"{role.upper()}_TOKEN")
    try:
        token = token or read_tokens(Home.find().root)[role]
    except FileNotFoundError:
        _say(f"no tokens in {Home.find().root}: start `workbench serve` first; until then you look as a viewer")
        return Visitor(name)
    return Visitor(name, role, {TOKEN_HEADERS[role]: token})


async def _run(server: "Dashboards", tell: Callable[[str], None]) -> None:
    stop = asyncio.Event()
    on_end(lambda _: stop.set())
    try:
        await server.run(tell, stop)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise InputError("--port", "a free port of this machine", server.wanted_port) from None


def _tell(url: str, query: str, *, as_json: bool) -> None:
    from workbench.cli.output import print_json, say

    if as_json:
        print_json({"url": url, "query": query})
    else:
        say(f"The dashboards are open at {url}/{query}\nCtrl-C ends them.")
    sys.stdout.flush()


def _say(text: str) -> None:
    print(f"workbench: {text}", file=sys.stderr, flush=True)  # noqa: T201 - a command's own words
