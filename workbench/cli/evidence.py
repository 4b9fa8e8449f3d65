"""``workbench evidence list | show | compare``."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import options as opt
from workbench.cli.output import print_json, say
from workbench.home import Home

if TYPE_CHECKING:
    from workbench.evidence.store import EvidenceStore, StoredReport

evidence_app = typer.Typer(help="Look at stored evidence.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="An id from `workbench evidence list`.")]


def _store() -> "EvidenceStore":
    from workbench.evidence.store import EvidenceStore

    return EvidenceStore(Home.find().evidence)


@evidence_app.command("list")
def list_command(as_json: opt.AsJson = False) -> None:
    """All reports, the latest first; damaged ones are named as such (exit status 1 if there are any)."""
    stored = _store().list()
    if as_json:
        print_json([_summary(entry) for entry in stored])
    elif not stored:
        say("no evidence yet; `workbench backtest --strategy smaCross` writes some")
    else:
        _show_list(stored)
    if any(entry.problem for entry in stored):
        raise typer.Exit(1)


def _summary(entry: "StoredReport") -> dict[str, object]:
    report = entry.report
    if report is None:
        return {"id": entry.id, "problem": entry.problem}
    return {
        "id": entry.id,
        "digest": report.digest,
        "strategy": report.inputs.strategy.name,
        "params": report.inputs.strategy.params,
        "pair": report.inputs.pair,
        "timeframe": report.inputs.timeframe,
        "simulated": report.inputs.candles.simulated,
        "finished_at": report.run.finished_at,
        "total_return": report.metrics.total_return,
        "sharpe": report.metrics.sharpe,
    }


def _show_list(stored: "list[StoredReport]") -> None:
    from rich.table import Table

    table = Table(title="evidence", caption="data: S simulated, R real")
    for name, justify in (
        ("id", "left"),
        ("params", "left"),
        ("data", "left"),
        ("return", "right"),
        ("sharpe", "right"),
    ):
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for entry in stored:
        report = entry.report
        if report is None:
            table.add_row(entry.id, f"[red]{entry.problem}[/red]", "", "", "")
            continue
        params = ", ".join(f"{key}={value}" for key, value in report.inputs.strategy.params.items())
        metrics = report.metrics
        table.add_row(
            entry.id,
            params,
            "S" if report.inputs.candles.simulated else "R",
            "-" if metrics.total_return is None else f"{metrics.total_return:+.2%}",
            "-" if metrics.sharpe is None else f"{metrics.sharpe:.2f}",
        )
    say(table)


@evidence_app.command("show")
def show_command(report_id: Id) -> None:
    """One report as it is stored (JSON), after checking that it is whole and unaltered."""
    store = _store()
    store.trades(store.load(report_id))
    say(store.path(report_id).read_text("utf-8").rstrip())


@evidence_app.command("compare")
def compare_command(first: Id, second: Id, as_json: opt.AsJson = False) -> None:
    """Two reports side by side: what differs in their inputs and in their metrics."""
    from workbench.evidence.compare import compare

    store = _store()
    found = compare(store.load(first), store.load(second))
    rows = [(row.path, row.expected, row.received) for row in (*found.inputs, *found.versions)]
    rows += [(f"metrics.{name}", one, other) for name, one, other in found.metrics if one != other]
    if as_json:
        print_json([{"path": path, "first": one, "second": other} for path, one, other in rows])
        return
    if not rows:
        say("the same inputs and metrics")
        return
    from rich.table import Table

    table = Table(title=f"{first}\nand {second}")
    for name in ("what differs", "first", "second"):
        table.add_column(name, overflow="fold")
    for path, one, other in rows:
        table.add_row(path, *(f"{value:.6g}" if isinstance(value, float) else str(value) for value in (one, other)))
    say(table)
