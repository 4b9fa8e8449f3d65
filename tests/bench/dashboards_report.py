"""The page about the dashboards' speed."""

import statistics
from typing import Any

OPENINGS = 8
"""How often each kind of opening is measured."""


def as_markdown(results: dict[str, Any]) -> str:
    """Every figure beside its aim."""
    lines = "\n".join(f"| {what} | {aim} | {reached} |" for what, aim, reached in _rows(results))
    machine = results["machine"]
    return f"""# The dashboards' speed and memory

Written by `python -m tests.bench.dashboards` (part of `make bench`): simulator, API, `workbench dashboards` and nginx
with TLS, and Debian's Chromium, all on the same {machine["processors"]} processors, Python {machine["python"]}. Medians
of {OPENINGS}, the worst in brackets. "Useful" is when the metrics of the newest run are on the screen; "live" when the
page's widgets have taken over; a "new" browser has no script of ours yet.

| what | aim | reached |
|---|---|---|
{lines}

The chart is drawn of a run over 100,000 candles with {results["chart"]["trades"]:,} trades; its sizes are without
plotly's own script, which browsers load once and keep. Memory is that of the page's kernel ten seconds after it is live
(RSS; in brackets PSS, which counts what kernels share once).
"""


def _rows(results: dict[str, Any]) -> list[tuple[str, str, str]]:
    warm, cold, chart = results["warm"], results["cold"], results["chart"]
    seen = warm["approvals"]
    return [
        ("report useful, warm kernel", "<= 1.5 s", _seconds(warm["again"]["useful"])),
        ("report live, warm kernel", "", _seconds(warm["again"]["live"])),
        ("chart drawn, warm kernel", "", _seconds(warm["again"]["drawn"])),
        ("report useful, warm kernel, new browser", "", _seconds(warm["new"]["useful"])),
        ("report live, warm kernel, new browser", "", _seconds(warm["new"]["live"])),
        ("report useful, cold kernel", "<= 4 s", _seconds(cold["again"]["useful"])),
        ("report live, cold kernel", "", _seconds(cold["again"]["live"])),
        ("report useful, cold kernel, new browser", "", _seconds(cold["new"]["useful"])),
        (
            "approve click to new status elsewhere",
            "<= 1 s",
            _seconds({"median": statistics.median(seen), "worst": max(seen)}),
        ),
        ("chart, the API's answer", "<= 1 MB", f"{chart['answer_bytes'] / 1e6:.2f} MB"),
        ("chart, sent to the browser", "<= 1 MB", f"{chart['sent_bytes'] / 1e6:.2f} MB"),
        ("chart, built by the API", "<= 50 ms", f"{chart['answer_ms']:.1f} ms"),
        ("chart, built of the answer by the page", "<= 50 ms", f"{chart['traces_ms']:.1f} ms"),
        (
            "the same by vectorbt's own plot",
            "",
            f"{chart['vectorbt_bytes'] / 1e6:.1f} MB, {chart['vectorbt_ms']:.0f} ms",
        ),
        *(
            (f"memory of an open {page} page", "<= 150 MB", f"{size['Rss']:.0f} MB ({size['Pss']:.0f})")
            for page, size in warm["memory"].items()
        ),
    ]


def _seconds(of: dict[str, float]) -> str:
    return f"{of['median']:.2f} s ({of['worst']:.2f})"
