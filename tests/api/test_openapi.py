"""The server keeps to its OpenAPI document, whatever it is asked, by whomever."""

import os
import time
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, assume, given, settings

from tests.api.routes import BACKTEST, ROUTES, Route
from tests.serving import ROLES, Server, serving

with warnings.catch_warnings():  # of its own dependencies
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis import Case, GenerationMode
    from schemathesis.specs.openapi import checks

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "8"))
"""Of each kind, for each operation and as each role; FUZZ_EXAMPLES=80 takes some minutes."""
ALWAYS: list[Any] = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]
REFUSED = [*ALWAYS, checks.negative_data_rejection]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, Any]]]:
    """A server of its own, as its state will be anything; and a job that is done."""
    with serving(tmp_path_factory.mktemp("openapi"), queue_size=20) as server:
        started = server.client("admin").post("/api/backtest/start", json=BACKTEST).raise_for_status().json()
        yield server, finished(server, started["url"])


def finished(server: Server, url: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    with server.client().stream("GET", f"{url}/events") as answer:
        for _ in answer.iter_lines():
            assert time.monotonic() < deadline
    return dict(server.client().get(url).json())


@cache
def schema(url: str) -> Any:
    return schemathesis.openapi.from_url(f"{url}/openapi.json")


def session() -> requests.Session:
    made = requests.Session()
    made.trust_env = False
    return made


WITHOUT_INPUT = (
    *("/api/feeds/health", "/api/feeds/symbols", "/api/guardrails/status", "/api/audit/verify"),
    *("/healthz", "/readyz", "/metrics", "/api/strategies", "/api/feeds/stored"),
)
"""Nothing can be wrong in a request for these."""
FITS = [(route, GenerationMode.POSITIVE) for route in ROUTES]
DOES_NOT_FIT = [(route, GenerationMode.NEGATIVE) for route in ROUTES if route.template not in WITHOUT_INPUT]


def test_answers_are_as_documented(asked: tuple[Server, dict[str, Any]], subtests: pytest.Subtests) -> None:
    """No 500; status, content type and body as the document says, for what fits it and for what does not.

    One test, so that one process loads schemathesis and one server is fuzzed.
    """
    server, job = asked
    for route, mode in (*FITS, *DOES_NOT_FIT):
        with subtests.test(route=str(route), mode=mode.value):
            fuzz(server, route, mode, job)


def fuzz(server: Server, route: Route, mode: GenerationMode, job: dict[str, Any]) -> None:
    operation = schema(server.url)[route.template][route.method]

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Case) -> None:
        # In an address a list of one looks like its element, and an empty one like none: neither is a violation there.
        assume(not any(isinstance(value, list) for value in (case.query or {}).values()))
        for role, headers in ROLES.items():
            wanted = ALWAYS if mode is GenerationMode.POSITIVE or role != "admin" else REFUSED
            answer_to(case, headers, wanted)
        there = {"job_id": job["id"], "evidence_id": job["evidence_id"]}
        named = there.keys() & case.path_parameters.keys()
        if mode is GenerationMode.POSITIVE and named:
            case.path_parameters.update({name: there[name] for name in named})
            answer_to(case, ROLES["admin"], ALWAYS)

    def answer_to(case: Case, headers: dict[str, str], wanted: list[Any]) -> None:
        answer = case.call(base_url=server.url, headers=dict(headers), session=http, timeout=30)  # it adds to them
        assert answer.status_code != 500, answer.text
        case.validate_response(answer, checks=wanted)

    with session() as http:
        check()


def test_every_body_has_an_example_that_is_understood(server: Server) -> None:
    """What /docs offers to try out is a request that fits."""
    document = server.client().get("/openapi.json").json()
    with_body = [route for route in ROUTES if route.body is not None]
    for route in with_body:
        content = document["paths"][route.template]["post"]["requestBody"]["content"]["application/json"]
        for example in examples(content["schema"], document["components"]["schemas"]):
            answer = server.client("admin").post(route.path, json=example)
            assert answer.status_code != 422, f"{route}: {example}: {answer.text}"


def examples(form: dict[str, Any], forms: dict[str, Any]) -> list[Any]:
    """One for each form that a body may have: made of the examples of its fields."""
    if "$ref" in form:
        return examples(forms[form["$ref"].rpartition("/")[2]], forms)
    if "anyOf" in form:
        return [each for choice in form["anyOf"] for each in examples(choice, forms) if each is not None]
    if "examples" in form:
        return list(form["examples"])
    if "properties" not in form:
        return [form["enum"][0] if "enum" in form else form.get("default", form.get("const"))]
    needed = {name: examples(form["properties"][name], forms)[0] for name in form.get("required", ())}
    shown = {name: each["examples"][0] for name, each in form["properties"].items() if "examples" in each}
    return [{**needed, **shown}]
