"""Ctrl-C and a full disk: one line, and no half-written evidence.

The signal is sent, and the limit is met, from inside the process at a chosen call, so that no test depends on time.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import Done, content, environment

INTERRUPT = "import os, signal\ninterrupt = lambda *_: os.kill(os.getpid(), signal.SIGINT)\n"


def workbench_after(home: Path, preparation: str, *arguments: str) -> Done:
    """The command in a process that first runs ``preparation``."""
    program = f"{preparation}\nfrom workbench.cli.app import main; main()"
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(
        command, env=environment(home), capture_output=True, text=True, check=False, cwd=home.parent, timeout=120
    )
    return Done(done.returncode, done.stdout, done.stderr)


def assert_one_line(done: Done, status: int, text: str) -> None:
    assert done.status == status, done
    assert done.stderr.startswith("workbench: ")
    assert done.stderr.count("\n") == 1
    assert text in done.stderr


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_ctrl_c_while_evidence_is_written(home: Path, call: str) -> None:
    """Neither a report nor a temporary file stays, whether the signal comes before the flush or the rename."""
    patch = {
        "fsync": "os.fsync = interrupt",
        "rename": "import pathlib; pathlib.Path.replace = interrupt",
    }[call]
    done = workbench_after(home, f"{INTERRUPT}import workbench.compiled\n{patch}", "backtest", "--strategy", "smaCross")
    assert_one_line(done, 130, "stopped")
    assert done.stdout == ""
    assert content(home) == {}


def test_ctrl_c_in_a_long_sweep(home: Path) -> None:
    """A sweep of 90,000 combinations stops after the few that are under way."""
    count = """
import workbench.engine.sweep as engine
measure, calls = engine.compute_metrics, []
def measured(*arguments):
    calls.append(None)
    if len(calls) == 50:
        interrupt()
    assert len(calls) < 5_000, "the sweep went on"
    return measure(*arguments)
engine.compute_metrics = measured
"""
    arguments = ("sweep", "--strategy", "smaCross", "--grid", "fast=2:302", "--grid", "slow=400:700", "--json")
    done = workbench_after(home, INTERRUPT + count, *arguments)
    assert_one_line(done, 130, "stopped")
    assert done.stdout == ""
    assert not home.exists()


@pytest.mark.parametrize("size", [0, 500, 3_000])
def test_a_disk_that_takes_no_more(home: Path, size: int) -> None:
    """A file that cannot grow beyond ``size`` bytes fails to be written: exit status 2, nothing half-written."""
    limit = f"import resource, workbench.compiled; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"
    done = workbench_after(home, limit, "backtest", "--strategy", "smaCross")
    assert_one_line(done, 2, "File too large")
    assert ".json: " in done.stderr or ".arrow: " in done.stderr
    assert content(home) == {}


def test_a_home_that_cannot_be_made(home: Path) -> None:
    """A file stands where the home should be: named in one line, and left alone."""
    home.write_text("not a folder")
    done = workbench_after(home, "", "backtest", "--strategy", "smaCross")
    assert_one_line(done, 2, str(home))
    assert home.read_text() == "not a folder"
