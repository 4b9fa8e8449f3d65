"""How a page that updates by itself stands: loading, live, or without an answer, and what then helps."""

from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

import ipywidgets as widgets

from workbench.client import ApiError
from workbench.model.errors import WorkbenchError
from workbench.widgets.markup import empty, say

if TYPE_CHECKING:
    from workbench.widgets.session import Session

PAGES = {"report": "Report", "guardrails": "Guardrails", "live": "Live"}
TOKENLESS = " No token came with this page; it comes from the sign-in at the front door."
MAY = {
    "viewer": "you may read everything but the audit trail",
    "researcher": "you may run backtests, propose and ask the gate",
    "admin": "you may decide, switch the gate and read the audit trail",
}


def page_head(session: "Session", title: str) -> str:
    """The page's name, the way to the others, who looks, and what that role may do."""
    links = "".join(f'<a href="{page}.ipynb"{_current(name == title)}>{name}</a>' for page, name in PAGES.items())
    name = f"<b>{escape(session.user)}</b>, " if session.user else ""
    more = TOKENLESS if session.role == "viewer" and not session.user else ""
    return (
        f'<header class="wb-top"><h1>{title}</h1><nav aria-label="Pages">{links}</nav></header>'
        f'<p class="wb-who">{name}{escape(session.role)}: {MAY[session.role]}.{more}</p>'
    )


def _current(here: bool) -> str:
    return ' aria-current="page"' if here else ""


class Connection(widgets.VBox):
    """One line while all is well, a box when it is not. ``what`` names what is being loaded."""

    def __init__(self, what: str) -> None:
        self.line = widgets.HTML(empty(f"Loading the {escape(what)}\u2026"))
        self._last = ""
        super().__init__([self.line])

    def answered(self, time_ns: int) -> None:
        """To the second: the same text is not sent again."""
        self._last = f"{datetime.fromtimestamp(time_ns / 1e9, UTC):%H:%M:%S} UTC"
        self.line.value = f'<p class="wb-live"><span class="wb-dot"></span>Live, {self._last}</p>'

    def fail(self, error: Exception) -> None:
        """The server gave no answer, or refused this page; asking goes on."""
        title, text = _explain(error)
        stale = f" What is shown below is of {self._last}." if self._last else ""
        self._tell(title, f"{text}{stale}")

    def ended(self, error: Exception) -> None:
        """The page itself failed and asks no more."""
        self._tell("This page stopped updating", f"An error of ours ({type(error).__name__}). Reload the page.")

    def _tell(self, title: str, text: str) -> None:
        self.line.value = say("bad", f"{escape(title)}.", escape(text))


def _explain(error: Exception) -> tuple[str, str]:
    if isinstance(error, ApiError) and error.status == 401:
        return "The server does not know this page's token", "It may have been changed. Sign in again and reload."
    if isinstance(error, ApiError) and error.status == 429:
        return "Too many requests", "The server asked to wait; the page goes on more slowly by itself."
    if isinstance(error, ApiError):
        return error.title, f"{error.detail} The page asks again by itself."
    if isinstance(error, ValueError) and not isinstance(error, WorkbenchError):
        return "The answer cannot be read", "It is not one of our server, or of another version. The page asks again."
    if isinstance(error, WorkbenchError):
        return "The server does not answer", f"{error}. The page recovers by itself when it is back."
    return "Something went wrong", type(error).__name__
