"""The simulated exchange on a port of 127.0.0.1: WebSocket at ``/``, REST and its own paths beside it.

One task, the pump, makes everything happen: each few milliseconds it takes from the tapes what is due, turns it into
frames and sends those whose time has come. Handlers of connections only read.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Self
from weakref import WeakSet

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State

from workbench.simulator.clock import ExchangeClock
from workbench.simulator.faults import Fault
from workbench.simulator.history import ExchangeTrade
from workbench.simulator.pairs import open_pairs
from workbench.simulator.publisher import Publisher
from workbench.simulator.rest import Rest
from workbench.simulator.rest_limit import RestLimit
from workbench.simulator.settings import SimulatorSettings
from workbench.simulator.text_frames import text_frames
from workbench.simulator.web import REST_FAULTS, Web

HOST = "127.0.0.1"
PUMP_SECONDS = 0.005
MOST_AT_ONCE = 2000
"""Trades of a pair in one step of the pump, so that one that has fallen behind still lets others work."""
LARGEST_BUFFER = 64_000_000
"""Bytes that a client may be behind; then it is dropped."""
GOING_AWAY = 1001
CLOSE_SECONDS = 1.0
"""For a client's answer to a close frame."""

__all__ = ["Simulator", "SimulatorSettings"]


class Simulator:
    """``async with Simulator(settings) as simulator``: up inside, everything closed after.

    Args:
        tell: gets one line for each connection, join and fault.
    """

    def __init__(self, settings: SimulatorSettings | None = None, tell: Callable[[str], None] | None = None) -> None:
        self.settings = settings or SimulatorSettings()
        self._tell = tell or (lambda _line: None)
        self._history_ms = round(self.settings.history_seconds * 1000)
        self._pairs = open_pairs(self.settings)
        self._connections: WeakSet[ServerConnection] = WeakSet()
        self._clients: dict[ServerConnection, int] = {}
        self._numbers = 0
        self._frames_sent = 0
        self._faults: list[str] = []
        self._silent_until = 0.0
        self._trading = True
        self._tasks: set[asyncio.Task[None]] = set()
        self._problems: list[BaseException] = []
        self.port = self.settings.port

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def pairs(self) -> tuple[str, ...]:
        return tuple(self._pairs)

    def now_ms(self) -> int:
        """The exchange's clock, milliseconds UTC."""
        return self._clock.now_ms()

    def trades(self, pair: str) -> list[ExchangeTrade]:
        """Everything that happened so far: (trade_id, time_ms, side, price, amount), in order."""
        return list(self._pairs[pair].history.trades)

    async def __aenter__(self) -> Self:
        settings = self.settings
        self._loop = asyncio.get_running_loop()
        self._clock = ExchangeClock(
            start_ms=settings.start_ms, speed=settings.speed, offset_seconds=settings.clock_offset_seconds
        )
        for pair in self._pairs.values():
            pair.advance(self._history_ms, self._tape_start_ms)
        self._publisher = Publisher(self._pairs, settings, self._send)
        rest = Rest(self._pairs, self.now_ms, flat_bars=settings.flat_bars)
        self._web = Web(
            rest,
            self._pairs,
            limit=RestLimit() if settings.rest_limit else None,
            status=self.status,
            command=self._command,
        )
        self._server: Server | None = await self._listen()
        self._start(self._pump())
        return self

    async def __aexit__(self, *_error: object) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._go_down(close=True)
        if self._problems:
            raise self._problems[0]

    async def inject(self, fault: Fault) -> None:
        """Make something go wrong. Returns when it has begun: for ``restart``, when everything is down."""
        self._faults.append(str(fault))
        self._tell(f"fault: {fault}")
        now = self._loop.time()
        if fault.kind in REST_FAULTS:
            self._web.add(fault)
        elif fault.kind == "drop":
            self._abort(self._clients)
        elif fault.kind == "close":
            await asyncio.gather(*(client.close(GOING_AWAY) for client in list(self._clients)))
        elif fault.kind == "silent":
            self._silent_until = now + fault.seconds
        elif fault.kind == "delay":
            self._publisher.outbox.delay(fault.seconds, now + fault.lasting)
        elif fault.kind == "clock":
            self._clock.jump(fault.seconds)
        elif fault.kind == "burst":
            self._happen(fault.count)
        elif fault.kind == "restart":
            await self._restart(fault.seconds)
        else:
            self._publisher.faults.add(fault)

    async def stop_trading(self) -> None:
        """No trade happens any more; returns when every frame of those that did has been sent."""
        self._trading = False
        sent = asyncio.Event()
        self._publisher.outbox.put(sent.set, self._loop.time())
        await sent.wait()
        while self._publisher.faults.holding:
            await asyncio.sleep(PUMP_SECONDS)

    def status(self) -> dict[str, object]:
        """What ``/simulator/status`` says."""
        return {
            "simulated": True,
            "now_ms": self.now_ms(),
            "speed": self.settings.speed,
            "seed": self.settings.seed,
            "connections": len(self._clients),
            "connections_so_far": self._numbers,
            "frames_sent": self._frames_sent,
            "faults": self._faults,
            "trading": self._trading,
            "pairs": {name: len(pair.history.trades) for name, pair in self._pairs.items()},
        }

    # The pump.

    async def _pump(self) -> None:
        beat_at = 0.0
        while True:
            now = self._loop.time()
            self._happen()
            if now >= beat_at:
                self._publisher.beat(now)
                beat_at = now + self.settings.heartbeat_seconds
            self._publisher.release(now)
            await asyncio.sleep(PUMP_SECONDS)

    @property
    def _tape_start_ms(self) -> int:
        """The tape's first moment on the exchange's clock, as that stands now."""
        return self._clock.start_ms + self._clock.offset_ms - self._history_ms

    def _happen(self, burst: int = 0) -> None:
        """Everything that is due on the tapes, or more of it at once."""
        if not self._trading:
            return
        elapsed_ms, start_ms = self._clock.elapsed_ms() + self._history_ms, self._tape_start_ms
        now = self._loop.time()  # after the clock: no frame is early by the time between the two
        for name, pair in self._pairs.items():
            self._publisher.trades(name, pair.advance(elapsed_ms, start_ms, MOST_AT_ONCE), now)
            if burst:
                self._publisher.trades(name, pair.burst(burst, elapsed_ms, start_ms), now)

    def _send(self, clients: Iterable[ServerConnection], frames: list[bytes]) -> None:
        """The one place through which frames reach sockets."""
        if self._loop.time() < self._silent_until:
            return
        clients = [client for client in clients if client in self._clients and client.state is State.OPEN]
        data = text_frames(frames)
        for client in clients:
            client.transport.write(data)
        self._frames_sent += len(frames) * len(clients)
        behind = [client for client in clients if client.transport.get_write_buffer_size() > LARGEST_BUFFER]
        for client in behind:
            self._tell(f"client {self._clients[client]} is too slow: dropped")
        self._abort(behind)

    # Sockets.

    async def _listen(self) -> Server:
        server = await serve(
            self._read,
            HOST,
            self.port,
            process_request=self._request,
            create_connection=self._connection,  # type: ignore[arg-type]  # anything that makes one will do
            compression=None,
            ping_interval=None,
            close_timeout=CLOSE_SECONDS,
        )
        self.port = next(iter(server.sockets)).getsockname()[1]
        return server

    def _connection(self, *arguments: Any, **settings: Any) -> ServerConnection:
        connection = ServerConnection(*arguments, **settings)
        self._connections.add(connection)
        return connection

    async def _request(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.path.partition("?")[0] == "/" and "Upgrade" in request.headers:
            return None
        return await self._web.answer(request)

    async def _read(self, client: ServerConnection) -> None:
        self._numbers += 1
        number = self._clients[client] = self._numbers
        self._tell(f"client {number} connected")
        self._publisher.greet(client, self._loop.time())
        try:
            with contextlib.suppress(ConnectionClosed):
                async for text in client:
                    self._tell(f"client {number}: {self._publisher.request(client, text, self._loop.time())}")
        finally:
            del self._clients[client]
            self._publisher.forget(client)
            self._tell(f"client {number} is gone")

    def _abort(self, connections: Iterable[ServerConnection]) -> None:
        for connection in list(connections):
            transport = getattr(connection, "transport", None)
            if transport is not None:
                transport.abort()

    async def _go_down(self, *, close: bool) -> None:
        """Stop listening and end every connection, WebSocket or not: with a close frame, or without."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close(close_connections=False)
        if close:
            await asyncio.gather(*(client.close(GOING_AWAY) for client in list(self._clients)))
        self._web.hurry()
        self._abort(self._connections)
        await server.wait_closed()

    async def _restart(self, seconds: float) -> None:
        if self._server is None:
            self._tell("already down")
            return
        await self._go_down(close=False)
        self._start(self._come_back(seconds))

    async def _come_back(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._server = await self._listen()
        self._tell("back after the restart")

    def _command(self, fault: Fault) -> None:
        self._start(self.inject(fault))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A task that failed is told of at once and raised when the simulator is closed."""
        self._tasks.discard(task)
        problem = None if task.cancelled() else task.exception()
        if problem is not None:
            self._tell(f"the simulator failed: {problem!r}")
            self._problems.append(problem)
