"""Wrong usage, and what `--help` says."""

from pathlib import Path

import pytest

from tests.cli.command import refuses, succeeds, workbench

WRONG = {
    "unknown command": (["backtset"], "No such command 'backtset'", "See workbench --help"),
    "unknown subcommand": (["evidence", "burn"], "No such command 'burn'", "See workbench evidence --help"),
    "unknown option": (["backtest", "--strategy", "rsi", "--fees", "1"], "No such option: --fees", "backtest --help"),
    "missing option": (["backtest"], "Missing option '--strategy'", "See workbench backtest --help"),
    "missing argument": (["verify"], "Missing argument 'ID'", "See workbench verify --help"),
    "missing value": (["backtest", "--strategy", "rsi", "-p"], "requires an argument", "--help"),
    "text in a number": (["backtest", "--strategy", "rsi", "--cash", "ten"], "'--cash'", "Received 'ten'"),
    "text after equals": (["backtest", "--strategy", "rsi", "--taker-fee=x"], "'--taker-fee'", "Received 'x'"),
    "below the least": (["sweep", "--strategy", "rsi", "--grid", "period=7", "--top", "0"], "'--top'", "Received '0'"),
}

COMMANDS = ["backtest", "sweep", "verify", "demo", "lab", "evidence list", "evidence show", "evidence compare"]
COMMANDS += ["data import", "data check", "data list", "data sample", "serve", "up", "audit tail", "audit verify"]
COMMANDS += [
    f"params {name}" for name in ("propose", "propose-limits", "diff", "approve", "reject", "rollback", "status")
]
COMMANDS += ["params history", "params halt", "params resume"]


@pytest.mark.parametrize("case", WRONG)
def test_wrong_usage_is_one_line(home: Path, case: str) -> None:
    """Exit status 2; the line names what is wrong and where help is."""
    arguments, *texts = WRONG[case]
    line = refuses(home, *arguments)
    assert all(text in line for text in texts), line
    assert not home.exists()


@pytest.mark.parametrize("group", [[], ["evidence"], ["data"], ["params"], ["audit"]])
def test_no_command_shows_the_help(home: Path, group: list[str]) -> None:
    """Asking for nothing is answered with the list of commands."""
    done = workbench(home, *group)
    assert done.status == 2
    shown = done.stdout + done.stderr
    assert "Commands" in shown
    assert "Traceback" not in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_help(home: Path, command: str) -> None:
    """Every command explains itself in at least a sentence, and `--help` writes nothing."""
    printed = succeeds(home, *command.split(), "--help").stdout
    assert f"Usage: workbench {command}" in printed
    assert len(printed.split("Options")[0].split()) > 8
    assert not home.exists()
