"""Errors, liveness, readiness."""

from typing import Literal

from pydantic import BaseModel, Field


class FieldProblem(BaseModel):
    """One value that does not fit."""

    field: str = Field(examples=["params.fast"])
    problem: str = Field(examples=["expected a whole number of at least 1, received 0"])


class ProblemDocument(BaseModel):
    """What every error answers (RFC 9457)."""

    type: str = "about:blank"
    title: str = Field(examples=["A value does not fit"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["params.fast: expected a whole number of at least 1, received 0"])
    request_id: str = ""
    fields: list[FieldProblem] = []
    reasons: list[str] = []


class Liveness(BaseModel):
    status: Literal["ok"] = "ok"
    version: str


class Readiness(BaseModel):
    ready: bool
    parts: dict[str, str] = Field(examples=[{"ledger": "ok", "workers": "ok", "feed": "down: ..."}])
