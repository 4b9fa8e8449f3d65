"""A simulated exchange in a process of its own."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE

from tests.serving import environment


@dataclass
class Exchange:
    """``url`` is what a server's setting ``exchange`` takes."""

    url: str
    process: subprocess.Popen[bytes]

    def end(self) -> None:
        """Nothing comes from it any more."""
        self.process.terminate()
        self.process.wait(15)


@contextlib.contextmanager
def exchanging(home: Path) -> Iterator[Exchange]:
    """Run ``workbench feed simulate``; ended with the block, at the latest."""
    command = [sys.executable, "-m", "workbench.cli", "feed", "simulate", "--port", "0", "--json"]
    options = ["--pair", "ETHUSDT", "--rate", "20"]
    process = subprocess.Popen(
        [*command, *options], stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env=environment(home, exchange=None)
    )
    assert process.stdout is not None
    try:
        told = b""
        while not told.endswith(b"}\n"):  # the document has several lines
            line = process.stdout.readline()
            assert line, "the simulator did not start"
            told += line
        yield Exchange(json.loads(told)["url"], process)
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()
