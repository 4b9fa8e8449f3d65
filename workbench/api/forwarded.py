"""Whose address it is: behind nginx every connection comes from nginx, which says for whom it asks.

``X-Forwarded-For`` is believed beside the right ``X-Proxy-Secret`` and never otherwise: anybody can send the header.
nginx sets it to one address, that of its own visitor; a list is not believed, whoever sends it.
"""

import hashlib
import hmac
import ipaddress

from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

SECRET, ADDRESS = "x-proxy-secret", "x-forwarded-for"


class ForwardedAddress:
    """Puts the visitor's address where the proxy's was: rates and the audit log look there."""

    def __init__(self, app: ASGIApp, secret: SecretStr) -> None:
        self.app, self.digest = app, _digest(secret.get_secret_value().encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (address := self._address(Headers(scope=scope))):
            scope = {**scope, "client": (address, 0)}
        await self.app(scope, receive, send)

    def _address(self, headers: Headers) -> str | None:
        """None: nobody said so who may."""
        offered, addresses = headers.getlist(SECRET), headers.getlist(ADDRESS)
        if len(offered) != 1 or len(addresses) != 1:
            return None
        if not hmac.compare_digest(_digest(offered[0].encode("latin-1")), self.digest):
            return None
        try:
            return str(ipaddress.ip_address(addresses[0].strip()))
        except ValueError:
            return None


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()
