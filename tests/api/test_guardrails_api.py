"""Guardrails over HTTP: evidence, proposal, approval, rollback, audit; and every way to be refused."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.jobs import Status, ended, metric, start
from tests.serving import Server, serving

SCOPE = "smaCross/ETHUSDT"
APPROVE = "/api/guardrails/params/approve"
NOW = {"equity": "10000", "day_start_equity": "10000", "peak_equity": "10000"}
ORDER = {"pair": "ETHUSDT", "side": "buy", "quantity": "0.25", "account": NOW}


@pytest.fixture(scope="module")
def rails(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose parameters and limits only these tests change."""
    with serving(tmp_path_factory.mktemp("rails")) as server:
        yield server


def evidence(server: Server, fast: int, slow: int = 55) -> Status:
    """A backtest that is done."""
    return ended(server, start(server, params={"fast": fast, "slow": slow}))


def post(server: Server, verb: str, who: str, body: dict[str, Any], role: str = "admin") -> httpx.Response:
    return server.client(role, who).post(f"/api/guardrails/{verb}", json=body)


def propose(server: Server, done: Status, who: str = "alice", **changes: Any) -> httpx.Response:
    asked = done["request"]
    body = {
        **{name: asked[name] for name in ("strategy", "pair", "timeframe", "params")},
        "evidence_id": done["evidence_id"],
        "note": "try it",
    }
    return post(server, "params/propose", who, {**body, **changes}, "researcher")


def proposed(server: Server, done: Status, who: str = "alice") -> dict[str, Any]:
    answer = propose(server, done, who)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def propose_limits(server: Server, **values: object) -> int:
    answer = post(server, "params/propose", "alice", {"kind": "limits", "values": values}, "researcher")
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def approve(server: Server, number: int, who: str = "bob", **changes: Any) -> httpx.Response:
    return post(server, "params/approve", who, {"proposal_id": number, **changes})


def status(server: Server) -> dict[str, Any]:
    return dict(server.client().get("/api/guardrails/status").raise_for_status().json())


def active(server: Server, scope: str = SCOPE) -> dict[str, Any]:
    return next(each for each in status(server)["active"] if each["scope"] == scope)


def history(server: Server) -> dict[str, Any]:
    query = {"scope": SCOPE, "limit": 500}
    return dict(server.client().get("/api/guardrails/history", params=query).raise_for_status().json())


def audit(server: Server, limit: int = 1) -> list[dict[str, Any]]:
    return list(server.client("admin").get("/api/audit", params={"limit": limit}).json()["entries"])


def reasons(answer: httpx.Response) -> str:
    assert answer.status_code == 409, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()["reasons"]
    assert told
    return "\n".join(told)


def test_from_evidence_to_approval_and_back(tmp_path: Path) -> None:
    """Propose, look, approve; another one; roll back; all of it in the history and in an audit log that is whole.

    A second person is required: nobody approves what they proposed.
    """
    with serving(tmp_path, require_second_person=1) as server:
        assert status(server)["require_second_person"] is True
        first, second = evidence(server, 9), evidence(server, 12)
        made = proposed(server, first)
        shown = status(server)["pending"]
        assert [each["id"] for each in shown] == [made["id"]]
        assert shown[0] == server.client().get(f"/api/guardrails/proposals/{made['id']}").json() == made
        assert (made["state"], made["proposer"], made["base"]) == ("proposed", "alice", None)
        assert {each["field"]: each["after"] for each in made["diff"]}["params.fast"] == 9
        assert made["evidence"]["metrics"] == first["metrics"]
        assert made["evidence"]["simulated"] is True
        assert {each["metric"]: each["after"] for each in made["metrics"]}["trade_count"] == (
            first["metrics"]["trade_count"]
        )
        assert "a second person is required" in reasons(approve(server, made["id"], "alice"))
        assert status(server)["pending"] == shown
        version = approve(server, made["id"], digest=made["digest"], note="fine").raise_for_status().json()
        assert (version["version"], version["author"], version["approver"]) == (1, "alice", "bob")
        assert active(server) == version

        other = proposed(server, second, "carol")
        assert [(each["field"], each["before"], each["after"]) for each in other["diff"]] == [("params.fast", 9, 12)]
        change = next(each for each in other["metrics"] if each["metric"] == "total_return")
        assert (change["before"], change["after"]) == tuple(each["metrics"]["total_return"] for each in (first, second))
        assert approve(server, other["id"]).raise_for_status().json()["version"] == 2

        back = post(server, "rollback", "dora", {"scope": SCOPE, "to_version": 1}).raise_for_status().json()
        assert (back["version"], back["restored"], back["content"]) == (3, 1, version["content"])
        assert (back["author"], back["approver"]) == ("alice", "dora")
        told = history(server)
        assert [(each["version"], each["state"]) for each in told["versions"]] == [
            (3, "active"),
            (2, "superseded"),
            (1, "superseded"),
        ]
        assert [(each["id"], each["state"]) for each in told["proposals"]] == [
            (other["id"], "superseded"),
            (made["id"], "superseded"),
        ]
        log = [(each["who"], each["action"], each["outcome"]) for each in reversed(audit(server, 6))]
        assert log == [
            ("alice", "propose", "done"),
            ("alice", "approve", "refused"),
            ("bob", "approve", "done"),
            ("carol", "propose", "done"),
            ("bob", "approve", "done"),
            ("dora", "rollback", "done"),
        ]
        assert server.client("admin").get("/api/audit/verify").json()["intact"]
        counts = ("param_proposals_total", "param_approvals_total", "param_rollbacks_total")
        assert [metric(server, name) for name in counts] == [2, 2, 1]


def test_evidence_that_was_altered_is_not_approved(rails: Server) -> None:
    """Nor evidence that is gone; nothing changes, and the refusal is in the audit log."""
    done = evidence(rails, 5)
    made = proposed(rails, done)
    path = next((rails.home / "evidence").rglob(f"{done['evidence_id']}.json"))
    kept, before = path.read_bytes(), status(rails)
    path.write_bytes(kept.replace(b'"fast":5', b'"fast":6').replace(b'"fast": 5', b'"fast": 6'))
    assert path.read_bytes() != kept
    altered = reasons(approve(rails, made["id"]))
    path.unlink()
    gone = reasons(approve(rails, made["id"]))
    assert "evidence" in altered
    assert "evidence" in gone
    assert status(rails) == before
    assert (audit(rails)[0]["action"], audit(rails)[0]["outcome"]) == ("approve", "refused")
    path.write_bytes(kept)
    assert approve(rails, made["id"]).status_code == 200


def test_evidence_of_something_else_is_not_proposed(rails: Server) -> None:
    """Other parameters, pair, timeframe or strategy than those that were tested; or none at all."""
    done = evidence(rails, 6)
    assert "fast 7" in reasons(propose(rails, done, params={"fast": 7, "slow": 55}))
    assert "BTCUSDT" in reasons(propose(rails, done, pair="BTCUSDT"))
    assert "4h" in reasons(propose(rails, done, timeframe="4h"))
    assert "rsi" in reasons(propose(rails, done, strategy="rsi", params={}))
    assert propose(rails, done, evidence_id="smaCross-ETHUSDT-1h-0123456789ab").status_code == 404
    unfit = propose(rails, done, params={"fast": 0})
    assert unfit.status_code == 422
    assert unfit.json()["fields"][0]["field"] == "params.fast"


def test_what_is_outside_the_limits_is_not_approved(rails: Server) -> None:
    """Every limit that is broken is a reason."""
    made = proposed(rails, evidence(rails, 8))
    tight = {"max_evidence_drawdown": "0.0001", "min_evidence_trades": "100000", "simulated_evidence": "0"}
    limits = approve(rails, propose_limits(rails, **tight)).raise_for_status().json()
    try:
        told = reasons(approve(rails, made["id"]))
        assert all(f"{name}:" in told for name in tight)
        assert "SIMULATED" in told
    finally:
        loose = propose_limits(rails, max_evidence_drawdown="1", min_evidence_trades="1", simulated_evidence="1")
        approve(rails, loose).raise_for_status()
    assert status(rails)["limits_version"] == limits["version"] + 1
    assert approve(rails, made["id"]).status_code == 200


def test_what_was_overtaken_or_decided_is_not_approved(rails: Server) -> None:
    """Stale, rejected, approved before; or not what the approver has seen."""
    one, other, third = (proposed(rails, evidence(rails, fast)) for fast in (14, 15, 16))
    seen = reasons(approve(rails, one["id"], digest=other["digest"]))
    assert other["digest"] in seen or one["digest"] in seen
    assert approve(rails, one["id"], digest=one["digest"]).status_code == 200
    assert "already" in reasons(approve(rails, one["id"]))
    assert "another version came into force" in reasons(approve(rails, other["id"]))
    assert reasons(post(rails, "params/reject", "bob", {"proposal_id": third["id"]}))
    again = proposed(rails, evidence(rails, 16))
    rejected = post(rails, "params/reject", "bob", {"proposal_id": again["id"], "note": "no"}).raise_for_status().json()
    assert (rejected["state"], rejected["decided_by"], rejected["decision_note"]) == ("rejected", "bob", "no")
    assert "somebody rejected it" in reasons(approve(rails, again["id"]))
    assert "nothing would change" in reasons(propose(rails, evidence(rails, 14)))


def test_rolling_back_to_nothing_is_refused(rails: Server) -> None:
    """A version that is in force already is 409, one that is none 404."""
    approve(rails, proposed(rails, evidence(rails, 18))["id"]).raise_for_status()
    now = active(rails)["version"]
    assert reasons(post(rails, "rollback", "bob", {"scope": SCOPE, "to_version": now}))
    assert post(rails, "rollback", "bob", {"scope": SCOPE, "to_version": now + 1}).status_code == 404
    assert post(rails, "rollback", "bob", {"scope": "nonsense/ETHUSDT", "to_version": 1}).status_code == 422


@pytest.mark.parametrize("same", [True, False])
def test_two_approvals_at_once(rails: Server, same: bool) -> None:
    """Of one proposal, or of two against one version: one comes into force, the other is told why not."""
    clients = [rails.client("admin", who) for who in ("bob", "dora")]
    for fast in range(21, 27, 2) if same else range(31, 37, 2):
        made = [proposed(rails, evidence(rails, each))["id"] for each in (fast, fast if same else fast + 1)]
        before = len(history(rails)["versions"])
        pairs = zip(clients, [made[0]] * 2 if same else made, strict=True)
        with ThreadPoolExecutor(2) as threads:
            asked = [threads.submit(each.post, APPROVE, json={"proposal_id": number}) for each, number in pairs]
            answers = [each.result() for each in asked]
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        won, lost = sorted(answers, key=lambda answer: answer.status_code)
        assert active(rails) == won.json()
        assert reasons(lost)
        assert len(history(rails)["versions"]) == before + 1
    assert rails.client("admin").get("/api/audit/verify").json()["intact"]


def test_halting_and_resuming(rails: Server) -> None:
    """Who, since when, why; the check of an order says so, too."""
    halted = post(rails, "gate/halt", "bob", {"reason": "an outage"}).raise_for_status().json()
    assert (halted["state"], halted["who"], halted["reason"], halted["open"]) == ("halted", "bob", "an outage", False)
    told = post(rails, "gate/check", "alice", ORDER, "researcher").raise_for_status().json()
    assert (told["accepted"], told["state"]) == (False, "halted")
    assert "trading is halted" in told["reasons"]
    reducing = post(rails, "gate/halt", "bob", {"reason": "slowly", "state": "reducing"}).raise_for_status().json()
    assert reducing["state"] == "reducing"
    resumed = post(rails, "gate/resume", "dora", {"reason": "it is over"}).raise_for_status().json()
    assert (resumed["state"], resumed["who"]) == ("active", "dora")
    assert {each["rule"]: each["passed"] for each in resumed["rules"]}["kill_switch"] is True
    log = [(each["who"], each["action"], each["subject"]) for each in audit(rails, 3)]
    assert log == [("dora", "resume", "gate"), ("bob", "halt", "gate"), ("bob", "halt", "gate")]
    assert post(rails, "gate/halt", "bob", {"reason": "  "}).status_code == 422
