"""Evidence as answers: the report, its trades, its equity curve."""

import math
from typing import Any

import numpy as np
from fastapi import Request, Response

from workbench.api.arrow_answer import ARROW, arrow_stream, wants_arrow
from workbench.api.job import Curve
from workbench.api.parts import Parts
from workbench.api.worker_answer import work_in_file
from workbench.evidence.store import EvidenceStore
from workbench.home import Home
from workbench.wire import Series, TradeTable


async def evidence_answer(evidence_id: str, parts: Parts) -> Response:
    """Byte for byte as it is stored.

    Raises:
        NotFoundError: there is none. DamagedFileError: it was altered.
    """
    body = await parts.threads.read(EvidenceStore(parts.home.evidence).load_bytes, evidence_id)
    return Response(body, media_type="application/json")


async def trades_answer(evidence_id: str, parts: Parts, request: Request, offset: int, limit: int) -> Response:
    """A page as JSON, or all as Arrow where the request asks for it.

    Raises:
        NotFoundError, DamagedFileError: see :func:`evidence_answer`.
    """
    is_arrow = wants_arrow(request)
    body = await parts.threads.read(_trades, evidence_id, parts.home, offset, limit, is_arrow)
    return Response(body, media_type=ARROW if is_arrow else "application/json")


def _trades(evidence_id: str, home: Home, offset: int, limit: int, is_arrow: bool) -> bytes:
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
    async with parts.curves:
        told, drawn = await work_in_file(parts, lambda path: Curve(evidence_id, path, points))
    return await parts.threads.read(_series, evidence_id, parts.home, drawn, told.bars, is_arrow)


def _series(evidence_id: str, home: Home, drawn: bytes, bars: int, is_arrow: bool) -> bytes:
    import pyarrow as pa

    simulated = EvidenceStore(home.evidence).load(evidence_id).inputs.candles.simulated
    with pa.ipc.open_stream(drawn) as reader:
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
