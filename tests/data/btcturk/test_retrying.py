"""What is tried again and what is not: one function, for REST and WebSocket."""

import ssl

import httpx
import pytest
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosedError, InvalidMessage, InvalidStatus, InvalidURI
from websockets.http11 import Response

from workbench.data.btcturk.retrying import worth_another_try


def opening(status: int) -> InvalidStatus:
    """The exchange answers the opening request with a status."""
    return InvalidStatus(Response(status, "", Headers(), b""))


@pytest.mark.parametrize(
    "error",
    [
        ConnectionClosedError(None, None),
        ConnectionRefusedError(111, "refused"),
        TimeoutError("too long"),
        InvalidMessage("no HTTP"),
        opening(429),
        opening(403),
        opening(503),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("too long"),
    ],
)
def test_what_passes(error: Exception) -> None:
    """Networks, restarts, overload, a block for too many attempts."""
    assert worth_another_try(error)


@pytest.mark.parametrize(
    "error",
    [
        opening(404),
        opening(400),
        opening(302),
        InvalidURI("ftp://nowhere", "no WebSocket"),
        ssl.SSLCertVerificationError("self-signed"),
        httpx.UnsupportedProtocol("ftp"),
        TypeError("a mistake of ours"),
    ],
)
def test_what_does_not(error: Exception) -> None:
    """A wrong address, a certificate that does not verify, our own mistakes: told at once."""
    assert not worth_another_try(error)
