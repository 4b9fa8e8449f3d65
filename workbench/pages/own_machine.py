"""Who you are on your own machine: whoever has the key that the command printed, as with JupyterLab.

The key comes once, as ``?token=``, and is exchanged for a signed cookie that scripts cannot read and other sites
cannot use. Headers that claim an identity or carry tokens are not looked at: here nobody stands in front who could
have set them.
"""

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tornado.httputil import HTTPServerRequest
from tornado.web import create_signed_value, decode_signed_value

from workbench.pages.visitor import Visitor

PARAMETER = "token"
COOKIE_DAYS = 30
OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")
ADVICE = (
    "Open the address that `workbench dashboards` printed: it carries the key. "
    "Whoever started the server sees it in that terminal."
)


@dataclass(frozen=True)
class OwnMachine:
    """The door of a server that its user started.

    Attributes:
        visitor: as whom everyone with the key is welcome.
        key: whoever has it is welcome.
    """

    key: str = field(repr=False)
    visitor: Visitor
    clock: Callable[[], float] = time.time

    advice = ADVICE

    def knows_host(self, request: HTTPServerRequest) -> bool:
        """Against names of foreign domains that were made to point here (DNS rebinding)."""
        host = request.host.rpartition(":")[0] if _has_port(request.host) else request.host
        return host.lower() in OWN_NAMES

    def identify(self, request: HTTPServerRequest) -> Visitor | None:
        """The visitor, by the cookie."""
        if not self.knows_host(request):
            return None
        sent = request.cookies.get(self.cookie)
        if sent is None:
            return None
        signed = decode_signed_value(self._secret, self.cookie, sent.value, max_age_days=COOKIE_DAYS, clock=self.clock)
        return self.visitor if signed == self.visitor.owner.encode() else None

    def login(self, request: HTTPServerRequest) -> tuple[str, str] | None:
        """Whether the request brings the key: where to go on without it, and the Set-Cookie header."""
        offered = request.query_arguments.get(PARAMETER, [])
        if request.method != "GET" or len(offered) != 1 or not self.knows_host(request):
            return None
        if not hmac.compare_digest(_digest(offered[0]), _digest(self.key.encode())):
            return None
        rest = [(name, value) for name, values in request.query_arguments.items() for value in values]
        query = urlencode([(name, value) for name, value in rest if name != PARAMETER])
        value = create_signed_value(self._secret, self.cookie, self.visitor.owner, clock=self.clock).decode()
        cookie = f"{self.cookie}={value}; Path=/; Max-Age={COOKIE_DAYS * 86_400}; HttpOnly; SameSite=Strict"
        return request.path + (f"?{query}" if query else ""), cookie

    @property
    def cookie(self) -> str:
        """Its name. Cookies do not know ports: two servers on one machine must not take each other's for theirs."""
        return f"workbench-dashboards-{_digest(self.key.encode()).hex()[:8]}"

    @property
    def _secret(self) -> bytes:
        """Made of the key, so that open pages survive a restart with the same key."""
        return hmac.new(self.key.encode(), b"cookie", hashlib.sha256).digest()


def _has_port(host: str) -> bool:
    return host.rpartition(":")[2].isdigit()


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()
