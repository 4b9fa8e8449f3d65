"""Alerts from their beginning to their end: things break for real, Prometheus notices, they are mended.

Prometheus scrapes and evaluates thirty times as often as in deploy/prometheus, and the times in the rules are
thirtieths; nothing else of them differs, and no clock is faked.
"""

import contextlib
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.monitoring.serving import (
    PATIENCE_SECONDS,
    RULES,
    TOKEN,
    Running,
    ask,
    command,
    end,
    in_a_hurry,
    prometheus,
    wait_for,
)
from tests.monitoring.timeline import STORY, watching
from tests.processes import children
from workbench.client import ApiError, Client

OUTAGE_SECONDS = 5
SERVE = ("serve", "--workers", "1")


@contextlib.contextmanager
def watched(home: Path, **settings: object) -> Iterator[tuple[Running, Running, str]]:
    """Simulated exchange, server and Prometheus, for a test that breaks them."""
    rules = in_a_hurry(RULES.read_text())
    with (
        command(home, "feed", "simulate", "--port", "0", "--rate", "5") as simulator,
        command(home, *SERVE, "--port", "0", "--exchange", simulator.url, **settings) as server,
        prometheus(home, server.url, rules) as address,
    ):
        wait_for("the feed is up", lambda: values(address, "btcturk_ws_up") == {1.0})
        wait_for("the gate is open", lambda: values(address, "risk_gate_open") == {1.0})
        yield simulator, server, address


def fault(simulator: Running, kind: str, **arguments: float) -> None:
    query: dict[str, str | float] = {"kind": kind, **arguments}
    httpx.get(f"{simulator.url}/simulator/fault", params=query, trust_env=False).raise_for_status()


def values(prometheus_url: str, name: str) -> set[float]:
    return {float(each["value"][1]) for each in ask(prometheus_url, name)}


def test_a_feed_in_trouble_is_told_and_so_is_its_return(tmp_path: Path) -> None:
    """The exchange breaks the connection over and over; trades come late; it is away; and all is well again."""
    with watched(tmp_path) as (simulator, server, address), watching(address) as seen:
        with Client(server.url, admin_token=TOKEN) as client:
            client.approve(client.propose_limits({"max_feed_age": "3"}).id)
        began = time.monotonic()
        while not seen.story("BTCTurkReconnectStorm") and time.monotonic() - began < PATIENCE_SECONDS:
            fault(simulator, "drop")
            time.sleep(1)
        fault(simulator, "delay", seconds=1, lasting=13)
        seen.wait_until_fired("BTCTurkReconnectStorm", "BTCTurkHighLag")
        fault(simulator, "restart", seconds=OUTAGE_SECONDS)
        wait_for("the gate is closed", lambda: values(address, "risk_gate_open") == {0.0})
        seen.wait_until_fired("BTCTurkFeedDown")
        seen.wait_until_over("BTCTurkFeedDown", "BTCTurkHighLag", "BTCTurkReconnectStorm")
        wait_for("the gate is open again", lambda: values(address, "risk_gate_open") == {1.0})
        for alert in ("BTCTurkFeedDown", "BTCTurkHighLag", "BTCTurkReconnectStorm"):
            assert re.search("pending,firing,resolved$", ",".join(seen.story(alert))), alert


def test_a_bad_day_on_the_server_is_told_and_so_is_its_end(tmp_path: Path) -> None:
    """Halted, tampered with, guessed at, jobs that fail or find no room, and at last not there at all."""
    settings = {"audit_check_seconds": 1, "queue_size": 2}
    troubles = ("RiskGateClosed", "AuditChainBroken", "WrongTokens", "BacktestQueueFull", "BacktestHighFailureRate")
    with watched(tmp_path, **settings) as (simulator, server, address), watching(address) as seen:
        with Client(server.url, admin_token=TOKEN) as client:
            client.halt("a test of the alerts")
            guess_tokens(server.url, 25)
            with tampered(tmp_path / "ledger.sqlite3"), failing_jobs(client):
                with stuck_worker(server):
                    seen.wait_until_fired("BacktestQueueFull")
                seen.wait_until_fired(*troubles)
            client.resume("mended")
            assert client.wait(start(client, "ETHUSDT")).status == "done"
            seen.wait_until_over(*troubles)
        for alert in troubles:
            waits = alert not in ("AuditChainBroken", "WrongTokens")  # these two fire at once
            assert seen.story(alert) == (STORY if waits else STORY[1:]), alert

        end(server.process)
        seen.wait_until_fired("WorkbenchAbsent")
        port = server.url.rpartition(":")[2]
        with command(tmp_path, *SERVE, "--port", port, "--exchange", simulator.url, **settings):
            seen.wait_until_over("WorkbenchAbsent")
            wait_for("the gate is open", lambda: values(address, "risk_gate_open") == {1.0})
        assert seen.story("WorkbenchAbsent")[:3] == STORY


def start(client: Client, pair: str) -> str:
    """The id of a job that is done at once, or fails at once where there are no candles of that pair."""
    return client.start_backtest(pair=pair, timeframe="1h", strategy="smaCross").id


def guess_tokens(url: str, count: int) -> None:
    """Each is refused."""
    with httpx.Client(base_url=url, trust_env=False) as stranger:
        for number in range(count):
            assert (
                stranger.get("/api/guardrails/status", headers={"x-admin-token": f"guess {number}"}).status_code == 401
            )


@contextlib.contextmanager
def tampered(ledger: Path) -> Iterator[None]:
    """Somebody rewrites an entry of the audit log, and puts it back at the end of the block."""

    def rewrite(who: str) -> str:
        with contextlib.closing(sqlite3.connect(ledger, timeout=10)) as database, database:
            (before,) = database.execute("SELECT who FROM audit WHERE seq = 1").fetchone()
            database.execute("UPDATE audit SET who = ? WHERE seq = 1", (who,))
        return str(before)

    before = rewrite("nobody")
    try:
        yield
    finally:
        rewrite(before)


@contextlib.contextmanager
def failing_jobs(client: Client) -> Iterator[None]:
    """One after the other, until the block ends; where there is no room for one, the next is tried."""
    over = threading.Event()

    def keep_failing() -> None:
        while not over.wait(0.3):
            with contextlib.suppress(ApiError):
                start(client, "NOSUCH")

    thread = threading.Thread(target=keep_failing)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextlib.contextmanager
def stuck_worker(server: Running) -> Iterator[None]:
    """No job gets any further within the block."""
    (worker,) = children(server.process.pid, "workbench.api.worker")
    worker.suspend()
    try:
        yield
    finally:
        worker.resume()
