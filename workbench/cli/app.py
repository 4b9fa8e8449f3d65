"""The command line: ``workbench``. Each group of commands is a file of this folder."""

import sys

import typer

from workbench.cli.backtest import backtest_command, demo_command, verify_command
from workbench.cli.data import data_app
from workbench.cli.evidence import evidence_app
from workbench.cli.lab import lab_command
from workbench.cli.sweep import sweep_command
from workbench.model.errors import WorkbenchError

app = typer.Typer(
    name="workbench",
    help="A research workbench for crypto strategies: backtest, keep the evidence, verify it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("backtest")(backtest_command)
app.command("sweep")(sweep_command)
app.command("verify")(verify_command)
app.command("demo")(demo_command)
app.command("lab")(lab_command)
app.add_typer(evidence_app, name="evidence")
app.add_typer(data_app, name="data")


def main() -> None:
    """Run a command; an error of ours becomes one line and its exit status, a missing file likewise."""
    try:
        app()
    except WorkbenchError as error:
        _fail(str(error), error.exit_status)
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        _fail(f"{name}{error.strerror or error}", 2)
    except KeyboardInterrupt:
        _fail("stopped; nothing half-written was left behind", 130)


def _fail(text: str, status: int) -> None:
    line = " ".join(text.split())
    sys.stderr.write(f"workbench: {line}\n")
    sys.exit(status)
