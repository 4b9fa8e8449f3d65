"""Backtests over HTTP: from the request to evidence, trades and the equity curve."""

import json
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest

from tests.api.jobs import SMOKE, Status, ended, events, page, start, status
from tests.serving import ADMIN, NO_AUTHORITIES, Server

ARROW = {"accept": "application/vnd.apache.arrow.stream"}


@pytest.fixture(scope="module")
def done(server: Server) -> Status:
    """The usual backtest, done."""
    return ended(server, start(server))


def arrow_table(answer: httpx.Response) -> pa.Table:
    assert answer.headers["content-type"] == ARROW["accept"]
    with pa.ipc.open_stream(answer.content) as reader:
        return reader.read_all()


def test_the_usual_call(server: Server) -> None:
    """As somebody with nothing but an HTTP client writes it."""
    answer = httpx.post(
        f"{server.url}/api/backtest/start",
        headers={"x-admin-token": ADMIN, "content-type": "application/json"},
        content='{"pair":"ETHUSDT","timeframe":"1h","strategy":"smaCross","params":{"fast":9,"slow":21}}',
        trust_env=False,
        verify=NO_AUTHORITIES,
    )
    assert answer.status_code == 202
    told = answer.json()
    assert told["status"] == "queued"
    assert answer.headers["location"] == told["url"] == f"/api/backtest/{told['id']}"
    result = ended(server, told["url"])
    assert result["status"] == "done"
    assert result["progress"] == 1
    assert result["simulated"] is True
    assert result["request"]["params"] == {"fast": 9, "slow": 21}
    assert result["created_ns"] <= result["started_ns"] <= result["finished_ns"]
    assert result["metrics"]["trade_count"] > 0
    assert result == status(server, told["url"])


def test_the_same_request_has_the_same_digest(server: Server, done: Status) -> None:
    """Whoever asks, however the pair is written; other parameters have another."""
    again = ended(server, start(server, "admin", pair="ethusdt"))
    assert again["id"] != done["id"]
    assert (again["digest"], again["evidence_id"]) == (done["digest"], done["evidence_id"])
    assert ended(server, start(server, params={"fast": 10, "slow": 21}))["digest"] != done["digest"]


def test_costs_range_and_cash_are_used(server: Server, done: Status) -> None:
    """They stand in the evidence."""
    asked = {"costs": {"taker_fee_rate": 0.002}, "range": {"start": "2024-03-01", "end": "2024-06-01"}}
    told = ended(server, start(server, **asked, initial_cash=500))
    evidence = server.client().get(f"/api/backtest/{told['id']}/evidence").json()
    assert told["digest"] != done["digest"]
    assert evidence["inputs"]["initial_cash"] == 500
    assert evidence["inputs"]["costs"]["taker_fee_rate"] == 0.002
    assert evidence["inputs"]["range"]["bars"] == 92 * 24


def test_evidence_is_told_byte_for_byte(server: Server, done: Status) -> None:
    """As it lies on the disk."""
    answer = server.client().get(f"/api/backtest/{done['id']}/evidence")
    stored = list((server.home / "evidence").rglob(f"{done['evidence_id']}.json"))
    assert [path.read_bytes() for path in stored] == [answer.content]
    assert answer.json()["digest"] == done["digest"]
    assert answer.json()["metrics"] == done["metrics"]


def test_trades_come_in_pages_and_whole_as_arrow(server: Server, done: Status) -> None:
    """The pages put together are the whole."""
    path, total = f"/api/backtest/{done['id']}/trades", done["metrics"]["trade_count"]
    pages = [
        server.client().get(path, params={"offset": offset, "limit": 100}).json() for offset in range(0, total, 100)
    ]
    assert {each["total"] for each in pages} == {total}
    assert all(each["simulated"] for each in pages)
    whole = arrow_table(server.client().get(path, headers=ARROW))
    assert whole.num_rows == total
    assert whole.schema.metadata[b"evidence_id"] == done["evidence_id"].encode()
    for name in whole.column_names:
        assert [value for each in pages for value in each["columns"][name]] == whole.column(name).to_pylist()
    beyond = server.client().get(path, params={"offset": total}).json()
    assert all(column == [] for column in beyond["columns"].values())


def test_equity_is_whole_or_downsampled(server: Server, done: Status) -> None:
    """The downsampled curve is made of points of the whole one, with both its ends."""
    path = f"/api/backtest/{done['id']}/equity"
    whole, few = (server.client().get(path, params=query).raise_for_status().json() for query in ({}, {"points": 200}))
    assert len(whole["equity"]) == len(whole["time_ns"]) == whole["bars"] == few["bars"]
    assert 100 <= len(few["equity"]) <= 200
    points = dict(zip(whole["time_ns"], zip(whole["equity"], whole["drawdown"], strict=True), strict=True))
    told = list(zip(few["time_ns"], few["equity"], few["drawdown"], strict=True))
    assert all(points[when] == (equity, fall) for when, equity, fall in told)
    assert (few["time_ns"][0], few["time_ns"][-1]) == (whole["time_ns"][0], whole["time_ns"][-1])
    assert whole["equity"][-1] == pytest.approx(done["metrics"]["final_equity"])
    assert min(whole["drawdown"]) == pytest.approx(done["metrics"]["max_drawdown"])
    assert arrow_table(server.client().get(path, headers=ARROW)).column("equity").to_pylist() == whole["equity"]


def test_events_go_from_the_beginning_to_the_end(server: Server) -> None:
    """Status and progress only go forward; the last one is the end."""
    told = list(events(server, start(server)))
    order = ["queued", "running", "done"]
    places = [order.index(each["status"]) for each in told]
    assert places == sorted(places)
    assert places[-1] == 2
    progress = [each["progress"] for each in told]
    assert progress == sorted(progress)
    assert len({json.dumps(each) for each in told}) == len(told)


def test_events_of_a_job_that_has_ended(server: Server, done: Status) -> None:
    """One, and the stream is over."""
    assert list(events(server, f"/api/backtest/{done['id']}")) == [done]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"pair": "ETH-USDT"}, "pair"),
    ({"pair": "../../x"}, "pair"),
    ({"pair": None}, "pair"),
    ({"timeframe": "1x"}, "timeframe"),
    ({"timeframe": "0h"}, "timeframe"),
    ({"strategy": "noSuch"}, "strategy"),
    ({"params": {"fast": "many"}}, "params.fast"),
    ({"params": {"fast": 0}}, "params.fast"),
    ({"params": {"fast": 9.5}}, "params.fast"),
    ({"params": {"quick": 9}}, "params.quick"),
    ({"params": {"fast": 21, "slow": 9}}, "params.fast"),
    ({"costs": {"taker_fee_rate": 2}}, "costs.taker_fee_rate"),
    ({"costs": {"slippage_bps": 0.12345}}, "costs.slippage_bps"),
    ({"costs": {"bribe": 1}}, "costs.bribe"),
    ({"range": {"start": "yesterday"}}, "range.start"),
    ({"range": {"start": "2024-02-30"}}, "range.start"),
    ({"range": {"start": "2024-02-01", "end": "2024-02-01"}}, "range"),
    ({"initial_cash": 0}, "initial_cash"),
    ({"initial_cash": "much"}, "initial_cash"),
    ({"colour": "red"}, "colour"),
]


@pytest.mark.parametrize(("changes", "field"), BAD, ids=str)
def test_what_does_not_fit_is_named(server: Server, changes: dict[str, Any], field: str) -> None:
    """At once, with 422, and no job is made."""
    before = page(server)
    answer = server.client("researcher").post("/api/backtest/start", json={**SMOKE, **changes})
    assert answer.status_code == 422, answer.text
    told = answer.json()
    assert any(each["field"].startswith(field) for each in told["fields"]), told
    assert field in told["detail"]
    assert page(server) == before


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff", b'{"pair": NaN}', b"[" * 60_000])
def test_a_body_that_is_none_is_refused(server: Server, body: bytes) -> None:
    """As a problem, not as a failure of ours."""
    headers = {"content-type": "application/json"}
    answer = server.client("researcher").post("/api/backtest/start", content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_candles_that_are_not_there_fail_the_job(server: Server) -> None:
    """It says what is there; it has no evidence."""
    told = ended(server, start(server, pair="NOSUCH"))
    assert (told["status"], told["error"]["kind"]) == ("failed", "missing")
    for part in ("evidence", "trades", "equity"):
        answer = server.client().get(f"/api/backtest/{told['id']}/{part}")
        assert answer.status_code == 409
        assert answer.json()["reasons"] == ["it is failed"]


def test_pages_of_jobs_put_together_are_all(server: Server) -> None:
    """Newest first, each once; by status too."""
    urls = [start(server, params={"fast": fast, "slow": 30}) for fast in range(2, 9)]
    for url in urls:
        ended(server, url)
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        told = page(server, **query)
        seen += [each["id"] for each in told["backtests"]]
        if told["next_before"] is None:
            break
        query["before"] = told["next_before"]
    everything = page(server, limit=500)["backtests"]
    assert seen == [each["id"] for each in everything]
    assert [f"/api/backtest/{each}" for each in seen[: len(urls)]] == list(reversed(urls))
    failed = page(server, limit=500, status="failed")["backtests"]
    assert failed == [each for each in everything if each["status"] == "failed"]


def test_altered_evidence_is_not_told(server: Server) -> None:
    """Nor its trades."""
    told = ended(server, start(server, params={"fast": 3, "slow": 77}))
    path = next(Path(server.home / "evidence").rglob(f"{told['evidence_id']}.json"))
    kept = path.read_text("utf-8")
    path.write_text(kept.replace('"slow":77', '"slow":78').replace('"slow": 77', '"slow": 78'), "utf-8")
    assert path.read_text("utf-8") != kept
    for part in ("evidence", "trades", "equity"):
        answer = server.client().get(f"/api/backtest/{told['id']}/{part}")
        assert answer.status_code == 409, part
        assert "altered" in answer.json()["detail"]
