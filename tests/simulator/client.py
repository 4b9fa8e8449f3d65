"""A client that knows nothing of ours: frames as they come from a real socket."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from workbench.simulator.server import Simulator, SimulatorSettings

PATIENCE_SECONDS = 10.0
PAGE = 1000
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Loading those of the system takes longer than most tests, and nothing here is encrypted."""
END = '[151,{"type":151,"channel":"no","event":"END","join":true}]'
"""A request that is always refused: its answer follows every frame that was sent before."""


def run(settings: SimulatorSettings, use: Callable[[Simulator], Awaitable[None]]) -> None:
    """Start a simulator and use it."""

    async def main() -> None:
        async with Simulator(settings) as simulator:
            await asyncio.wait_for(use(simulator), 20)

    asyncio.run(main())


class Client:
    """One WebSocket; ``frames`` are read in order."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def ask(self, channel: str, event: str, *, join: bool = True) -> None:
        body = {"type": 151, "channel": channel, "event": event, "join": join}
        await self.socket.send(json.dumps([151, body]))

    async def text(self) -> str:
        received = await asyncio.wait_for(self.socket.recv(), PATIENCE_SECONDS)
        assert isinstance(received, str), "the exchange sends text"
        return received

    async def next(self, *codes: int) -> dict[str, Any]:
        """The next frame with one of these codes; others are skipped."""
        while True:
            code, body = json.loads(await self.text())
            assert body["type"] == code
            if code in codes:
                return body

    async def rest(self) -> list[str]:
        """Every frame that the simulator has sent up to now and that was not read yet."""
        await self.socket.send(END)
        texts: list[str] = []
        while '"join|no:END"' not in (text := await self.text()):
            texts.append(text)
        return texts


@asynccontextmanager
async def connected(simulator: Simulator) -> AsyncIterator[Client]:
    """A client that was greeted."""
    async with connect(simulator.url.replace("http", "ws", 1), max_size=None, max_queue=None) as socket:
        client = Client(socket)
        await client.next(991)
        yield client


@asynccontextmanager
async def joined(simulator: Simulator, channel: str = "trade", event: str = "ETHUSDT") -> AsyncIterator[Client]:
    """A client that joined one channel; for trades, with the list of the recent ones read and empty."""
    async with connected(simulator) as client:
        await client.ask(channel, event)
        assert (await client.next(100))["ok"] is True
        yield client


async def get(simulator: Simulator, path: str, **query: object) -> httpx.Response:
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS, verify=NO_AUTHORITIES) as http:
        return await http.get(simulator.url + path, params={name: str(value) for name, value in query.items()})


async def truth(simulator: Simulator, pair: str = "ETHUSDT") -> list[dict[str, str]]:
    """Everything that happened, read page by page."""
    trades: list[dict[str, str]] = []
    while True:
        after = trades[-1]["trade_id"] if trades else "0"
        page = (await get(simulator, "/simulator/trades", pair=pair, after=after)).json()["trades"]
        trades += page
        if len(page) < PAGE:
            return trades


def ids_of(text: str) -> list[int]:
    """The trades' numbers in a frame of trades, in order; none in others."""
    code, body = json.loads(text)
    items = {421: body.get("items", []), 422: [body]}.get(code, [])
    return [int(item["I"]) for item in items]
