"""A real server for tests: a process of its own on any free port, with a home of its own."""

import contextlib
import json
import os
import select
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ADMIN = "admin-token-for-tests-0123456789abcdef"
RESEARCHER = "researcher-token-for-tests-0123456789abcdef"
TOKENS = {"x-admin-token": ADMIN, "x-researcher-token": RESEARCHER}
ROLES: dict[str, dict[str, str]] = {
    "viewer": {},
    "researcher": {"x-researcher-token": RESEARCHER},
    "admin": {"x-admin-token": ADMIN},
}
START_SECONDS = 120.0
"""The first start on a machine compiles the engine."""
END_SECONDS = 15.0
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Loading those of the system takes longer than most tests, and nothing here is encrypted."""
DEFAULTS = {
    "WORKBENCH_ADMIN_TOKEN": ADMIN,
    "WORKBENCH_RESEARCHER_TOKEN": RESEARCHER,
    "WORKBENCH_RATE_LIMIT": "1000000/minute",
    "WORKBENCH_FEED": "false",
    "WORKBENCH_EXCHANGE": "http://127.0.0.1:9",  # nobody listens there: no test asks the real one
    "WORKBENCH_WORKERS": "1",
}


@dataclass
class Server:
    """A running server. ``log_path`` holds its stderr: one JSON object a line."""

    url: str
    home: Path
    process: subprocess.Popen[bytes]
    log_path: Path
    told: dict[str, Any]
    _clients: dict[str, httpx.Client] = field(default_factory=dict)

    def client(self, role: str = "viewer", user: str = "", **headers: str) -> httpx.Client:
        """A caller of that role; ``user`` goes into x-remote-user. Closed with the server."""
        named = {**ROLES[role], **({"x-remote-user": user} if user else {}), **headers}
        key = json.dumps(named, sort_keys=True)
        if key not in self._clients:
            self._clients[key] = httpx.Client(
                base_url=self.url, headers=named, timeout=30, trust_env=False, verify=NO_AUTHORITIES
            )
        return self._clients[key]

    def log(self) -> list[dict[str, Any]]:
        """What it logged up to now."""
        return [json.loads(line) for line in self.log_path.read_text("utf-8").splitlines()]

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal to this process alone, and wait; its exit status."""
        self.close_clients()
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(END_SECONDS)

    def close_clients(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()


def environment(home: Path, **settings: object) -> dict[str, str]:
    """Of a server: nothing of the caller's own settings gets in; a setting of None takes a default away."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")}
    kept = {name: value for name, value in kept.items() if name not in ("ADMIN_TOKEN", "RESEARCHER_TOKEN")}
    given = {f"WORKBENCH_{name.upper()}": value for name, value in settings.items()}
    chosen = {**DEFAULTS, "WORKBENCH_HOME": str(home), **given}
    return {**kept, **{name: _text(value) for name, value in chosen.items() if value is not None}}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextlib.contextmanager
def serving(home: Path, **settings: object) -> Iterator[Server]:
    """Run ``workbench serve`` in a process of its own; ended with the block.

    Args:
        settings: as in the environment, without the prefix: ``rate_limit="5/minute"``. No feed, one worker and known
        tokens by default.

    Raises:
        RuntimeError: it did not start; with its log.
    """
    home.mkdir(parents=True, exist_ok=True)
    log_path = home / f"server-{time.monotonic_ns()}.log"
    command = [sys.executable, "-m", "workbench.cli", "serve", "--port", "0", "--json"]
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=environment(home, **settings)
        )
    try:
        told = _told(process, log_path)
        server = Server(told["url"], home, process, log_path, told)
        try:
            yield server
        finally:
            server.close_clients()
    finally:
        _end(process)


def _told(process: subprocess.Popen[bytes], log_path: Path) -> dict[str, Any]:
    """The line with its address."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    line = process.stdout.readline() if ready else b""
    if not line:
        raise RuntimeError(f"the server did not start; its log: {log_path.read_text('utf-8')[-4000:]}")
    told: dict[str, Any] = json.loads(line)
    return told


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    assert process.stdout is not None
    process.stdout.close()
