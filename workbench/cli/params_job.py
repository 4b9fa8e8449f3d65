"""A backtest on the server, with a progress bar."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.model.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.client import Client


class JobError(WorkbenchError):
    """The server could not do the backtest."""

    exit_status = 1


def run_backtest(client: "Client", pair: str, timeframe: str, strategy: str, params: Mapping[str, Any]) -> str:
    """Its evidence's id.

    Raises:
        JobError: it failed or was cancelled.
    """
    from rich.console import Console
    from rich.progress import Progress

    started = client.start_backtest(pair=pair, timeframe=timeframe, strategy=strategy, params=params)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("backtest", total=1.0)
        for told in client.events(started.id):
            bar.update(task, completed=told.progress, description=told.step or told.status)
            last = told
    if last.evidence_id is None:
        raise JobError(f"the backtest {last.status}: {last.error.text if last.error else 'no reason was given'}")
    label = " (SIMULATED candles)" if last.simulated else ""
    sys.stderr.write(f"backtested: {last.evidence_id}{label}\n")
    return last.evidence_id
