"""Evidence as answers: the report, its trades, its equity curve."""

import math
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from workbench.api.arrow_answer import arrow_stream
from workbench.api.job import Curve, Drawn, Failed
from workbench.api.parts import Parts
from workbench.api.problem import Problem
from workbench.evidence.store import EvidenceStore
from workbench.home import Home
from workbench.wire import Series, TradeTable

STATUS = {"input": 422, "missing": 404, "damaged": 409, "contradiction": 409}


def evidence_bytes(evidence_id: str, home: Home) -> bytes:
    """Raises:
    NotFoundError: it was deleted. DamagedFileError: it was altered.
    """
    store = EvidenceStore(home.evidence)
    store.load(evidence_id)
    return store.path(evidence_id).read_bytes()


def trades(evidence_id: str, home: Home, offset: int, limit: int, is_arrow: bool) -> bytes:
    """A page as JSON, or all as Arrow.

    Raises:
        NotFoundError, DamagedFileError: see :func:`evidence_bytes`.
    """
    store = EvidenceStore(home.evidence)
    report = store.load(evidence_id)
    columns, simulated = store.trades(report), report.inputs.candles.simulated
    if is_arrow:
        return arrow_stream(columns, _note(evidence_id, simulated))
    page = {name: _plain(column[offset : offset + limit]) for name, column in columns.items()}
    table = TradeTable(
        evidence_id=evidence_id, simulated=simulated, total=len(columns["side"]), offset=offset, columns=page
    )
    return table.model_dump_json().encode()


async def equity(evidence_id: str, parts: Parts, points: int | None, is_arrow: bool) -> bytes:
    """Raises:
    Problem: as the worker says, such as 404 where the candles are gone.
    """
    with tempfile.TemporaryDirectory(prefix="workbench-curve-") as folder:
        path = Path(folder) / "equity.arrow"
        async with parts.curves:
            told = await parts.pool.run(Curve(evidence_id, str(path), points))
        if isinstance(told, Failed):
            raise Problem(STATUS.get(told.kind, 503), told.text)
        if not isinstance(told, Drawn):
            raise TypeError(f"the worker answered {type(told).__name__}")
        return await parts.threads.read(_series, evidence_id, parts.home, path, told.bars, is_arrow)


def _series(evidence_id: str, home: Home, path: Path, bars: int, is_arrow: bool) -> bytes:
    import pyarrow as pa

    simulated = EvidenceStore(home.evidence).load(evidence_id).inputs.candles.simulated
    with pa.OSFile(str(path), "rb") as file, pa.ipc.open_stream(file) as reader:
        columns = {name: column.to_numpy() for name, column in zip(*_columns(reader.read_all()), strict=True)}
    if is_arrow:
        return arrow_stream(columns, _note(evidence_id, simulated))
    plain = {name: _plain(column) for name, column in columns.items()}
    return Series(evidence_id=evidence_id, simulated=simulated, bars=bars, **plain).model_dump_json().encode()


def _columns(table: Any) -> tuple[list[str], list[Any]]:
    return table.column_names, [table.column(name) for name in table.column_names]


def _plain(column: Any) -> list[Any]:
    """Numbers that JSON has; what is not a number there is nothing."""
    values: list[Any] = np.asarray(column).tolist()
    return [None if isinstance(value, float) and not math.isfinite(value) else value for value in values]


def _note(evidence_id: str, simulated: bool) -> dict[str, str]:
    return {"evidence_id": evidence_id, "simulated": str(simulated).lower()}
