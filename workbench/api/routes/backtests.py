"""Backtest jobs and what they leave: evidence, trades, equity."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response, status
from sse_starlette import EventSourceResponse, ServerSentEvent

from workbench.api.arrow_answer import ARROW, wants_arrow
from workbench.api.deps import Anybody, PartsOf, Researcher, TradeLimit, TradeOffset
from workbench.api.documented import ANSWERS, ARROW_ANSWER, EVENTS_ANSWER, EVIDENCE_ANSWER
from workbench.api.evidence_answer import equity, evidence_answer, trades_answer
from workbench.api.job_record import JobRecord
from workbench.api.parts import Parts
from workbench.api.problem import Problem
from workbench.api.request_check import check
from workbench.wire import (
    BacktestList,
    BacktestRequest,
    BacktestStarted,
    BacktestStatus,
    JobStatus,
    Series,
    TradeTable,
)

router = APIRouter(prefix="/api/backtest", tags=["backtests"], responses=ANSWERS)

JobId = Annotated[str, Path(max_length=64, examples=["5f2b9c0d1e3a4b6c"])]
Before = Annotated[int | None, Query(ge=1, le=2**62, description="Only what is older than this number.")]


@router.post("/start", status_code=status.HTTP_202_ACCEPTED)
async def start_backtest(
    asked: BacktestRequest, who: Researcher, parts: PartsOf, response: Response
) -> BacktestStarted:
    """Queue a backtest. It is on the disk when this answers; 503 with Retry-After where the queue is full."""
    check(asked)
    return _started(await parts.jobs.add(asked, who), response)


@router.get("")
async def list_backtests(
    parts: PartsOf,
    _who: Anybody,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: Before = None,
    status: Annotated[JobStatus | None, Query()] = None,
) -> BacktestList:
    """Backtests, newest first."""
    page = await parts.jobs.page(limit, before, status)
    following = page[-1].number if len(page) == limit else None
    return BacktestList(backtests=[_view(parts, each) for each in page], next_before=following)


@router.get("/{job_id}")
async def backtest_status(job_id: JobId, parts: PartsOf, _who: Anybody) -> BacktestStatus:
    """How far it is, and what came out."""
    return _view(parts, await parts.jobs.find(job_id))


@router.get("/{job_id}/events", response_class=EventSourceResponse, responses=EVENTS_ANSWER)
async def backtest_events(job_id: JobId, parts: PartsOf, _who: Anybody, request: Request) -> EventSourceResponse:
    """Server-sent events named ``status``, each with the whole status; the stream ends with the job."""
    await parts.jobs.find(job_id)

    async def tell() -> AsyncIterator[ServerSentEvent]:
        async for record in parts.jobs.follow(job_id):
            yield ServerSentEvent(data=_view(parts, record).model_dump_json(), event="status")

    return EventSourceResponse(tell(), ping=15, shutdown_event=request.app.state.ending)


@router.post("/{job_id}/cancel")
async def cancel_backtest(job_id: JobId, parts: PartsOf, who: Researcher) -> BacktestStatus:
    """Stop it: a queued one never runs, the process of a running one is ended."""
    return _view(parts, await parts.jobs.cancel(job_id, who))


@router.post("/{job_id}/retry", status_code=status.HTTP_202_ACCEPTED)
async def retry_backtest(job_id: JobId, parts: PartsOf, who: Researcher, response: Response) -> BacktestStarted:
    """The same request again, as a new job."""
    return _started(await parts.jobs.retry(job_id, who), response)


@router.get("/{job_id}/evidence", responses=EVIDENCE_ANSWER)
async def backtest_evidence(job_id: JobId, parts: PartsOf, _who: Anybody) -> Response:
    """The report, byte for byte as it is stored."""
    return await evidence_answer(await _evidence_of(parts, job_id), parts)


@router.get("/{job_id}/trades", response_model=TradeTable, responses=ARROW_ANSWER)
async def backtest_trades(
    job_id: JobId,
    parts: PartsOf,
    _who: Anybody,
    request: Request,
    offset: TradeOffset = 0,
    limit: TradeLimit = 1_000,
) -> Response:
    """Round trips as columns; a whole Arrow stream where ``Accept`` asks for it."""
    return await trades_answer(await _evidence_of(parts, job_id), parts, request, offset, limit)


@router.get("/{job_id}/equity", response_model=Series, responses=ARROW_ANSWER)
async def backtest_equity(
    job_id: JobId,
    parts: PartsOf,
    _who: Anybody,
    request: Request,
    points: Annotated[int | None, Query(ge=3, le=1_000_000, description="At most about so many.")] = None,
) -> Response:
    """The equity curve, run again on a worker; downsampled on request; Arrow where ``Accept`` asks for it."""
    found = await _evidence_of(parts, job_id)
    is_arrow = wants_arrow(request)
    body = await equity(found, parts, points, is_arrow)
    return Response(body, media_type=ARROW if is_arrow else "application/json")


async def _evidence_of(parts: Parts, job_id: str) -> str:
    held = await parts.jobs.find(job_id)
    found = held.view().evidence_id
    if found is None:
        raise Problem(409, f"{job_id} is {held.status}: it has no evidence", reasons=[f"it is {held.status}"])
    return found


def _view(parts: Parts, record: JobRecord) -> BacktestStatus:
    return record.view(parts.jobs.position(record))


def _started(record: JobRecord, response: Response) -> BacktestStarted:
    url = f"/api/backtest/{record.id}"
    response.headers["location"] = url
    return BacktestStarted(id=record.id, status=record.status, url=url)
