"""What a backtest gives: the engine's tables, the equity curve, and views of them."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.costs import Costs
from workbench.engine.exits import Exits
from workbench.engine.metrics import Metrics, compute_metrics
from workbench.engine.sizing import Sizing
from workbench.engine.trades import trades_from_fills
from workbench.model.candle import Candles

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Inputs:
    """Everything that decides a result, but for the candles."""

    strategy: str
    params: dict[str, Any]
    costs: Costs
    sizing: Sizing
    exits: Exits
    initial_cash: float
    allow_short: bool
