"""The list's and the trade table's own scripts, in a real browser with a stand-in for the kernel."""

import base64
import functools
import json
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

import workbench.widgets
from workbench.widgets.report_style import REPORT_STYLE
from workbench.widgets.style import STYLE
from workbench.widgets.trade_table import TradeGrid
from workbench.wire import TradeTable

STATIC = Path(workbench.widgets.__file__).parent / "static"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
HOUR_NS = 3_600_000_000_000
HOSTILE = "<img src=x onerror=window.hit=1>"
POLICY = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'"
STAND_IN = """
class Model {
  constructor(state) { this.state = state; this.saved = {}; this.listeners = {}; }
  get(name) { return this.state[name]; }
  set(name, value) {
    if (this.state[name] === value) return;
    this.state[name] = value;
    this.saved[name] = value;
    if (typeof value === "string") document.documentElement.dataset[name] = value;
    for (const react of this.listeners[`change:${name}`] ?? []) react();
  }
  save_changes() {}
  on(name, react) { (this.listeners[name] ??= []).push(react); }
  off(name, react) { this.listeners[name] = (this.listeners[name] ?? []).filter((each) => each !== react); }
}
const state = JSON.parse(document.getElementById("state").textContent, (name, value) =>
  value?.bytes === undefined ? value : new DataView(Uint8Array.from(atob(value.bytes), (c) => c.charCodeAt(0)).buffer));
window.model = new Model(state);
const { default: widget } = await import(document.body.dataset.script);
window.leave = widget.render({ model: window.model, el: document.getElementById("place") });
"""


class Quiet(SimpleHTTPRequestHandler):
    """Static files, under the policy that the pages have."""

    extensions_map = {".js": "text/javascript", ".html": "text/html"}  # noqa: RUF012 - as in the base class

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("Chromium is not installed (Debian package: chromium)")
    with sync_playwright() as playwright:
        args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        made = playwright.chromium.launch(executable_path=found, args=args)
        yield made
        made.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Any]:
    """Opens a widget's script with a state; errors of the page fail the test."""
    shutil.copytree(STATIC, tmp_path, dirs_exist_ok=True)
    (tmp_path / "stand_in.js").write_text(STAND_IN, "utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page, errors = browser.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)

    def open_(script: str, state: dict[str, Any]) -> Page:
        told = json.dumps(state).replace("<", "\\u003c")
        (tmp_path / "index.html").write_text(
            f'<!DOCTYPE html>{STYLE}{REPORT_STYLE}<body data-script="./{script}"><div class="wb-page" id="place"></div>'
            f'<script type="application/json" id="state">{told}</script>'
            '<script type="module" src="stand_in.js"></script>',
            "utf-8",
        )
        page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
        expect(page.locator("#place > div")).to_be_attached()
        return page

    yield open_
    page.close()
    server.shutdown()
    server.server_close()
    assert [each for each in errors if "favicon" not in each and "404" not in each] == []


# Trades ---------------------------------------------------------------------------------------------------------------


def trades(rows: int) -> dict[str, Any]:
    """Every third lost, every other short, the last one open; a day apart."""
    entry = [row * 24 * HOUR_NS for row in range(rows)]
    told = TradeTable(
        evidence_id="x",
        simulated=True,
        total=rows,
        offset=0,
        columns={
            "side": [1 if row % 2 == 0 else -1 for row in range(rows)],
            "entry_bar": [row * 24 for row in range(rows)],
            "exit_bar": [row * 24 + 5 for row in range(rows)],
            "entry_time": entry,
            "exit_time": [each + 5 * HOUR_NS for each in entry],
            "quantity": [0.5] * rows,
            "entry_price": [1234.5 + row for row in range(rows)],
            "exit_price": [1235.25 + row for row in range(rows)],
            "fees": [1.0] * rows,
            "profit": [-5.0 if row % 3 == 0 else 1000.0 + row for row in range(rows)],
            "is_open": [row == rows - 1 for row in range(rows)],
        },
    )
    grid = TradeGrid()
    grid.show(told)
    columns = {name: {"bytes": base64.b64encode(value).decode()} for name, value in grid.columns.items()}
    return {"columns": columns, "note": "", "focus": -1}


def cells(page: Page, number: int) -> list[str]:
    """Of a row from the top."""
    return page.locator("tbody tr").nth(number).locator("th, td").all_inner_texts()


def head(page: Page, name: str) -> Locator:
    return page.get_by_role("columnheader", name=name)


def test_trades_are_told_as_numbers_for_people(opened: Any) -> None:
    """UTC times, as many digits as the column has, thin gaps, real minus signs, shares of the value at entry."""
    page = opened("trade_table.js", trades(3))
    assert cells(page, 0) == [
        *("1", "Long", "1970-01-01 00:00", "1\u202f234.50", "1970-01-01 05:00", "1\u202f235.25", "0.5", "5", "1.00"),
        *("\u22125.00", "\u22120.81\u202f%"),
    ]
    assert cells(page, 1)[-2:] == ["+1\u202f001.00", "+162.04\u202f%"]
    assert cells(page, 2)[4] == "still open"
    expect(page.get_by_role("status")).to_have_text("3 trades, profit +1\u202f998.00, fees 3.00.")


def test_a_column_s_name_sorts_and_says_so(opened: Any) -> None:
    """By click and by keyboard; once more turns it round; trades of one value stay in their order."""
    page = opened("trade_table.js", trades(9))
    assert head(page, "#").get_attribute("aria-sort") == "ascending"
    page.get_by_role("button", name="Profit").click()
    assert head(page, "Profit").get_attribute("aria-sort") == "ascending"
    assert head(page, "#").get_attribute("aria-sort") is None
    assert [cells(page, row)[0] for row in range(4)] == ["1", "4", "7", "2"]
    page.get_by_role("button", name="Profit").press("Enter")
    assert head(page, "Profit").get_attribute("aria-sort") == "descending"
    assert [cells(page, row)[0] for row in range(7)] == ["9", "8", "6", "5", "3", "2", "1"]
    page.get_by_role("button", name="Side").click()
    assert [cells(page, row)[1] for row in (0, 3, 4, 8)] == ["Short", "Short", "Long", "Long"]


def test_trades_are_filtered(opened: Any) -> None:
    """By side, by outcome, by words; the sums are of what is left; nothing left is said."""
    page = opened("trade_table.js", trades(60))
    page.get_by_label("Side", exact=True).select_option("Short")
    expect(page.get_by_role("status")).to_contain_text("30 of 60 trades")
    page.get_by_label("Outcome").select_option("Loss")
    expect(page.get_by_role("status")).to_have_text("10 of 60 trades, profit \u221250.00, fees 10.00.")
    page.get_by_label("Find").fill("1970-01-10 SHORT")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert cells(page, 0)[0] == "10"
    page.get_by_label("Find").fill("nowhere")
    expect(page.locator("tbody")).to_have_text("No trade matches.")
    page.get_by_label("Find").fill("")
    page.get_by_label("Side", exact=True).select_option("Both")
    page.get_by_label("Outcome").select_option("Still open")
    assert cells(page, 0)[0] == "60"


def test_fifty_trades_are_a_page(opened: Any) -> None:
    """On and back; another order begins at its beginning."""
    page = opened("trade_table.js", trades(120))
    expect(page.locator("tbody tr")).to_have_count(50)
    expect(page.get_by_role("status")).to_contain_text("Rows 1 to 50.")
    expect(page.get_by_role("button", name="Earlier rows")).to_be_disabled()
    page.get_by_role("button", name="More rows").click()
    page.get_by_role("button", name="More rows").click()
    expect(page.locator("tbody tr")).to_have_count(20)
    expect(page.get_by_role("button", name="More rows")).to_be_disabled()
    assert cells(page, 0)[0] == "101"
    page.get_by_role("button", name="Earlier rows").click()
    assert cells(page, 0)[0] == "51"
    page.get_by_role("button", name="#").click()
    assert cells(page, 0)[0] == "120"


def test_a_trade_s_time_tells_the_kernel(opened: Any) -> None:
    """Which one was clicked, whatever the order of the table."""
    page = opened("trade_table.js", trades(9))
    page.get_by_role("button", name="Profit").click()
    page.get_by_role("button", name="1970-01-04 00:00").click()
    assert page.evaluate("model.saved") == {"focus": 3}


NO_TRADES = """{
  const names = Object.keys(model.get("columns"));
  model.set("columns", Object.fromEntries(names.map((name) => [name, new DataView(new ArrayBuffer(0))])));
}"""


def test_other_trades_take_the_place(opened: Any) -> None:
    """None of them; and after the widget has left, nothing listens."""
    page = opened("trade_table.js", trades(60))
    page.evaluate(NO_TRADES)
    expect(page.locator("tbody")).to_have_text("This run made no trade.")
    page.evaluate("leave()")
    assert page.evaluate("Object.values(model.listeners).flat().length") == 0


# The list ------------------------------------------------------------------------------------------------------------


def runs(*names: str) -> dict[str, Any]:
    rows = [
        {
            "id": f"id-{name}",
            "name": name,
            "market": "ETHUSDT 1h",
            "params": "fast 9",
            "gain": "+1.0 %",
            "is_loss": False,
            "sharpe": "Sharpe 1.00",
            "when": "2026-01-01 10:00",
            "simulated": True,
        }
        for name in names
    ]
    told = {"told": f"{len(rows)} runs in all", "chosen": "id-a", "against": "", "query": "", "limit": 50}
    return {"rows": rows, "total": len(rows), **told}


def picks(page: Page) -> list[str]:
    return page.locator(".wb-run-pick b").all_inner_texts()


def test_a_run_is_chosen_and_another_compared(opened: Any) -> None:
    """By click and by keyboard; the list says which is which."""
    page = opened("run_list.js", runs("a", "b", "c"))
    expect(page.locator("li[aria-current=true]")).to_contain_text("a")
    page.locator(".wb-run-pick").nth(1).press("Enter")
    assert page.evaluate("model.saved") == {"chosen": "id-b"}
    expect(page.locator("li[aria-current=true]")).to_have_count(1)
    expect(page.locator("li[aria-current=true]")).to_contain_text("b")
    page.get_by_role("button", name="Compare with c").click()
    assert page.evaluate("model.get('against')") == "id-c"
    expect(page.get_by_role("button", name="Compare with c")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Compare with c").click()
    assert page.evaluate("model.get('against')") == ""


def test_typing_searches_after_a_pause(opened: Any) -> None:
    """One question for a word, not one for each letter."""
    page = opened("run_list.js", runs("a"))
    page.evaluate("model.on('change:query', () => { window.asked = (window.asked ?? 0) + 1; })")
    page.get_by_role("searchbox").press_sequentially("rsi 14", delay=5)
    expect(page.locator("html")).to_have_attribute("data-query", "rsi 14")
    assert page.evaluate("window.asked") == 1


def test_a_new_run_does_not_take_the_focus(opened: Any) -> None:
    """Whoever is on a row stays on it while the list grows above."""
    page = opened("run_list.js", runs("a", "b"))
    page.locator(".wb-run-pick").nth(1).focus()
    page.evaluate("(more) => { model.set('total', 3); model.set('rows', more); }", runs("new", "a", "b")["rows"])
    assert picks(page) == ["new", "a", "b"]
    assert page.evaluate("document.activeElement.querySelector('b').textContent") == "b"
    page.evaluate("(fewer) => model.set('rows', fewer)", runs("b", "a")["rows"])
    assert picks(page) == ["b", "a"]


def test_more_runs_are_asked_for(opened: Any) -> None:
    """Where the server has more."""
    state = {**runs("a", "b"), "total": 60}
    page = opened("run_list.js", state)
    page.get_by_role("button", name="Show more").click()
    assert page.evaluate("model.saved.limit") == 100
    page.evaluate("model.set('total', 2)")
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()


def test_texts_are_never_markup(opened: Any) -> None:
    """Whatever a strategy is called."""
    page = opened("run_list.js", {**runs(HOSTILE), "told": HOSTILE})
    assert picks(page) == [HOSTILE]
    assert page.locator("img").count() == 0
    assert page.evaluate("window.hit") is None
