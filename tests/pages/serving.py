"""A real dashboards server for tests, with notebooks of the tests' own, and visitors as the proxy would send them."""

import contextlib
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from websockets.sync.client import ClientConnection, connect

from tests.monitoring.serving import end
from tests.serving import NO_AUTHORITIES, ROLES, environment

SECRET = "proxy-secret-for-tests-0123456789"  # noqa: S105 - of servers that live for some seconds
KERNEL = re.compile(r'"kernelId": "([0-9a-f-]{36})"')
NOBODY = "http://127.0.0.1:9"
PROBE = """
import json, os
import ipywidgets as widgets
from workbench.widgets.first_paint import FirstPaint
from workbench.widgets.session import open_session
session = open_session()
class Probe(FirstPaint, widgets.VBox):
    def first_paint(self):
        told = {"user": session.user, "role": session.role, "query": dict(session.query)}
        return "<p class=told>" + json.dumps({**told, "environment": sorted(os.environ)}) + "</p>"
button = widgets.Button(description="press")
def pressed(_):
    answer = ""
    try:
        session.client.halt("forged")
    except Exception as error:
        answer = str(error)
    open(os.path.join("MARKS", session.user), "a").write(answer + chr(10))
button.on_click(pressed)
Probe([button])
"""


def notebook(source: str) -> str:
    """One cell."""
    cell = {"cell_type": "code", "execution_count": None, "id": "one", "metadata": {}, "outputs": [], "source": source}
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps({"cells": [cell], "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5})


@dataclass
class Pages:
    """A running server; ``marks`` holds what pressed buttons left."""

    url: str
    query: str
    process: subprocess.Popen[bytes]
    marks: Path
    log_path: Path
    _clients: list[httpx.Client] = field(default_factory=list)

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def kernels(self, what: str) -> set[str]:
        """Those of which the log says so: ``is warm``, ``has a visitor``."""
        return set(re.findall(rf"kernel ([0-9a-f-]{{36}}) {what}", self.log_path.read_text()))

    def visitor(self, who: str, role: str = "viewer", secret: str | None = SECRET) -> "Visitor":
        """Somebody as nginx would send that person."""
        headers = {"x-remote-user": who, **ROLES[role], **({"x-proxy-secret": secret} if secret else {})}
        client = httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False, verify=NO_AUTHORITIES)
        self._clients.append(client)
        return Visitor(self, client, headers)

    def close(self) -> None:
        for client in self._clients:
            client.close()


@dataclass
class Visitor:
    """One person's browser, without a screen."""

    pages: Pages
    http: httpx.Client
    headers: dict[str, str]

    def open(self, page: str = "report.ipynb") -> tuple[str, dict[str, Any]]:
        """Open a page: its kernel's id, and what the probe tells."""
        answer = self.http.get(f"/voila/render/{page}")
        assert answer.status_code == 200, answer.text
        told = re.search(r"<p class=told>(.*)</p>", answer.text)
        assert told, answer.text
        found = KERNEL.search(answer.text)
        assert found
        return found[1], json.loads(told[1])

    @contextlib.contextmanager
    def channels(self, kernel_id: str, origin: str | None = None) -> Iterator["Channels"]:
        """The kernel's websocket.

        Raises:
            websockets.exceptions.InvalidStatus: the server does not open it.
        """
        url = f"ws://{self.pages.host}/api/kernels/{kernel_id}/channels"
        origin = self.pages.url if origin is None else origin
        with connect(url, additional_headers=self.headers, origin=origin or None, proxy=None) as socket:  # type: ignore[arg-type]
            yield Channels(socket)


@dataclass
class Channels:
    """What a browser could send and hear, message by message."""

    socket: ClientConnection
    heard: list[dict[str, Any]] = field(default_factory=list)

    def send(self, kind: str, content: dict[str, Any], channel: str = "shell") -> str:
        number = uuid4().hex
        header = {"msg_id": number, "msg_type": kind, "username": "", "session": "tests", "version": "5.3", "date": ""}
        told = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "buffers": []}
        self.socket.send(json.dumps({**told, "channel": channel}))
        return number

    def answer(self, number: str, kind: str, seconds: float = 20.0) -> dict[str, Any]:
        """The content of the first message of that kind to a question."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            message = json.loads(self.socket.recv(timeout=left))
            self.heard.append(message)
            if message["parent_header"].get("msg_id") == number and message["msg_type"] == kind:
                content: dict[str, Any] = message["content"]
                return content
        raise AssertionError(f"no {kind}")

    def comms(self) -> list[str]:
        found = self.answer(self.send("comm_info_request", {}), "comm_info_reply")["comms"]
        return list(found)

    def press_everything(self) -> None:
        """A click on every widget there is, as a forger would; returns when the kernel has dealt with all of them."""
        for comm in self.comms():
            click = {"method": "custom", "content": {"event": "click"}}
            self.send("comm_msg", {"comm_id": comm, "data": click})
        self.comms()


@contextlib.contextmanager
def paging(
    home: Path, api: str = NOBODY, *words: str, source: str = PROBE, behind_proxy: bool = True, **settings: object
) -> Iterator[Pages]:
    """``workbench dashboards`` on three copies of a notebook until the block ends."""
    folder, marks = home / "pages", home / "marks"
    folder.mkdir(parents=True, exist_ok=True)
    marks.mkdir(exist_ok=True)
    for name in ("report", "guardrails", "live"):
        (folder / f"{name}.ipynb").write_text(notebook(source.replace("MARKS", str(marks))))
    proxy = SECRET if behind_proxy else None
    given = environment(home, url=api, proxy_secret=proxy, **settings)
    with (
        short_folder(home) as temporary,
        serving_pages(home, {**given, "TMPDIR": temporary}, "--folder", str(folder), *words) as (
            process,
            told,
            log_path,
        ),
    ):
        pages = Pages(told["url"], told["query"], process, marks, log_path)
        try:
            yield pages
        finally:
            pages.close()


@contextlib.contextmanager
def short_folder(home: Path) -> Iterator[str]:
    """A folder for the server's own files that tests can look into, by a short path: sockets want one."""
    (home / "tmp").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="wb") as folder:
        link = Path(folder) / "t"
        link.symlink_to(home / "tmp")
        yield str(link)


@contextlib.contextmanager
def serving_pages(
    home: Path, given: dict[str, str], *words: str
) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any], Path]]:
    """The command in a process of its own: it, what it says, its log."""
    command = [sys.executable, "-m", "workbench.cli", "dashboards", "--port", "0", "--json", *words]
    log_path = home / "dashboards.log"
    with log_path.open("ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=given)
    try:
        assert process.stdout is not None
        said = b""
        while not said.endswith(b"}\n"):
            line = process.stdout.readline()
            assert line, log_path.read_text()
            said += line
        yield process, json.loads(said), log_path
    finally:
        end(process)
