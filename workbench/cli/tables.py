"""Results as rich tables."""

from typing import TYPE_CHECKING

from workbench.research.backtest import Backtest

if TYPE_CHECKING:
    from rich.console import RenderableType

BLOCKS = "▁▂▃▄▅▆▇█"


def backtest_table(result: Backtest) -> "RenderableType":
    """Title, a sketch of the equity curve, and the metrics."""
    from rich.console import Group
    from rich.text import Text

    candles = result.candles
    style = "bold yellow" if candles.origin.simulated else "bold"
    head = Text(result.title, style=style)
    span = Text(
        f"{len(candles):,} bars, {candles.start:%Y-%m-%d} to {candles.end:%Y-%m-%d} UTC, {candles.origin}", "dim"
    )
    return Group(head, span, Text("equity    " + sketch(result), style="cyan"), Text(str(result.metrics)))


def sketch(result: Backtest, width: int = 60) -> str:
    """The equity curve in one line of block characters, each the last value of its share of the bars."""
    curve = result.equity_curve
    ends = [max(0, (k + 1) * len(curve) // width - 1) for k in range(min(width, len(curve)))]
    values = curve[ends]
    low, high = float(values.min()), float(values.max())
    scale = (len(BLOCKS) - 1) / (high - low) if high > low else 0.0
    return "".join(BLOCKS[round((float(value) - low) * scale)] for value in values)
