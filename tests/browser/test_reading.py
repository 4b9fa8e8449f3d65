"""What a reader does with a report by mouse: look closer, compare, sort and filter, take the files along."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.api.jobs import ended, start
from tests.browser.stack import People
from tests.browser.test_story import run_backtest, shown

DRAG = "Drag sideways to look closer"


@pytest.fixture
def report(people: People) -> Page:
    """A finished run of fast 10 and slow 30, its chart drawn."""
    done = ended(people.stack.api, start(people.stack.api, params={"fast": 10, "slow": 30}))
    tab = people.come("rana").open(f"report.ipynb?id={done['evidence_id']}")
    expect(plot(tab)).to_be_visible()
    expect(tab.get_by_text("digest verified")).to_be_visible()
    return tab


def plot(tab: Page) -> Locator:
    """The area of the chart in which the mouse selects a time."""
    return tab.locator(".wb-chart .js-plotly-plot .nsewdrag").first


def bars(tab: Page) -> int:
    """How many bars the line below the chart says that it shows."""
    found = re.search(r"([\d\u202f]+) bars", tab.locator(".wb-note", has_text=DRAG).inner_text())
    assert found
    return int(found[1].replace("\u202f", ""))


def drag(tab: Page, start: float, end: float) -> None:
    """Sideways over the chart, in shares of its width."""
    plot(tab).scroll_into_view_if_needed()
    box = plot(tab).bounding_box()
    assert box
    height = box["y"] + box["height"] / 2
    tab.mouse.move(box["x"] + start * box["width"], height)
    tab.mouse.down()
    tab.mouse.move(box["x"] + end * box["width"], height, steps=8)
    tab.mouse.up()


def test_looking_closer_at_the_chart(report: Page) -> None:
    """A drag asks for that time's own bars, a double-click goes back; a trade's time leads to the trade."""
    closer = report.locator(".wb-note", has_text=re.compile(r" to .* UTC: "))
    every = bars(report)
    expect(closer).to_have_count(0)
    drag(report, 0.25, 0.5)
    expect(closer).to_be_visible()
    assert 0.23 * every < bars(report) < 0.27 * every
    plot(report).dblclick()
    expect(closer).to_have_count(0)
    assert bars(report) == every
    report.locator(".wb-trade-time").nth(3).click()
    expect(closer).to_be_visible()
    assert bars(report) < 0.2 * every


def test_two_runs_side_by_side(report: Page) -> None:
    """Where they differ, and the other's equity in the same chart; until it is enough."""
    first = shown(report)
    run_backtest(report, "smaCross", Fast="11", Slow="30")
    card = report.locator(".wb-card", has=report.get_by_role("heading", name="Compared"))
    legend = report.locator(".wb-chart .legendtext", has_text="Equity, compared")
    report.get_by_role("button", name="Compare with").and_(report.locator(":not([hidden])")).first.click()
    expect(card.get_by_text("Given differently")).to_be_visible()
    assert first in card.inner_text()
    differing = card.locator("table", has_text="Given differently").locator("tbody tr")
    assert [cell.inner_text() for cell in differing.filter(has_text="Fast").locator("td").all()] == ["11", "10"]
    expect(legend).to_be_visible()
    card.get_by_role("button", name="Stop comparing").click()
    expect(card).to_be_hidden()
    expect(legend).to_have_count(0)


def test_trades_are_sorted_and_filtered(report: Page) -> None:
    """By profit upwards the worst one comes first; of the profits none is a loss."""
    table = report.locator(".wb-trades")
    profits = table.locator("tbody td:nth-of-type(9)")
    table.get_by_role("button", name="Profit", exact=True).click()
    expect(table.locator("th[aria-sort=ascending]")).to_have_text(re.compile("Profit"))
    values = [amount(text) for text in profits.all_inner_texts()]
    assert values == sorted(values)
    assert values[0] < 0
    table.get_by_label("Outcome").select_option("Profit")
    expect(profits.first).to_have_text(re.compile(r"^\+"))
    assert all(amount(text) > 0 for text in profits.all_inner_texts())


def amount(text: str) -> float:
    """A number as people read it, as a number."""
    return float(text.replace("\u202f", "").replace("\u2212", "-"))


def test_evidence_is_taken_along(report: Page, people: People, tmp_path: Path) -> None:
    """A click saves the very bytes that the server keeps."""
    evidence_id = shown(report)
    with report.expect_download() as told:
        report.get_by_role("link", name="Report (JSON)").click()
    assert told.value.suggested_filename == f"{evidence_id}.json"
    saved = tmp_path / "saved.json"
    told.value.save_as(saved)
    kept = people.stack.api.client().get(f"/api/evidence/{evidence_id}").content
    assert saved.read_bytes() == kept
