"""Reports over HTTP, wherever they were made: list, files, charts, breakdowns, verification."""

import json
import math
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import httpx
import msgspec
import numpy as np
import pytest

from tests.api.jobs import Status, ended, held, start
from tests.candles import HOUR_NS, walk
from tests.cli.command import succeeds
from tests.evidence.runs import RUN
from tests.serving import Server, serving
from workbench.client import Client
from workbench.data.store import CandleStore
from workbench.engine.backtest import backtest
from workbench.evidence.canonical import rounded
from workbench.evidence.report import sealed
from workbench.evidence.store import EvidenceStore
from workbench.evidence.trade_columns import trade_columns
from workbench.home import Home
from workbench.research.backtest import backtest as research_backtest
from workbench.research.candles import load_candles
from workbench.strategy.base import Strategy
from workbench.strategy.catalog import make_strategy
from workbench.strategy.sma_cross import SmaCross

ARROW = {"accept": "application/vnd.apache.arrow.stream"}
NOT_THERE = "smaCross-ETHUSDT-1h-0123456789ab"
PARTS = ("", "/trades", "/chart", "/breakdown", "/verification")
RANGE = {"start": "2024-03-01", "end": "2024-06-01"}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose evidence is that of these tests alone."""
    with serving(tmp_path_factory.mktemp("evidence")) as running:
        yield running


@pytest.fixture(scope="module")
def done(own: Server) -> Status:
    """The usual backtest, three months of it."""
    return ended(own, start(own, range=RANGE))


@pytest.fixture
def client(own: Server) -> Iterator[Client]:
    """A viewer."""
    with Client(own.url, timeout_seconds=60) as made:
        yield made


def store(server: Server) -> EvidenceStore:
    return EvidenceStore(Home.at(server.home).evidence)


def ask(server: Server, evidence_id: str, part: str = "", **query: object) -> httpx.Response:
    return server.client().get(f"/api/evidence/{evidence_id}{part}", params=query)  # type: ignore[arg-type]


# The list ------------------------------------------------------------------------------------------------------------


def test_a_report_made_elsewhere_is_in_the_list(own: Server, done: Status, client: Client) -> None:
    """By the command line, by a notebook: at once, and before what ran earlier."""
    made = succeeds(own.home, "backtest", "--strategy", "rsi", "-p", "period=9", "--json").json
    told = client.reports(limit=1)
    assert told.reports[0].id == made["id"]
    assert told.reports[0].total_return == rounded(made["metrics"]["total_return"])
    assert told.reports[0].params["period"] == 9
    home = Home.at(own.home)
    report = research_backtest(load_candles("ETHUSDT", "1h", home=home), SmaCross(4, 33)).save(home=home)
    told = client.reports()
    assert [each.id for each in told.reports[:2]] == [report.id, made["id"]]
    assert told.total == len(told.reports) >= 3
    assert done["evidence_id"] in [each.id for each in told.reports]
    assert all(each.simulated for each in told.reports)


def test_words_and_pages(own: Server, done: Status, client: Client) -> None:
    """Every word is found in each; pages put together are all, each once."""
    for fast in (2, 3, 5):
        ended(own, start(own, params={"fast": fast, "slow": 55}, range=RANGE))
    assert [each.params["fast"] for each in client.reports("SMACROSS slow=55").reports] == [5, 3, 2]
    assert client.reports("slow=55 fast=3 simulated ethusdt 1h").total == 1
    assert client.reports("slow=55 real").total == 0
    assert [each.id for each in client.reports(done["evidence_id"][-12:]).reports] == [done["evidence_id"]]
    whole = client.reports(limit=500)
    pages = [client.reports(limit=2, offset=offset) for offset in range(0, whole.total, 2)]
    assert [each.id for page in pages for each in page.reports] == [each.id for each in whole.reports]
    assert {page.total for page in pages} == {whole.total}
    assert client.reports(offset=whole.total).reports == []


def test_a_damaged_file_breaks_nothing(own: Server, client: Client) -> None:
    """It is named in the list, the others are there; none of its parts is told, also where they were before."""
    told = ended(own, start(own, params={"fast": 3, "slow": 77}, range=RANGE))
    report, before = told["evidence_id"], client.reports()
    assert [ask(own, report, part).status_code for part in PARTS] == [200] * len(PARTS)
    path = store(own).path(report)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"slow": 77', b'"slow": 78'))
    after = client.reports()
    assert after.damaged == [path.name]
    assert [each.id for each in after.reports] == [each.id for each in before.reports if each.id != report]
    for part in PARTS:
        answer = ask(own, report, part)
        assert (answer.status_code, answer.json()["status"]) == (409, 409), part
        assert "altered" in answer.json()["detail"]
    path.write_bytes(whole)
    assert client.reports().damaged == []
    path.unlink()
    assert client.reports().total == before.total - 1
    assert [ask(own, report, part).status_code for part in PARTS] == [404] * len(PARTS)


@pytest.mark.parametrize("part", PARTS)
def test_what_is_not_there_or_no_id(own: Server, part: str) -> None:
    """404 and 422, as problems."""
    answer = ask(own, NOT_THERE, part)
    assert answer.status_code == 404
    assert NOT_THERE in answer.json()["detail"]
    for wrong in ("x", NOT_THERE.upper(), f"{NOT_THERE}0", "..%2f..%2ftokens", f"{NOT_THERE}%0a"):
        answer = ask(own, wrong, part)
        assert answer.status_code in ((422, 404) if "%2f" in wrong else (422,)), wrong
        assert answer.headers["content-type"] == "application/problem+json"


# Files ---------------------------------------------------------------------------------------------------------------


def test_report_and_trades_are_those_of_the_job(own: Server, done: Status, client: Client) -> None:
    """Byte for byte; pages and Arrow too."""
    report, job = done["evidence_id"], f"/api/backtest/{done['id']}"
    assert client.report_bytes(report) == store(own).path(report).read_bytes()
    assert client.report(report)["digest"] == done["digest"]
    assert client.report_bytes(report) == own.client().get(f"{job}/evidence").content
    query = {"offset": 3, "limit": 5}
    assert client.report_trades(report, **query) == client.trades(done["id"], **query)
    whole = own.client().get(f"/api/evidence/{report}/trades", headers=ARROW)
    assert whole.headers["content-type"] == ARROW["accept"]
    assert whole.content == own.client().get(f"{job}/trades", headers=ARROW).content


# Charts --------------------------------------------------------------------------------------------------------------


def test_a_chart_is_the_run(own: Server, done: Status, client: Client) -> None:
    """Of a short one every bar: prices, averages, equity, drawdown, trades."""
    report = done["evidence_id"]
    candles = load_candles("ETHUSDT", "1h", **RANGE, home=Home.at(own.home))
    chart, told = client.chart(report, points=5_000), client.report(report)
    assert (chart.evidence_id, chart.pair, chart.timeframe, chart.simulated) == (report, "ETHUSDT", "1h", True)
    assert chart.bars == len(candles) == 92 * 24
    curves = {each.name: each for each in chart.curves}
    assert list(curves) == ["Close", "SMA 9", "SMA 21", "Equity", "Buy and hold", "Drawdown"]
    assert all(each.time_ns == candles.open_time_ns.tolist() for each in chart.curves)
    assert curves["Close"].value == candles.close.tolist()
    assert curves["SMA 9"].value[:8] == [None] * 8
    assert curves["SMA 9"].value[8] == pytest.approx(candles.close[:9].mean())
    assert curves["Equity"].value == client.equity(done["id"]).equity
    assert curves["Drawdown"].value == client.equity(done["id"]).drawdown
    assert min(curves["Drawdown"].value) == pytest.approx(told["metrics"]["max_drawdown"])
    assert curves["Buy and hold"].value[-1] == pytest.approx(10_000 * (1 + told["metrics"]["benchmark_return"]))
    trades = client.report_trades(report).columns
    assert chart.trades.total == told["metrics"]["trade_count"]
    names = {"entry_time": "entry_time_ns", "exit_time": "exit_time_ns"}
    for name in ("side", "entry_time", "entry_price", "exit_time", "exit_price", "profit", "is_open"):
        assert getattr(chart.trades, names.get(name, name)) == trades[name], name


def test_a_window_is_cut_out_of_the_run(own: Server, done: Status, client: Client) -> None:
    """The whole's bars in [start, end), and the trades that touch them; drawdowns are those of the whole run."""
    report = done["evidence_id"]
    whole = client.chart(report, points=5_000)
    first, last = whole.curves[0].time_ns[300], whole.curves[0].time_ns[420]
    part = client.chart(report, start_ns=first - 1, end_ns=last, points=5_000)
    assert (part.bars, part.start_ns, part.end_ns) == (120, first, last)
    for one, other in zip(part.curves, whole.curves, strict=True):
        assert (one.time_ns, one.value) == (other.time_ns[300:420], other.value[300:420])
    touching = [
        row
        for row in range(whole.trades.total)
        if whole.trades.entry_time_ns[row] < last and whole.trades.exit_time_ns[row] >= first
    ]
    assert 0 < part.trades.total == len(touching) < whole.trades.total
    assert part.trades.profit == [whole.trades.profit[row] for row in touching]
    assert client.chart(report, start_ns=first).start_ns == first
    assert client.chart(report, end_ns=first).end_ns == first


def test_a_thinned_chart_is_made_of_points_of_the_whole(done: Status, client: Client) -> None:
    """At most so many of each curve, with both ends, the highest and the lowest."""
    whole, few = (client.chart(done["evidence_id"], points=points) for points in (5_000, 100))
    for one, other in zip(few.curves, whole.curves, strict=True):
        at = dict(zip(other.time_ns, other.value, strict=True))
        assert 50 <= len(one.value) <= 100
        assert [at[time] for time in one.time_ns] == one.value
        assert (one.time_ns[0], one.time_ns[-1]) == (other.time_ns[0], other.time_ns[-1])
        known = [value for value in other.value if value is not None]
        assert {min(known), max(known)} <= set(one.value)
    assert few.trades == whole.trades


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"start_ns": 1, "end_ns": 2}, "start_ns"),
        ({"start_ns": 2**62}, "start_ns"),
        ({"end_ns": 0}, "start_ns"),
        ({"start_ns": 1_710_000_000_000_000_000, "end_ns": 1_709_900_000_000_000_000}, "start_ns"),
        ({"start_ns": -1}, "start_ns"),
        ({"end_ns": 2**63}, "end_ns"),
        ({"points": 99}, "points"),
        ({"points": 5_001}, "points"),
        ({"start_ns": "today"}, "start_ns"),
    ],
    ids=str,
)
def test_a_window_that_does_not_fit_is_named(own: Server, done: Status, query: dict[str, object], field: str) -> None:
    """No bar in it, or no number."""
    answer = ask(own, done["evidence_id"], "/chart", **query)
    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["fields"]] == [field]


def test_the_relative_strength_has_a_panel(own: Server, client: Client) -> None:
    """With its two levels from end to end."""
    told = ended(own, start(own, strategy="rsi", params={"lower": 31.5}, range=RANGE))
    chart = client.chart(told["evidence_id"])
    shown = {each.name: each for each in chart.curves if each.panel == "oscillator"}
    assert list(shown) == ["RSI 14", "Lower 31.5", "Upper 70"]
    assert shown["Lower 31.5"].value == [31.5, 31.5]
    assert shown["Upper 70"].time_ns == [chart.start_ns, chart.end_ns - HOUR_NS]
    assert all(0 <= value <= 100 for value in shown["RSI 14"].value if value is not None)


# Breakdown and verification ------------------------------------------------------------------------------------------


def test_months_multiply_out_and_costs_add_up(own: Server, client: Client) -> None:
    """To the report's own metrics."""
    costs = {"slippage_bps": 3.0, "half_spread_bps": 1.0}
    told = ended(own, start(own, range=RANGE, costs=costs))
    metrics, parts = told["metrics"], client.breakdown(told["evidence_id"])
    assert [(each.year, each.month) for each in parts.months] == [(2024, 3), (2024, 4), (2024, 5)]
    assert math.prod(1 + each.value for each in parts.months) - 1 == pytest.approx(metrics["total_return"])
    fees, slippage, half_spread = parts.costs
    assert [each.name for each in parts.costs] == ["fees", "slippage", "half_spread"]
    assert rounded(fees.amount) == metrics["fees_paid"]
    assert slippage.amount == pytest.approx(3 * half_spread.amount)
    assert slippage.amount + half_spread.amount == pytest.approx(parts.turnover * 4e-4, rel=0.02)
    assert parts.profit == pytest.approx(metrics["final_equity"] - metrics["initial_equity"])
    assert parts.profit_before_costs == pytest.approx(parts.profit + sum(each.amount for each in parts.costs))
    assert all(each.meaning for each in parts.costs)


def test_verification(own: Server, done: Status, client: Client) -> None:
    """What comes out again does; what was forged, seals and all, does not, and nothing of it is drawn."""
    assert client.verification(done["evidence_id"]).model_dump() == {
        "evidence_id": done["evidence_id"], "verified": True, "problem": "",
    }  # fmt: skip
    report = store(own).load(done["evidence_id"])
    other = msgspec.structs.replace(report.content, equity="sha256:" + "0" * 64)
    forged = sealed(msgspec.structs.replace(report, content=other))
    store(own).save(forged, store(own).trades(report))
    told = client.verification(forged.id)
    assert not told.verified
    assert told.problem.startswith("content.equity: expected sha256:0000")
    for part in ("/chart", "/breakdown"):
        answer = ask(own, forged.id, part)
        assert answer.status_code == 409
        assert "does not come out again" in answer.json()["detail"]
    store(own).path(forged.id).unlink()


@dataclass(frozen=True)
class Always(Strategy):
    """One of a notebook."""

    name: ClassVar[str] = "always"

    def exposure(self, candles):
        return np.ones(len(candles), dtype=np.int8)


def test_a_strategy_of_a_notebook_is_told_but_not_run(own: Server, client: Client) -> None:
    """Its code is in the report, and no server runs code that it is sent."""
    home = Home.at(own.home)
    report = research_backtest(load_candles("ETHUSDT", "1h", home=home), Always()).save(home=home)
    assert client.reports("always").total == 1
    assert client.report(report.id)["inputs"]["strategy"]["source"]
    assert client.report_trades(report.id).total == 1
    for part in ("/chart", "/breakdown", "/verification"):
        answer = ask(own, report.id, part)
        assert answer.status_code == 409, part
        assert "not in the catalog" in answer.json()["detail"]


def test_candles_that_are_gone(own: Server, client: Client) -> None:
    """The report is still told; what would need them says what is missing."""
    candles = walk(5, 300)
    other = Home.at(own.home / "elsewhere")
    made = research_backtest(candles, make_strategy("smaCross", {})).save(home=other)
    store(own).save(made, trade_columns(backtest(candles, SmaCross()).trade_table, candles))
    assert client.report(made.id)["id"] == made.id
    for part in ("/chart", "/breakdown", "/verification"):
        answer = ask(own, made.id, part)
        assert answer.status_code == 404, part
        assert "neither stored nor bundled" in answer.json()["detail"]
    store(own).path(made.id).unlink()


# Answers that are kept -----------------------------------------------------------------------------------------------


def test_what_was_asked_before_needs_no_worker(own: Server, done: Status) -> None:
    """Charts and breakdowns of files that have not changed."""
    parts = [("/chart", {"points": 777}), ("/chart", {"points": 778}), ("/breakdown", {})]
    first = [ask(own, done["evidence_id"], part, **query).raise_for_status().content for part, query in parts]
    with held(own):
        again = [ask(own, done["evidence_id"], part, **query).raise_for_status().content for part, query in parts]
    assert again == first
    os.utime(store(own).path(done["evidence_id"]))
    with held(own), pytest.raises(httpx.ReadTimeout):
        own.client().get(f"/api/evidence/{done['evidence_id']}/breakdown", timeout=0.5)


def test_a_verification_is_never_from_memory(own: Server, client: Client) -> None:
    """Candles that were altered after it, and those that were taken away, are noticed at the next one."""
    candles, home = walk(6, 300), Home.at(own.home)
    report = research_backtest(candles, make_strategy("smaCross", {})).save(home=home)
    assert client.verification(report.id).verified
    path = CandleStore(home.data).snapshot_path(candles.fingerprint)
    whole, price = path.read_bytes(), candles.close[7:9].tobytes()
    assert price in whole
    path.write_bytes(whole.replace(price, (candles.close[7:9] + 1).tobytes()))
    altered = ask(own, report.id, "/verification")
    assert (altered.status_code, "altered" in altered.json()["detail"]) == (409, True)
    path.unlink()
    assert ask(own, report.id, "/verification").status_code == 404
    path.write_bytes(whole)
    assert client.verification(report.id).verified
    store(own).path(report.id).unlink()


def test_many_ask_for_the_same_at_once(own: Server, done: Status) -> None:
    """All are answered, and alike."""

    def once(_: int) -> bytes:
        with httpx.Client(base_url=own.url, trust_env=False, verify=False, timeout=60) as http:  # noqa: S501 - no TLS
            return http.get(f"/api/evidence/{done['evidence_id']}/chart?points=901").raise_for_status().content

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(once, range(24)))
    assert len(set(answers)) == 1
    assert json.loads(answers[0])["evidence_id"] == done["evidence_id"]


def test_many_reports_do_not_keep_a_server_from_starting(tmp_path: Path) -> None:
    """They are read beside the first requests; a list that is asked for meanwhile is whole."""
    home = Home.at(tmp_path / "home")
    candles = load_candles("ETHUSDT", "1h", start="2024-01-01", end="2024-01-08", home=home)
    written = EvidenceStore(home.evidence)
    for cash in range(1_000, 1_300):
        written.record(backtest(candles, SmaCross(3, 9), initial_cash=float(cash)), RUN)
    with serving(tmp_path / "home") as server, Client(server.url) as client:
        told = client.reports(limit=7)
        assert (told.total, len(told.reports)) == (300, 7)
        assert server.end() == 0
