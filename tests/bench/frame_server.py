"""A server that does nothing but send trade frames, as fast or as evenly as it is told; a process of its own.

``python -m tests.bench.frame_server RATE COUNT``: prints its port, then sends COUNT trades of ETHUSDT to the first
client that joins, RATE a second (0: as fast as it goes). A trade's id is the monotonic clock at the moment of sending,
in nanoseconds, so that the client can tell how long a frame was on its way.
"""

import asyncio
import contextlib
import json
import sys
import time
from http import HTTPStatus

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

SYMBOL = {
    "name": "ETHUSDT",
    "nameNormalized": "ETH_USDT",
    "status": "TRADING",
    "numerator": "ETH",
    "denominator": "USDT",
    "numeratorScale": 8,
    "denominatorScale": 2,
    "filters": [{"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "100000", "tickSize": "0.01"}],
    "orderMethods": ["LIMIT"],
}


def frame(trade_id: int, time_ms: int) -> str:
    """One trade as the exchange sends it."""
    body = {
        "D": str(time_ms),
        "I": str(trade_id),
        "A": "0.0127318800",
        "P": "3765.4900000000",
        "PS": "ETHUSDT",
        "S": trade_id & 1,
        "channel": "trade",
        "event": "ETHUSDT",
        "type": 422,
    }
    return json.dumps([422, body], separators=(",", ":"))


def answer(_connection: ServerConnection, request: Request) -> Response | None:
    """The least of REST that a feed needs."""
    if request.headers.get("Upgrade"):
        return None
    now = int(time.time() * 1000)
    path = request.path.partition("?")[0]
    documents = {
        "/api/v2/server/exchangeinfo": {"data": {"serverTime": now, "symbols": [SYMBOL]}, "success": True, "code": 0},
        "/api/v2/server/time": {"serverTime": now},
        "/api/v2/trades": {"data": [], "success": True, "code": 0},
        "/v1/klines/history": {"s": "no_data"},
    }
    body = json.dumps(documents[path]).encode()
    headers = Headers({"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"})
    return Response(HTTPStatus.OK, "OK", headers, body)


async def send(socket: ServerConnection, rate: float, count: int) -> None:
    with contextlib.suppress(ConnectionClosed):
        await send_all(socket, rate, count)


async def send_all(socket: ServerConnection, rate: float, count: int) -> None:
    await socket.send('[991,{"type":991,"current":"6.0.0","min":"2.3.0"}]')
    async for text in socket:
        code, body = json.loads(text)
        if code == 151:
            name = f"join|{body['channel']}:{body['event']}"
            await socket.send(json.dumps([100, {"type": 100, "ok": True, "message": name}]))
            if body["channel"] == "trade":
                break
    await asyncio.sleep(0.5)
    started = time.monotonic()
    for number in range(count):
        await socket.send(frame(time.monotonic_ns(), int(time.time() * 1000)))
        if rate and number % 5 == 4:
            await asyncio.sleep(max(0.0, started + number / rate - time.monotonic()))
    await socket.wait_closed()


async def main(rate: float, count: int) -> None:
    async with serve(
        lambda socket: send(socket, rate, count), "127.0.0.1", 0, process_request=answer, compression=None
    ) as server:
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await asyncio.sleep(120)


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]), int(sys.argv[2])))
