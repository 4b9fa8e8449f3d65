"""``workbench up``: API, dashboards and JupyterLab together; ``workbench demo``: the same to try things out."""

import asyncio
import contextlib
import os
import secrets
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli import options as opt
from workbench.cli.children import START_SECONDS, Child, ChildError, Family
from workbench.cli.lab import options
from workbench.ending import on_end
from workbench.home import Home

if TYPE_CHECKING:
    from rich.table import Table

SECRET_VARIABLES = ("ADMIN_TOKEN", "RESEARCHER_TOKEN", "WORKBENCH_ADMIN_TOKEN", "WORKBENCH_RESEARCHER_TOKEN")
SECRETS = (*SECRET_VARIABLES, "WORKBENCH_DATABASE_URL", "WORKBENCH_PROXY_SECRET")
"""What JupyterLab and its kernels do not get."""
DASHBOARDS_KEY = "WORKBENCH_DASHBOARDS_KEY"

ApiPort = Annotated[int, typer.Option(help="Of the API; 0: any free one.", min=0, max=65_535)]
DashboardsPort = Annotated[int, typer.Option(help="Of the dashboards; 0: any free one.", min=0, max=65_535)]
LabPort = Annotated[int, typer.Option(help="Of JupyterLab; 0: any free one.", min=0, max=65_535)]
Lab = Annotated[bool, typer.Option("--lab/--no-lab", help="Whether JupyterLab runs too.")]
Exchange = Annotated[
    str | None, typer.Option("--exchange", help="Another exchange's base address, such as the simulator's.")
]


@dataclass(frozen=True)
class Plan:
    """What to start."""

    home: Home
    notebooks: Path | None
    api_port: int = 4010
    dashboards_port: int = 3003
    lab_port: int = 8888
    exchange: str | None = None
    simulate: bool = False
    feed: bool = True


def up_command(
    api_port: ApiPort = 4010,
    dashboards_port: DashboardsPort = 3003,
    lab_port: LabPort = 8888,
    lab: Lab = True,
    exchange: Exchange = None,
    feed: Annotated[bool, typer.Option("--feed/--no-feed", help="Whether the live feed runs.")] = True,
    as_json: opt.AsJson = False,
) -> None:
    """Start the API, the dashboards and JupyterLab, all on 127.0.0.1; Ctrl-C or closing the terminal stops them.

    One that ends is started again. Their logs lie in the home's logs folder.

    Example: workbench up --no-lab
    """
    plan = Plan(Home.find(), notebooks(lab), api_port, dashboards_port, lab_port, exchange, feed=feed)
    asyncio.run(run(plan, as_json=as_json))


def notebooks(wanted: bool) -> Path | None:
    folder = Path("notebooks")
    return (folder if folder.is_dir() else Path()) if wanted else None


def is_setting(name: str) -> bool:
    """Whether a variable sets this program up; case does not count, as in ``workbench.api.settings``."""
    return name.upper().startswith("WORKBENCH_") or name.upper() in SECRET_VARIABLES


def environment_of(plan: Plan, inherited: Mapping[str, str]) -> dict[str, str]:
    """What the processes get. A trial gets nothing that a shell has set for a real server: no ledger, no tokens."""
    if not plan.simulate:
        return dict(inherited)
    kept = {name: value for name, value in inherited.items() if not is_setting(name)}
    return {**kept, "WORKBENCH_HOME": str(plan.home.root.absolute())}


async def run(plan: Plan, *, as_json: bool, prepare: Callable[[Mapping[str, str]], None] | None = None) -> None:
    """Start everything, print the addresses, and wait for Ctrl-C.

    Raises:
        ChildError: something does not start; everything else is stopped again.
    """
    stop = asyncio.Event()
    on_end(lambda _: stop.set())
    family = Family(lambda text: print(text, file=sys.stderr, flush=True))  # noqa: T201 - a command's own words
    try:
        starting = asyncio.create_task(_start(plan, family))
        stopped = asyncio.create_task(stop.wait())
        if await _ends_before(stopped, starting):
            addresses = starting.result()
            if prepare is None or await _ends_before(stopped, _in_thread(lambda: prepare(addresses))):
                _show(addresses, plan, as_json=as_json)
                await stopped
    finally:
        await family.stop()
    print("all stopped", file=sys.stderr)  # noqa: T201 - a command's own words


async def _ends_before(stopped: asyncio.Future[Any], work: asyncio.Future[Any]) -> bool:
    """Wait for the first of the two; work that has not ended by then is cancelled. What it raises is raised here."""
    await asyncio.wait([work, stopped], return_when=asyncio.FIRST_COMPLETED)
    if work.done():
        await work
        return True
    work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work
    return False


def _in_thread(work: Callable[[], None]) -> asyncio.Future[None]:
    """Unlike ``asyncio.to_thread`` nothing waits for the thread: whoever cancels this does not, nor does the exit."""
    outcome: Future[None] = Future()
    outcome.set_running_or_notify_cancel()

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told to whoever waits
            outcome.set_exception(error)
        else:
            outcome.set_result(None)

    threading.Thread(target=run, name="prepare", daemon=True).start()
    return asyncio.wrap_future(outcome)


async def _start(plan: Plan, family: Family) -> dict[str, str]:
    """Name -> address, in the order of the table."""
    environment = environment_of(plan, os.environ)
    logs = plan.home.root / "logs"
    exchange, addresses = plan.exchange, {}
    if plan.simulate:
        words = ["feed", "simulate", "--json", "--port"]
        simulator = Child("simulator", lambda: [*words, _port(simulator, 0)], environment, logs / "simulator.log")
        exchange = (await family.add(simulator)).url
        addresses["exchange"] = exchange
    api = Child("API", lambda: _serve(plan, api, exchange), environment, logs / "serve.log")
    addresses["api"] = (await family.add(api)).url
    informed = {**environment, "WORKBENCH_URL": api.url}
    keyed = {**informed, DASHBOARDS_KEY: secrets.token_urlsafe(24)}  # the same after a restart
    pages = Child("dashboards", lambda: _pages(plan, pages), keyed, logs / "dashboards.log")
    told = (await family.add(pages)).told
    addresses["dashboards"] = f"{told['url']}/{told['query']}"
    if plan.notebooks is not None:
        addresses["lab"] = await _start_lab(plan, family, informed, logs)
    return addresses


def _serve(plan: Plan, child: Child, exchange: str | None) -> list[str]:
    words = ["serve", "--json", "--port", _port(child, plan.api_port)]
    words += ["--exchange", exchange] if exchange else []
    return words if plan.feed else [*words, "--no-feed"]


def _pages(plan: Plan, child: Child) -> list[str]:
    return ["dashboards", "--json", "--port", _port(child, plan.dashboards_port)]


def _port(child: Child, wanted: int) -> str:
    """The same one again at a second start, since others know it by then."""
    from urllib.parse import urlsplit

    return str(urlsplit(child.url).port or wanted) if child.url else str(wanted)


async def _start_lab(plan: Plan, family: Family, environment: Mapping[str, str], logs: Path) -> str:
    """JupyterLab, whose key is made here and goes to it by its environment."""
    import socket

    port = plan.lab_port
    if port == 0:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    key = secrets.token_urlsafe(24)
    inherited = {name: value for name, value in environment.items() if name not in SECRETS}
    words = [*options(port), "--no-browser", "--ServerApp.port_retries=0", str(plan.notebooks)]
    child = Child(
        "JupyterLab", lambda: words, {**inherited, "JUPYTER_TOKEN": key}, logs / "lab.log", "jupyterlab", telling=False
    )
    await family.add(child)
    await _answers(child, port)
    return f"http://127.0.0.1:{port}/lab?token={key}"


async def _answers(child: Child, port: int) -> None:
    """Wait until somebody listens.

    Raises:
        ChildError: it ended before, or took too long.
    """
    async with asyncio.timeout(START_SECONDS):
        while child.starts == 1:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.1)
    raise ChildError(f"{child.name} ended before it was ready; its log is {child.log}")


def _show(addresses: Mapping[str, str], plan: Plan, *, as_json: bool) -> None:
    from workbench.cli.output import print_json, say

    if as_json:
        print_json({**addresses, "home": str(plan.home.root), "simulated": plan.simulate})
    else:
        say(_table(addresses, plan))
        say(f"Open {addresses['dashboards']}\nCtrl-C stops everything.")
    sys.stdout.flush()


def _table(addresses: Mapping[str, str], plan: Plan) -> "Table":
    from rich.table import Table

    title = "Research workbench" + (": SIMULATED candles, SIMULATED exchange" if plan.simulate else "")
    table = Table(title=title, title_style="bold")
    table.add_column("what")
    table.add_column("where", overflow="fold")
    named = {
        "dashboards": "dashboards",
        "api": "API (/docs, /metrics)",
        "lab": "JupyterLab",
        "exchange": "simulated exchange",
    }
    for key, label in named.items():
        if key in addresses:
            table.add_row(label, addresses[key])
    table.add_row("home, logs", str(plan.home.root))
    return table
