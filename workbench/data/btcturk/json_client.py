"""Questions by HTTP, answered in JSON: paced, limited in size and time, asked again where that helps. *Network.*"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from workbench.data.btcturk.retrying import BadAnswer, passes_by_itself, pause_asked, tries, worth_another_try
from workbench.model.errors import ExchangeError

LARGEST_ANSWER = 32 << 20
WHOLE_ANSWER_TIMEOUTS = 6
"""An answer may take so many times the time-out, however steadily it drips."""
QUOTED = 80
LOOPBACK = ("127.0.0.1", "localhost", "::1")

log = logging.getLogger("workbench.rest")


@dataclass(frozen=True)
class Answer:
    """A document (JSON numbers with a point are Decimal), and when it was asked for and began to come."""

    document: Any
    sent_ns: int
    received_ns: int


class JsonClient:
    """One base address; ``requests_total``, ``retries_total`` and ``rate_limited_total`` count for the health."""

    def __init__(
        self, base: str, *, clock_ns: Callable[[], int], attempts: int, timeout_seconds: float, pace_seconds: float
    ) -> None:
        self.requests_total = 0
        self.retries_total = 0
        self.rate_limited_total = 0
        self._clock_ns, self._attempts, self._pace_seconds = clock_ns, attempts, pace_seconds
        self._whole_seconds = timeout_seconds * WHOLE_ANSWER_TIMEOUTS
        is_near = urlsplit(base).hostname in LOOPBACK  # no proxy leads to one's own machine
        self._http = httpx.AsyncClient(
            timeout=timeout_seconds,
            headers={"accept": "application/json"},
            follow_redirects=False,
            trust_env=not is_near,
        )
        self._turn = asyncio.Lock()
        self._next_turn = 0.0

    async def close(self) -> None:
        await self._http.aclose()

    async def get(self, url: str, query: Mapping[str, str]) -> Answer:
        """The answer, after as many tries as it takes and is allowed.

        Raises:
            ExchangeError: none came; tells the address, what came instead, and how often it was tried.
        """
        tried = 0
        try:
            async for attempt in tries(self._attempts):
                with attempt:
                    tried = attempt.num
                    self.retries_total += tried > 1
                    return await self._try(url, query, is_last=tried == self._attempts)
        except (BadAnswer, httpx.RequestError, httpx.InvalidURL, TimeoutError) as error:
            times = "once" if tried == 1 else f"{tried} times"
            raise ExchangeError(f"{url}: {_told(error)} (tried {times})") from error
        raise AssertionError("unreachable: the last try returns or raises")

    async def _try(self, url: str, query: Mapping[str, str], *, is_last: bool) -> Answer:
        await self._pass_turn()
        self.requests_total += 1
        try:
            return await self._ask(url, query)
        except (BadAnswer, httpx.RequestError, TimeoutError) as error:
            if isinstance(error, BadAnswer) and error.rate_limited:
                self.rate_limited_total += 1
                self._next_turn = max(self._next_turn, time.monotonic() + error.pause_seconds)  # for all askers
            if not is_last and worth_another_try(error):
                log.info("%s: %s; asking again", url, _told(error))
            raise

    async def _pass_turn(self) -> None:
        """Wait until the pace allows one more request."""
        async with self._turn:
            while (wait := self._next_turn - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            self._next_turn = time.monotonic() + self._pace_seconds

    async def _ask(self, url: str, query: Mapping[str, str]) -> Answer:
        sent_ns = self._clock_ns()
        async with (
            asyncio.timeout(self._whole_seconds),
            self._http.stream("GET", url, params=query) as response,
        ):
            received_ns = self._clock_ns()  # the head is here: how long the body takes says nothing of the time
            body = await _body(response)
        return Answer(_document(response, body), sent_ns, received_ns)


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > LARGEST_ANSWER:
            text = f"{_came(response, bytes(body[:QUOTED]))}: more than {LARGEST_ANSWER:,} bytes"
            raise BadAnswer(text, status=response.status_code, passes=False)
    return bytes(body)


def _document(response: httpx.Response, body: bytes) -> Any:
    """The JSON of an answer."""
    status, came = response.status_code, _came(response, body[:QUOTED])
    try:
        document = msgspec.json.Decoder(float_hook=Decimal).decode(body)
    except (ValueError, RecursionError):
        if status == httpx.codes.OK:
            raise BadAnswer(f"expected JSON, received {came}", status=status, passes=True) from None
        document = None
    if status != httpx.codes.OK:
        text = f"{came}{_message(document)}"
        raise BadAnswer(
            text, status=status, passes=passes_by_itself(status), pause_seconds=pause_asked(response.headers)
        )
    if isinstance(document, dict) and document.get("success") is False:
        raise BadAnswer(f"refused{_message(document) or f': {came}'}", status=status, passes=False)
    return document


def _came(response: httpx.Response, start: bytes) -> str:
    kind = response.headers.get("content-type", "no content type")[:QUOTED]
    return f"status {response.status_code}, {kind}, {start.decode('utf-8', 'replace')!r}"


def _message(document: Any) -> str:
    """The exchange's own words, and its code, in an error's envelope."""
    if not isinstance(document, dict) or not document.get("message"):
        return ""
    return f": the exchange says {str(document['message'])[:QUOTED]!r} (code {document.get('code')!r:.{QUOTED}})"


def _told(error: Exception) -> str:
    if isinstance(error, BadAnswer):
        return str(error)
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return "no answer in time"
    return f"{type(error).__name__}: {error}".rstrip(": ")
