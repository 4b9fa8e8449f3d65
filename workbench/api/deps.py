"""What routes ask for: the parts, and a caller of at least some role."""

import time
from typing import Annotated

import structlog
from fastapi import Depends, Query, Request

from workbench.api.auth import identify
from workbench.api.parts import Parts
from workbench.api.problem import Problem
from workbench.guardrails.principal import Principal, Role

log = structlog.get_logger("workbench.auth")


def parts_of(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


PartsOf = Annotated[Parts, Depends(parts_of)]
TradeOffset = Annotated[int, Query(ge=0, le=2**40)]
TradeLimit = Annotated[int, Query(ge=1, le=100_000)]


async def anybody(request: Request, parts: PartsOf) -> Principal:
    """Whoever asks. A wrong token is an error, and written down: the first ones of a minute from one address."""
    address = request.client.host if request.client else ""
    try:
        return identify(request.headers, address, parts.tokens)
    except Problem as problem:
        if problem.status == 401:
            parts.metrics.auth_failures.inc()
            await _write_down(parts, address, request.url.path, problem)
        raise


async def _write_down(parts: Parts, address: str, path: str, problem: Problem) -> None:
    log.warning("a token is not known", address=address, path=path)
    who = Principal("unknown", Role.VIEWER, address)
    if await parts.failures.may_be_written(who):
        details = {"reasons": [problem.detail]}
        await parts.threads.write(
            parts.guardrails.record, who, "authenticate", path[:200], "refused", time.time_ns(), details
        )


Anybody = Annotated[Principal, Depends(anybody)]


class AtLeast:
    """A dependency: the caller, if the role is high enough."""

    def __init__(self, role: Role) -> None:
        self.role = role

    async def __call__(
        self, request: Request, parts: PartsOf, who: Annotated[Principal, Depends(anybody)]
    ) -> Principal:
        if who.role >= self.role:
            return who
        text = f"this needs the role {self.role.label}; the caller's is {who.role.label}"
        if await parts.failures.may_be_written(who):
            details = {"reasons": [text]}
            path = request.url.path[:200]
            await parts.threads.write(
                parts.guardrails.record, who, "authorize", path, "refused", time.time_ns(), details
            )
        raise Problem(403, text, reasons=[text])


Researcher = Annotated[Principal, Depends(AtLeast(Role.RESEARCHER))]
Admin = Annotated[Principal, Depends(AtLeast(Role.ADMIN))]
