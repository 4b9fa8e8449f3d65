"""``workbench params`` and ``workbench audit`` against a real server."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Done, workbench
from tests.serving import ADMIN, Server, serving

SMA = ("--strategy", "smaCross", "--pair", "ETHUSDT", "--timeframe", "1h")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for the file."""
    with serving(tmp_path_factory.mktemp("params") / "home") as running:
        yield running


@pytest.fixture
def ask(server: Server, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command as this machine's admin."""
    monkeypatch.setenv("WORKBENCH_URL", server.url)
    monkeypatch.setenv("WORKBENCH_ADMIN_TOKEN", ADMIN)

    def run(*words: str) -> Done:
        return workbench(server.home, *words)

    return run


def proposed(ask: Any, fast: int, slow: int) -> dict[str, Any]:
    done = ask("params", "propose", *SMA, "-p", f"fast={fast}", "-p", f"slow={slow}", "--user", "rita", "--json")
    assert done.status == 0, done
    found: dict[str, Any] = done.json
    return found


def test_from_a_proposal_into_force_and_back(ask: Any, server: Server) -> None:
    """Propose, compare, approve, propose again, approve, roll back: and the audit chain holds."""
    first = proposed(ask, 50, 200)
    assert (first["state"], first["proposer"], first["base"]) == ("proposed", "rita", None)
    shown = ask("params", "diff", str(first["id"])).stdout
    assert all(text in shown for text in ("params.fast", "50", "SIMULATED", "sharpe", "nothing in force yet"))
    approved = ask("params", "approve", str(first["id"]), "--yes", "--note", "first")
    assert approved.status == 0, approved
    assert "smaCross/ETHUSDT: version 1 is active" in approved.stdout
    second = proposed(ask, 20, 100)
    assert {(each["field"], each["before"], each["after"]) for each in second["diff"]} == {
        ("params.fast", 50, 20),
        ("params.slow", 200, 100),
    }
    assert ask("params", "approve", str(second["id"]), "--yes", "--json").json["version"] == 2
    rolled = ask("params", "rollback", "smaCross/ETHUSDT", "1", "--yes", "--json").json
    assert (rolled["version"], rolled["restored"], rolled["content"]) == (3, 1, first["content"])
    history = ask("params", "history", "--scope", "smaCross/ETHUSDT", "--json").json
    assert [each["version"] for each in history["versions"]] == [3, 2, 1]
    verdict = ask("audit", "verify", "--json").json
    assert verdict["intact"]
    assert verdict["head_file"]
    assert ask("audit", "verify").stdout.startswith("intact: ")
    actions = [each["action"] for each in ask("audit", "tail", "--limit", "100", "--json").json]
    assert [action for action in actions if action in ("propose", "approve", "rollback")] == [
        "propose", "approve", "propose", "approve", "rollback",
    ]  # fmt: skip
    assert ADMIN not in server.log_path.read_text()


def test_a_refusal_lists_its_reasons(ask: Any) -> None:
    """Exit status 1, a reason a line on stderr, nothing on stdout."""
    held = proposed(ask, 30, 150)
    assert ask("params", "reject", str(held["id"]), "--note", "no").status == 0
    refused = ask("params", "approve", str(held["id"]), "--yes")
    assert (refused.status, refused.stdout) == (1, "")
    assert "  - it is rejected: somebody rejected it already" in refused.stderr.splitlines()


def test_nobody_is_asked_where_nobody_can_answer(ask: Any) -> None:
    """Without a terminal an approval must be meant."""
    held = proposed(ask, 31, 150)
    refused = ask("params", "approve", str(held["id"]))
    assert refused.status == 2
    assert "--yes" in refused.stderr
    assert ask("params", "diff", str(held["id"]), "--json").json["state"] == "proposed"


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (("propose", *SMA, "-p", "fasst=3"), 2, "params.fasst"),
        (("propose", *SMA, "-p", "fast=5", "--evidence", "smaCross-ETHUSDT-1h-000000000000"), 1, "no such evidence"),
        (("propose-limits", "-p", "max_order=5"), 2, "max_order"),
        (("propose-limits", "-p", "max_order_notional=-5"), 2, "max_order_notional"),
        (("approve", "4711", "--yes"), 1, "proposal 4711: there is none"),
        (("rollback", "smaCross/ETHUSDT", "99", "--yes"), 1, "no version 99"),
        (("rollback", "smaCross", "1", "--yes"), 2, "scope"),
    ],
)
def test_what_does_not_fit_is_one_line(ask: Any, words: tuple[str, ...], status: int, text: str) -> None:
    """Named, without a traceback."""
    done = ask("params", *words)
    assert done.status == status, done
    assert text in done.stderr
    assert "Traceback" not in done.stderr


def test_limits_take_the_same_way(ask: Any) -> None:
    """Proposed, approved, in force."""
    held = ask("params", "propose-limits", "-p", "max_order_notional=777", "--json").json
    assert [(each["field"], each["after"]) for each in held["diff"]] == [("max_order_notional", "777")]
    assert ask("params", "approve", str(held["id"]), "--yes").status == 0
    limits = {each["name"]: each["value"] for each in ask("params", "status", "--json").json["limits"]}
    assert limits["max_order_notional"] == "777"


def test_the_gate_is_closed_and_opened(ask: Any) -> None:
    """And the status says who did it, and why."""
    assert ask("params", "halt", "--reason", "an [outage]").status == 0
    gate = ask("params", "status", "--json").json["gate"]
    assert (gate["state"], gate["open"], gate["reason"]) == ("halted", False, "an [outage]")
    assert "an [outage]" in ask("params", "status").stdout
    assert ask("params", "resume", "--reason", "over", "--json").json["state"] == "active"


def test_no_server_says_how_to_start_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit status 2, the address, the command."""
    monkeypatch.setenv("WORKBENCH_ADMIN_TOKEN", ADMIN)
    done = workbench(home, "params", "status", "--url", "http://127.0.0.1:9")
    assert done.status == 2
    assert "http://127.0.0.1:9" in done.stderr
    assert "workbench serve" in done.stderr
    assert ADMIN not in done.stderr


def test_no_tokens_here_says_who_makes_them(home: Path) -> None:
    """A home in which no server was ever started."""
    done = workbench(home, "params", "status")
    assert done.status == 2
    assert "workbench serve" in done.stderr


def test_a_ledger_that_somebody_touched_is_told(tmp_path: Path) -> None:
    """Exit status 1 and the first bad entry; a cut-off end is noticed by the head outside."""
    home = tmp_path / "home"
    with serving(home) as running:
        client = running.client("admin")
        for _ in range(3):
            assert client.post("/api/guardrails/gate/halt", json={"reason": "test"}).is_success
    assert workbench(home, "audit", "verify").status == 0
    with sqlite3.connect(home / "ledger.sqlite3") as ledger:
        ledger.execute("UPDATE audit SET who = 'nobody' WHERE seq = 2")
    ledger.close()
    broken = workbench(home, "audit", "verify")
    assert broken.status == 1
    assert "BROKEN at entry 2" in broken.stdout
    with sqlite3.connect(home / "ledger.sqlite3") as ledger:
        ledger.execute("DELETE FROM audit WHERE seq >= 2")
        first = ledger.execute("SELECT hash FROM audit WHERE seq = 1").fetchone()[0]
        ledger.execute("UPDATE audit_head SET seq = 1, hash = ?", (first,))
    ledger.close()
    cut = workbench(home, "audit", "verify", "--json")
    assert cut.status == 1
    assert json.loads(cut.stdout)["bad_seq"] == 2


def test_no_ledger_is_told(home: Path) -> None:
    """Nothing is made by asking."""
    done = workbench(home, "audit", "tail")
    assert done.status == 2
    assert "no ledger here yet" in done.stderr
    assert not home.exists()
