"""``workbench demo``: whatever a shell has set for a real server, the demo neither obeys nor reaches it."""

import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.monitoring.serving import end
from workbench.cli import demo, up
from workbench.cli.up import Plan, environment_of
from workbench.home import Home

HOSTILE = {
    "WORKBENCH_HOME": "/nonexistent/real",
    "WORKBENCH_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:9/real",
    "workbench_database_url": "postgresql+psycopg://nobody@127.0.0.1:9/real",
    "WORKBENCH_ADMIN_TOKEN": "the-real-admin-token-0123456789",
    "RESEARCHER_TOKEN": "the-real-researcher-token-0123456789",
    "WORKBENCH_PROXY_SECRET": "the-real-proxy-secret-0123456789",
    "WORKBENCH_REQUIRE_SECOND_PERSON": "true",
    "WORKBENCH_URL": "http://127.0.0.1:9",
    "WORKBENCH_EXCHANGE": "http://127.0.0.1:9",
}
WORDS = ("demo", "--no-lab", "--api-port", "0", "--dashboards-port", "0")


@contextlib.contextmanager
def demonstrating(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The demo with its throwaway home below ``folder``, once it serves; and the address that it says to open."""
    environment = {**os.environ, **HOSTILE, "TMPDIR": str(folder)}
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench.cli", *WORDS],
        env=environment,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    said = ""
    try:
        for line in process.stdout:
            said += line.decode()
            if found := re.match(r"Open (\S+)", line.decode()):
                yield process, found[1]
                return
        raise AssertionError(f"it ended with {process.wait()}: {said}")
    finally:
        end(process)


def test_a_trial_inherits_no_setting(tmp_path: Path) -> None:
    """In whatever case it is written; what others inherit stays as it is."""
    inherited = {**HOSTILE, "PATH": "/bin"}
    kept = environment_of(Plan(Home.at(tmp_path), None, simulate=True), inherited)
    assert kept == {"PATH": "/bin", "WORKBENCH_HOME": str(tmp_path)}
    assert environment_of(Plan(Home.at(tmp_path), None), inherited) == inherited


def test_the_demos_own_process_forgets_them_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it writes evidence and approves parameters."""
    seen: dict[str, str] = {}

    async def run(*_: object, **__: object) -> None:
        """Nothing is served."""

    monkeypatch.setattr(os, "environ", {**os.environ, **HOSTILE})
    monkeypatch.setattr(demo, "main_job", lambda _: seen.update(os.environ))
    monkeypatch.setattr(up, "run", run)
    demo.demo_command(lab=False)
    assert not HOSTILE.keys() & seen.keys() - {"WORKBENCH_HOME"}
    assert "workbench-demo-" in seen["WORKBENCH_HOME"]


@pytest.mark.skipif(os.name != "posix", reason="ends it with a signal")
def test_a_real_server_is_not_touched(tmp_path: Path) -> None:
    """It starts, its approval is in its own ledger, the address that it prints lets one in, its tokens are its own."""
    with demonstrating(tmp_path) as (process, address):
        (home,) = tmp_path.glob("workbench-demo-*")
        ledger = sqlite3.connect(f"file:{home / 'ledger.sqlite3'}?mode=ro", uri=True)
        with contextlib.closing(ledger):
            acts = ledger.execute("SELECT who, action FROM audit WHERE outcome = 'done'").fetchall()
        assert ("demo-admin", "approve") in acts
        assert (home / "tokens.json").exists()
        assert httpx.get(address, trust_env=False, follow_redirects=True, timeout=30).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert not home.exists()
