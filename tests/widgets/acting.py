"""Pages made in this process, asking a real server: opened as somebody, read, pressed and waited for."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Any

import ipywidgets as widgets
import pytest

from tests.serving import ROLES, Server
from workbench.client import Client
from workbench.widgets.guardrails import GuardrailsPage
from workbench.widgets.guardrails_pending import ProposalCard
from workbench.widgets.live import LivePage
from workbench.widgets.session import Session, open_session
from workbench.wire import ProposalView

PATIENCE_SECONDS = 60.0
OFTEN_SECONDS = 0.01
SLOW = 55


def visit(url: str, role: str = "viewer", user: str = "", **headers: str) -> Session:
    """The session of a kernel that the dashboards' server would have started for this visitor."""
    told = {**ROLES[role], **({"x-remote-user": user} if user else {}), **headers}
    environment = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in told.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_URL", url)
        return open_session(environment)


def guardrails(server: Server, role: str = "viewer", user: str = "") -> GuardrailsPage:
    """An open page; within a running loop."""
    return GuardrailsPage(visit(server.url, role, user)).start()


def live(server: Server, role: str = "viewer", user: str = "") -> LivePage:
    return LivePage(visit(server.url, role, user)).start()


def run(story: Coroutine[Any, Any, None]) -> None:
    """With a page's tasks ended at its end."""
    asyncio.run(asyncio.wait_for(story, 3 * PATIENCE_SECONDS))


async def until(fits: Callable[[], object], told: Callable[[], str] = str) -> None:
    """Raises:
    AssertionError: it does not come; with what is there instead.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not fits():
        assert time.monotonic() < deadline, f"it does not come: {told()}"
        await asyncio.sleep(OFTEN_SECONDS)


def every(widget: widgets.Widget) -> Iterator[widgets.Widget]:
    """A widget and all below it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from every(child)


def shown(widget: widgets.Widget) -> Iterator[widgets.Widget]:
    """Without what is hidden."""
    if getattr(widget.layout, "display", None) == "none":  # a plotly figure has another layout
        return
    yield widget
    for child in getattr(widget, "children", ()):
        yield from shown(child)


def html(widget: widgets.Widget) -> str:
    """Everything that can be seen of it, style sheets apart."""
    texts = (each.value for each in shown(widget) if isinstance(each, widgets.HTML))
    return "\n".join(text for text in texts if not text.startswith("<style"))


def text(widget: widgets.Widget) -> str:
    """As it is read: no tags, no doubled spaces."""
    return read(html(widget))


def read(markup: str) -> str:
    return " ".join(" ".join(Page(markup).texts).split())


class Page(HTMLParser):
    """What a browser finds in HTML: names of tags, attributes, texts."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, unescape(value or "")) for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


async def card_of(page: GuardrailsPage, number: int) -> ProposalCard:
    """The card of a proposal, when it is there."""
    await until(lambda: number in page.pending.cards, lambda: text(page))
    return page.pending.cards[number]


def forge(button: widgets.Button) -> None:
    """What a websocket message does, whether or not the browser's button is off."""
    button._handle_custom_msg({"event": "click"}, [])


def propose(server: Server, fast: int, note: str = "", user: str = "alice", role: str = "researcher") -> ProposalView:
    """Parameters with the evidence of a backtest."""
    params = {"fast": fast, "slow": SLOW}
    with as_(server, role, user) as client:
        asked = {"pair": "ETHUSDT", "timeframe": "1h", "strategy": "smaCross"}
        done = client.wait(client.start_backtest(**asked, params=params).id)
        assert done.evidence_id
        return client.propose_params(**asked, params=params, evidence_id=done.evidence_id, note=note)


def as_(server: Server, role: str, user: str = "") -> Client:
    """A client beside the pages."""
    named = {name.replace("x-", "").replace("-", "_"): value for name, value in ROLES[role].items()}
    return Client(server.url, **named, user=user, timeout_seconds=30.0)  # type: ignore[arg-type]
