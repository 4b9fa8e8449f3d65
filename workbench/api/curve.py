"""The equity curve of some evidence. It is not stored: the inputs are run again, and the digest must come out."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.engine.drawdown import drawdown_series
from workbench.evidence.canonical import columns_digest
from workbench.evidence.rerun import rerun
from workbench.evidence.store import EvidenceStore
from workbench.home import Home
from workbench.model.errors import DamagedFileError
from workbench.research.evidence import find_candles


def write_curve(evidence_id: str, home: Home, path: Path, points: int | None) -> int:
    """An Arrow file of ``time_ns`` (close times), ``equity`` (quote currency) and ``drawdown`` (fraction, <= 0).

    Args:
        points: at most about so many, chosen to keep the curve's looks; None: every bar.

    Returns:
        The bars of the whole curve.

    Raises:
        NotFoundError: no such evidence, or its candles are gone. DamagedFileError: the curve comes out different.
    """
    report = EvidenceStore(home.evidence).load(evidence_id)
    candles = find_candles(report, home)
    equity = rerun(report, candles).equity_curve
    if columns_digest({"equity": equity}) != report.content.equity:
        raise DamagedFileError(f"{evidence_id}: its equity curve does not come out again; verify the evidence")
    times = candles.open_time_ns + candles.interval.nanoseconds
    drawdown = drawdown_series(equity, report.inputs.initial_cash)
    kept = _kept(equity, points)
    columns = {"time_ns": times[kept], "equity": equity[kept], "drawdown": drawdown[kept]}
    table = pa.table(columns)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return len(equity)


def _kept(equity: NDArray[np.float64], points: int | None) -> Any:
    if points is None or points >= len(equity):
        return slice(None)
    from tsdownsample import MinMaxLTTBDownsampler

    return MinMaxLTTBDownsampler().downsample(equity, n_out=max(points, 3))  # type: ignore[no-untyped-call]
