"""``workbench feed simulate``: the exchange simulator in a terminal."""

import asyncio
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from workbench.cli import options as opt
from workbench.cli.output import print_json
from workbench.ending import on_end
from workbench.model.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table

    from workbench.simulator.server import Simulator
    from workbench.simulator.settings import SimulatorSettings


def simulate_command(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0: any that is free.", min=0, max=65_535)] = 4020,
    pair: Annotated[
        list[str] | None, typer.Option(help="May be repeated; default: ETHUSDT, BTCUSDT, BTCTRY, USDTTRY.")
    ] = None,
    trades: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Recorded trades (CSV) in place of invented ones: XRPETH-trades.csv."),
    ] = None,
    tick_size: Annotated[str | None, typer.Option(help="Of the recorded prices; default: inferred.")] = None,
    speed: Annotated[float, typer.Option(help="Trades follow each other so many times as fast as they did.")] = 1.0,
    rate: Annotated[float, typer.Option(help="Trades a second of each pair, in the exchange's time.")] = 2.0,
    burst: Annotated[int, typer.Option(help="Trades of one moment at each order; 0: mostly one.", min=0)] = 0,
    seed: Annotated[int, typer.Option(help="The same seed, the same market.", min=0)] = 1,
    clock_offset: Annotated[float, typer.Option(help="Seconds by which the exchange's clock is ahead.")] = 0.0,
    delay: Annotated[float, typer.Option(help="Seconds by which every frame comes late.", min=0)] = 0.0,
    history: Annotated[float, typer.Option(help="Seconds of trades that exist at the start.", min=0)] = 0.0,
    rest_limit: Annotated[bool, typer.Option(help="Enforce the exchange's limit of REST requests.")] = False,
    flat_bars: Annotated[bool, typer.Option(help="Candles for minutes without a trade, too.")] = False,
    as_json: opt.AsJson = False,
) -> None:
    """Run a simulated BTCTurk on 127.0.0.1, with faults to order; Ctrl-C ends it.

    Type a fault such as [bold]drop[/bold] or [bold]silent 5[/bold] while it runs; [bold]help[/bold] lists them.
    With --json, one document with the address is printed when it is up.

    Example: workbench feed simulate --pair ETHUSDT --rate 5
    """
    from workbench.simulator.settings import SimulatorSettings

    settings = SimulatorSettings(
        port=port,
        pairs=tuple(name.upper().replace("_", "") for name in pair or ()),
        seed=seed,
        trades_per_second=rate,
        burst=burst,
        tape_speed=speed,
        clock_offset_seconds=clock_offset,
        history_seconds=history,
        delay_seconds=delay,
        trades_file=trades,
        tick_size=tick_size,
        rest_limit=rest_limit,
        flat_bars=flat_bars,
    )
    asyncio.run(_simulate(settings, as_json=as_json))


async def _simulate(settings: "SimulatorSettings", *, as_json: bool) -> None:
    from rich.console import Console

    from workbench.simulator.server import Simulator

    stop = asyncio.Event()
    on_end(lambda _: stop.set())
    async with Simulator(settings, _log) as simulator:
        if as_json:
            print_json({"url": simulator.url, "port": simulator.port, "pairs": simulator.pairs, "simulated": True})
            sys.stdout.flush()
        else:
            Console(stderr=True).print(_table(simulator))
        _read_lines(sys.stdin, simulator)
        await stop.wait()
    _log("stopped")


def _table(simulator: "Simulator") -> "Table":
    from rich.table import Table

    table = Table(title="SIMULATED exchange: nothing here is real", show_header=False, title_style="bold yellow")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    socket = simulator.url.replace("http", "ws", 1)
    table.add_row("pairs", ", ".join(simulator.pairs))
    table.add_row("WebSocket", f"{socket}/")
    table.add_row("REST", f"{simulator.url}/api/v2/ticker")
    table.add_row("everything that happened", f"{simulator.url}/simulator/trades?pair={simulator.pairs[0]}")
    table.add_row("watch it", f"workbench feed watch {simulator.pairs[0]} --exchange {simulator.url}")
    table.add_row("faults", "type drop, silent 5, restart 3, ... here (help lists all), or")
    table.add_row("", f"curl '{simulator.url}/simulator/fault?kind=drop'")
    return table


def _read_lines(lines: TextIO, simulator: "Simulator") -> None:
    """Typed faults, read by a thread of its own: a terminal's input cannot be waited for in every event loop."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        rest = b""
        while piece := os.read(lines.fileno(), 4096):  # not the buffered reader: its lock would hang the end of Python
            *whole, rest = (rest + piece).split(b"\n")
            for line in whole:
                asyncio.run_coroutine_threadsafe(_obey(line.decode(errors="replace").strip(), simulator), loop)

    threading.Thread(target=read, daemon=True).start()


async def _obey(line: str, simulator: "Simulator") -> None:
    from workbench.simulator.faults import KINDS, parse_fault

    if line == "help":
        for name, kind in KINDS.items():
            defaults = " ".join(f"{argument}={getattr(kind, argument)}" for argument in kind.takes)
            _log(f"  {name:<10} {defaults:<24} {kind.does}")
        return
    if not line:
        return
    try:
        await simulator.inject(parse_fault(line))
    except InputError as error:
        _log(str(error))


def _log(line: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stderr.flush()
