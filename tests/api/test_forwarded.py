"""Whose address the server takes a request for."""

import asyncio
from typing import Any

import pytest
from pydantic import SecretStr

from tests.serving import serving
from workbench.api.forwarded import ForwardedAddress
from workbench.api.server import read_settings
from workbench.model.errors import InputError

SHARED = "proxy-secret-for-tests-0123456789"
RIGHT = ("x-proxy-secret", SHARED)
VISITOR = ("x-forwarded-for", "203.0.113.7")
PROXY = ("127.0.0.1", 50_000)


def client_of(*headers: tuple[str, str]) -> tuple[str, int]:
    """As whom the application behind sees the caller."""
    seen: list[tuple[str, int]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["client"])

    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    scope = {"type": "http", "client": PROXY, "headers": raw}
    asyncio.run(ForwardedAddress(app, SecretStr(SHARED))(scope, None, None))  # type: ignore[arg-type]
    return seen[0]


@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8::7"])
def test_the_proxy_is_believed(address):
    """Beside the secret the header is the address."""
    assert client_of(RIGHT, ("x-forwarded-for", address)) == (address, 0)


@pytest.mark.parametrize(
    "headers",
    [
        (VISITOR,),
        (VISITOR, ("x-proxy-secret", "")),
        (VISITOR, ("x-proxy-secret", SHARED[:-1])),
        (VISITOR, ("x-proxy-secret", "é" * 33)),
        (VISITOR, RIGHT, RIGHT),
        (VISITOR, VISITOR, RIGHT),
        (RIGHT,),
        (RIGHT, ("x-forwarded-for", "203.0.113.7, 198.51.100.1")),
        (RIGHT, ("x-forwarded-for", "somebody")),
    ],
)
def test_nobody_else_is(headers):
    """No secret, a wrong one, two of them, two addresses, or no address: the connection's own counts."""
    assert client_of(*headers) == PROXY


def test_a_secret_that_could_be_guessed_is_refused():
    """The setting is named, its value is not."""
    with pytest.raises(InputError, match=r"WORKBENCH_PROXY_SECRET: expected at least 24 characters") as refused:
        read_settings({"proxy_secret": "short-secret"})
    assert "short-secret" not in str(refused.value)


def test_rates_count_visitors_and_not_the_proxy(tmp_path):
    """One visitor behind the proxy uses his rate up; the next one, and the proxy's own, are untouched."""
    with serving(tmp_path, rate_limit="2/hour", proxy_secret=SHARED) as server:

        def codes(address: str, secret: str = SHARED) -> list[int]:
            headers = {"x-forwarded-for": address, "x-proxy-secret": secret}
            return [server.client().get("/api/backtest", headers=headers).status_code for _ in range(3)]

        assert codes("203.0.113.7") == [200, 200, 429]
        assert codes("203.0.113.8") == [200, 200, 429]
        assert codes("203.0.113.9", "x" * 33) == [200, 200, 429]
        assert codes("203.0.113.10", "x" * 33) == [429, 429, 429]  # all the same address: the proxy's own
        assert SHARED not in server.log_path.read_text()
