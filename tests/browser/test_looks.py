"""Every page in both widths and both themes: nothing sticks out, nothing fails; pictures are kept for people to see."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.api.test_guardrails_api import approve, evidence, post, proposed
from tests.browser.stack import ROOT, People
from tests.browser.test_story import run_backtest
from tests.serving import Server

PICTURES = Path(os.environ.get("WORKBENCH_PICTURES") or ROOT / "build" / "pictures")
LOOKS = [("light", 1280, 390), ("dark", 390, 1280)]
"""Opened in the first width, and then made wider or narrower."""
STICKS_OUT = """
() => [...document.querySelectorAll(".page-live *")].filter((each) => {
  const box = each.getBoundingClientRect();
  return box.width > 0 && box.right > innerWidth + 1 && getComputedStyle(each).visibility !== "hidden"
    && !each.closest(".wb-scroll, .wb-tall, svg, [style*='overflow']") && !each.matches(".wb-scroll *");
}).map((each) => each.outerHTML.slice(0, 200))
"""


@contextlib.contextmanager
def something_to_decide(server: Server) -> Iterator[None]:
    """Parameters are in force and others wait within the block, so that the page has a difference to show."""
    approve(server, proposed(server, evidence(server, 5))["id"]).raise_for_status()
    number = proposed(server, evidence(server, 7))["id"]
    try:
        yield
    finally:
        rejected = {"proposal_id": number, "note": "it was only to be looked at"}
        post(server, "params/reject", "bob", rejected).raise_for_status()


def finished(tab: Page, page: str) -> None:
    """All that is slow is there too."""
    expect(tab.get_by_text("Live, ").first).to_be_visible()
    if page == "report":
        expect(tab.get_by_text("digest verified")).to_be_visible()
        expect(tab.locator(".js-plotly-plot .scatterlayer .trace").first).to_be_visible()
    if page == "guardrails":
        expect(tab.get_by_role("button", name="Approve")).to_be_visible()
        expect(tab.get_by_text("version 1").first).to_be_visible()
    if page == "live":
        expect(tab.locator(".js-plotly-plot .scatterlayer .trace").first).to_be_visible()
        expect(tab.get_by_text("SIMULATED").first).to_be_visible()


@pytest.mark.parametrize("page", ["report", "guardrails", "live"])
def test_a_page_fits_wide_and_narrow_light_and_dark(people: People, page: str) -> None:
    """No sideways scrolling of the page; the picture of each look is kept in build/pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    if page == "report":
        run_backtest(people.come("rana").open("report.ipynb"), "rsi", Period="14")
    with something_to_decide(people.stack.api) if page == "guardrails" else contextlib.nullcontext():
        for scheme, *widths in LOOKS:
            tab = people.come("ada", widths[0], scheme).open(f"{page}.ipynb")
            finished(tab, page)
            for width in widths:
                look_at(tab, width, f"{page}-{width}-{scheme}.png")


def look_at(tab: Page, width: int, picture: str) -> None:
    """Nothing sticks out at that width."""
    tab.set_viewport_size({"width": width, "height": 900})
    tab.wait_for_function("document.documentElement.scrollWidth <= innerWidth")  # figures follow a little later
    tab.screenshot(path=PICTURES / picture, full_page=True)
    assert tab.evaluate(STICKS_OUT) == []
