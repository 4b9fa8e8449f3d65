"""Every page in both widths and both themes: nothing sticks out, nothing fails; pictures are kept for people to see."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stack import ROOT, People
from tests.browser.test_story import run_backtest

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


def finished(tab: Page, page: str) -> None:
    """All that is slow is there too."""
    expect(tab.get_by_text("Live, ").first).to_be_visible()
    if page == "report":
        expect(tab.get_by_text("digest verified")).to_be_visible()
        expect(tab.locator(".js-plotly-plot .scatterlayer .trace").first).to_be_visible()
    if page == "live":
        expect(tab.locator(".js-plotly-plot .scatterlayer .trace").first).to_be_visible()
        expect(tab.get_by_text("SIMULATED").first).to_be_visible()


@pytest.mark.parametrize("page", ["report", "guardrails", "live"])
def test_a_page_fits_wide_and_narrow_light_and_dark(people: People, page: str) -> None:
    """No sideways scrolling of the page; the picture of each look is kept in build/pictures."""
    rana = people.come("rana")
    if page == "report":
        run_backtest(rana.open("report.ipynb"), "rsi", Period="14")
    PICTURES.mkdir(parents=True, exist_ok=True)
    for scheme, *widths in LOOKS:
        tab = people.come("ada", widths[0], scheme).open(f"{page}.ipynb")
        finished(tab, page)
        for width in widths:
            tab.set_viewport_size({"width": width, "height": 900})
            tab.wait_for_function("document.documentElement.scrollWidth <= innerWidth")  # figures follow a little later
            tab.screenshot(path=PICTURES / f"{page}-{width}-{scheme}.png", full_page=True)
            assert tab.evaluate(STICKS_OUT) == []
