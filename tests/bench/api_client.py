"""A real server for the benchmark, and clients that cost as little as can be: they share the server's two cores."""

import asyncio
import http.client
import json
import os
import signal
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

ADMIN = "benchmark-admin-token"
HEADERS = {"x-admin-token": ADMIN, "content-type": "application/json"}
ENVIRONMENT = {"WORKBENCH_ADMIN_TOKEN": ADMIN, "WORKBENCH_RATE_LIMIT": "10000000/minute"}


@contextmanager
def serving(home: Path, *options: str) -> Iterator[str]:
    """Its address; two workers, any free port."""
    command = [sys.executable, "-m", "workbench.cli", "serve", "--port", "0", "--workers", "2", "--json", *options]
    environment = {**os.environ, **ENVIRONMENT, "WORKBENCH_HOME": str(home)}
    with (home / "server.log").open("ab") as log, _ended(command, log, environment) as told:
        yield str(json.loads(told.readline())["url"])


@contextmanager
def simulating(trades_per_second: float) -> Iterator[str]:
    """The simulated exchange's address."""
    command = [sys.executable, "-m", "workbench.cli", "feed", "simulate", "--port", "0", "--json"]
    pairs = ["--pair", "ETHUSDT", "--pair", "BTCUSDT", "--rate", str(trades_per_second)]
    with _ended([*command, *pairs], subprocess.DEVNULL, dict(os.environ)) as told:
        text = ""
        while not text.endswith("}\n"):
            text += told.readline()
        yield str(json.loads(text)["url"])


@contextmanager
def _ended(command: list[str], log: Any, environment: dict[str, str]) -> Iterator[IO[str]]:
    """A process that ends with the block; what it says."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=environment, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout
        finally:
            process.send_signal(signal.SIGINT)


class Client:
    """One connection, one request at a time."""

    def __init__(self, url: str) -> None:
        self.http = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Raises:
        RuntimeError: any answer but success.
        """
        self.http.request(method, path, None if body is None else json.dumps(body), HEADERS)
        answer = self.http.getresponse()
        told = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {told.decode()}")
        return json.loads(told)

    def wait(self, job_id: str) -> dict[str, Any]:
        """The job's last word, by server-sent events."""
        self.http.request("GET", f"/api/backtest/{job_id}/events", headers=HEADERS)
        answer = self.http.getresponse()
        last: dict[str, Any] = {}
        while line := answer.readline():
            if line.startswith(b"data:"):
                last = json.loads(line[5:])
        return last


class AsyncClient:
    """The same for many at once; no events."""

    def __init__(self, url: str) -> None:
        self.host = urllib.parse.urlsplit(url)
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
        """Status, headers in lower case, body."""
        if self.streams is None:
            self.streams = await asyncio.open_connection(self.host.hostname, self.host.port)
        reader, writer = self.streams
        writer.write(
            f"{method} {path} HTTP/1.1\r\nhost: {self.host.netloc}\r\nx-admin-token: {ADMIN}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        return int(head[0].split()[1]), headers, await reader.readexactly(int(headers["content-length"]))

    def close(self) -> None:
        if self.streams is not None:
            self.streams[1].close()
