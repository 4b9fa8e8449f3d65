"""Report pages made in this process, and the runs that they show."""

from dataclasses import dataclass, replace
from typing import Any

from tests.serving import Server
from tests.widgets.acting import as_, text, until, visit
from workbench.widgets.report import ReportPage

MARKET = {"pair": "ETHUSDT", "timeframe": "1h"}
SPRING = {"start": "2024-03-01", "end": "2024-06-01"}


@dataclass(frozen=True)
class Seeded:
    """Evidence ids of three strategies' runs over the same months, and the job that made the first."""

    server: Server
    cross: str
    rsi: str
    held: str
    job: str


def seed(server: Server) -> Seeded:
    """``held`` is the latest."""
    asked = (("smaCross", {"fast": 9, "slow": 21}), ("rsi", {"period": 7}), ("buyAndHold", {}))
    made = [backtested(server, strategy, **params) for strategy, params in asked]
    return Seeded(server, *(evidence for _, evidence in made), job=made[0][0])


def backtested(server: Server, strategy: str = "smaCross", **params: Any) -> tuple[str, str]:
    """Job and evidence of a finished backtest."""
    with as_(server, "researcher", "rosa") as client:
        done = client.wait(client.start_backtest(**MARKET, **SPRING, strategy=strategy, params=params).id)
    assert done.evidence_id, done.error
    return done.id, done.evidence_id


def report(server: Server, role: str = "viewer", user: str = "", url: str = "", **query: str) -> ReportPage:
    """An open page; within a running loop."""
    session = replace(visit(url or server.url, role, user), query=query)
    return ReportPage(session).start()


async def shows(page: ReportPage, evidence_id: str) -> ReportPage:
    """When that run and all its parts are there."""
    await until(lambda: page.run and page.run.id == evidence_id, lambda: text(page))
    await until(lambda: page.cards.chart.shown and page.cards.chart.shown.evidence_id == evidence_id)
    await until(lambda: "verified" in text(page.cards.badge) and "being" not in text(page.cards.badge))
    await until(lambda: "Jan" in text(page.cards.months) and "Profit" in text(page.cards.costs))
    await until(lambda: page.cards.trades.layout.display is None)
    return page


def told(page: ReportPage, **state: Any) -> None:
    """What the list's script in a browser tells the kernel."""
    page.list.set_state(state)


def zoomed(page: ReportPage, **layout: Any) -> None:
    """What plotly's script in a browser tells the kernel."""
    message = {"relayout_data": layout, "source_view_id": "browser"}
    page.cards.chart.figure.set_state({"_js2py_relayout": message})


def names(page: ReportPage) -> list[str]:
    """Of the lines and markers that are to be seen in the chart."""
    return [each.name for each in page.cards.chart.figure.data if each.visible and len(each.x)]
