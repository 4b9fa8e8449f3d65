"""The WebSocket: connect, read, send, cut, wait, connect again. *Network; the only file that opens one.*

What to send, when to cut and whether something is overdue says ``protocol``; whether to try again, ``retrying``; how
long to wait before that, ``backoff``.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from workbench.data.btcturk.backoff import Backoff
from workbench.data.btcturk.messages import FrameError
from workbench.data.btcturk.protocol import NEVER, Protocol
from workbench.data.btcturk.retrying import worth_another_try
from workbench.data.btcturk.settings import FeedSettings

log = logging.getLogger("workbench.feed")

REFUSE_BYTES = 8 << 20
"""A frame this long ends the connection before it is in memory; one over messages.MAX_FRAME_BYTES is only refused."""
TOO_BIG = 1009
"""The close code for it (RFC 6455, section 7.4.1)."""
FRAMES_WAITING = 256


class Connection:
    """One connection after the other, to one address."""

    def __init__(
        self,
        address: str,
        protocol: Protocol,
        backoff: Backoff,
        settings: FeedSettings,
        on_open: Callable[[], None],
        on_frame: Callable[[bytes], None],
        on_outputs: Callable[[], None],
    ) -> None:
        """``on_outputs`` is called whenever the protocol may have outputs that no frame caused."""
        self.reconnects = 0
        self.last_break = ""
        self._cut_for = ""
        self._address, self._protocol, self._backoff, self._settings = address, protocol, backoff, settings
        self._on_open, self._on_frame, self._on_outputs = on_open, on_frame, on_outputs
        self._socket: ClientConnection | None = None
        self._outbox: asyncio.Queue[str] = asyncio.Queue()
        self._look_again = asyncio.Event()

    async def keep(self) -> None:
        """Be connected until cancelled.

        Raises:
            Exception: what no further try mends, see ``retrying``.
        """
        loop = asyncio.get_running_loop()
        while True:
            self._backoff.attempted(loop.time())
            try:
                await self._serve()
            except Exception as error:
                if not worth_another_try(error):
                    raise
                self._tell_break(error)
            self._on_outputs()
            self.reconnects += 1
            delay = self._backoff.next_delay(loop.time())
            log.warning("%s; connecting again in %.2f s", self.last_break, delay)
            await asyncio.sleep(delay)

    async def watch(self) -> None:
        """Let the protocol see time pass when it asks for it; runs until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            deadline = self._protocol.deadline
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(None if deadline == NEVER else deadline):
                    await self._look_again.wait()
            await asyncio.sleep(0)  # whatever the deadline is, the others get their turn
            self._look_again.clear()
            self._protocol.tick(loop.time())
            self._on_outputs()

    def look_again(self) -> None:
        """The protocol's deadline may have changed."""
        self._look_again.set()

    def send(self, text: str) -> None:
        """Send soon; lost where the connection breaks before."""
        self._outbox.put_nowait(text)

    def cut(self, reason: str) -> None:
        """End the connection at once."""
        self._cut_for = reason
        if self._socket is not None:
            self._socket.transport.abort()

    async def _serve(self) -> None:
        """One connection, from opening to its end, which is an exception."""
        loop = asyncio.get_running_loop()
        self._cut_for = ""
        async with connect(
            self._address,
            open_timeout=self._settings.open_seconds,
            close_timeout=self._settings.close_seconds,
            ping_interval=20,
            ping_timeout=None,  # the exchange promises no answer to pings: silence is the signal, see protocol
            compression=None,
            max_size=REFUSE_BYTES,
            max_queue=FRAMES_WAITING,
        ) as socket:
            self._socket, self._outbox = socket, asyncio.Queue()
            sender = asyncio.create_task(self._send_all(socket, self._outbox))
            self._protocol.opened(loop.time())
            self._on_open()
            self._look_again.set()
            try:
                while True:
                    self._on_frame(await socket.recv(decode=False))
            finally:
                sender.cancel()
                self._socket = None
                self._protocol.closed(loop.time(), self._cut_for or "the connection broke")

    async def _send_all(self, socket: ClientConnection, outbox: "asyncio.Queue[str]") -> None:
        with contextlib.suppress(ConnectionClosed):  # whoever reads hears of it
            while True:
                await socket.send(await outbox.get())

    def _tell_break(self, error: Exception) -> None:
        if isinstance(error, ConnectionClosed) and error.sent is not None and error.sent.code == TOO_BIG:
            now = asyncio.get_running_loop().time()
            self._protocol.refuse(FrameError("too_large", b"", f"more than {REFUSE_BYTES:,} bytes"), now)
        self.last_break = self._cut_for or f"{type(error).__name__}: {error}"
