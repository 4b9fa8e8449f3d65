"""``workbench feed`` as a user runs it: the simulator in one process, the reader in another."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.command import COMMAND, environment, refuses, succeeds, workbench
from workbench.data.trade_store import TradeStore


@contextmanager
def process(home: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command that goes on until it is told to stop."""
    with subprocess.Popen(
        [*COMMAND, *arguments],
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            if running.poll() is None:
                running.kill()


@contextmanager
def simulator(home: Path, port: int = 0) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A simulated exchange and its address."""
    with process(home, "feed", "simulate", "--port", str(port), "--rate", "20", "--json") as running:
        assert running.stdout is not None
        document = ""
        while not document.endswith("}\n"):
            document += running.stdout.readline()
        yield running, json.loads(document)["url"]


def stop(running: subprocess.Popen[str]) -> tuple[str, str]:
    """Ctrl-C, and what was said by the end; it must end well."""
    running.send_signal(signal.SIGINT)
    stdout, stderr = running.communicate(timeout=30)
    assert running.returncode == 0, stderr
    return stdout, stderr


def test_watching_stores_and_shows(tmp_path: Path) -> None:
    """Prices come, are labelled simulated, and are in the store; health says that the feed has stopped since."""
    home = tmp_path / "home"
    with simulator(home) as (_, url):
        done = succeeds(home, "feed", "watch", "ethusdt", "BTCUSDT", "--exchange", url, "--seconds", "3", "--json")
    health = done.json
    assert health["simulated"] is True
    for pair in health["pairs"]:
        assert pair["trades_stored"] == len(TradeStore(home / "data" / "simulated").records(pair["pair"])) > 20
        assert pair["gaps_found"] == 0
        assert pair["bid"] < pair["ask"]
    after = workbench(home, "feed", "health", "--exchange", url, "--json")
    assert after.status == 1
    assert after.json["running"] is False


def test_the_exchange_is_killed_and_comes_back(tmp_path: Path) -> None:
    """The watcher survives it, goes on storing, and Ctrl-C ends it with an account."""
    home = tmp_path / "home"
    with simulator(home) as (first, url):
        port = int(re.findall(r"\d+$", url)[0])
        with process(home, "feed", "watch", "ETHUSDT", "--exchange", url) as watch:
            assert watch.stdout is not None
            assert "SIMULATED" in watch.stdout.readline()
            first.kill()
            first.wait()
            with simulator(home, port):
                lines = [watch.stdout.readline()]
                while "ETHUSDT up" not in lines[-1] or "reconnects 0" in lines[-1]:
                    lines.append(watch.stdout.readline())
                running = workbench(home, "feed", "health", "--exchange", url, "--json")
                assert running.json["running"] is True
                assert running.json["reconnects"] > 0
                stdout, stderr = stop(watch)
    assert "stored" in stdout
    assert "market trades (SIMULATED" in stdout
    assert any("connecting again" in line for line in lines)
    assert "Traceback" not in stderr


def test_what_is_refused(tmp_path: Path) -> None:
    """An unknown pair, a bad address, no feed yet: one line each."""
    home = tmp_path / "home"
    with simulator(home) as (_, url):
        assert "ETHUSDT" in refuses(home, "feed", "watch", "ETHUSTD", "--exchange", url)
    assert "--exchange" in refuses(home, "feed", "watch", "ETHUSDT", "--exchange", "ftp://nowhere")
    assert "no feed has run here" in refuses(tmp_path / "other", "feed", "health")
