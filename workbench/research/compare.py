"""Several runs side by side."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from workbench.engine.metric_table import rows
from workbench.engine.result import BacktestResult
from workbench.model.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def compare(runs: Mapping[str, BacktestResult]) -> "pd.DataFrame":
    """The metrics of several runs as people read them, one column a run; numbers are in each run's ``metrics``.

    Raises:
        InputError: no run.
    """
    import pandas as pd

    if not runs:
        raise InputError("runs", "at least one result by name", "none")
    return pd.DataFrame({name: dict(rows(run.metrics)) for name, run in runs.items()})
