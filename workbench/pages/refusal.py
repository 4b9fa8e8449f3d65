"""Pages for people whom the door does not let in, or for whom there is no room: what happened and what to do."""

import html
from typing import Any

from tornado.web import RequestHandler

from workbench.pages.headers import NOT_KEPT, SECURITY

PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,">
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 0; display: grid; min-height: 100vh; place-items: center; }}
main {{ max-width: 34rem; padding: 1.5rem; }}
h1 {{ font-size: 1.4rem; margin: 0 0 .5rem; }}
</style></head>
<body><main><h1>{title}</h1><p>{text}</p></main></body>
</html>
"""
TITLES = {403: "This is not open to you", 404: "There is nothing here", 503: "No room right now"}
TEXTS = {404: "The page does not exist, or is not yours.", 500: "Something went wrong; the server's log says what."}


def page(status: int, text: str = "") -> str:
    """A whole page in HTML; ``text`` is escaped."""
    title = TITLES.get(status, "This did not work")
    return PAGE.format(title=html.escape(title), text=html.escape(text or TEXTS.get(status, "")))


class OwnErrors(RequestHandler):
    """For handlers of Voila and Jupyter: their errors become our pages; no traceback, no template of theirs."""

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(page(status_code))


class SafeHeaders(RequestHandler):
    """For handlers that know nothing of Jupyter's settings."""

    def set_default_headers(self) -> None:
        for name, value in SECURITY.items():
            self.set_header(name, value)


class Refused(SafeHeaders):
    """The answer to every method."""

    def initialize(self, status: int, text: str = "") -> None:
        self.refusal, self.text = status, text

    def prepare(self) -> None:
        self.set_status(self.refusal)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        for name, value in NOT_KEPT.items():
            self.set_header(name, value)
        self.finish(page(self.refusal, self.text))


class Onward(SafeHeaders):
    """Elsewhere on this server, with a cookie for who has just shown the key."""

    def initialize(self, place: str, cookie: str | None = None) -> None:
        self.place, self.cookie = place, cookie

    def prepare(self) -> None:
        if self.cookie is not None:
            self.set_header("Set-Cookie", self.cookie)
        for name, value in NOT_KEPT.items():
            self.set_header(name, value)
        self.redirect(self.place, status=303)


class Missing(SafeHeaders):
    """For addresses where there is nothing."""

    def prepare(self) -> None:
        self.set_status(404)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(page(404))
