"""``workbench feed watch | health | simulate``."""

import asyncio
import contextlib
import logging
import math
import time
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import options as opt
from workbench.cli.output import print_json, say
from workbench.cli.simulate import simulate_command
from workbench.home import Home

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live

    from workbench.data.btcturk.feed import Feed

feed_app = typer.Typer(help="Live market data of BTCTurk, or of its simulator.", no_args_is_help=True)
feed_app.command("simulate")(simulate_command)

REDRAWN_SECONDS = 0.25
LINE_SECONDS = 5.0
"""How often lines are printed where the output is no terminal."""
STOPPED = "stopped"
FRESH_SECONDS = 5.0
"""A running feed writes its health every second; older than this, it does not run."""

Exchange = Annotated[
    str | None,
    typer.Option(
        "--exchange", help="Another exchange's base address, such as the simulator's; default: BTCTurk itself."
    ),
]


@feed_app.command("watch")
def watch_command(
    pairs: Annotated[list[str], typer.Argument(metavar="PAIR...", help="Such as ETHUSDT BTCUSDT.")],
    exchange: Exchange = None,
    seconds: Annotated[float | None, typer.Option(help="Stop after so long; default: on Ctrl-C.", min=0.1)] = None,
    as_json: opt.AsJson = False,
) -> None:
    """Show live prices, and keep every market trade and candle in the store meanwhile.

    Prices, spread, lag after clock compensation, reconnects, gaps; Ctrl-C stops it with everything on the disk. A power
    cut may cost the last second, which the next run heals from what the exchange still serves. With --json nothing is
    drawn, and the health at the end is printed.

    Example: workbench feed watch ETHUSDT BTCUSDT
    """
    from workbench.cli.feed_table import account, console
    from workbench.data.btcturk.addresses import find_addresses
    from workbench.data.btcturk.feed import Feed
    from workbench.data.btcturk.health_file import as_document, read_health

    screen = console(stderr=as_json)
    _log_to(screen)
    feed = Feed(pairs, addresses=find_addresses(exchange), data=Home.find().data)
    with contextlib.suppress(KeyboardInterrupt):  # the usual way to end it; everything is on the disk by then
        asyncio.run(_watch(feed, seconds, None if as_json else screen))
    health = read_health(feed.folder)
    if as_json:
        print_json(as_document(health))
    else:
        say(account(health))


@feed_app.command("health")
def health_command(exchange: Exchange = None, as_json: opt.AsJson = False) -> None:
    """What the running feed says of itself; exit status 1 where none runs, or not all is well.

    Example: workbench feed health --json
    """
    from workbench.cli.feed_table import feed_table
    from workbench.data.btcturk.addresses import find_addresses
    from workbench.data.btcturk.health_file import as_document, read_health

    health = read_health(find_addresses(exchange).data_folder(Home.find().data))
    age = max(0.0, (time.time_ns() - health.updated_ns) / 1e9)
    runs = age <= FRESH_SECONDS and health.problem != STOPPED
    if as_json:
        print_json({"running": runs, "age_seconds": round(age, 3), **as_document(health)})
    else:
        say(feed_table(health))
        say("" if runs else f"no feed runs now: this is what it said {_ago(age)} ago")
    if not runs or health.status != "up":
        raise typer.Exit(1)


async def _watch(feed: "Feed", seconds: float | None, screen: "Console | None") -> None:
    """Run the feed, and show it where there is a screen, until the time is over."""
    from workbench.cli.feed_table import feed_table, lines

    async with feed.running():
        loop = asyncio.get_running_loop()
        end = math.inf if seconds is None else loop.time() + seconds
        with _live(screen) as live:
            told = loop.time()
            while loop.time() < end:
                await asyncio.sleep(max(0.0, min(REDRAWN_SECONDS, end - loop.time())))
                if live:
                    live.update(feed_table(feed.health()), refresh=True)
                elif screen and loop.time() - told >= LINE_SECONDS:
                    told = loop.time()
                    say(lines(feed.health()))


def _live(screen: "Console | None") -> "contextlib.AbstractContextManager[Live | None]":
    """A table that is drawn over and over, on a terminal only."""
    from rich.live import Live

    if screen is None or not screen.is_terminal:
        return contextlib.nullcontext()
    return Live(console=screen, auto_refresh=False, transient=True)


def _log_to(screen: "Console") -> None:
    """The feed's warnings go above the table, or to stderr."""
    from rich.logging import RichHandler

    handler = RichHandler(console=screen, show_path=False, show_level=False, omit_repeated_times=False)
    handler.setFormatter(logging.Formatter("%(message)s", datefmt="%H:%M:%S"))
    log = logging.getLogger("workbench.feed")
    log.handlers, log.propagate = [handler], False


def _ago(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length:.0f} {unit}"
    return f"{seconds:.0f} seconds"
