"""Who you are behind nginx: what nginx says, and nginx is known by a secret.

Anything else on the machine could reach the port and claim to be anybody; without the secret nothing is believed.
"""

import hmac
from dataclasses import dataclass, field

from tornado.httputil import HTTPServerRequest

from workbench.model.errors import InputError
from workbench.pages.visitor import TOKEN_HEADERS, Visitor

MINIMUM_SECRET = 24
ADVICE = "Log in at the workbench's public address; this port answers only to the proxy in front of it."


@dataclass(frozen=True)
class BehindProxy:
    """The door of a server that only the proxy may talk to.

    Raises:
        InputError: a secret that could be guessed.
    """

    secret: str = field(repr=False)

    advice = ADVICE

    def __post_init__(self) -> None:
        if len(self.secret) < MINIMUM_SECRET:
            received = f"{len(self.secret)} characters"
            raise InputError("WORKBENCH_PROXY_SECRET", f"at least {MINIMUM_SECRET} characters", received)

    def identify(self, request: HTTPServerRequest) -> Visitor | None:
        """The person named by the proxy, with the tokens that it set for the person's role."""
        secret, name = _only(request, "X-Proxy-Secret"), _only(request, "X-Remote-User")
        if not hmac.compare_digest(secret.encode(), self.secret.encode()) or not name:
            return None
        tokens = {header: value for header in TOKEN_HEADERS.values() if (value := _only(request, header))}
        role = next((role for role, header in TOKEN_HEADERS.items() if header in tokens), "viewer")
        return Visitor(name, role, tokens)

    def login(self, request: HTTPServerRequest) -> tuple[str, str] | None:
        """The proxy logs people in."""
        return None


def _only(request: HTTPServerRequest, header: str) -> str:
    """A header that came exactly once; of two, one could be from outside."""
    values = request.headers.get_list(header)
    return values[0].strip() if len(values) == 1 else ""
