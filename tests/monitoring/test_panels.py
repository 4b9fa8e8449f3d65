"""The Grafana dashboard: made by its code, complete, provisioned, and every query returns data."""

import math
import subprocess
import sys
from typing import Any

import pytest
import yaml

from tests.monitoring.conftest import Observed, use
from tests.monitoring.promql import BOARD, metrics_of, panels
from tests.monitoring.serving import ROOT, ask, wait_for

GRAFANA = ROOT / "deploy" / "grafana"
SHOWN = {
    "Backtests": {"bt_runs_total", "bt_done_total", "bt_fail_total", "bt_latency_ms_bucket", "bt_jobs_waiting"},
    "Feed": {
        "btcturk_ws_up",
        "btcturk_ticks_total",
        "btcturk_ws_lag_ms_bucket",
        "btcturk_clock_offset_ms",
        "btcturk_reconnects_total",
        "btcturk_gaps_found_total",
        "btcturk_gaps_filled_total",
    },
    "Guardrails": {
        "risk_gate_open",
        "param_proposals_total",
        "param_approvals_total",
        "risk_gate_refusals_total",
        "audit_entries_total",
    },
    "Process": {"process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"},
}
"""Row -> what an operator looks for in it."""


def test_the_dashboard_is_what_its_code_makes() -> None:
    """The JSON is never edited by hand."""
    made = subprocess.run([sys.executable, str(GRAFANA / "dashboard.py")], capture_output=True, text=True, check=True)
    assert made.stdout == BOARD.read_text()


@pytest.mark.parametrize("row", SHOWN)
def test_each_row_shows_what_an_operator_looks_for(row: str) -> None:
    """Panel by panel, under the title where one would look."""
    shown = [metrics_of(query) for panel in panels() if panel.row == row for query in panel.queries]
    assert SHOWN[row] - set().union(*shown) == set()


def test_latencies_are_shown_as_three_quantiles() -> None:
    """The median, and the two tails that are promised."""
    for metric in ("bt_latency_ms_bucket", "btcturk_ws_lag_ms_bucket"):
        queries = [query for panel in panels() for query in panel.queries if metric in query]
        assert [query.split("(")[1].split(",")[0] for query in queries] == ["0.5", "0.95", "0.99"]


def test_grafana_finds_its_source_and_its_dashboards() -> None:
    """Every panel asks the source that is provisioned; the dashboards' folder is where compose.yaml puts the file."""
    source = yaml.safe_load((GRAFANA / "provisioning" / "datasources" / "prometheus.yml").read_text())
    provider = yaml.safe_load((GRAFANA / "provisioning" / "dashboards" / "workbench.yml").read_text())
    (known,) = source["datasources"]
    uids = {found["uid"] for found in _sources(yaml.safe_load(BOARD.read_text()))}
    assert uids == {known["uid"]}
    assert known["url"] == "${PROMETHEUS_URL}"
    folder = provider["providers"][0]["options"]["path"]
    compose = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]["grafana"]
    assert f"./grafana/workbench.json:{folder}/workbench.json:ro" in compose["volumes"]
    assert compose["environment"]["PROMETHEUS_URL"].startswith("http://prometheus:")


def _sources(value: Any) -> list[dict[str, Any]]:
    """Every data source named anywhere in the dashboard."""
    if isinstance(value, list):
        return [found for each in value for found in _sources(each)]
    if not isinstance(value, dict):
        return []
    own = [value["datasource"]] if isinstance(value.get("datasource"), dict) else []
    return own + [found for each in value.values() for found in _sources(each)]


def test_every_panel_has_data(observed: Observed) -> None:
    """Each query, asked of the Prometheus server that scrapes a working system, returns numbers."""
    with observed.client() as client:
        use(client)
    queries = [query for panel in panels() for query in panel.queries]
    assert len(queries) > 40
    for query in queries:
        wait_for(
            query, lambda query=query: has_numbers(observed.prometheus, query.replace("$__rate_interval", "20s")), 15
        )


def has_numbers(prometheus_url: str, query: str) -> bool:
    """Not NaN, which is what a quantile of nothing is."""
    return any(not math.isnan(float(each["value"][1])) for each in ask(prometheus_url, query))
