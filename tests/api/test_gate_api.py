"""The risk gate of a server that follows a simulated exchange."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.api.exchange import Exchange, exchanging
from tests.api.jobs import metric
from tests.serving import Server, serving

NOW = {"position": "0", "equity": "10000", "day_start_equity": "10000", "peak_equity": "10000"}
RULES = [
    *("kill_switch", "feed_age", "clock_offset", "daily_loss", "drawdown"),
    *("price_collar", "order_notional", "position_notional", "order_rate"),
]
PATIENCE_SECONDS = 60.0
PAIR = '{pair="ETHUSDT"}'


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Exchange]]:
    """Prices come, and the gate is open."""
    home = tmp_path_factory.mktemp("live")
    with exchanging(home) as exchange, serving(home, feed=True, feed_pairs="ETHUSDT", exchange=exchange.url) as server:
        until(lambda: gate(server)["open"] and feed(server)["pairs"][0]["last"] is not None)
        yield server, exchange


def until(fits: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not fits():
        assert time.monotonic() < deadline, "it does not come"


def gate(server: Server) -> dict[str, Any]:
    return dict(server.client().get("/api/guardrails/status").raise_for_status().json()["gate"])


def feed(server: Server) -> dict[str, Any]:
    return dict(server.client().get("/api/feeds/health").raise_for_status().json())


def check(server: Server, account: dict[str, str] | None = None, **order: Any) -> dict[str, Any]:
    body = {"pair": "ETHUSDT", "side": "buy", "quantity": "0.01", "account": {**NOW, **(account or {})}, **order}
    return dict(server.client("researcher").post("/api/guardrails/gate/check", json=body).raise_for_status().json())


def refused_by(decision: dict[str, Any]) -> set[str]:
    assert decision["accepted"] is (decision["reasons"] == [])
    return {each["rule"] for each in decision["rules"] if not each["passed"]}


def test_the_gate_works_and_closes_when_the_exchange_is_gone(live: tuple[Server, Exchange]) -> None:
    """One story, as only a stopped exchange ends it."""
    server, exchange = live
    told = feed(server)
    assert (told["running"], told["simulated"], told["pairs"][0]["pair"]) == (True, True, "ETHUSDT")
    symbols = server.client().get("/api/feeds/symbols").raise_for_status().json()
    assert "ETHUSDT" in {each["pair"] for each in symbols["symbols"]}
    assert metric(server, "risk_gate_open") == 1
    assert metric(server, f"btcturk_ws_up{PAIR}") == 1
    assert metric(server, f"btcturk_ticks_total{PAIR}") > 0
    assert metric(server, f"btcturk_last_price{PAIR}") > 0

    explains_each_rule(server)
    a_dry_run_changes_nothing(server)
    a_loss_trips_the_gate(server)
    closes(server, exchange)


def explains_each_rule(server: Server) -> None:
    """Every rule with its value and limit, whether it is kept or not."""
    last = feed(server)["pairs"][0]["last"]
    fine = check(server, price=f"{last:.2f}", dry_run=True)
    assert (fine["accepted"], fine["state"]) == (True, "active")
    assert [each["rule"] for each in fine["rules"]] == RULES
    assert all(each["value"] and each["limit"] and not each["reason"] for each in fine["rules"])
    assert refused_by(check(server, price="1", dry_run=True)) == {"price_collar"}
    big = check(server, quantity="1000000", dry_run=True)
    assert refused_by(big) == {"order_notional", "position_notional"}
    assert all(
        any(reason.startswith(rule) for reason in big["reasons"]) for rule in ("order_notional", "position_notional")
    )
    assert "price_collar" in refused_by(check(server, pair="NOSUCH", dry_run=True))
    lost = check(server, {"equity": "7000"}, dry_run=True)
    assert (refused_by(lost), lost["state"]) == ({"daily_loss", "drawdown"}, "reducing")


def a_dry_run_changes_nothing(server: Server) -> None:
    """Neither the switch nor the order rate; an accepted order counts."""
    assert gate(server)["state"] == "active"
    rates = [rule_value(check(server, dry_run=dry), "order_rate") for dry in (True, True, False, True)]
    assert rates == ["1", "1", "1", "2"]


def rule_value(decision: dict[str, Any], rule: str) -> str:
    return next(str(each["value"]) for each in decision["rules"] if each["rule"] == rule)


def a_loss_trips_the_gate(server: Server) -> None:
    """Reducing until a person resumes: an order that makes the position smaller passes, another one does not."""
    assert not check(server, {"equity": "7000"})["accepted"]
    now = gate(server)
    assert (now["state"], now["who"], now["open"]) == ("reducing", "server", False)
    assert metric(server, "risk_gate_open") == 0
    assert refused_by(check(server)) == {"kill_switch"}
    assert check(server, {"position": "1"}, side="sell")["accepted"]
    entry = server.client("admin").get("/api/audit", params={"limit": 1}).json()["entries"][0]
    assert (entry["who"], entry["action"]) == ("server", "gate_trip")
    resume = {"reason": "looked at it"}
    server.client("admin", "bob").post("/api/guardrails/gate/resume", json=resume).raise_for_status()
    assert metric(server, "risk_gate_open") == 1


def closes(server: Server, exchange: Exchange) -> None:
    """By the age of its last word, whose limit was lowered; everything else goes on answering."""
    wanted = {"kind": "limits", "values": {"max_feed_age": 2}}
    made = server.client("researcher", "alice").post("/api/guardrails/params/propose", json=wanted).raise_for_status()
    decided = {"proposal_id": made.json()["id"], "digest": made.json()["digest"]}
    server.client("admin", "bob").post("/api/guardrails/params/approve", json=decided).raise_for_status()
    assert gate(server)["state"] == "active"
    exchange.end()
    until(lambda: not gate(server)["open"])
    rules = {each["rule"]: each for each in gate(server)["rules"]}
    assert rules["feed_age"]["passed"] is False
    assert "feed_age" in rules["feed_age"]["reason"]
    told = check(server)
    assert (told["accepted"], told["state"]) == (False, "halted")
    assert metric(server, "risk_gate_open") == 0
    until(lambda: feed(server)["status"] == "down")
    assert server.client().get("/readyz").status_code == 200
    assert server.client().get("/api/backtest").status_code == 200
    assert server.client().get("/api/feeds/candles?pair=ETHUSDT&timeframe=1h").status_code == 200
