"""``workbench data import | check | list | sample``; ``fetch`` has a file of its own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import options as opt
from workbench.cli.data_summary import details, summary, table
from workbench.cli.fetch import fetch_command
from workbench.cli.output import print_json, say
from workbench.home import Home

if TYPE_CHECKING:
    from workbench.data.checks import Finding
    from workbench.data.store import CandleStore

data_app = typer.Typer(help="Import, fetch, check and list candles.", no_args_is_help=True)
data_app.command("fetch")(fetch_command)

MOST_SHOWN = 50

File = Annotated[Path, typer.Argument(metavar="FILE", help="CSV, Parquet or Arrow.")]
PairGuess = Annotated[str | None, typer.Option("--pair", help="Default: from the file's name.")]
TimeframeGuess = Annotated[str | None, typer.Option("--timeframe", help="Default: from the file's name or its times.")]


@data_app.command("import")
def import_command(
    file: File,
    pair: PairGuess = None,
    timeframe: TimeframeGuess = None,
    tick_size: Annotated[
        str | None, typer.Option(help="Default: as stored, else the coarsest that fits all prices.")
    ] = None,
    repair: Annotated[str, typer.Option(help="Any of sort,duplicates,invalid,gaps; by default nothing.")] = "",
    as_json: opt.AsJson = False,
) -> None:
    """Read a file, check it, and add its candles to the store; doing it twice changes nothing.

    Example: workbench data import ETHUSDT-1h.csv --repair sort,duplicates
    """
    from workbench.data.load import load_file

    names = [name.strip() for name in repair.split(",") if name.strip()]
    store = _store()
    loaded = load_file(file, pair, timeframe, tick_size=tick_size, repairs=names, store=store)
    whole, added = store.append(loaded.candles)
    if as_json:
        print_json({**summary(whole), "added": added, "gaps": len(loaded.gaps), "repairs": list(loaded.repairs)})
        return
    for text in loaded.repairs:
        say(f"repaired  {text}")
    say(details(whole))
    say(f"added {added:,} of {len(loaded.candles):,} candles; {len(loaded.gaps)} gaps in the file")


@data_app.command("check")
def check_command(
    target: Annotated[str, typer.Argument(metavar="FILE|PAIR", help="A file, or a stored pair with --timeframe.")],
    pair: PairGuess = None,
    timeframe: TimeframeGuess = None,
    as_json: opt.AsJson = False,
) -> None:
    """List everything wrong or noteworthy; exit status 1 when anything is wrong (gaps alone are not).

    Stored candles are also read whole and compared with their fingerprint.

    Example: workbench data check ETHUSDT-1h.csv
    """
    from workbench.data.load import check_file

    file = Path(target)
    findings = check_file(file, pair, timeframe) if file.suffix else _check_stored(target, timeframe)
    errors = sum(finding.is_error for finding in findings)
    if as_json:
        rows = [
            {"row": f.row, "open_time_ns": f.open_time_ns, "column": f.column, "value": repr(f.value), "rule": f.rule}
            for f in findings
        ]
        print_json({"errors": errors, "gaps": len(findings) - errors, "findings": rows})
    else:
        _show_findings(findings, errors)
    if errors:
        raise typer.Exit(1)


def _show_findings(findings: "list[Finding]", errors: int) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("row", "time (UTC)", "column", "value", "what was found"):
        table.add_column(name, justify="right" if name == "row" else "left", no_wrap=name != "what was found")
    for found in findings[:MOST_SHOWN]:
        table.add_row(str(found.row), found.moment, found.column, repr(found.value), found.rule)
    if findings:
        say(table)
    if len(findings) > MOST_SHOWN:
        say(f"... and {len(findings) - MOST_SHOWN} more; --json lists them all")
    say(f"{errors} errors, {len(findings) - errors} gaps")


def _check_stored(pair: str, timeframe: str | None) -> "list[Finding]":
    from workbench.data.checks import check
    from workbench.data.raw import RawCandles
    from workbench.data.store import verify_file
    from workbench.model.instrument import parse_pair
    from workbench.model.interval import Interval

    store = _store()
    candles = store.load(parse_pair(pair), Interval.parse(timeframe or "1h"))
    verify_file(store.path(candles.pair, candles.interval))
    return check(RawCandles.of(candles), candles.interval)


@data_app.command("list")
def list_command(as_json: opt.AsJson = False) -> None:
    """What is stored.

    Example: workbench data list --json
    """
    held = _store().list()
    if as_json:
        print_json([summary(candles) for candles in held])
    elif held:
        say(table(held))
    else:
        say("nothing stored yet; ETHUSDT 1h is bundled (synthetic); `workbench data import FILE` adds your own")


@data_app.command("sample")
def sample_command(
    folder: Annotated[
        Path | None, typer.Option(help="Where to write CSV and sidecar; default: sample in the data folder.")
    ] = None,
    as_json: opt.AsJson = False,
) -> None:
    """Write the bundled synthetic candles (ETHUSDT 1h, two years) as CSV, with a sidecar that says what they are.

    Example: workbench data sample --folder .
    """
    from workbench.data.sample import sample_candles
    from workbench.data.sample_file import write_sample

    path = write_sample(folder or Home.find().data / "sample")
    if as_json:
        print_json({"path": str(path), **summary(sample_candles())})
    else:
        say(f"wrote {path} (synthetic, not market data) and its sidecar")


def _store() -> "CandleStore":
    from workbench.data.store import CandleStore

    return CandleStore(Home.find().data)
