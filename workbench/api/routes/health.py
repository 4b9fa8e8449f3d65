"""Liveness, readiness, metrics: for supervisors and Prometheus; no token is looked at."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from workbench.api.deps import PartsOf
from workbench.api.documented import TEXT_ANSWER, answers
from workbench.api.parts import Parts
from workbench.api.server_metrics import refresh
from workbench.engine.version import package_version
from workbench.guardrails.ledger import LedgerError
from workbench.wire import Liveness, Readiness

router = APIRouter(tags=["operation"], responses=answers(400, 500))


@router.get("/healthz")
async def liveness() -> Liveness:
    """The process answers."""
    return Liveness(version=package_version())


@router.get("/readyz", responses={503: {"model": Readiness, "description": "Some part is not there"}})
async def readiness(parts: PartsOf, response: Response) -> Readiness:
    """Whether work can be done: the ledger answers and workers are there. The feed is told, but is no condition."""
    told = {"ledger": await parts.threads.read(_ledger, parts), "workers": _workers(parts)}
    ready = set(told.values()) == {"ok"}
    health = parts.feed.health()
    feed = "down" if health is None else health.status
    if not ready:
        response.status_code = 503
    return Readiness(
        ready=ready, parts={**told, "feed": f"{feed}: {parts.feed.problem}" if parts.feed.problem else feed}
    )


@router.get("/metrics", response_class=Response, responses=TEXT_ANSWER)
async def metrics(parts: PartsOf) -> Response:
    """Prometheus' text format."""
    await refresh(parts)
    return Response(parts.metrics.text(), media_type=CONTENT_TYPE_LATEST)


def _ledger(parts: Parts) -> str:
    try:
        parts.ledger.head()
    except LedgerError as error:
        return str(error)
    return "ok"


def _workers(parts: Parts) -> str:
    return "ok" if parts.pool.alive else "none is alive"
