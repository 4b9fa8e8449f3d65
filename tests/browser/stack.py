"""All of it as it stands outside one's own machine: simulator, API, dashboards, nginx; and people in real Chromium."""

import contextlib
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error as PlaywrightError, Page, Playwright, Request, WebSocket

from tests.api.exchange import Exchange, exchanging
from tests.deploy.conftest import FAST
from tests.deploy.running import PASSWORD, PEOPLE, Running, fronting
from tests.pages.serving import SECRET, serving_pages
from tests.serving import TOKENS, Server, environment, serving

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",  # Chromium refuses to run as root with one
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SECRETS = (*TOKENS.values(), SECRET)
ROOT = Path(__file__).parents[2]


@dataclass
class Stack:
    """Everything that runs."""

    nginx: Running
    api: Server
    exchange: Exchange
    pages_pid: int
    log_path: Path

    @property
    def origin(self) -> str:
        return self.nginx.door.origin


@contextlib.contextmanager
def stacked(home: Path, *words: str) -> Iterator[Stack]:
    """Start it, from the exchange to the front door; ended with the block. ``words`` are for the dashboards."""
    (home / "nginx").mkdir(parents=True)
    (home / "nginx" / "workbench.env").write_text(f"WORKBENCH_PROXY_SECRET={SECRET}\n")
    with contextlib.ExitStack() as stack:
        exchange = stack.enter_context(exchanging(home))
        settings = {"feed": True, "feed_pairs": "ETHUSDT", "exchange": exchange.url, "proxy_secret": SECRET}
        api = stack.enter_context(serving(home / "api", require_second_person=True, **settings))
        given = environment(home, url=api.url, proxy_secret=SECRET, admin_token=None, researcher_token=None)
        dashboards = serving_pages(home, given, "--folder", str(ROOT / "dashboards"), "--in-all", "40", *words)
        process, told, log_path = stack.enter_context(dashboards)
        behind = {"api": api.url.removeprefix("http://"), "dashboards": told["url"].removeprefix("http://")}
        nginx = stack.enter_context(fronting(home, **behind, **FAST))
        yield Stack(nginx, api, exchange, process.pid, log_path)


def launched(playwright: Playwright, *more: str) -> Browser:
    """Debian's Chromium, with ``more`` arguments; skips where there is none."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("Chromium is not installed (Debian package: chromium)")
    return playwright.chromium.launch(executable_path=found, args=[*QUIET, *more])


@dataclass
class Heard:
    """Everything that came to a browser or left it."""

    errors: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    finished: list[Request] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", lambda told: self.errors.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(f"{error}"))
        page.on("request", lambda request: self.addresses.append(request.url))
        page.on("requestfinished", lambda request: self.finished.append(request))  # noqa: PLW0108 - it marks functions
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        self.addresses.append(socket.url)
        for event in ("framereceived", "framesent"):
            socket.on(event, lambda data: self.frames.append(data.encode() if isinstance(data, str) else data))  # type: ignore[call-overload]

    def texts(self) -> Iterator[bytes]:
        """Bodies and headers of every answer, frames, addresses."""
        for request in self.finished:
            answer = request.response()
            if answer is not None:
                yield str(answer.all_headers()).encode()
                with contextlib.suppress(PlaywrightError):  # the browser keeps no body of a redirect or a page it left
                    yield answer.body()
        yield from self.frames
        yield from (address.encode() for address in self.addresses)


@dataclass
class Person:
    """Somebody with a browser of their own."""

    name: str
    context: BrowserContext
    origin: str
    heard: Heard = field(default_factory=Heard)

    def open(self, page: str) -> Page:
        """A page of ours, once its widgets are there."""
        tab = self.context.new_page()
        self.heard.watch(tab)
        tab.goto(f"{self.origin}/voila/render/{page}")
        tab.wait_for_selector("html.page-shown .page-live .wb-page", state="attached")
        return tab

    def check(self) -> None:
        """What holds for whoever looks at whatever: no error, nothing from elsewhere, no secret."""
        assert not self.heard.errors
        host = self.origin.partition("://")[2]
        strange = [
            each
            for each in self.heard.addresses
            if f"//{host}/" not in each and not each.startswith(("blob:", "data:"))
        ]
        assert not strange
        for text in self.heard.texts():
            assert not any(secret.encode() in text for secret in SECRETS)


@dataclass
class People:
    """Whoever has come in; each leaves with the test."""

    browser: Browser
    stack: Stack
    here: list[Person] = field(default_factory=list)

    def come(self, name: str, width: int = 1280, scheme: str = "light") -> Person:
        """``name`` is one of PEOPLE."""
        assert name in PEOPLE
        context = self.browser.new_context(
            http_credentials={"username": name, "password": PASSWORD},
            ignore_https_errors=True,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        context.set_default_timeout(30_000)
        person = Person(name, context, self.stack.origin)
        self.here.append(person)
        return person

    def leave(self) -> None:
        for person in self.here:
            person.context.close()


if not sys.platform.startswith("linux"):
    pytest.skip("needs Debian's Chromium and nginx", allow_module_level=True)
