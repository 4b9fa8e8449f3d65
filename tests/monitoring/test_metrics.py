"""Names are said once: what the server exports, the table, the alerts and the panels agree."""

import json
import re
import shutil
import subprocess
import sys

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.monitoring.conftest import Observed
from tests.monitoring.serving import ROOT, RULES, ask, wait_for
from workbench.api.metric_table import table

MISSION = {
    "bt_runs_total": "counter",
    "bt_fail_total": "counter",
    "bt_latency_ms": "histogram",
    "bt_trades_total": "counter",
    "btcturk_ws_up": "gauge",
    "btcturk_ticks_total": "counter",
    "btcturk_reconnects_total": "counter",
    "btcturk_ws_lag_ms": "histogram",
    "risk_gate_open": "gauge",
    "param_proposals_total": "counter",
    "param_approvals_total": "counter",
}
TABLE = ROOT / "deploy" / "METRICS.md"
BOARD = ROOT / "deploy" / "grafana" / "workbench.json"
NAME = re.compile(r"\b(?:bt|btcturk|risk|param|audit|ledger|http|auth|process|python)_[a-z_0-9]+\b")


def scrape(observed: Observed) -> str:
    return httpx.get(f"{observed.server.url}/metrics", trust_env=False).text


def documented() -> dict[str, str]:
    """Name -> type, of the table."""
    return dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", TABLE.read_text(), re.MULTILINE))


def known_names() -> set[str]:
    """Every name that a query may use."""
    parts = ("_bucket", "_sum", "_count")
    return set(documented()) | {
        f"{name}{part}" for name, kind in documented().items() if kind == "histogram" for part in parts
    }


def expressions() -> list[str]:
    """Every query of the dashboard."""
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            found.extend([value["expr"]] if "expr" in value else [])
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk(json.loads(BOARD.read_text()))
    return found


def test_the_table_is_what_the_server_exports(observed: Observed) -> None:
    """Made anew from a live scrape, it is the file, byte for byte."""
    assert table(text_string_to_metric_families(scrape(observed))) == TABLE.read_text()


def test_the_promised_names_are_there_with_their_types() -> None:
    """Exactly as the design says them."""
    assert {name: documented().get(name) for name in MISSION} == MISSION


def test_alerts_and_panels_use_only_what_is_exported() -> None:
    """A name that is misspelt would be silent for ever."""
    used = {name for text in [RULES.read_text(), *expressions()] for name in NAME.findall(_queries(text))}
    assert used
    assert used - known_names() == set()


def test_every_alert_has_its_section_in_the_runbook() -> None:
    """And the runbook has none that is not raised."""
    sections = set(re.findall(r"^## (\w+)$", (ROOT / "deploy" / "RUNBOOK.md").read_text(), re.MULTILINE))
    alerts = re.findall(r"- alert: (\w+)", RULES.read_text())
    assert sections == set(alerts)
    links = re.findall(r"runbook: deploy/RUNBOOK.md#(\w+)", RULES.read_text())
    assert links == [name.lower() for name in alerts]


def test_the_dashboard_is_what_its_code_makes() -> None:
    """The JSON is never edited by hand."""
    code = ROOT / "deploy" / "grafana" / "dashboard.py"
    made = subprocess.run([sys.executable, str(code)], capture_output=True, text=True, check=True).stdout
    assert made == BOARD.read_text()


def test_promtool_likes_the_rules_and_their_cases() -> None:
    """Every alert fires in a case that must fire, and not in one that must not."""
    promtool = _promtool()
    folder = RULES.parent
    for words in (
        ["check", "rules", "rules.yml"],
        ["check", "config", "prometheus.yml"],
        ["test", "rules", "rules.test.yml"],
    ):
        done = subprocess.run([promtool, *words], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    alerts = set(re.findall(r"- alert: (\w+)", RULES.read_text()))
    assert alerts == set(re.findall(r"alertname: (\w+)", (folder / "rules.test.yml").read_text()))


def test_promtool_likes_the_scrape(observed: Observed) -> None:
    """But for the milliseconds in three names, which the design fixes."""
    done = subprocess.run(
        [_promtool(), "check", "metrics"], input=scrape(observed), capture_output=True, text=True, check=False
    )
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if line]
    assert [
        line for line in complaints if not re.match(r"\w+_ms metric names should not contain abbreviated", line)
    ] == []


def test_every_panel_has_data(observed: Observed) -> None:
    """Each query, asked of the Prometheus server that scrapes a working system, returns something."""
    assert len(expressions()) > 30
    for expression in expressions():
        asked = expression.replace("$__rate_interval", "10s")
        wait_for(asked, lambda asked=asked: ask(observed.prometheus, asked), 30)


def _queries(text: str) -> str:
    """Of the rules only their expressions, of a panel all."""
    lines = re.findall(r"^ +expr: (.*)$", text, re.MULTILINE)
    return "\n".join(lines) if lines else text


def _promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed (Debian package: prometheus)")
    return found
