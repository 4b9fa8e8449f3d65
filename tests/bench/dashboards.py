"""The dashboards' speed and memory, as their visitors meet them: ``python -m tests.bench.dashboards``.

The whole stack behind nginx, and Debian's Chromium. Writes DASHBOARDS.md and dashboards.json.
"""

import base64
import hashlib
import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import psutil
from ipywidgets.widgets.widget import _remove_buffers
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

from tests.bench.dashboards_report import OPENINGS, as_markdown
from tests.browser.stack import People, Stack, launched, stacked
from tests.candles import walk
from tests.deploy.running import PASSWORD
from tests.evidence.runs import report_of
from tests.processes import children
from tests.serving import RESEARCHER
from workbench.client import Client
from workbench.engine.backtest import backtest
from workbench.evidence.chart import build_chart
from workbench.strategy.sma_cross import SmaCross
from workbench.wire import Chart

HERE = Path(__file__).parent
APPROVALS, CHARTS = 10, 20
METRICS = ".page-first .wb-tiles, .page-live .wb-tiles"
LIVE = "html.page-shown .page-live .wb-page"
DRAWN = ".js-plotly-plot .scatterlayer .trace"
PAGES = ("report", "guardrails", "live")


def main() -> None:
    """Measure, write, say where."""
    with sync_playwright() as playwright:
        results = {
            "machine": {"processors": os.cpu_count(), "python": platform.python_version()},
            "warm": measured(playwright, ["--warm", "2"], first_rounds),
            "cold": measured(playwright, ["--warm", "0"], openings),
            "chart": chart(),
        }
    (HERE / "dashboards.json").write_text(json.dumps(results, indent=1) + "\n")
    (HERE / "DASHBOARDS.md").write_text(as_markdown(results))
    print(as_markdown(results))  # noqa: T201 - what was asked for


def measured(
    playwright: Playwright, words: list[str], ask: Callable[[Browser, Stack], dict[str, Any]]
) -> dict[str, Any]:
    """On a stack of its own with one finished backtest, by a browser that trusts its certificate."""
    with tempfile.TemporaryDirectory() as folder, stacked(Path(folder), *words) as stack:
        with Client(stack.api.url, researcher_token=RESEARCHER, user="rana") as client:
            client.wait(client.start_backtest(pair="ETHUSDT", timeframe="1h", strategy="rsi").id)
        browser = launched(playwright, f"--ignore-certificate-errors-spki-list={_key_hash(stack)}")
        found = ask(browser, stack)
        browser.close()
        return found


def first_rounds(browser: Browser, stack: Stack) -> dict[str, Any]:
    return {**openings(browser, stack), "approvals": approvals(browser, stack), "memory": memory(browser, stack)}


def openings(browser: Browser, stack: Stack) -> dict[str, Any]:
    """The report page, in a browser that has been there and in one that has not; seconds."""
    known = logged_in(browser, stack)
    opening(stack, known)
    again = [opening(stack, known) for _ in range(OPENINGS)]
    new = [opening(stack, logged_in(browser, stack)) for _ in range(OPENINGS)]
    return {"again": _medians(again), "new": _medians(new)}


def logged_in(browser: Browser, stack: Stack) -> BrowserContext:
    """As a person does it. Playwright's own way of logging in would switch the browser's cache off."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    login = f"https://ada:{quote(PASSWORD)}@"
    context.new_page().goto(stack.origin.replace("https://", login) + "/nothing")
    return context


def opening(stack: Stack, context: BrowserContext) -> dict[str, float]:
    """Once the pool has had time to fill."""
    time.sleep(3.0)
    tab = context.new_page()
    began = time.perf_counter()
    tab.goto(f"{stack.origin}/voila/render/report.ipynb", wait_until="commit")
    seconds = {}
    for what, selector in (("useful", METRICS), ("live", LIVE), ("drawn", DRAWN)):
        tab.wait_for_selector(selector, state="attached")
        seconds[what] = time.perf_counter() - began
    tab.close()
    return seconds


def approvals(browser: Browser, stack: Stack) -> list[float]:
    """From the admin's click to the new state on the viewer's open page; seconds."""
    people = People(browser, stack)
    watching, deciding = (people.come(who).open("guardrails.ipynb") for who in ("vera", "ada"))
    seconds = []
    with Client(stack.api.url, researcher_token=RESEARCHER, user="rana") as client:
        for number in range(1, APPROVALS + 1):
            client.propose_limits({"max_order_notional": str(1_000 + number)}, note=f"try {number}")
            card = f"Proposal {number} "
            button = deciding.locator(".wb-proposal", has_text=card).get_by_role("button", name="Approve")
            expect(watching.locator(".wb-proposal", has_text=card)).to_be_visible()
            button.click()
            began = time.perf_counter()
            told = watching.locator(".wb-proposal", has_text=card).get_by_text("approved by ada")
            told.wait_for(state="visible")
            seconds.append(time.perf_counter() - began)
    people.leave()
    return seconds


def memory(browser: Browser, stack: Stack) -> dict[str, dict[str, float]]:
    """Of a page's kernel, ten seconds after it is live; megabytes."""
    people, found = People(browser, stack), {}
    person = people.come("ada")
    for page in PAGES:
        tab = person.open(f"{page}.ipynb")
        time.sleep(10.0)
        held = json.loads(tab.locator("#jupyter-config-data").text_content() or "{}")["kernelId"]
        found[page] = _size(*children(stack.pages_pid, f"kernel-{held}.json"))
        tab.close()
    people.leave()
    return found


def _size(process: psutil.Process) -> dict[str, float]:
    lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith(("Rss", "Pss:"))}
    return {name: size / 1024 for name, size in sizes.items()}


def chart() -> dict[str, float]:
    """100,000 candles with thousands of trades: from the result to the answer, and from the answer to the browser."""
    from workbench.widgets.plotly_light import figure_widget
    from workbench.widgets.report_chart import POINTS
    from workbench.widgets.report_traces import frame, traces

    result = backtest(walk(5, 100_000), SmaCross(5, 20, "both"))
    report = report_of(result)
    answer = msgspec.json.encode(build_chart(report, result, points=POINTS))
    told = Chart.model_validate_json(answer)
    widget = figure_widget()(data=traces(told), layout=frame(told))
    state, _, buffers = _remove_buffers({name: each for name, each in widget.get_state().items() if name != "_esm"})
    sent = len(json.dumps(state, default=str)) + sum(memoryview(each).nbytes for each in buffers)
    return {
        "answer_bytes": len(answer),
        "sent_bytes": sent,
        "answer_ms": _best(lambda: msgspec.json.encode(build_chart(report, result, points=POINTS))),
        "traces_ms": _best(lambda: (traces(told), frame(told))),
        "trades": len(result.trade_table),
        **_vectorbt(result),
    }


def _vectorbt(result: Any) -> dict[str, float]:
    """Its own plot of the same orders."""
    import warnings

    from workbench.evidence.oracle import to_vectorbt

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas and numba, about vectorbt's own code
        portfolio = to_vectorbt(result)
        portfolio.plot()
        began = time.perf_counter()
        text = portfolio.plot().to_json()
    return {"vectorbt_bytes": len(text), "vectorbt_ms": 1_000 * (time.perf_counter() - began)}


def _key_hash(stack: Stack) -> str:
    """Of the certificate's public key, as Chromium wants it."""
    key = subprocess.run(
        ["openssl", "x509", "-in", str(stack.nginx.certificate), "-pubkey", "-noout"], check=True, capture_output=True
    ).stdout
    der = base64.b64decode(b"".join(line for line in key.splitlines() if not line.startswith(b"-----")))
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


def _best(ask: Callable[[], object]) -> float:
    """Milliseconds."""
    seconds = []
    for _ in range(CHARTS):
        began = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - began)
    return 1_000 * min(seconds)


def _medians(rounds: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    return {
        name: {"median": statistics.median(each[name] for each in rounds), "worst": max(each[name] for each in rounds)}
        for name in rounds[0]
    }


if __name__ == "__main__":
    main()
