"""The report page where something is wrong: the server is away, evidence is damaged or not ours, texts are hostile."""

import asyncio
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from tests.candles import walk
from tests.evidence.runs import RUN, few_trades
from tests.serving import serving
from tests.widgets.acting import Page, html, read, run, text, until
from tests.widgets.reports import Seeded, backtested, report, shows, told
from tests.widgets.test_guardrails_trouble import free_port, serving_at
from workbench.client import ApiError, UnreachableError
from workbench.engine.backtest import backtest
from workbench.evidence.store import EvidenceStore
from workbench.home import Home
from workbench.model.candle import Candles
from workbench.research.evidence import save
from workbench.strategy.base import Exposure, Strategy
from workbench.widgets import report as page_module
from workbench.widgets.report_parts import Part, Parts
from workbench.widgets.report_words import number
from workbench.wire import ProblemDocument

HOSTILE = "<img src=x onerror=alert(1)>"


def test_the_page_recovers_when_the_server_does(tmp_path: Path) -> None:
    """Opened while nothing answers; then all is there; then the server goes, and what was looked at stays."""
    with serving(tmp_path) as server:
        _, first = backtested(server, fast=9, slow=21)
        _, second = backtested(server, "rsi")
    port = free_port()

    async def story() -> None:
        page = report(server, "researcher", url=f"http://127.0.0.1:{port}", id=first)
        assert "The server does not answer." in text(page.connection)
        assert page.body.layout.display == "none"
        assert "The server does not answer." in read(page.first_paint())
        with serving_at(port, tmp_path):
            await shows(page, first)
            await until(lambda: page.form.params, lambda: text(page.form))
            assert "Live" in text(page.connection)
        await until(lambda: "does not answer" in text(page.connection))
        assert page.run
        assert page.run.id == first
        assert "digest verified" in text(page.cards.badge)
        told(page, chosen=second)
        page.form.run.click()
        await until(lambda: "No answer" in text(page.form.answer), lambda: text(page.form))
        with serving_at(port, tmp_path):
            await shows(page, second)
            assert "Live" in text(page.connection)

    run(story())


def test_damaged_evidence_is_named_and_not_shown(tmp_path: Path) -> None:
    """An altered report is left out of the list, which says so; its own address says what is wrong."""

    async def story() -> None:
        with serving(tmp_path) as server:
            _, good = backtested(server, fast=9, slow=21)
            _, bad = backtested(server, fast=8, slow=21)
            path = next(server.home.rglob(f"{bad}.json"))
            content = json.loads(path.read_text("utf-8"))
            content["metrics"]["total_return"] = 9.0
            path.write_text(json.dumps(content), "utf-8")
            page = await shows(report(server), good)
            assert bad in page.list.told
            assert "damaged" in page.list.told
            assert bad not in [each["id"] for each in page.list.rows]
            page = report(server, id=bad)
            await until(lambda: "This report is damaged." in text(page), lambda: text(page))
            assert "+900" not in text(page)
            assert page.run is None

    run(story())


@dataclass(frozen=True)
class Notebook(Strategy):
    """A strategy of somebody's own, whose every text is markup."""

    name: ClassVar[str] = HOSTILE
    note: str = HOSTILE

    def exposure(self, candles: Candles) -> Exposure:
        return (np.arange(len(candles)) // 10 % 2).astype(np.int8)


def test_texts_of_a_report_are_shown_and_never_markup(seeded: Seeded) -> None:
    """A strategy, a parameter and a source that try; in the page, in the list, in the chart, beside another run."""
    made = save(backtest(walk(3, 300), Notebook()), RUN, Home.at(seeded.server.home))

    async def story() -> None:
        page = report(seeded.server, "researcher", id=made.id)
        await until(lambda: page.run is not None, lambda: text(page))
        await until(lambda: "cannot be verified here" in text(page.cards.badge), lambda: text(page.cards.badge))
        await until(lambda: "No chart." in text(page.cards.chart), lambda: text(page.cards.chart))
        told(page, query="img")
        await until(lambda: [each["id"] for each in page.list.rows] == [made.id])
        told(page, against=seeded.cross)
        await until(lambda: "Given differently" in text(page.other), lambda: text(page.other))
        for markup in (html(page), page.first_paint()):
            seen = Page(markup)
            assert not seen.tags & {"img", "script", "iframe", "svg"}
            assert not [name for name, _ in seen.attributes if name.startswith("on")]
            assert HOSTILE in read(markup)
        assert page.list.rows[0]["name"] == HOSTILE

    run(story())


def test_a_slow_server_is_not_waited_for(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is there at once, loading; it follows when the answer comes."""
    monkeypatch.setattr("workbench.widgets.poll.FIRST_SECONDS", 0.0)

    async def story() -> None:
        page = report(seeded.server, id=seeded.cross)
        assert "Loading" in read(page.first_paint())
        await shows(page, seeded.cross)

    run(story())


def test_an_answer_about_an_earlier_run_is_dropped() -> None:
    """It came after another run was chosen; the later run's answer stays."""

    async def story() -> None:
        shown: list[str] = []
        loop = asyncio.get_running_loop()
        slow: dict[str, Any] = {"first": loop.create_future(), "second": loop.create_future()}
        asked: list[str] = []

        def ask(name: str) -> str:
            asked.append(name)
            return str(asyncio.run_coroutine_threadsafe(_answer(slow[name]), loop).result())

        parts = Parts([Part(ask, shown.append, lambda error: None, lambda: None)], lambda error: None)
        parts.load("first")
        parts.load("second")
        await until(lambda: len(asked) == 2)
        slow["second"].set_result("of the second")
        await until(lambda: shown)
        slow["first"].set_result("of the first")
        for _ in range(20):
            await asyncio.sleep(0.01)
        assert shown == ["of the second"]

    run(story())


async def _answer(future: Any) -> Any:
    return await future


def test_a_part_without_an_answer_is_asked_for_again_when_there_may_be_one() -> None:
    """Where the server was away or too busy; not where it said no."""

    async def story() -> None:
        errors = [UnreachableError("http://x", "gone"), _refused(503), _refused(429), _refused(404)]
        failed: list[Exception] = []

        def ask(_: str) -> str:
            raise errors[len(failed)]

        parts = Parts([Part(ask, lambda _: None, failed.append, lambda: None)], lambda error: None)
        parts.load("run")
        for number_of in (1, 2, 3, 4):
            await until(lambda number_of=number_of: len(failed) == number_of)  # type: ignore[misc]
            parts.again()
        await asyncio.sleep(0.05)
        assert failed == errors

    run(story())


def _refused(status: int) -> ApiError:
    return ApiError(ProblemDocument(title="No", status=status, detail="it does not"))


def test_the_page_says_where_its_list_comes_from_when_searched(seeded: Seeded) -> None:
    """The newest run is the newest of all, whatever the list is searched for before one is shown."""

    async def story() -> None:
        page = report(seeded.server)
        page._settled, page.run, page.wanted = False, None, ""
        told(page, query="smaCross 9")
        await until(lambda: page.run is not None)
        assert page.list.query == "smaCross 9"

    run(story())


def test_a_sidecar_of_many_trades_is_shown_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More are for the download, and the page says so."""
    monkeypatch.setattr("workbench.widgets.report_cards.MOST", 5)

    async def story() -> None:
        with serving(tmp_path) as server:
            made = save(few_trades(), RUN, Home.at(server.home))
            total = EvidenceStore(Home.at(server.home).evidence).load(made.id).metrics.trade_count
            page = await shows(report(server), made.id)
            assert page.cards.trades.note == f"The first 5 of {number(total, 0)} trades; the download has all of them."
            assert len(page.cards.trades.columns["profit"]) == 5 * 8

    run(story())


def test_the_page_s_own_texts_name_no_token(seeded: Seeded) -> None:
    """Not in any widget's state."""

    async def story() -> None:
        page = await shows(report(seeded.server, "admin", "adam", id=seeded.cross), seeded.cross)
        for widget in _all(page):
            state = json.dumps(widget.get_state(), default=repr)
            assert not re.search("admin-token|researcher-token", state)

    run(story())
    assert page_module.LIST_SECONDS <= 2


def _all(widget: Any) -> Any:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _all(child)
