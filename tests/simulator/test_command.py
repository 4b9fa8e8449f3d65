"""``workbench feed simulate`` as a process: what it prints, typed faults, and its end."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.cli.command import COMMAND, environment, refuses


@contextmanager
def simulating(home: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The command under way."""
    command = [*COMMAND, "feed", "simulate", "--port", "0", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment(home), stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_obeys_typed_faults_and_ends_with_status_0(tmp_path: Path, ending: signal.Signals) -> None:
    """One JSON document on stdout, a log on stderr; stdin still open at the end."""
    with simulating(tmp_path, "--json", "--pair", "ETHUSDT", "--pair", "BTC_TRY") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        document = json.loads("".join(iter(process.stdout.readline, "}\n")) + "}")
        assert (document["pairs"], document["simulated"]) == (["ETHUSDT", "BTCTRY"], True)
        process.stdin.write("help\nexplode\nclock 5\n")
        process.stdin.flush()
        log = ""
        while "fault: clock seconds=5.0" not in log:
            log += process.stderr.readline()
        status = httpx.get(f"{document['url']}/simulator/status").json()
        assert status["faults"] == ["clock seconds=5.0"]
        process.send_signal(ending)
        rest, end = process.communicate(timeout=10)
    assert process.returncode == 0
    assert rest == ""
    assert end.endswith("stopped\n")
    assert "Traceback" not in log + end
    assert "break every WebSocket's TCP connection" in log
    assert "fault: expected one of drop, close" in log


def test_people_get_a_table_that_says_simulated(tmp_path: Path) -> None:
    """Addresses, and the command of a client, on stderr; stdout stays empty."""
    with simulating(tmp_path) as process:
        assert process.stderr is not None
        table = ""
        while "kind=drop" not in table:
            table += process.stderr.readline()
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=10)
    assert (process.returncode, output) == (0, "")
    assert "SIMULATED" in table
    assert "workbench feed watch ETHUSDT --exchange http://127.0.0.1:" in table


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--pair", "DOGEUSDT"], "pair: expected one of ETHUSDT"),
        (["--speed", "0"], "speed: expected a finite number above 0"),
        (["--trades", "none.csv"], "none.csv: no such file"),
    ],
)
def test_bad_input_is_one_line(tmp_path: Path, arguments: list[str], words: str) -> None:
    """Status 2, and the field by name."""
    assert words in refuses(tmp_path / "home", "feed", "simulate", *arguments)
