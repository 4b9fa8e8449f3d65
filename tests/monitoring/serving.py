"""A whole observed system for tests: the simulated exchange, the real server, the real Prometheus, all on loopback."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus" / "rules.yml"
TOKEN = "for-tests-of-monitoring"  # noqa: S105 - of a server that lives for some seconds
PATIENCE_SECONDS = 90.0
HURRY = 30
"""How many times faster than deploy/prometheus/prometheus.yml tests scrape and evaluate."""


@dataclass(frozen=True)
class Running:
    """One process of ours, and what it said when it was ready."""

    process: subprocess.Popen[bytes]
    told: dict[str, Any]

    @property
    def url(self) -> str:
        return str(self.told["url"])


@contextlib.contextmanager
def command(home: Path, *words: str, **settings: object) -> Iterator[Running]:
    """``workbench ... --json`` until the block ends; ``settings`` as in the environment, without the prefix."""
    given = {f"WORKBENCH_{name.upper()}": str(value) for name, value in settings.items()}
    environment = {**os.environ, "WORKBENCH_HOME": str(home), "WORKBENCH_ADMIN_TOKEN": TOKEN, **given}
    with (home / f"{words[0]}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "workbench.cli", *words, "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
        )
    try:
        yield Running(process, _first_document(process))
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end; where it does not, make it."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout:
        process.stdout.close()


@contextlib.contextmanager
def prometheus(folder: Path, target: str, rules: str) -> Iterator[str]:
    """The real server, scraping every half second; its address."""
    found = shutil.which("prometheus")
    if found is None:
        pytest.skip("Prometheus is not installed (Debian package: prometheus)")
    (folder / "rules.yml").write_text(rules)
    (folder / "prometheus.yml").write_text(_config(target.removeprefix("http://")))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    arguments = [f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'tsdb'}"]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen([found, *arguments, f"--web.listen-address={address}"], stdout=log, stderr=log)
    try:
        wait_for("Prometheus", lambda: _answers(f"http://{address}/-/ready"))
        yield f"http://{address}"
    finally:
        end(process)


def in_a_hurry(rules: str) -> str:
    """The same rules for a server that scrapes every half second in place of 15 s: each time is a thirtieth."""

    def hurried(found: re.Match[str]) -> str:
        return f"{found[1]}{round(int(found[2]) * 60 / HURRY)}s{found[3]}"

    return re.sub(r"(for: |\[)(\d+)m(\]|$)", hurried, rules, flags=re.MULTILINE)


def wait_for(what: str, is_so: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """Ask until the answer is true; the answer."""
    end_at = time.monotonic() + seconds
    while time.monotonic() < end_at:
        answer = is_so()
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {seconds:.0f} s")


def ask(prometheus_url: str, expression: str) -> list[dict[str, Any]]:
    """An instant query's results.

    Raises:
        AssertionError: Prometheus refuses the expression.
    """
    answer = httpx.get(f"{prometheus_url}/api/v1/query", params={"query": expression}, trust_env=False, timeout=10)
    document = answer.json()
    assert document["status"] == "success", document
    return list(document["data"]["result"])


def alert_states(prometheus_url: str) -> dict[str, str]:
    """Alert -> ``firing`` where one of its series fires, else ``pending``; those that rest are left out."""
    answer = httpx.get(f"{prometheus_url}/api/v1/alerts", trust_env=False, timeout=10).json()
    states: dict[str, str] = {}
    for each in answer["data"]["alerts"]:
        name = each["labels"]["alertname"]
        states[name] = "firing" if "firing" in (states.get(name), each["state"]) else "pending"
    return states


def _config(target: str) -> str:
    return json.dumps(
        {
            "global": {"scrape_interval": "500ms", "evaluation_interval": "500ms"},
            "rule_files": ["rules.yml"],
            "scrape_configs": [{"job_name": "workbench", "static_configs": [{"targets": [target]}]}],
        }
    )


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=2).is_success
    except httpx.TransportError:
        return False


def _first_document(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    said = b""
    assert process.stdout is not None
    while line := process.stdout.readline():
        said += line
        with contextlib.suppress(ValueError):
            return dict(json.loads(said))
    raise AssertionError(f"it ended with status {process.wait()} before it was ready")
