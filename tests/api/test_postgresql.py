"""The server with its ledger in PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres, running_postgres
from tests.serving import Server, serving


@pytest.fixture(scope="module")
def cluster() -> Iterator[Postgres]:
    """A private one; skipped, visibly, where PostgreSQL is not installed."""
    with running_postgres() as running:
        yield running


def started(server: Server) -> str:
    asked = {"pair": "ETHUSDT", "timeframe": "1h", "strategy": "rsi", "params": {"period": 14}}
    answer = server.client("researcher").post("/api/backtest/start", json=asked)
    assert answer.status_code == 202, answer.text
    job_id: str = answer.json()["id"]
    with server.client("viewer").stream("GET", f"/api/backtest/{job_id}/events") as events:
        assert '"status":"done"' in events.read().decode()
    return job_id


def test_what_was_decided_is_there_after_a_restart(tmp_path: Path, cluster: Postgres) -> None:
    """Jobs, versions and the audit chain lie in the database; no SQLite file is made; its password is nowhere."""
    url = cluster.create_database().replace("postgresql+psycopg", "postgresql").replace("@", ":s3cret-of-tests@", 1)
    home = tmp_path / "home"
    with serving(home, database_url=url) as server:
        job_id = started(server)
        found = server.client().get(f"/api/backtest/{job_id}").json()
        asked = {**found["request"], "evidence_id": found["evidence_id"]}
        body = {name: asked[name] for name in ("strategy", "pair", "timeframe", "params", "evidence_id")}
        proposal = server.client("researcher").post("/api/guardrails/params/propose", json={"kind": "params", **body})
        assert proposal.status_code == 201, proposal.text
        decision = {"proposal_id": proposal.json()["id"], "digest": proposal.json()["digest"]}
        assert server.client("admin").post("/api/guardrails/params/approve", json=decision).status_code == 200
        assert "s3cret" not in server.log_path.read_text()
    with serving(home, database_url=url) as server:
        assert server.client().get(f"/api/backtest/{job_id}").json()["status"] == "done"
        (active,) = server.client().get("/api/guardrails/status").json()["active"]
        assert (active["scope"], active["version"]) == ("rsi/ETHUSDT", 1)
        verdict = server.client("admin").get("/api/audit/verify").json()
        assert verdict["intact"]
        assert verdict["entries"] >= 4
    assert not (home / "ledger.sqlite3").exists()


def test_a_database_that_does_not_answer_is_told_without_its_password(tmp_path: Path) -> None:
    """The server does not start, and says why in one line."""
    with (
        pytest.raises(RuntimeError) as caught,
        serving(tmp_path / "home", database_url="postgresql://workbench:s3cret-of-tests@127.0.0.1:9/none"),
    ):
        pass
    assert "refuses" in str(caught.value)
    assert "s3cret" not in str(caught.value)
