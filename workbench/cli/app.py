"""The command line: ``workbench``. Each group of commands is a file of this folder."""

import logging
import os
import sys
from typing import NoReturn

import typer
from typer._click.exceptions import NoArgsIsHelpError, UsageError

from workbench.cli.audit import audit_app
from workbench.cli.backtest import backtest_command, verify_command
from workbench.cli.dashboards import dashboards_command
from workbench.cli.data import data_app
from workbench.cli.demo import demo_command
from workbench.cli.deploy import deploy_app
from workbench.cli.evidence import evidence_app
from workbench.cli.feed import feed_app
from workbench.cli.lab import lab_command
from workbench.cli.params import params_app
from workbench.cli.serve import serve_command
from workbench.cli.sweep import sweep_command
from workbench.cli.up import up_command
from workbench.model.errors import WorkbenchError

INTERRUPTED = 130

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
app.command("serve")(serve_command)
app.command("dashboards")(dashboards_command)
app.command("up")(up_command)
app.command("lab")(lab_command)
app.add_typer(evidence_app, name="evidence")
app.add_typer(data_app, name="data")
app.add_typer(feed_app, name="feed")
app.add_typer(params_app, name="params")
app.add_typer(audit_app, name="audit")
app.add_typer(deploy_app, name="deploy")


def main() -> None:
    """Run a command; whatever goes wrong that a person can mend becomes one line on stderr and an exit status."""
    try:
        status = app(prog_name="workbench", standalone_mode=False)
    except WorkbenchError as error:
        _fail(str(error), error.exit_status)
    except UsageError as error:
        _refuse_usage(error)
    except BrokenPipeError:  # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _leave(1)
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        _fail(f"{name}{error.strerror or error}", 2)
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    if status == INTERRUPTED:  # typer turns Ctrl-C into this status
        _fail("stopped; nothing half-written was left behind", INTERRUPTED)
    _leave(status or 0)


def _refuse_usage(error: UsageError) -> NoReturn:
    """An unknown command or option, a missing or malformed value. No arguments at all: the help is the answer."""
    if isinstance(error, NoArgsIsHelpError):
        error.show()
        _leave(2)
    given = _given(error.param.opts, sys.argv) if isinstance(error, typer.BadParameter) and error.param else None
    received = "" if given is None else f" Received {given!r}."
    command = error.ctx.command_path if error.ctx else "workbench"
    _fail(f"{error.format_message().rstrip('.')}.{received} See {command} --help", 2)


def _given(names: list[str], arguments: list[str]) -> str | None:
    """What stands after an option on the command line."""
    for argument, following in zip(arguments, [*arguments[1:], None], strict=True):
        name, equals, value = argument.partition("=")
        if name in names:
            return value if equals else following
    return None


def _fail(text: str, status: int) -> NoReturn:
    line = " ".join(text.split())
    sys.stderr.write(f"workbench: {line}\n")
    _leave(status)


def _leave(status: int) -> NoReturn:
    """End the process at once: a reader's native threads (Arrow's) may still be starting, and would abort it."""
    logging.shutdown()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        status = 1
    sys.stderr.flush()
    os._exit(status)
