"""``workbench up``: everything starts, what ends is started again, Ctrl-C leaves nothing behind."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.monitoring.serving import wait_for
from tests.processes import children
from workbench.cli.up import _ends_before, _in_thread

WORDS = ("up", "--api-port", "0", "--dashboards-port", "0", "--lab-port", "0", "--no-feed", "--json")


@contextlib.contextmanager
def started(home: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The command, and what it says when all is there; ended with the block."""
    environment = {**os.environ, "WORKBENCH_HOME": str(home), "WORKBENCH_WORKERS": "1"}
    command = [sys.executable, "-m", "workbench.cli", *WORDS]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, cwd=home.parent, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process, _said(process)
        finally:
            process.kill()


def _said(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.rstrip() == "}":
            return dict(json.loads(said))
    raise AssertionError(f"it ended with {process.wait()}: {process.stderr and process.stderr.read()}")


def get(url: str) -> int:
    """The status of an answer; 0 where nobody answers."""
    try:
        return httpx.get(url, trust_env=False, timeout=5).status_code
    except httpx.TransportError:
        return 0


def test_everything_starts_again_and_stops_together(home: Path) -> None:
    """The API is killed: it comes back on its port. Ctrl-C: status 0, every process gone, the addresses free."""
    with started(home) as (process, told):
        assert get(f"{told['api']}/readyz") == 200
        assert get(told["lab"]) == 200
        assert get(told["lab"].partition("?")[0]) != 200
        before = children(process.pid)
        assert len(before) == 3
        assert get(told["dashboards"].partition("?")[0]) == 403
        assert httpx.get(told["dashboards"], trust_env=False).headers["location"] == "/"
        (api,) = children(process.pid, "workbench.cli serve")
        api.kill()
        wait_for("the API is back", lambda: children(process.pid) != before and get(f"{told['api']}/readyz") == 200)
        grown = children(process.pid)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "API ended with status -9; starting it again" in said
    assert said.rstrip().endswith("all stopped")
    assert not [child for child in grown if child.is_running()]
    assert (get(told["api"]), get(told["dashboards"]), get(told["lab"])) == (0, 0, 0)


@pytest.mark.parametrize("end", ["SIGHUP", "SIGKILL"])
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere children are not bound to their parent")
def test_nothing_outlives_it(home: Path, end: str) -> None:
    """Neither when its terminal is closed nor after ``kill -9``, when nobody is left to stop the others."""
    with started(home) as (process, _):
        family = psutil.Process(process.pid).children(recursive=True)
        assert {"workbench.cli", "jupyterlab", "workbench.pages.kernel"} <= {each.cmdline()[2] for each in family}
        process.send_signal(signal.Signals[end])
        _, said = process.communicate(timeout=60)
        _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []
    assert (process.returncode, "all stopped" in said) == ((0, True) if end == "SIGHUP" else (-signal.SIGKILL, False))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")
def test_a_terminal_may_close_without_a_signal(tmp_path: Path) -> None:
    """As below GNU make, which hears of it and tells nobody."""
    ours, theirs = os.openpty()
    command, pipe = (
        [sys.executable, "-m", "workbench.cli", "feed", "simulate", "--port", "0", "--json"],
        subprocess.PIPE,
    )
    with subprocess.Popen(command, cwd=tmp_path, stdin=theirs, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            os.close(theirs)
            assert get(f"{_said(process)['url']}/api/v2/ticker") == 200
            os.close(ours)
            assert process.wait(30) == 0
        finally:
            process.kill()


def test_nohup_is_obeyed(tmp_path: Path) -> None:
    """A command that was told to outlive its terminal does."""
    words = [shutil.which("nohup") or "nohup", sys.executable, "-m", "workbench.cli", "feed", "simulate"]
    command, pipe = [*words, "--port", "0", "--json"], subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            url = _said(process)["url"]
            process.send_signal(signal.SIGHUP)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(2)  # ending takes a tenth of it
            assert get(f"{url}/api/v2/ticker") == 200
            process.terminate()
            assert process.wait(30) == 0
        finally:
            process.kill()


def test_what_does_not_start_stops_the_rest(home: Path) -> None:
    """A taken port is one line, with the reason of the process that wanted it."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        words = ["up", "--api-port", str(taken.getsockname()[1]), "--dashboards-port", "0", "--no-lab", "--no-feed"]
        environment = {**os.environ, "WORKBENCH_HOME": str(home)}
        done = subprocess.run(
            [sys.executable, "-m", "workbench.cli", *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "API ended with status 2" in done.stderr
    assert "a free port of this machine" in done.stderr
    assert "Traceback" not in done.stderr


HANGING = """
import asyncio, sys, threading
from pathlib import Path
from workbench.cli import up
from workbench.cli.children import Child
from workbench.home import Home

async def one_child(plan, family):
    words = ["feed", "simulate", "--json", "--port", "0"]
    child = Child("simulator", lambda: words, up.environment_of(plan, up.os.environ), Path("simulator.log"))
    return {"exchange": (await family.add(child)).url}

def hang(addresses):
    print(addresses["exchange"], flush=True)
    threading.Event().wait()

up._start = one_child
asyncio.run(up.run(up.Plan(Home.at(Path("home")), None, simulate=True), as_json=False, prepare=hang))
"""


@pytest.mark.skipif(os.name != "posix", reason="ends it with a signal")
def test_it_stops_while_it_prepares(tmp_path: Path) -> None:
    """Ctrl-C while the demo fills its ledger: everything is stopped, whatever the filling waits for."""
    process = subprocess.Popen(
        [sys.executable, "-c", HANGING], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        exchange = process.stdout.readline().strip()
        assert get(f"{exchange}/api/v2/ticker") == 200
        process.send_signal(signal.SIGINT)
        shown, said = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, shown, said) == (0, "", "all stopped\n")
    assert get(exchange) == 0


def test_what_preparing_raises_is_raised() -> None:
    """As if nothing had been raced."""

    def broken() -> None:
        raise ZeroDivisionError

    async def race() -> bool:
        return await _ends_before(asyncio.get_running_loop().create_future(), _in_thread(broken))

    with pytest.raises(ZeroDivisionError):
        asyncio.run(race())
