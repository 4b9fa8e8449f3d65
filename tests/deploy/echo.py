"""What stands behind nginx in these tests: a server that tells what reached it."""

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import uvicorn

START_SECONDS = 20.0


@dataclass
class Echo:
    """Tells method, path, query and headers as JSON. Four paths do something else:

    - ``.../events``: a first event at once, a second one when somebody asked for ``/api/release``;
    - ``.../channels``: a websocket that tells the same about its opening, then returns what it hears;
    - ``/refused``: 429 with a Retry-After of its own;
    - ``/slow``: an answer when somebody asked for ``/api/release``.
    """

    name: str
    port: int = 0
    seen: list[dict[str, Any]] = field(default_factory=list)
    _release: asyncio.Event | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        told = self._told(scope)
        self.seen.append(told)
        if scope["type"] == "websocket":
            await _converse(told, receive, send)
        elif scope["path"].endswith("/events"):
            await self._stream(send)
        else:
            await self._answer(scope["path"], told, send)

    def _told(self, scope: Any) -> dict[str, Any]:
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        method = scope.get("method", "websocket")
        query = parse_qs(scope["query_string"].decode())
        return {"server": self.name, "method": method, "path": scope["path"], "query": query, "headers": headers}

    async def _answer(self, path: str, told: dict[str, Any], send: Any) -> None:
        if path == "/api/release":
            self._released().set()
        if path == "/slow":
            await self._released().wait()
        refused = path == "/refused"
        headers = [(b"content-type", b"application/json"), (b"x-frame-options", b"SAMEORIGIN")]
        headers += [(b"retry-after", b"77")] if refused else []
        await send({"type": "http.response.start", "status": 429 if refused else 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(told).encode()})

    async def _stream(self, send: Any) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"data: first\n\n", "more_body": True})
        await self._released().wait()
        await send({"type": "http.response.body", "body": b"data: last\n\n"})

    def _released(self) -> asyncio.Event:
        if self._release is None:
            self._release = asyncio.Event()
        return self._release


async def _lifespan(receive: Any, send: Any) -> None:
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})


async def _converse(told: dict[str, Any], receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": json.dumps(told)})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


@contextlib.contextmanager
def echoing(name: str) -> Iterator[Echo]:
    """An echo in a thread, on a port of its own."""
    echo = Echo(name)
    config = uvicorn.Config(
        echo, ws="websockets-sansio", log_config=None, server_header=False, timeout_graceful_shutdown=1
    )
    started = threading.Event()

    class Told(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        echo.port = listener.getsockname()[1]
        server = Told(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            assert started.wait(START_SECONDS)
            yield echo
        finally:
            server.should_exit = True
            thread.join(START_SECONDS)
