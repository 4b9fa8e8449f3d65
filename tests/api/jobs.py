"""Backtest jobs of a real server, and its worker processes, held still where a test needs time to stand."""

import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any

import psutil

from tests.processes import children
from tests.serving import Server

SMOKE = {"pair": "ETHUSDT", "timeframe": "1h", "strategy": "smaCross", "params": {"fast": 9, "slow": 21}}
PATIENCE_SECONDS = 60.0
Status = dict[str, Any]


def start(server: Server, role: str = "researcher", **changes: Any) -> str:
    """Ask for a backtest; where its status is told."""
    answer = server.client(role).post("/api/backtest/start", json={**SMOKE, **changes})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["url"])


def status(server: Server, url: str) -> Status:
    return dict(server.client().get(url).raise_for_status().json())


def events(server: Server, url: str) -> Iterator[Status]:
    """What the stream tells, up to its end."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with server.client().stream("GET", f"{url}/events") as answer:
        assert answer.status_code == 200
        for line in answer.iter_lines():
            assert time.monotonic() < deadline, "the job does not end"
            if line.startswith("data:"):
                yield json.loads(line.removeprefix("data:"))


def ended(server: Server, url: str) -> Status:
    """The last thing told of it."""
    return list(events(server, url))[-1]


def wait_until_running(server: Server, url: str) -> None:
    """In the ledger, too: a restart would find it so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not any(url.endswith(each["id"]) for each in page(server, status="running")["backtests"]):
        assert time.monotonic() < deadline, f"{url} does not run: {status(server, url)}"


def page(server: Server, **query: Any) -> dict[str, Any]:
    return dict(server.client().get("/api/backtest", params=query).raise_for_status().json())


def workers(server: Server) -> list[psutil.Process]:
    """The processes that do the work."""
    return list(children(server.process.pid, "workbench.api.worker"))


@contextlib.contextmanager
def held(server: Server) -> Iterator[list[psutil.Process]]:
    """Nothing is worked on within the block: jobs begin and get no further."""
    ended(server, start(server))  # so that there is a worker, and it has loaded everything
    still = workers(server)
    assert still
    for worker in still:
        worker.suspend()
    try:
        yield still
    finally:
        for worker in still:
            with contextlib.suppress(psutil.NoSuchProcess):
                worker.resume()


def wait_for_end(process: psutil.Process) -> None:
    """Raises:
    psutil.TimeoutExpired: it lives on.
    """
    process.wait(PATIENCE_SECONDS)


def metric(server: Server, name: str) -> float:
    """A metric's value now; ``name`` with its labels as they stand there."""
    lines = server.client().get("/metrics").text.splitlines()
    return next(float(line.removeprefix(name)) for line in lines if line.startswith(f"{name} "))
