"""``workbench params ...``: what may go live, proposed and decided on the running server."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import options as opt
from workbench.cli.output import print_json, say
from workbench.home import Home
from workbench.model.errors import InputError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from workbench.client import Client
    from workbench.wire import ProposalView

params_app = typer.Typer(
    help="Parameters and limits in force: propose, compare, approve, roll back; the risk gate.", no_args_is_help=True
)

Url = Annotated[str | None, typer.Option(help="The server; default: WORKBENCH_URL, else this machine's.")]
User = Annotated[str | None, typer.Option(help="Who you are, for the audit log; default: your login name.")]
Note = Annotated[str, typer.Option(help="Why, in a few words.")]
Number = Annotated[
    int, typer.Argument(metavar="ID", help="A proposal's number, from `workbench params status`.", min=1)
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Reason = Annotated[str, typer.Option(help="Why, in a few words.")]


@params_app.command("propose")
def propose_command(
    strategy: Annotated[str, typer.Option(help="Such as smaCross or rsi.")],
    pair: Annotated[str, typer.Option(help="Such as ETHUSDT.")] = "ETHUSDT",
    timeframe: Annotated[str, typer.Option(help="Such as 1h.")] = "1h",
    param: opt.Param = None,
    evidence: Annotated[
        str | None, typer.Option(help="The evidence it rests on; default: a backtest that is run now.")
    ] = None,
    note: Note = "",
    url: Url = None,
    user: User = None,
    as_json: opt.AsJson = False,
) -> None:
    """Propose parameters for a strategy on a pair. They come into force when an admin approves.

    Without --evidence the server backtests them first, and its evidence is used.

    Example: workbench params propose --strategy smaCross -p fast=50 -p slow=200
    """
    from workbench.cli.params_job import run_backtest
    from workbench.cli.params_values import typed_params

    params = typed_params(strategy, opt.parse_params(param))
    with _server(url, user) as client:
        found = evidence or run_backtest(client, pair, timeframe, strategy, params)
        made = client.propose_params(
            strategy=strategy, pair=pair, timeframe=timeframe, params=params, evidence_id=found, note=note
        )
        _show_proposal(made, as_json=as_json)


@params_app.command("propose-limits")
def propose_limits_command(
    param: Annotated[list[str], typer.Option("--param", "-p", help="A limit as name=value; may be repeated.")],
    note: Note = "",
    url: Url = None,
    user: User = None,
    as_json: opt.AsJson = False,
) -> None:
    """Propose other limits: those named, the rest stay; `workbench params status` lists them.

    Example: workbench params propose-limits -p max_order_notional=5000
    """
    with _server(url, user) as client:
        _show_proposal(client.propose_limits(opt.parse_params(param), note), as_json=as_json)


@params_app.command("diff")
def diff_command(proposal: Number, url: Url = None, user: User = None, as_json: opt.AsJson = False) -> None:
    """What a proposal changes, field by field, and its evidence beside that of what is in force.

    Example: workbench params diff 1
    """
    with _server(url, user) as client:
        _show_proposal(client.proposal(proposal), as_json=as_json)


@params_app.command("approve")
def approve_command(
    proposal: Number, note: Note = "", yes: Yes = False, url: Url = None, user: User = None, as_json: opt.AsJson = False
) -> None:
    """Put a proposal in force, after its evidence was run again; what was shown is what is approved.

    Exit status 1 with every reason where it is refused.

    Example: workbench params approve 1 --note "two quiet weeks on paper"
    """
    from workbench.cli.params_table import version_line

    with _server(url, user) as client:
        held = client.proposal(proposal)
        if not yes:
            _show_proposal(held, as_json=False)
            _confirm(f"Approve proposal {proposal}?")
        made = client.approve(proposal, digest=held.digest, note=note)
        _tell(made, version_line(made), as_json=as_json)


@params_app.command("reject")
def reject_command(
    proposal: Number, note: Note = "", url: Url = None, user: User = None, as_json: opt.AsJson = False
) -> None:
    """Decide against a proposal.

    Example: workbench params reject 1 --note "too few trades"
    """
    with _server(url, user) as client:
        after = client.reject(proposal, note=note)
        _tell(after, f"proposal {after.id} ({after.scope}) is {after.state}", as_json=as_json)


@params_app.command("rollback")
def rollback_command(
    scope: Annotated[str, typer.Argument(help="Such as smaCross/ETHUSDT, or limits.")],
    version: Annotated[int, typer.Argument(help="The version whose content shall be in force again.", min=1)],
    note: Note = "",
    yes: Yes = False,
    url: Url = None,
    user: User = None,
    as_json: opt.AsJson = False,
) -> None:
    """Put an older version in force again, as a new version.

    Example: workbench params rollback smaCross/ETHUSDT 1
    """
    from workbench.cli.params_table import version_line

    if not yes:
        _confirm(f"Put version {version} of {scope} in force again?")
    with _server(url, user) as client:
        made = client.rollback(scope, version, note=note)
        _tell(made, version_line(made), as_json=as_json)


@params_app.command("status")
def status_command(url: Url = None, user: User = None, as_json: opt.AsJson = False) -> None:
    """What is in force, what waits for a decision, the limits, and what the gate says.

    Example: workbench params status
    """
    from workbench.cli.params_table import status_tables

    with _server(url, user) as client:
        now = client.status()
        if as_json:
            print_json(now.model_dump(mode="json"))
        else:
            say(status_tables(now))


@params_app.command("history")
def history_command(
    scope: Annotated[str | None, typer.Option(help="Such as smaCross/ETHUSDT, or limits; default: all.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many of each.", min=1, max=500)] = 50,
    url: Url = None,
    user: User = None,
    as_json: opt.AsJson = False,
) -> None:
    """Every version and proposal, newest first.

    Example: workbench params history --scope smaCross/ETHUSDT
    """
    from workbench.cli.params_table import history_tables

    with _server(url, user) as client:
        found = client.history(scope, limit)
        if as_json:
            print_json(found.model_dump(mode="json"))
        else:
            say(history_tables(found))


@params_app.command("halt")
def halt_command(
    reason: Reason,
    reducing: Annotated[bool, typer.Option("--reducing", help="Let orders pass that make a position smaller.")] = False,
    url: Url = None,
    user: User = None,
    as_json: opt.AsJson = False,
) -> None:
    """Close the risk gate.

    Example: workbench params halt --reason "the exchange announced an outage"
    """
    with _server(url, user) as client:
        gate = client.halt(reason, "reducing" if reducing else "halted")
        _tell(gate, f"the switch is {gate.state}", as_json=as_json)


@params_app.command("resume")
def resume_command(reason: Reason, url: Url = None, user: User = None, as_json: opt.AsJson = False) -> None:
    """Let orders pass again, as far as the other rules do.

    Example: workbench params resume --reason "the outage is over"
    """
    with _server(url, user) as client:
        gate = client.resume(reason)
        others = "; ".join(rule.reason for rule in gate.rules if not rule.passed)
        _tell(
            gate, f"the gate is {gate.state}{f', but closed all the same: {others}' if others else ''}", as_json=as_json
        )


@contextmanager
def _server(url: str | None, user: str | None) -> "Iterator[Client]":
    """The server, asked as this machine's admin; a refusal's reasons go to stderr, one a line."""
    from workbench.client import ApiError, Client

    try:
        with Client.at_home(Home.find(), url=url, user=user) as client:
            yield client
    except ApiError as error:
        if error.status == 409 and error.reasons:
            sys.stderr.write(f"workbench: {error.detail.split(':')[0]}:\n")
            sys.stderr.writelines(f"  - {reason}\n" for reason in error.reasons)
            raise typer.Exit(1) from None
        raise
    except FileNotFoundError as error:
        text = f"the tokens of a server that was started here ({error.filename}); `workbench serve` makes them"
        raise InputError("home", text, "none") from None


def _show_proposal(held: "ProposalView", *, as_json: bool) -> None:
    from workbench.cli.params_table import proposal_table

    if as_json:
        print_json(held.model_dump(mode="json"))
    else:
        say(proposal_table(held))


def _tell(answer: "BaseModel", line: str, *, as_json: bool) -> None:
    if as_json:
        print_json(answer.model_dump(mode="json"))
    else:
        say(line)


def _confirm(question: str) -> None:
    """Raises:
    InputError: nobody is there to answer. typer.Abort: the answer is no.
    """
    if not sys.stdin.isatty():
        raise InputError("--yes", "given where no terminal can be asked", "nothing")
    if not typer.confirm(question, err=True):
        sys.stderr.write("workbench: nothing was changed\n")
        raise typer.Exit(1)
