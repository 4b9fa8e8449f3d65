"""A small exchange on a loopback socket that answers what a test tells it to, faults first. No code of the package."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

SECONDS = {"1": 60, "15": 900, "30": 1800, "60": 3600, "240": 14400, "1 d": 86400, "1 w": 604800}
START = 1_704_067_200
"""2024-01-01 UTC."""
ETHUSDT = {
    "name": "ETHUSDT",
    "status": "TRADING",
    "numeratorScale": 8,
    "denominatorScale": 1,
    "filters": [{"filterType": "PRICE_FILTER", "tickSize": "0.1", "minExchangeValue": "10", "minPrice": "0.1"}],
}


@dataclass(frozen=True)
class Reply:
    """One answer; ``sent`` bytes of the body are sent before the connection ends, by default all."""

    body: str | bytes = "{}"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json"),)
    sent: int | None = None


@dataclass
class ScriptedExchange:
    """What it answers: ``replies`` in turn, by path or for any path (""), then the truth below.

    Attributes:
        asked: (path, query) of every request.
        missing: open times in seconds without a candle. now: its clock, seconds. most: candles in one answer.
    """

    url: str = ""
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    symbols: list[object] = field(default_factory=lambda: [ETHUSDT, {**ETHUSDT, "name": "BTCUSDT"}])
    missing: set[int] = field(default_factory=set)
    first: int = START
    now: float = START + 10_000 * 3600
    most: int = 11_000
    trades: list[object] = field(default_factory=list)

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        self.asked.append((path, query))
        for name in (path, ""):
            if self.replies.get(name):
                return self.replies[name].pop(0)
        return Reply(json.dumps(self._truth(path, query)))

    def _truth(self, path: str, query: dict[str, str]) -> object:
        if path == "/v1/klines/history":
            return self._candles(SECONDS[query["resolution"]], int(query["from"]), int(query["to"]))
        if path == "/api/v2/server/time":
            return {"serverTime": round(self.now * 1000), "serverTime2": "x"}
        data = {"symbols": self.symbols} if path.endswith("exchangeinfo") else self.trades
        return {"data": data, "success": True, "message": None, "code": 0}

    def _candles(self, step: int, begin: int, end: int) -> object:
        begin = max(-(-begin // step) * step, self.first)
        last = min(end, int(self.now))
        times = [time for time in range(begin, last + 1, step) if time not in self.missing][: self.most]
        if not times:
            return {"s": "no_data", "t": []}
        price = [2000 + time // step % 97 / 10 for time in times]
        volumes = [time // step % 1000 / 1000 for time in times]
        return {"s": "ok", "t": times, "o": price, "h": [p + 0.5 for p in price], "l": price, "c": price, "v": volumes}

    @property
    def windows(self) -> list[tuple[int, int]]:
        """[from, to] of every question for candles, in seconds."""
        asked = [query for path, query in self.asked if path == "/v1/klines/history"]
        return [(int(query["from"]), int(query["to"])) for query in asked]


@contextmanager
def scripted_exchange(**settings: object) -> Iterator[ScriptedExchange]:
    """Serve on a port of the system's choice while the block runs."""
    exchange = ScriptedExchange(**settings)  # type: ignore[arg-type]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            reply = exchange.answer(parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()})
            body = reply.body if isinstance(reply.body, bytes) else reply.body.encode()
            self.send_response(reply.status)
            for header in (*reply.headers, ("content-length", str(len(body)))):
                self.send_header(*header)
            self.end_headers()
            try:
                self.wfile.write(body[: reply.sent])
            except ConnectionError:  # the client has heard enough
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        exchange.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield exchange
        finally:
            server.shutdown()
            thread.join()
