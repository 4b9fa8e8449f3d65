"""``workbench audit tail | verify``: read from the ledger itself, so that no server has to be believed."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import options as opt
from workbench.cli.output import print_json, say
from workbench.home import Home

if TYPE_CHECKING:
    from workbench.guardrails.audit import AuditEntry
    from workbench.guardrails.ledger import Ledger

audit_app = typer.Typer(help="Who did what: the audit log, and whether anybody touched it.", no_args_is_help=True)


@audit_app.command("tail")
def tail_command(
    limit: Annotated[int, typer.Option(help="The newest so many.", min=1, max=100_000)] = 20,
    as_json: opt.AsJson = False,
) -> None:
    """The newest entries, oldest of them first.

    Example: workbench audit tail --limit 50
    """
    from dataclasses import asdict

    from workbench.guardrails import audit_log

    with _ledger() as ledger, ledger.reading() as connection:
        entries = audit_log.tail(connection, limit)[::-1]
    if as_json:
        print_json([asdict(entry) for entry in entries])
    else:
        say("\n".join(map(_line, entries)) or "nothing yet")


@audit_app.command("verify")
def verify_command(as_json: opt.AsJson = False) -> None:
    """Walk the whole chain; exit status 1 and the first bad entry where somebody altered, dropped or swapped one.

    The chain's end is compared with audit-head.json, which the server writes beside the ledger.

    Example: workbench audit verify
    """
    from workbench.guardrails import audit_log
    from workbench.guardrails.head_file import read_head

    seen = read_head(Home.find().root)
    with _ledger() as ledger, ledger.reading() as connection:
        verdict = audit_log.verify(connection, seen)
    if as_json:
        told = {"intact": verdict.intact, "entries": verdict.entries, "head_hash": verdict.head.hash}
        print_json({**told, "bad_seq": verdict.bad_seq, "problem": verdict.problem, "head_file": seen is not None})
    elif verdict.intact:
        beside = "" if seen else " (there is no audit-head.json: a cut-off end would go unnoticed)"
        say(f"intact: {verdict.entries:,} entries, head {verdict.head.hash}{beside}")
    else:
        say(f"BROKEN at entry {verdict.bad_seq}: {verdict.problem}")
    if not verdict.intact:
        raise typer.Exit(1)


@contextmanager
def _ledger() -> "Iterator[Ledger]":
    """The home's, or the database of WORKBENCH_DATABASE_URL."""
    from workbench.guardrails.ledger import Ledger

    ledger = Ledger.open(Home.find().root, os.environ.get("WORKBENCH_DATABASE_URL"), create=False)
    try:
        yield ledger
    finally:
        ledger.close()


def _line(each: "AuditEntry") -> str:
    """Number, time, who from where, what to what, outcome; then what else is known, hashes shortened."""
    when = f"{datetime.fromtimestamp(each.at_ns / 1e9, UTC):%Y-%m-%d %H:%M:%S}"
    who = f"{each.who} ({each.role}{', ' + each.address if each.address else ''})"
    told = {name: value for name, value in each.details.items() if value not in (None, "", [])}
    rest = re.sub(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}", r"\1…", json.dumps(told, ensure_ascii=False)) if told else ""
    outcome = "" if each.outcome == "done" else f" {each.outcome.upper()}"
    return f"{each.seq:>6}  {when}  {who}  {each.action} {each.subject}{outcome}  {rest}".rstrip()
