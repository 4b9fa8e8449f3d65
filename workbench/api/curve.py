"""The equity curve of some evidence, as an Arrow file."""

from pathlib import Path

import pyarrow as pa

from workbench.api.run_again import run_again
from workbench.engine.drawdown import drawdown_series
from workbench.evidence.thinning import thinned
from workbench.home import Home


def write_curve(evidence_id: str, home: Home, path: Path, points: int | None) -> int:
    """Columns ``time_ns`` (close times), ``equity`` (quote currency) and ``drawdown`` (fraction, <= 0).

    Args:
        points: at most so many (but 6), chosen to keep the curve's looks; None: every bar.

    Returns:
        The bars of the whole curve.

    Raises:
        WorkbenchError: see :func:`run_again`.
    """
    report, result = run_again(evidence_id, home)
    equity, candles = result.equity_curve, result.candles
    times = candles.open_time_ns + candles.interval.nanoseconds
    drawdown = drawdown_series(equity, report.inputs.initial_cash)
    kept = slice(None) if points is None else thinned(equity, points)
    columns = {"time_ns": times[kept], "equity": equity[kept], "drawdown": drawdown[kept]}
    table = pa.table(columns)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return len(equity)
