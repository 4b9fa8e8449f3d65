"""The exchange's public REST interface, asynchronous. *Network.*

httpx, not ccxt's btcturk class: that one gives floats, and neither the server's time nor a say in when to ask again.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from workbench.data.btcturk.addresses import Addresses
from workbench.data.btcturk.answers import MILLISECOND_NS, SECOND_NS, Window, read_candles, read_trades
from workbench.data.btcturk.json_client import JsonClient
from workbench.data.btcturk.json_values import object_of, whole_of
from workbench.data.btcturk.symbols import Symbol, Symbols, read_symbols
from workbench.model.candle import Candles
from workbench.model.errors import ExchangeError, InputError
from workbench.model.interval import Interval
from workbench.model.market_trade import MarketTrade

MOST_TRADES = 50
RESOLUTIONS = {"1m": "1", "15m": "15", "30m": "30", "1h": "60", "4h": "240", "1d": "1 d", "1w": "1 w"}
"""Timeframes that the chart service has, and its names for them.

Known limitation: days here begin at 0:00 UTC and weeks on Thursday (see ``Interval``); bars that begin otherwise are
refused, by name, and can be resampled from 1h.
"""


@dataclass(frozen=True)
class ServerTime:
    """The exchange's time, and the client's clock when it was asked for and when the answer began to come."""

    sent_ns: int
    received_ns: int
    server_ns: int


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
        timeout_seconds: for connecting, and for each wait for bytes.
        pace_seconds: at least so long between two requests; the exchange allows one in 100 ms.
        """
        self.addresses = addresses
        self._json = JsonClient(
            addresses.api,
            clock_ns=clock_ns,
            attempts=attempts,
            timeout_seconds=timeout_seconds,
            pace_seconds=pace_seconds,
        )

    async def __aenter__(self) -> "RestClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._json.close()

    @property
    def requests_total(self) -> int:
        return self._json.requests_total

    @property
    def retries_total(self) -> int:
        return self._json.retries_total

    @property
    def rate_limited_total(self) -> int:
        return self._json.rate_limited_total

    async def server_time(self) -> ServerTime:
        """The exchange's time.

        Raises:
            ExchangeError: no answer, or none with a time.
        """
        answer = await self._json.get(f"{self.addresses.api}/api/v2/server/time", {})
        with _about("server time"):
            document = object_of("answer", answer.document)
            document = object_of("data", document.get("data", document))  # without envelope, as far as is known
            server_ns = whole_of("serverTime", document.get("serverTime")) * MILLISECOND_NS
        return ServerTime(answer.sent_ns, answer.received_ns, server_ns)

    async def symbols(self) -> Symbols:
        """All pairs.

        Raises:
            ExchangeError: no answer, or not a list of symbols.
        """
        with _about("symbols"):
            return read_symbols(await self._data("/api/v2/server/exchangeinfo", {}))

    async def trades(self, symbol: Symbol, last: int = MOST_TRADES) -> list[MarketTrade]:
        """The last market trades, oldest first; the exchange gives 50 at most.

        Raises:
            ExchangeError: no answer, or one that is not a list of trades on the symbol's grids.
        """
        with _about(f"trades of {symbol.pair}"):
            rows = await self._data("/api/v2/trades", {"pairSymbol": symbol.pair, "last": str(last)})
            return read_trades(symbol, rows)

    async def candles(self, symbol: Symbol, interval: Interval, start_ns: int, end_ns: int) -> Candles | None:
        """Candles with open times in [start, end), still forming ones too; None where the exchange has none.

        Raises:
            InputError: the exchange has no such timeframe. ExchangeError: no answer, or candles that break the rules
                of ``answers.read_candles``.
        """
        query = {
            "symbol": symbol.pair,
            "resolution": resolution_of(interval),
            "from": str(start_ns // SECOND_NS),
            "to": str((end_ns - 1) // SECOND_NS),
        }
        answer = await self._json.get(f"{self.addresses.graph}/v1/klines/history", query)
        with _about(f"candles of {symbol.pair} {interval}"):
            window = Window(interval, start_ns, end_ns)
            return read_candles(symbol, window, answer.document, self.addresses.origin)

    async def _data(self, path: str, query: dict[str, str]) -> Any:
        """What the envelope holds."""
        answer = await self._json.get(self.addresses.api + path, query)
        document = object_of("answer", answer.document)
        if "data" not in document:
            raise InputError("answer", "an object with data", ", ".join(map(str, document)) or "an empty one")
        return document["data"]


def resolution_of(interval: Interval) -> str:
    """The chart service's name for a timeframe.

    Raises:
        InputError: it has none; the text names those it has, and what to do.
    """
    resolution = RESOLUTIONS.get(str(interval))
    if resolution is None:
        parts = [name for name in RESOLUTIONS if interval.nanoseconds % Interval.parse(name).nanoseconds == 0]
        hint = f" (fetch {parts[-1]} and resample it)" if parts else ""
        raise InputError("timeframe", f"one the exchange has: {', '.join(RESOLUTIONS)}{hint}", interval)
    return resolution


@contextmanager
def _about(what: str) -> Iterator[None]:
    """Answers that do not fit are the exchange's errors, not the caller's."""
    try:
        yield
    except InputError as error:
        raise ExchangeError(f"{what}: {error}") from None
