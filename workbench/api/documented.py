"""What the OpenAPI document says beside the models: errors, streams, Arrow."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from workbench.api.arrow_answer import ARROW
from workbench.api.problem import MEDIA_TYPE, TITLES
from workbench.wire import ProblemDocument

Answers = dict[int | str, dict[str, Any]]


def answers(*statuses: int) -> Answers:
    return {status: {"model": ProblemDocument, "description": TITLES[status]} for status in statuses}


ANSWERS = answers(400, 401, 403, 404, 409, 413, 422, 429, 500, 503)
ARROW_ANSWER: Answers = {200: {"content": {ARROW: {"schema": {"type": "string", "format": "binary"}}}}}
EVENT = {"type": "object", "properties": {"event": {"const": "status"}, "data": {"type": "string"}}}
EVENTS_ANSWER: Answers = {200: {"content": {"text/event-stream": {"schema": EVENT}}}}
EVIDENCE_ANSWER: Answers = {
    200: {"content": {"application/json": {"schema": {"type": "object", "title": "EvidenceReport"}}}}
}
TEXT_ANSWER: Answers = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document: errors are problem documents, tokens are named."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
        )
        schema["components"]["securitySchemes"] = {
            name: {"type": "apiKey", "in": "header", "name": f"x-{name}-token"} for name in ("admin", "researcher")
        }
        schema["security"] = [{}, {"researcher": []}, {"admin": []}]
        for operations in schema["paths"].values():
            for operation in operations.values():
                _mend(operation)
        for unused in ("HTTPValidationError", "ValidationError"):
            schema["components"]["schemas"].pop(unused, None)
        app.openapi_schema = schema
    return app.openapi_schema


def _mend(operation: dict[str, Any]) -> None:
    for status, answer in operation["responses"].items():
        if int(status) >= 400 and "application/json" in answer.get("content", {}):
            answer["content"] = {MEDIA_TYPE: answer["content"]["application/json"]}
