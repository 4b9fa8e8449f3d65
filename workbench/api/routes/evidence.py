"""Reports of the evidence folder, wherever they were made: jobs, notebooks, the command line."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from workbench.api.deps import Anybody, PartsOf, TradeLimit, TradeOffset
from workbench.api.documented import ANSWERS, ARROW_ANSWER, EVIDENCE_ANSWER
from workbench.api.evidence_answer import evidence_answer, trades_answer
from workbench.api.worker_answer import breakdown, chart, verification
from workbench.wire import Breakdown, Chart, EvidenceId, EvidenceList, TradeTable, Verification

router = APIRouter(prefix="/api/evidence", tags=["evidence"], responses=ANSWERS)

ReportId = Annotated[EvidenceId, Path()]
Moment = Annotated[int | None, Query(ge=0, le=2**62, description="Nanoseconds since 1970, UTC.")]
JSON = "application/json"


@router.get("")
async def list_evidence(
    parts: PartsOf,
    _who: Anybody,
    query: Annotated[str, Query(max_length=200, description="Words that are all to be found in it.")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=2**40)] = 0,
) -> EvidenceList:
    """Reports, the latest run first. Words are looked for in id, strategy, pair, timeframe, parameters, date, label."""
    return await parts.reports.page(query, limit, offset)


@router.get("/{evidence_id}", responses=EVIDENCE_ANSWER)
async def evidence_report(evidence_id: ReportId, parts: PartsOf, _who: Anybody) -> Response:
    """The report, byte for byte as it is stored."""
    return await evidence_answer(evidence_id, parts)


@router.get("/{evidence_id}/trades", response_model=TradeTable, responses=ARROW_ANSWER)
async def evidence_trades(
    evidence_id: ReportId,
    parts: PartsOf,
    _who: Anybody,
    request: Request,
    offset: TradeOffset = 0,
    limit: TradeLimit = 1_000,
) -> Response:
    """Round trips as columns; a whole Arrow stream where ``Accept`` asks for it."""
    return await trades_answer(evidence_id, parts, request, offset, limit)


@router.get("/{evidence_id}/chart", response_model=Chart)
async def evidence_chart(
    evidence_id: ReportId,
    parts: PartsOf,
    _who: Anybody,
    start_ns: Moment = None,
    end_ns: Moment = None,
    points: Annotated[int, Query(ge=100, le=5_000, description="At most so many of each curve.")] = 2_000,
) -> Response:
    """Curves and trades of the bars that open in [start, end), run again on a worker; 422 where no bar does."""
    return Response(await chart(evidence_id, parts, start_ns, end_ns, points), media_type=JSON)


@router.get("/{evidence_id}/breakdown", response_model=Breakdown)
async def evidence_breakdown(evidence_id: ReportId, parts: PartsOf, _who: Anybody) -> Response:
    """Returns by month and what costs took, run again on a worker."""
    return Response(await breakdown(evidence_id, parts), media_type=JSON)


@router.get("/{evidence_id}/verification", response_model=Verification)
async def evidence_verification(evidence_id: ReportId, parts: PartsOf, _who: Anybody) -> Response:
    """Whether it comes out again: a worker runs its inputs anew and compares everything under the digest."""
    return Response(await verification(evidence_id, parts), media_type=JSON)
