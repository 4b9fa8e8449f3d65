"""Errors as problem documents (RFC 9457): type, title, status, detail, and what else helps.

An error that nobody expected says its request id and nothing more; the log has the rest under that id.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from workbench.guardrails.ledger import LedgerError
from workbench.guardrails.refusal import ForbiddenError, RefusedError
from workbench.model.errors import (
    ContradictionError,
    DamagedFileError,
    ExchangeError,
    InputError,
    NotFoundError,
    WorkbenchError,
)
from workbench.wire import FieldProblem, ProblemDocument

MEDIA_TYPE = "application/problem+json"
STATUS: tuple[tuple[type[WorkbenchError], int], ...] = (
    (InputError, 422),
    (NotFoundError, 404),
    (ContradictionError, 409),
    (DamagedFileError, 409),
    (RefusedError, 409),
    (ForbiddenError, 403),
    (LedgerError, 503),
    (ExchangeError, 503),
)
TITLES = {
    400: "The request is malformed",
    401: "The token is not known",
    403: "This role may not do that",
    404: "There is no such thing",
    405: "This address does not do that",
    409: "It cannot be done as things are",
    413: "The request is too large",
    415: "The content type is not one that is read here",
    422: "A value does not fit",
    429: "Too many requests",
    500: "Something went wrong here",
    503: "Not now",
}


class Problem(Exception):  # noqa: N818 - the RFC's own word
    """Raised by a route; becomes a problem document."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        fields: Mapping[str, str] | None = None,
        reasons: list[str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status, self.detail, self.headers = status, detail, dict(headers or {})
        self.fields, self.reasons = dict(fields or {}), reasons or []
        super().__init__(detail)


def as_response(problem: Problem) -> JSONResponse:
    document = ProblemDocument(
        title=TITLES.get(problem.status, "It did not work"),
        status=problem.status,
        detail=problem.detail,
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", "")),
        fields=[FieldProblem(field=name, problem=text) for name, text in problem.fields.items()],
        reasons=problem.reasons,
    )
    return JSONResponse(document.model_dump(), problem.status, problem.headers, MEDIA_TYPE)


def from_error(error: WorkbenchError) -> Problem:
    """One of ours as a problem, its own words included."""
    status = next((status for form, status in STATUS if isinstance(error, form)), 422)
    fields = {error.field: f"expected {error.expected}"} if isinstance(error, InputError) else None
    return Problem(status, str(error), fields=fields, reasons=list(getattr(error, "reasons", ())))


def install(app: FastAPI) -> None:
    """Every way in which a request can fail answers a problem document."""

    @app.exception_handler(Problem)
    async def _problem(_: Request, error: Problem) -> JSONResponse:
        return as_response(error)

    @app.exception_handler(WorkbenchError)
    async def _ours(_: Request, error: WorkbenchError) -> JSONResponse:
        return as_response(from_error(error))

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        fields = {_place(each["loc"]): each["msg"] for each in error.errors()}
        detail = "; ".join(f"{field}: {text}" for field, text in fields.items())
        return as_response(Problem(422, detail, fields=fields))

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        return as_response(Problem(error.status_code, str(error.detail), headers=error.headers))


def _place(loc: tuple[Any, ...] | list[Any]) -> str:
    """``("body", "params", "fast")`` -> ``params.fast``."""
    return ".".join(str(part) for part in loc[1:]) or str(loc[0])
