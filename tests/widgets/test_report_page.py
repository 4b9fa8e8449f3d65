"""The report page: which run is shown, all of its parts, the list, a second run, a closer look."""

from html import unescape

import pytest

from tests.api.jobs import held
from tests.serving import serving
from tests.widgets.acting import Page, as_, read, run, shown, text, until
from tests.widgets.reports import MARKET, SPRING, Seeded, backtested, names, report, shows, told, zoomed
from workbench.widgets.report import ReportPage
from workbench.widgets.report_chart import POINTS

DAY_MS = 86_400_000


def rows(page: ReportPage) -> list[str]:
    return [each["id"] for each in page.list.rows]


def test_the_newest_run_is_shown_with_all_its_parts(seeded: Seeded) -> None:
    """Headline, verdict, label, months, costs, trades and chart, each as the API tells it."""

    async def story() -> None:
        _, newest = backtested(seeded.server, "smaCross", fast=7, slow=30)
        page = await shows(report(seeded.server), newest)
        with as_(seeded.server, "viewer") as client:
            metrics = client.report(newest)["metrics"]
            trades = client.report_trades(newest)
        said = text(page)
        assert "smaCross \u00b7 ETHUSDT 1h SIMULATED" in said
        assert "digest verified" in said
        for value in (f"{metrics['sharpe']:.2f}", f"{metrics['win_rate'] * 100:.1f}", str(metrics["trade_count"])):
            assert value.replace("-", "\u2212") in said
        assert {"Mar", "Apr", "May"} <= set(text(page.cards.months).split())
        assert "Profit before costs" in text(page.cards.costs)
        assert len(page.cards.trades.columns["profit"]) == 8 * trades.total
        drawn = names(page)
        assert {"Close", "SMA 7", "SMA 30", "Equity", "Buy and hold", "Drawdown", "Enter long"} <= set(drawn)
        assert any(name.startswith("Exit with") for name in drawn)

    run(story())


def test_an_evidence_id_or_a_job_id_of_the_address_chooses(seeded: Seeded) -> None:
    """Not the newest run; the list marks it."""

    async def story() -> None:
        for wanted in (seeded.cross, seeded.job):
            page = await shows(report(seeded.server, id=wanted), seeded.cross)
            assert page.list.chosen == seeded.cross
            assert "smaCross" in text(page.cards.name)

    run(story())


@pytest.mark.parametrize(
    "wanted",
    [
        "smaCross-ETHUSDT-1h-0123456789ab",
        "0123456789abcdef",
        "../guardrails/status",
        "<img src=x onerror=alert(1)>",
        "x" * 5000,
    ],
)
def test_an_unknown_id_is_said_and_the_list_offered(seeded: Seeded, wanted: str) -> None:
    """Whatever it is; a click in the list then shows a run."""

    async def story() -> None:
        page = report(seeded.server, id=wanted)
        await until(lambda: "There is no such run" in text(page), lambda: text(page))
        assert page.run is None
        assert seeded.cross in rows(page)
        assert "Price, equity" not in text(page)
        assert "img" not in Page(page.instead.value).tags
        assert "There is no such run" in read(page.first_paint())
        told(page, chosen=seeded.cross)
        await shows(page, seeded.cross)
        assert "There is no such run" not in text(page)

    run(story())


def test_a_job_on_its_way_is_followed_to_its_report(seeded: Seeded) -> None:
    """Its page says how far it is, then shows what came out."""

    async def story() -> None:
        with as_(seeded.server, "researcher") as client, held(seeded.server):
            asked = client.start_backtest(**MARKET, **SPRING, strategy="smaCross", params={"fast": 8, "slow": 33})
            page = report(seeded.server, id=asked.id)
            await until(lambda: f"Backtest {asked.id} is" in text(page), lambda: text(page))
            await until(lambda: "%" in text(page.job), lambda: text(page))
        await until(lambda: page.run is not None, lambda: text(page))
        assert page.run
        assert page.run.params["slow"] == 33
        assert page.list.chosen == page.run.id

    run(story())


def test_the_list_is_searched_by_words(seeded: Seeded) -> None:
    """The server looks; what is looked at stays; nothing found is said."""

    async def story() -> None:
        page = await shows(report(seeded.server, id=seeded.cross), seeded.cross)
        told(page, query="rsi period")
        await until(lambda: {each["name"] for each in page.list.rows} == {"rsi"})
        assert seeded.rsi in rows(page)
        assert page.list.told == f"{len(rows(page))} run{'s match' if len(rows(page)) > 1 else ' matches'}"
        told(page, query="no such word")
        await until(lambda: page.list.told == "0 runs match")
        assert page.run
        assert page.run.id == seeded.cross
        told(page, query="")
        await until(lambda: {seeded.cross, seeded.rsi, seeded.held} <= set(rows(page)))

    run(story())


def test_a_run_that_others_finish_appears_and_disturbs_nothing(seeded: Seeded) -> None:
    """It is first in the list; the run that is looked at stays, as does the zoom."""

    async def story() -> None:
        page = await shows(report(seeded.server, id=seeded.rsi), seeded.rsi)
        figure, drawn = page.cards.chart.figure, page.cards.chart.shown
        _, new = backtested(seeded.server, "rsi", period=21)
        await until(lambda: rows(page)[0] == new)
        assert page.run
        assert page.run.id == page.list.chosen == seeded.rsi
        assert (page.cards.chart.figure, page.cards.chart.shown) == (figure, drawn)

    run(story())


def test_another_run_takes_the_place_of_the_first(seeded: Seeded) -> None:
    """In the same figure: a new one would send plotly's script again. Its panels and names are the new run's."""

    async def story() -> None:
        page = await shows(report(seeded.server, id=seeded.cross), seeded.cross)
        figure = page.cards.chart.figure
        assert figure.layout.yaxis2.visible is False
        told(page, chosen=seeded.rsi)
        await shows(page, seeded.rsi)
        assert page.cards.chart.figure is figure
        assert "RSI 7" in names(page)
        assert not any(name.startswith("SMA") for name in names(page))
        assert figure.layout.yaxis2.visible is True
        told(page, chosen=seeded.held)
        await shows(page, seeded.held)
        assert set(names(page)) == {"Close", "Enter long", "Equity", "Buy and hold", "Drawdown"}

    run(story())


def test_two_runs_are_compared(seeded: Seeded) -> None:
    """What they were given where it differs, every metric, and both equities in one chart; then it is closed."""

    async def story() -> None:
        page = await shows(report(seeded.server, id=seeded.cross), seeded.cross)
        told(page, against=seeded.rsi)
        await until(lambda: "Given differently" in text(page.other), lambda: text(page.other))
        said = text(page.other)
        assert "Strategy smaCross rsi" in said
        assert "Fast params 9 none" in said
        assert "Period params none 7" in said
        assert "better" in said or "worse" in said
        assert {"Equity, compared", "Drawdown, compared"} <= set(names(page))
        assert page.other_card in list(shown(page))
        told(page, chosen=seeded.held)
        await shows(page, seeded.held)
        assert "Strategy buyAndHold rsi" in text(page.other)
        assert "Equity, compared" in names(page)
        page.other.close_button.click()
        assert page.list.against == ""
        assert "Equity, compared" not in names(page)
        assert page.other_card not in list(shown(page))

    run(story())


def test_a_run_is_not_compared_with_itself(seeded: Seeded) -> None:
    """Nor with something that is no run."""

    async def story() -> None:
        page = await shows(report(seeded.server, id=seeded.cross), seeded.cross)
        for wrong in (seeded.cross, "../../etc"):
            told(page, against=wrong)
            assert page.list.against == ""
        assert page.other.other is None

    run(story())


def test_a_closer_look_fetches_finer_curves(seeded: Seeded) -> None:
    """Of the time that is looked at; back to the whole, nothing is asked for; nonsense does no harm."""

    async def story() -> None:
        page = await shows(report(seeded.server, id=seeded.cross), seeded.cross)
        chart = page.cards.chart
        whole = chart.chart
        assert whole
        assert whole.bars > POINTS
        start = whole.start_ns // 10**6
        for _ in range(2):
            zoomed(page, **{"xaxis.range[0]": start + 10 * DAY_MS, "xaxis.range[1]": "2024-03-21 00:00:00.5"})
            await until(lambda: chart.shown is not whole)
            assert chart.shown
            assert chart.shown.bars == 10 * 24 + 1
            assert "2024-03-11 00:00 to" in text(chart.note)
            close = next(each for each in chart.figure.data if each.name == "Close")
            assert len(close.x) == chart.shown.bars
            zoomed(page, **{"xaxis.autorange": True})
            await until(lambda: chart.shown is whole)
            assert chart.figure.layout.xaxis.autorange is False
        zoomed(page, **{"xaxis.range[0]": 0, "xaxis.range[1]": 1000})
        await until(lambda: chart.figure.layout.xaxis.range[1] > 1000)
        assert chart.shown is whole

    run(story())


def test_a_trade_leads_into_the_chart(seeded: Seeded) -> None:
    """A click on a trade's time looks closer at it; the same one can be clicked again."""

    async def story() -> None:
        page = await shows(report(seeded.server, id=seeded.cross), seeded.cross)
        chart, whole = page.cards.chart, page.cards.chart.chart
        for _ in range(2):
            page.cards.trades.set_state({"focus": 2})
            await until(lambda: chart.shown is not whole)
            assert chart.shown
            assert chart.shown.trades.total >= 1
            zoomed(page, **{"xaxis.autorange": True})
            await until(lambda: chart.shown is whole)
        page.cards.trades.set_state({"focus": 10**6})
        assert page.cards.trades.focus == -1 or page.cards.trades.span(10**6) is None

    run(story())


def test_the_first_look_needs_no_script(seeded: Seeded) -> None:
    """Beside the widget the cell's output has HTML with head, verdict, headline metrics and the list as links."""

    async def story() -> None:
        page = report(seeded.server, "researcher", "rosa", id=seeded.cross)
        bundle = page._repr_mimebundle_()
        assert bundle
        assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == page.model_id
        first = bundle["text/html"]
        assert "<script" not in first
        said = read(first)
        with as_(seeded.server, "viewer") as client:
            metrics = client.report(seeded.cross)["metrics"]
        for part in ("rosa , researcher", "being verified", "Total return", "Sharpe ratio", f"{metrics['sharpe']:.2f}"):
            assert part.replace("-", "\u2212") in said
        assert ("href", f"?id={seeded.rsi}") in Page(first).attributes
        assert ("href", f"evidence/{seeded.cross}.json") in Page(first).attributes
        assert ("href", f"evidence/{seeded.cross}.trades.arrow") in Page(first).attributes

    run(story())


def test_no_runs_yet(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A new home: what to do is said, and the first run shows itself."""

    async def story() -> None:
        with serving(tmp_path_factory.mktemp("empty")) as server:
            page = report(server, "researcher")
            await until(lambda: "No runs yet." in text(page), lambda: text(page))
            assert "workbench backtest" in unescape(page.instead.value)
            assert "No runs yet." in read(page.first_paint())
            await until(lambda: page.form.market.box.options, lambda: text(page.form))
            _, made = backtested(server)
            await shows(page, made)
            assert "No runs yet." not in text(page)

    run(story())
