"""``workbench data fetch``."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import options as opt
from workbench.cli.data_summary import details, summary
from workbench.cli.output import print_json, say
from workbench.home import Home
from workbench.model.errors import InputError
from workbench.model.interval import Interval

if TYPE_CHECKING:
    from rich.console import Console

    from workbench.data.btcturk.addresses import Addresses
    from workbench.data.btcturk.history import Fetched, Progress
    from workbench.data.btcturk.symbols import Symbol
    from workbench.data.checks import Finding
    from workbench.data.store import CandleStore

Exchange = Annotated[
    str | None,
    typer.Option(help="Another exchange's base address, such as the simulator's; default: BTCTurk itself."),
]
TickSize = Annotated[
    str | None, typer.Option(help="Default: as stored, else the exchange's; older prices may need a finer one.")
]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_SHOWN = 10


def fetch_command(
    pair: Annotated[str, typer.Argument(metavar="PAIR", help="Such as ETHUSDT.")],
    timeframe: Annotated[str, typer.Argument(metavar="TIMEFRAME", help="1m, 15m, 30m, 1h, 4h, 1d or 1w.")],
    since: Annotated[str, typer.Option(help="First open time, ISO, UTC.")],
    until: Annotated[
        str | None, typer.Option(help="End, exclusive, ISO, UTC; default: the last closed candle.")
    ] = None,
    exchange: Exchange = None,
    tick_size: TickSize = None,
    as_json: opt.AsJson = False,
) -> None:
    """Download the exchange's candles into the store; doing it again asks only for what is missing.

    Ctrl-C keeps what has come. Candles of a simulator go into a folder of their own and stay labelled.

    Example: workbench data fetch ETHUSDT 1h --since 2024-01-01
    """
    from rich.console import Console

    from workbench.data.btcturk.addresses import find_addresses
    from workbench.data.btcturk.rest import resolution_of
    from workbench.data.store import CandleStore

    interval, now = Interval.parse(timeframe), datetime.now(UTC)
    resolution_of(interval)
    start, end = _moment("--since", since), now if until is None else _moment("--until", until)
    if start >= now:
        raise InputError("--since", "a time that has passed", since)
    if start >= end:
        raise InputError("--until", f"a time after --since {since}", until)
    addresses = find_addresses(exchange)
    store = CandleStore(addresses.data_folder(Home.find().data))
    screen = Console(stderr=True)
    with _retries_told(screen):
        done = asyncio.run(_fetch(addresses, store, pair, interval, (_ns(start), _ns(end)), tick_size, screen))
    if as_json:
        print_json(_summary(done, store))
    else:
        _tell(done, store)


async def _fetch(
    addresses: "Addresses",
    store: "CandleStore",
    pair: str,
    interval: Interval,
    span: tuple[int, int],
    tick_size: str | None,
    screen: "Console",
) -> "Fetched":
    from workbench.data.btcturk.history import fetch
    from workbench.data.btcturk.rest import RestClient

    async with RestClient(addresses) as client:
        symbol = _on_grid((await client.symbols()).find(pair), interval, tick_size, store)
        with _bar(f"{symbol.pair} {interval}", screen) as progress:
            return await fetch(client, store, symbol, interval, *span, progress=progress)


def _on_grid(symbol: "Symbol", interval: Interval, tick_size: str | None, store: "CandleStore") -> "Symbol":
    """The symbol with the tick size that was asked for."""
    if tick_size is None:
        return symbol
    from workbench.model.instrument import parse_decimal

    wanted, held = parse_decimal("--tick-size", tick_size), store.find(symbol.pair, interval)
    if held is not None and held.instrument.tick_size != wanted:
        raise InputError("--tick-size", f"that of the stored candles, {held.instrument.tick_size:f}", tick_size)
    return replace(symbol, instrument=replace(symbol.instrument, tick_size=wanted))


def _moment(field: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise InputError(field, "an ISO date or time such as 2024-01-31", text) from None
    if moment < EPOCH:
        raise InputError(field, "a time since 1970", text)
    return moment


def _ns(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1) * 1000


@contextlib.contextmanager
def _bar(text: str, screen: "Console") -> "Iterator[Callable[[Progress], None]]":
    """A progress bar, on a terminal only."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress as Bar, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task(text, total=None)

        def show(progress: "Progress") -> None:
            at = f"{datetime.fromtimestamp(progress.at_ns / 1e9, UTC):%Y-%m-%d}"
            bar.update(task, completed=progress.done_bars, total=progress.total_bars, description=f"{text} to {at}")

        yield show


@contextlib.contextmanager
def _retries_told(screen: "Console") -> Iterator[None]:
    """Show on stderr why it takes longer."""
    from rich.logging import RichHandler

    handler = RichHandler(console=screen, show_path=False, show_level=False, show_time=False)
    log = logging.getLogger("workbench.rest")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)


def _gaps(done: "Fetched") -> "list[Finding]":
    from workbench.data.checks import find_gaps
    from workbench.data.raw import RawCandles

    part = done.in_range
    return [] if part is None else find_gaps(RawCandles.of(part), part.interval)


def _summary(done: "Fetched", store: "CandleStore") -> dict[str, object]:
    about = {"added": done.added, "questions": done.questions}
    part = done.in_range
    if done.candles is None or part is None:
        return {**about, "bars": 0, "gaps": []}
    gaps = [{"before": gap.moment, "rule": gap.rule} for gap in _gaps(done)]
    path = store.path(part.pair, part.interval)
    return {**about, **summary(done.candles), "path": str(path), "in_range": len(part), "gaps": gaps}


def _tell(done: "Fetched", store: "CandleStore") -> None:
    part = done.in_range
    if done.candles is None or part is None:
        say("the exchange has no candles of that range; nothing was added")
        return
    say(details(done.candles))
    say(f"file         {store.path(part.pair, part.interval)}")
    gaps = _gaps(done)
    say(f"added {done.added:,} candles; {len(part):,} in the range asked for, {len(gaps)} gaps among them")
    for gap in gaps[:MOST_SHOWN]:
        say(f"  {gap.moment} UTC: {gap.rule}")
    if len(gaps) > MOST_SHOWN:
        say(f"  ... and {len(gaps) - MOST_SHOWN} more; --json lists them all")
