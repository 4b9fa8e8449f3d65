"""The one door: no request reaches a handler without passing here, whatever the handler itself checks.

1. Who is it? Nobody known: 403, with a page that says how to get in.
2. Does it change something or open a websocket? Then it must come from a page of ours (Origin).
3. Does it name a kernel? Then the kernel must be that person's. A foreign kernel and one that never was look the same.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest
from tornado.web import Application, RequestHandler

from workbench.pages.owners import Owners
from workbench.pages.refusal import Onward, Refused
from workbench.pages.visitor import Visitor

FOREIGN = "The request did not come from a page of this server."
READING = ("GET", "HEAD")
KERNEL = "kernel_id"
"""Name of the part of a route that names a kernel."""


class Identity(Protocol):
    """How visitors are known: :mod:`own_machine` or :mod:`behind_proxy`."""

    @property
    def advice(self) -> str: ...

    def identify(self, request: HTTPServerRequest) -> Visitor | None: ...

    def login(self, request: HTTPServerRequest) -> tuple[str, str] | None: ...


class Door(Application):
    """Tornado asks an application for the handler of every request, also for those without a route: here."""

    identity: Identity
    owners: Owners

    def get_handler_delegate(
        self,
        request: HTTPServerRequest,
        target_class: type[RequestHandler],
        target_kwargs: dict[str, Any] | None = None,
        path_args: list[bytes] | None = None,
        path_kwargs: dict[str, bytes] | None = None,
    ) -> Any:
        answer = self.answer(request, path_kwargs or {})
        if answer is None:
            return super().get_handler_delegate(request, target_class, target_kwargs, path_args, path_kwargs)
        return super().get_handler_delegate(request, *answer)

    def answer(
        self, request: HTTPServerRequest, named: Mapping[str, bytes]
    ) -> tuple[type[RequestHandler], dict[str, Any]] | None:
        """What is answered instead of the route's handler; None: the door is open."""
        onward = self.identity.login(request)
        if onward is not None:
            place, cookie = onward
            return Onward, {"place": place, "cookie": cookie}
        visitor = self.identity.identify(request)
        if visitor is None:
            return Refused, {"status": 403, "text": self.identity.advice}
        if _acts(request) and not _comes_from_here(request):
            return Refused, {"status": 403, "text": FOREIGN}
        if KERNEL in named and not self.owners.owns(visitor.owner, named[KERNEL].decode("ascii", "replace")):
            return Refused, {"status": 404}
        return None


def _acts(request: HTTPServerRequest) -> bool:
    return request.method not in READING or "upgrade" in request.headers.get("Connection", "").lower()


def _comes_from_here(request: HTTPServerRequest) -> bool:
    """Browsers name the origin of every such request; what names none is no browser of a visitor's."""
    origins: Sequence[str] = request.headers.get_list("Origin")
    return len(origins) == 1 and urlsplit(origins[0]).netloc == request.host != ""
