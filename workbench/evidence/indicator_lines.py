"""What a strategy looks at, as lines to draw beside the price. For looking at: it decides with exact integers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from workbench.strategy.indicators import Floats, rsi, sma
from workbench.strategy.rsi import Rsi
from workbench.strategy.sma_cross import SmaCross

Params = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class IndicatorLine:
    """``values``: one a bar, NaN during the warm-up; or a level, the same at every bar."""

    name: str
    panel: Literal["price", "oscillator"]
    values: NDArray[Any] | float


def indicator_lines(strategy: str, params: Params, close: Floats) -> list[IndicatorLine]:
    """The lines of a strategy of the catalog, none where it looks at prices alone.

    Args:
        params: all of them. close: (n_bars,).
    """
    lines = LINES.get(strategy)
    return [] if lines is None else lines(params, close)


def _averages(params: Params, close: Floats) -> list[IndicatorLine]:
    periods = params["fast"], params["slow"]
    return [IndicatorLine(f"SMA {period}", "price", sma(close, period)) for period in periods]


def _strength(params: Params, close: Floats) -> list[IndicatorLine]:
    period, wilder = params["period"], params["smoothing"] == "wilder"
    return [
        IndicatorLine(f"RSI {period}", "oscillator", rsi(close, period, wilder)),
        IndicatorLine(f"Lower {params['lower']:g}", "oscillator", float(params["lower"])),
        IndicatorLine(f"Upper {params['upper']:g}", "oscillator", float(params["upper"])),
    ]


LINES: dict[str, Callable[[Params, Floats], list[IndicatorLine]]] = {SmaCross.name: _averages, Rsi.name: _strength}
"""By the strategy's name on the wire."""
