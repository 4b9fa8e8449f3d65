"""When the exchange is tried again, by REST or WebSocket. :func:`worth_another_try` decides, and nothing else does."""

import email.utils
import ssl
import time
from collections.abc import AsyncIterator, Mapping

import httpx
import stamina
from stamina.instrumentation import set_on_retry_hooks
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

WAIT_INITIAL_SECONDS, WAIT_MAX_SECONDS, WAIT_JITTER_SECONDS = 0.2, 10.0, 0.5
LONGEST_PAUSE_SECONDS = 60.0
"""However long an exchange asks us to wait, we ask again after this."""

set_on_retry_hooks(())  # its default writes to stdout wherever structlog is installed, and counts in a global registry


class BadAnswer(Exception):  # noqa: N818 - one try's outcome; callers see an ExchangeError
    """An answer came and is none that we can use.

    Attributes:
        status: of HTTP. passes: False where the same question gets the same answer.
        pause_seconds: how long the exchange asks us to wait, 0 where it does not say.
    """

    def __init__(self, text: str, *, status: int, passes: bool, pause_seconds: float = 0.0) -> None:
        self.status, self.passes, self.pause_seconds = status, passes, pause_seconds
        super().__init__(text)

    @property
    def rate_limited(self) -> bool:
        return self.status == httpx.codes.TOO_MANY_REQUESTS


def worth_another_try(error: Exception) -> bool | float:
    """Whether asking, or connecting, again may help; a number is how many seconds the exchange asks us to wait before.

    Yes: connections that fail or break off, time-outs, 429, 5xx, something else than JSON (a proxy's page, half a
    body); for a WebSocket also 403, as a firewall answers while too many attempts are counted. No: other statuses (the
    question is wrong, or a redirect), a refusal by the exchange, an answer beyond the size limit, a certificate that
    does not verify, an address that is none. Everything not named here is a mistake of ours and must not be hidden by
    trying again.
    """
    if isinstance(error, BadAnswer):
        return error.passes and (error.pause_seconds or True)
    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        return passes_by_itself(status) or status == httpx.codes.FORBIDDEN
    if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError | InvalidURI) or _is_certificate(error):
        return False
    return isinstance(
        error,
        httpx.TransportError | httpx.DecodingError | ConnectionClosed | InvalidHandshake | OSError | EOFError,
    )


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None


def passes_by_itself(status: int) -> bool:
    """Whether an HTTP status is about the moment, not about the question."""
    return status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR


def pause_asked(headers: Mapping[str, str]) -> float:
    """Retry-After (seconds, or a date, read by the answer's own Date where there is one), capped; 0 without one."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_PAUSE_SECONDS)
    until, now = _moment(text), _moment(headers.get("date", ""))
    if until is None:
        return 0.0
    return min(max(0.0, until - (time.time() if now is None else now)), LONGEST_PAUSE_SECONDS)


def _moment(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None


def tries(attempts: int) -> AsyncIterator[stamina.Attempt]:
    """At most so many, with growing, jittered waits between them."""
    return aiter(
        stamina.retry_context(
            on=worth_another_try,
            attempts=attempts,
            timeout=None,
            wait_initial=WAIT_INITIAL_SECONDS,
            wait_max=WAIT_MAX_SECONDS,
            wait_jitter=WAIT_JITTER_SECONDS,
        )
    )
