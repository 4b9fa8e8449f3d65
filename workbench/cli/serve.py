"""``workbench serve``."""

from typing import Annotated

import typer

from workbench.cli import options as opt


def serve_command(
    host: Annotated[
        str | None, typer.Option(help="Where to listen; anything but this machine is warned about.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="0: any free one. Default: 4010.", min=0, max=65535)] = None,
    exchange: Annotated[
        str | None, typer.Option("--exchange", help="Another exchange's base address, such as the simulator's.")
    ] = None,
    feed: Annotated[bool | None, typer.Option("--feed/--no-feed", help="Whether the live feed runs.")] = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes; default: one per core.", min=1, max=64)] = None,
    as_json: opt.AsJson = False,
) -> None:
    """Serve the API: backtest jobs, the live feed, guardrails, audit, metrics.

    Everything else is set by environment variables named WORKBENCH_..., see the README. Tokens: WORKBENCH_ADMIN_TOKEN
    (or ADMIN_TOKEN) and WORKBENCH_RESEARCHER_TOKEN; where they are not set, tokens are made at the first start and kept
    in the home's tokens.json, readable for its owner alone. Ctrl-C ends it; what was accepted is on the disk.

    Example: workbench serve --no-feed
    """
    from workbench.api.server import run
    from workbench.home import Home

    given = {"host": host, "port": port, "exchange": exchange, "feed": feed, "workers": workers}
    run(Home.find(), {name: value for name, value in given.items() if value is not None}, as_json=as_json)
