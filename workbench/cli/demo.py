"""``workbench demo``: the main job on the bundled candles, then everything served, on a home that is thrown away."""

import asyncio
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.output import say
from workbench.cli.up import ApiPort, DashboardsPort, Lab, LabPort
from workbench.home import Home
from workbench.model.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.client import Client
    from workbench.evidence.form import EvidenceReport

STRATEGIES: tuple[tuple[str, dict[str, Any]], ...] = (("smaCross", {"fast": 9, "slow": 21}), ("rsi", {"period": 14}))
CANDIDATE: tuple[str, dict[str, Any]] = ("rsi", {"period": 14, "upper": 75.0})
"""What the guardrails page shows as waiting for a decision."""
PAIR, TIMEFRAME = "ETHUSDT", "1h"


def demo_command(
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Whether the dashboards are served after it.")
    ] = True,
    api_port: ApiPort = 4010,
    dashboards_port: DashboardsPort = 3003,
    lab_port: LabPort = 8888,
    lab: Lab = True,
) -> None:
    """Both strategies on the bundled candles: metrics, evidence, verification; then all is served, to be tried out.

    Candles and exchange are simulated and labelled so. The home is a temporary folder that is deleted at the end; with
    --no-serve it is the usual one. The first run compiles the engine (about half a minute, then cached).

    Example: workbench demo --no-serve
    """
    if not serve:
        main_job(Home.find())
        say("Next: `workbench up` serves the dashboards and the notebooks; `workbench --help` lists the commands.")
        return
    from workbench.cli.up import Plan, environment_of, notebooks, run

    with tempfile.TemporaryDirectory(prefix="workbench-demo-", ignore_cleanup_errors=True) as folder:
        home = Home.at(Path(folder))
        plan = Plan(home, notebooks(lab), api_port, dashboards_port, lab_port, simulate=True)
        environment = environment_of(plan, os.environ)
        os.environ.clear()
        os.environ.update(environment)  # this process, too, writes evidence and approves parameters
        main_job(home)
        asyncio.run(run(plan, as_json=False, prepare=lambda addresses: fill(home, addresses)))


def main_job(home: Home) -> None:
    """Backtest both strategies, keep the evidence, run it again.

    Raises:
        typer.Exit: 1, a digest did not come out again.
    """
    from workbench.cli.backtest import show
    from workbench.cli.progress import compiling
    from workbench.research.backtest import backtest
    from workbench.research.candles import load_candles
    from workbench.research.evidence import verify
    from workbench.strategy.catalog import make_strategy

    candles = load_candles(PAIR, TIMEFRAME, home=home)
    for name, params in STRATEGIES:
        with compiling(f"{name}: backtest and evidence"):
            result = backtest(candles, make_strategy(name, params))
            report: EvidenceReport = result.save(home=home)
            verdict = verify(report.id, home=home)
        show(result, report, home)
        say(f"{verdict}\n")
        if not verdict.verified:
            raise typer.Exit(1)


def fill(home: Home, addresses: Mapping[str, str]) -> None:
    """The same through the server: the better strategy's parameters in force, others proposed, so no page is empty."""
    from workbench.client import Client
    from workbench.token_file import read_tokens

    tokens = read_tokens(home.root)
    with (
        Client(addresses["api"], researcher_token=tokens["researcher"], user="demo-researcher") as researcher,
        Client(addresses["api"], admin_token=tokens["admin"], user="demo-admin") as admin,
    ):
        for name, params in STRATEGIES:
            found = _run(researcher, name, params)
        first = _propose(researcher, name, params, found, "the better one of the demo's two strategies")
        admin.approve(first, note="approved by the demo")
        name, params = CANDIDATE
        _propose(
            researcher, name, params, _run(researcher, name, params), "stays in for longer: more return, more risk"
        )


def _run(client: "Client", strategy: str, params: Mapping[str, Any]) -> str:
    """The id of the evidence.

    Raises:
        WorkbenchError: it leaves none.
    """
    started = client.start_backtest(pair=PAIR, timeframe=TIMEFRAME, strategy=strategy, params=params)
    done = client.wait(started.id)
    if done.evidence_id is None:
        raise WorkbenchError(f"the demo's backtest of {strategy} is {done.status}: {done.error and done.error.text}")
    return done.evidence_id


def _propose(client: "Client", strategy: str, params: Mapping[str, Any], evidence_id: str, note: str) -> int:
    made = client.propose_params(
        strategy=strategy, pair=PAIR, timeframe=TIMEFRAME, params=params, evidence_id=evidence_id, note=note
    )
    return int(made.id)
