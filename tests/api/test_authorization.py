"""Who may do what: every route, every kind of caller."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.routes import ADMIN, RESEARCHER, ROUTES, VIEWER, Route
from tests.serving import ROLES, TOKENS, Server, serving

WRONG = "another-token-for-tests-0123456789abcdef"
UNKNOWN = None
MOST_WRITTEN_A_MINUTE = 20


@dataclass(frozen=True)
class Caller:
    """``role``: what these headers make of somebody; None: a token is not known."""

    name: str
    headers: dict[str, str]
    role: int | None

    def __str__(self) -> str:
        return self.name


FORGED = {"x-remote-user": "mallory"}
CALLERS = (
    Caller("viewer", ROLES["viewer"], VIEWER),
    Caller("researcher", ROLES["researcher"], RESEARCHER),
    Caller("admin", ROLES["admin"], ADMIN),
    Caller("both tokens", TOKENS, ADMIN),
    Caller("wrong admin token", {"x-admin-token": WRONG}, UNKNOWN),
    Caller("wrong researcher token", {"x-researcher-token": WRONG}, UNKNOWN),
    Caller("wrong admin beside right researcher token", {**ROLES["researcher"], "x-admin-token": WRONG}, UNKNOWN),
    Caller("wrong researcher beside right admin token", {**ROLES["admin"], "x-researcher-token": WRONG}, UNKNOWN),
    Caller("researcher's token as admin's", {"x-admin-token": TOKENS["x-researcher-token"]}, UNKNOWN),
    Caller("admin's token as researcher's", {"x-researcher-token": TOKENS["x-admin-token"]}, UNKNOWN),
    Caller("empty token", {"x-admin-token": ""}, VIEWER),
    Caller("forged name", FORGED, VIEWER),
    Caller("forged name beside a wrong token", {**FORGED, "x-admin-token": WRONG}, UNKNOWN),
    Caller("named researcher", {**FORGED, **ROLES["researcher"]}, RESEARCHER),
    Caller("named admin", {**FORGED, **ROLES["admin"]}, ADMIN),
)


def ask(server: Server, route: Route, headers: dict[str, str]) -> httpx.Response:
    return server.client().request(route.method, route.path, json=route.body, headers=headers)


def expected(route: Route, caller: Caller) -> int:
    if not route.is_api:
        return route.status
    if caller.role is None:
        return 401
    return route.status if caller.role >= route.least else 403


def test_the_table_names_every_route(server: Server) -> None:
    """A route that nobody thought about is not let through."""
    paths = server.client().get("/openapi.json").json()["paths"]
    told = {(method.upper(), path) for path, operations in paths.items() for method in operations}
    assert told == {(route.method, route.template) for route in ROUTES}


@pytest.mark.parametrize("caller", CALLERS, ids=str)
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_each_caller_may_do_what_the_table_says(server: Server, route: Route, caller: Caller) -> None:
    """401 for a wrong token, 403 for too low a role, and otherwise the route's own answer."""
    answer = ask(server, route, caller.headers)
    assert answer.status_code == expected(route, caller), answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
        assert not any(token in answer.text for token in (*TOKENS.values(), WRONG))


def everything(server: Server) -> tuple[Any, ...]:
    """All that a refused call could have changed."""
    paths = ("/api/guardrails/status", "/api/guardrails/history", "/api/backtest")
    return tuple(server.client().get(path).raise_for_status().json() for path in paths)


def entries(server: Server) -> list[dict[str, Any]]:
    answer: dict[str, Any] = server.client("admin").get("/api/audit", params={"limit": 1000}).raise_for_status().json()
    return list(answer["entries"])


def counted(server: Server, name: str) -> float:
    """A metric's value."""
    lines = server.client().get("/metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


def test_what_is_refused_changes_nothing_and_is_written_down(tmp_path: Path) -> None:
    """Who, what, why; a forged name is nobody's. Beyond so many a minute only the metrics count on."""
    with serving(tmp_path) as server:
        before = everything(server)
        refused = [(route, "viewer") for route in ROUTES if route.least >= RESEARCHER]
        refused = [*refused, *((route, "researcher") for route in ROUTES if route.least == ADMIN)]
        assert len(refused) < MOST_WRITTEN_A_MINUTE
        for route, role in refused:
            answer = ask(server, route, {**ROLES[role], **FORGED})
            assert answer.status_code == 403
        told = list(reversed(entries(server)))
        assert [(each["subject"], each["role"]) for each in told] == [(route.path, role) for route, role in refused]
        assert {(each["action"], each["outcome"]) for each in told} == {("authorize", "refused")}
        assert {each["who"] for each in told if each["role"] == "viewer"} == {"viewer"}
        assert {each["who"] for each in told if each["role"] == "researcher"} == {"mallory"}
        assert all("this needs the role" in each["details"]["reasons"][0] for each in told)

        many = 2 * MOST_WRITTEN_A_MINUTE
        for _ in range(many):
            assert server.client(**{"x-admin-token": WRONG, **FORGED}).get("/api/audit").status_code == 401
        later = entries(server)[: -len(told)]
        assert 0 < len(later) <= MOST_WRITTEN_A_MINUTE
        assert {(each["who"], each["role"], each["action"]) for each in later} == {
            ("unknown", "viewer", "authenticate")
        }
        assert counted(server, "auth_failures_total") == many
        assert everything(server) == before
        assert server.client("admin").get("/api/audit/verify").json()["intact"]


def test_one_callers_refusals_do_not_hide_anothers(tmp_path: Path) -> None:
    """All from one address, as through the dashboards. Each person who has a token is written down, so many times a
    minute; so are viewers, and wrong tokens."""
    with serving(tmp_path) as server:
        many = 2 * MOST_WRITTEN_A_MINUTE
        halt = {"json": {"reason": "a test"}}
        callers = [
            (server.client(**FORGED), 403, ("viewer", "viewer")),
            (server.client("researcher", "rana"), 403, ("rana", "researcher")),
            (server.client("researcher", "ben"), 403, ("ben", "researcher")),
            (server.client(**{"x-admin-token": WRONG}), 401, ("unknown", "viewer")),
        ]
        for client, status, _ in callers:
            assert {client.post("/api/guardrails/gate/halt", **halt).status_code for _ in range(many)} == {status}
        told = Counter((each["who"], each["role"]) for each in entries(server))
        assert told.keys() == {who for _, _, who in callers}
        assert all(MOST_WRITTEN_A_MINUTE <= count < many for count in told.values())


def test_a_name_beside_a_token_is_the_person(server: Server) -> None:
    """In the job, in the proposal, in the audit log."""
    alice, bob = server.client("researcher", "alice"), server.client("admin", "bob")
    job = alice.post("/api/backtest/start", json=ROUTES[0].body).raise_for_status().json()
    assert server.client().get(job["url"]).json()["who"] == "alice"
    wanted = {"kind": "limits", "values": {"max_order_notional": "4321"}}
    proposal = alice.post("/api/guardrails/params/propose", json=wanted).raise_for_status().json()
    assert proposal["proposer"] == "alice"
    told = {"proposal_id": proposal["id"]}
    assert bob.post("/api/guardrails/params/reject", json=told).raise_for_status().json()["decided_by"] == "bob"
    done = {(each["who"], each["role"], each["action"]) for each in entries(server) if each["outcome"] == "done"}
    assert {("alice", "researcher", "propose"), ("bob", "admin", "reject")} <= done


@pytest.mark.parametrize("name", ["Uğur Işık", "李", "a" * 100])
def test_a_name_may_have_any_letters(server: Server, name: str) -> None:
    """As UTF-8, which is what a proxy sends."""
    headers = {**ROLES["admin"], "x-remote-user": name.encode()}
    halted = server.client().post("/api/guardrails/gate/halt", headers=headers, json={"reason": "a test"})
    assert halted.raise_for_status().json()["who"] == name


@pytest.mark.parametrize(
    "name", [b"x" * 101, b"tab\there", b"next\xc2\x85line", "soft\xadhyphen".encode(), b"Latin-1 \xfc"]
)
def test_a_name_that_is_none_is_refused(server: Server, name: bytes) -> None:
    """It would stand in the audit log."""
    answer = server.client().get("/api/audit", headers={**ROLES["admin"], "x-remote-user": name})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("x-remote-user")


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/docs/static/swagger-ui.css"])
def test_the_documentation_is_for_everybody(server: Server, path: str) -> None:
    """It holds no secret."""
    answer = server.client().get(path)
    assert answer.status_code == 200
    assert not any(token in answer.text for token in TOKENS.values())
