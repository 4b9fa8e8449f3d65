"""The exchange's public REST interface, asynchronous. *Network.*

httpx rather than ccxt's btcturk class: that one gives floats, not exact decimals, and neither the server's time nor a
say in when to try again.

Answers: JSON numbers are read as decimals. Requests are paced; a 429 is obeyed (Retry-After); what passes by itself is
tried again with growing, jittered waits (stamina), and then told in one line. :func:`wait_before_retry` decides that.
"""

import asyncio
import email.utils
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import Any

import httpx
import stamina

from workbench.data.btcturk.addresses import Addresses
from workbench.data.btcturk.decimals import whole_units
from workbench.data.btcturk.symbols import Symbol, Symbols, read_symbols
from workbench.model.candle import Candles
from workbench.model.errors import CandleError, ExchangeError, InputError
from workbench.model.interval import Interval
from workbench.model.market_trade import MarketTrade

SIDES = {"buy": 1, "sell": -1}
MOST_TRADES = 50
LARGEST_ANSWER = 32 << 20
LONGEST_WAIT_SECONDS = 60.0
QUOTED = 80
RESOLUTIONS = {"1m": "1", "15m": "15", "30m": "30", "1h": "60", "4h": "240", "1d": "1D", "1w": "1W"}
"""Timeframes that the chart service serves, and its names for them."""


@dataclass(frozen=True)
class ServerTime:
    """The exchange's time, and ours (by the client's clock) when it was asked for and received."""

    sent_ns: int
    received_ns: int
    server_ns: int


class _Failed(Exception):  # noqa: N818 - never leaves this file
    """One try that failed: what came, and how long to wait; None where no further try helps."""

    def __init__(self, text: str, wait_seconds: float | None, *, limited: bool = False) -> None:
        self.text, self.wait_seconds, self.limited = text, wait_seconds, limited
        super().__init__(text)


def _wait(error: Exception) -> bool | float:
    """For stamina: whether to try again, and after how long where the exchange says it."""
    return isinstance(error, _Failed) and error.wait_seconds is not None and (error.wait_seconds or True)


def wait_before_retry(response: httpx.Response) -> float | None:
    """Seconds to wait at least before asking again; None where the answer will stay the same.

    429 and 5xx pass; other errors (400, 404, 422 ...) are about the question.
    """
    if response.status_code != httpx.codes.TOO_MANY_REQUESTS and response.status_code < 500:
        return None
    text = response.headers.get("retry-after", "")
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_WAIT_SECONDS)
    moment = email.utils.parsedate_to_datetime(text).timestamp() if _is_date(text) else 0.0
    return min(max(0.0, moment - time.time()), LONGEST_WAIT_SECONDS)


def _is_date(text: str) -> bool:
    return email.utils.parsedate_tz(text) is not None


class RestClient:
    """One exchange; ``async with`` it."""

    def __init__(
        self,
        addresses: Addresses,
        *,
        clock_ns: Callable[[], int] = time.time_ns,
        attempts: int = 5,
        timeout_seconds: float = 10.0,
        pace_seconds: float = 0.1,
    ) -> None:
        """Args:
        clock_ns: for :meth:`server_time` alone.
        pace_seconds: at least so long between two requests; the exchange allows one in 100 ms.
        """
        self.addresses = addresses
        self.requests_total = 0
        self.retries_total = 0
        self.rate_limited_total = 0
        self._clock_ns, self._attempts, self._pace = clock_ns, attempts, pace_seconds
        self._client = httpx.AsyncClient(timeout=timeout_seconds, headers={"accept": "application/json"})
        self._turn = asyncio.Lock()
        self._next_turn = 0.0

    async def __aenter__(self) -> "RestClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def server_time(self) -> ServerTime:
        """The exchange's time; see :class:`ServerTime`.

        Raises:
            ExchangeError: no answer, or none with a time.
        """
        sent, document, received = await self._get(self.addresses.api, "/api/v2/server/time", {})
        inner = document.get("data", document) if isinstance(document, dict) else None
        milliseconds = inner.get("serverTime") if isinstance(inner, dict) else None
        try:
            return ServerTime(sent, received, int(milliseconds) * 10**6)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise ExchangeError(f"server time: expected serverTime in milliseconds, received {milliseconds}") from None

    async def symbols(self) -> Symbols:
        """All pairs.

        Raises:
            ExchangeError: no answer, or not a list of symbols.
        """
        document = await self._data("/api/v2/server/exchangeinfo", {})
        try:
            return read_symbols(document)
        except InputError as error:
            raise ExchangeError(str(error)) from None

    async def trades(self, symbol: Symbol, last: int = MOST_TRADES) -> list[MarketTrade]:
        """The last market trades, oldest first; the exchange gives 50 at most.

        Raises:
            ExchangeError: no answer, or one that is not a list of trades on the symbol's grid.
        """
        rows = await self._data("/api/v2/trades", {"pairSymbol": symbol.pair, "last": str(last)})
        if not isinstance(rows, list):
            raise ExchangeError(f"trades of {symbol.pair}: expected a list, received {type(rows).__name__}")
        try:
            trades = [_trade(symbol, row) for row in rows]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ExchangeError(f"trades of {symbol.pair}: {type(error).__name__}: {error}") from None
        return sorted(trades, key=lambda trade: (trade.time_ns, trade.trade_id))

    async def candles(self, symbol: Symbol, interval: Interval, start_ns: int, end_ns: int) -> Candles | None:
        """Candles with open times in [start, end); None where the exchange has none.

        Raises:
            InputError: the exchange has no such timeframe. ExchangeError: no answer, or candles that break the rules.
        """
        resolution = RESOLUTIONS.get(str(interval))
        if resolution is None:
            raise InputError("timeframe", f"one of {', '.join(RESOLUTIONS)}", interval)
        query = {
            "symbol": symbol.pair,
            "resolution": resolution,
            "from": str(start_ns // 10**9),
            "to": str(end_ns // 10**9 - 1),
        }
        _, document, _ = await self._get(self.addresses.graph, "/v1/klines/history", query)
        try:
            return _candles(symbol, interval, document, start_ns, end_ns, self.addresses)
        except (InputError, CandleError, KeyError, TypeError, ValueError) as error:
            raise ExchangeError(f"candles of {symbol.pair} {interval}: {error}") from None

    async def _data(self, path: str, query: dict[str, str]) -> Any:
        """What the envelope holds."""
        _, document, _ = await self._get(self.addresses.api, path, query)
        if not isinstance(document, dict) or "data" not in document:
            raise ExchangeError(f"{path}: expected an object with data, received {type(document).__name__}")
        return document["data"]

    async def _get(self, base: str, path: str, query: dict[str, str]) -> tuple[int, Any, int]:
        """The answer as JSON, with the times at which it was asked for and received.

        Raises:
            ExchangeError: after the last try, or at once where no further one helps.
        """
        tries = 0
        try:
            async for attempt in stamina.retry_context(
                on=_wait,
                attempts=self._attempts,
                timeout=None,
                wait_initial=0.2,
                wait_max=10.0,
                wait_jitter=0.5,
            ):
                with attempt:
                    tries = attempt.num
                    self.retries_total += tries > 1
                    return await self._try(base, path, query)
        except _Failed as error:
            self.rate_limited_total += error.limited
            times = "once" if tries == 1 else f"{tries} times"
            raise ExchangeError(f"{base}{path}: {error.text} (tried {times})") from None
        raise ExchangeError(f"{base}{path}: not tried")

    async def _try(self, base: str, path: str, query: dict[str, str]) -> tuple[int, Any, int]:
        await self._pass_turn()
        self.requests_total += 1
        try:
            sent = self._clock_ns()
            async with self._client.stream("GET", base + path, params=query) as response:
                received = self._clock_ns()  # when the head has come: a long body says nothing of the time
                body = await _read(response)
        except httpx.TransportError as error:
            raise _Failed(f"{type(error).__name__}: {error}".rstrip(": "), 0.0) from None
        return sent, _document(response, body), received

    async def _pass_turn(self) -> None:
        async with self._turn:
            now = time.monotonic()
            if now < self._next_turn:
                await asyncio.sleep(self._next_turn - now)
            self._next_turn = time.monotonic() + self._pace


async def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > LARGEST_ANSWER:
            raise _Failed(f"an answer of more than {LARGEST_ANSWER:,} bytes", None)
    return bytes(body)


def _document(response: httpx.Response, body: bytes) -> Any:
    """The JSON of an answer; everything else is a failed try."""
    start = body[:QUOTED].decode("utf-8", "replace")
    kind = response.headers.get("content-type", "no content type")
    came = f"status {response.status_code}, {kind}, {start!r}"
    if response.status_code != httpx.codes.OK:
        limited = response.status_code == httpx.codes.TOO_MANY_REQUESTS
        raise _Failed(_message(body) or came, wait_before_retry(response), limited=limited)
    try:
        document = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise _Failed(f"expected JSON, received {came}", 0.0) from None
    if isinstance(document, dict) and document.get("success") is False:
        raise _Failed(_message(body) or came, None)
    return document


def _message(body: bytes) -> str:
    """The exchange's own words in an error's envelope."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(document, dict) or not document.get("message"):
        return ""
    return f"the exchange says {str(document['message'])[:QUOTED]!r} (code {document.get('code')})"


def _trade(symbol: Symbol, row: dict[str, Any]) -> MarketTrade:
    instrument = symbol.instrument
    trade = MarketTrade(
        symbol.pair,
        int(row["tid"]),
        int(row["date"]) * 10**6,
        SIDES[str(row["side"]).lower()],
        whole_units(str(row["price"]), instrument.price_grid),
        whole_units(str(row["amount"]), instrument.quantity_grid),
    )
    if not (trade.price_ticks and trade.quantity_lots and 0 <= trade.trade_id < 2**63 and 0 <= trade.time_ns < 2**63):
        raise ValueError(f"a trade out of range: {row}")
    return trade


def _candles(
    symbol: Symbol, interval: Interval, document: Any, start_ns: int, end_ns: int, addresses: Addresses
) -> Candles | None:
    state = document.get("s") if isinstance(document, dict) else None
    if state == "no_data" or (state == "ok" and not document["t"]):
        return None
    if state != "ok":
        raise InputError("s", "ok or no_data", state)
    columns: dict[str, Sequence[Any]] = {name: document[name] for name in "tohlcv"}
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) != 1:
        raise InputError("columns", "equal lengths", lengths)
    times = [int(second) * 10**9 for second in columns["t"]]
    inside = [k for k, moment in enumerate(times) if start_ns <= moment < end_ns]
    if not inside:
        return None
    prices = {name: [_float(columns[letter][k]) for k in inside] for name, letter in zip(NAMES, "ohlcv", strict=True)}
    return Candles.build(
        pair=symbol.pair,
        interval=interval,
        instrument=symbol.instrument,
        origin=addresses.origin,
        open_time_ns=[times[k] for k in inside],
        **prices,
    )


NAMES = ("open", "high", "low", "close", "volume")


def _float(value: Any) -> float:
    """The float nearest to a decimal number or text."""
    return float(value if isinstance(value, str | int | float | Decimal) else "none")
