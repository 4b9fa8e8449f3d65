"""Names are said once: code, live scrape, table, alerts, panels and runbook agree, in every direction."""

import ast
import re

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.monitoring.conftest import Observed
from tests.monitoring.promql import (
    PROMETHEUS_LABELS,
    PROMETHEUS_OWN,
    TABLE,
    documented,
    labels_of,
    metrics_of,
    panels,
    queryable,
    rules,
)
from tests.monitoring.serving import ROOT
from workbench.api.metric_table import table

DESIGN = {
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
MAKERS = {"Counter", "Gauge", "Histogram", "CounterMetricFamily", "GaugeMetricFamily", "HistogramMetricFamily"}
MAKERS |= {"counter", "gauge", "_counter", "_histogram"}
OF_THE_CLIENT_LIBRARY = re.compile(r"process_|python_info$")
NOT_WATCHED = {
    "btcturk_last_price": "for a look at what the feed says; prices are the live page's",
    "btcturk_simulated": "tells a trial from the real exchange when somebody wonders",
    "process_start_time_seconds": "for whoever asks when the server was started",
    "process_virtual_memory_bytes": "the client library's; resident memory is what counts",
    "python_info": "the client library's",
}
"""Exported, but in no alert and no panel; each with the reason."""
RUNBOOK = ROOT / "deploy" / "RUNBOOK.md"


def queries() -> dict[str, str]:
    """Where it stands -> the query."""
    of_rules = {f"alert {name}": rule["expr"] for name, rule in rules().items()}
    return of_rules | {f"{each.title}: {query}": query for each in panels() for query in each.queries}


def made_in_code() -> set[str]:
    """The first argument of everything that makes a metric, with the ending that the exposition gives it."""
    found = set()
    for path in (ROOT / "workbench").rglob("*.py"):
        text = path.read_text("utf-8")
        if "prometheus_client" not in text and "api.metrics" not in text:
            continue
        for call in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and node.args):
            name, first = getattr(call.func, "id", getattr(call.func, "attr", "")), call.args[0]
            if name in MAKERS and isinstance(first, ast.Constant):
                found.add(f"{first.value}_total" if "ounter" in name else first.value)
    return found


def test_the_table_is_what_the_server_exports(observed: Observed) -> None:
    """Made anew from a live scrape, it is the file, byte for byte."""
    scrape = httpx.get(f"{observed.server.url}/metrics", trust_env=False).text
    assert table(text_string_to_metric_families(scrape)) == TABLE.read_text()


def test_the_designs_names_are_there_with_their_types() -> None:
    """Exactly as its section 5 says them."""
    told = documented()
    assert {name: told[name].kind for name in DESIGN if name in told} == DESIGN


def test_every_metric_of_the_code_is_in_the_table_and_the_other_way_round() -> None:
    """Also what only a rare state would export."""
    assert made_in_code() == {name for name in documented() if not OF_THE_CLIENT_LIBRARY.match(name)}


def test_every_metric_says_its_unit_and_meaning() -> None:
    """A name with a unit in it says the same as the column."""
    for line in documented().values():
        assert line.kind in {"counter", "gauge", "histogram"}
        assert line.unit, line.name
        assert len(line.meaning.split()) > 2, line.name
    assert {line.unit for line in documented().values() if line.name.endswith("_ms")} == {"milliseconds"}


def test_alerts_and_panels_use_only_what_is_exported() -> None:
    """A name or a label that is misspelt would be silent for ever."""
    known = queryable()
    for place, query in queries().items():
        assert metrics_of(query), place
        names = metrics_of(query) - PROMETHEUS_OWN
        assert names <= set(known), place
        labels = PROMETHEUS_LABELS.union(*(known[name].labels for name in names))
        assert labels_of(query) <= labels, place


def test_a_legend_names_only_labels_that_the_query_keeps() -> None:
    """Grafana would draw an empty name."""
    for panel in panels():
        for query, legend in zip(panel.queries, panel.legends, strict=True):
            kept = re.search(r"\bby \(([^)]*)\)", query)
            of_metrics = set().union(*(queryable()[name].labels for name in metrics_of(query)))
            labels = {each.strip() for each in kept[1].split(",")} if kept else of_metrics
            assert set(re.findall(r"\{\{(\w+)\}\}", legend)) <= labels, panel.title


def test_every_metric_is_watched_or_said_not_to_be() -> None:
    """Whatever is exported is in an alert or a panel; what is in neither has a reason."""
    used = set().union(*(metrics_of(query) for query in queries().values()))
    watched = {line.name for name, line in queryable().items() if name in used}
    assert set(documented()) - watched == set(NOT_WATCHED)


def test_the_runbook_names_only_what_is_exported() -> None:
    """Whoever is woken up at night does not look for a metric that is not there."""
    prefixes = {name.split("_")[0] for name in documented()}
    named = {
        name for name in re.findall(r"`([a-z]+_[a-z0-9_]+)`", RUNBOOK.read_text()) if name.split("_")[0] in prefixes
    }
    assert "bt_jobs_waiting" in named
    assert named - {"audit_head"} <= set(queryable()) | set(documented())


@pytest.mark.parametrize("name", sorted(rules()))
def test_every_alert_says_what_a_person_needs(name: str) -> None:
    """Severity as a label; summary, description, runbook with a section that says what it means and what to do."""
    rule = rules()[name]
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"].keys() == {"severity"}
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert rule["annotations"].keys() == {"summary", "description", "runbook"}
    assert rule["annotations"]["runbook"] == f"deploy/RUNBOOK.md#{name.lower()}"
    section = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", RUNBOOK.read_text(), re.MULTILINE | re.DOTALL)
    assert section is not None
    assert [word in section[1] for word in ("**Means:**", "**Look at:**", "**Do:**")] == [True] * 3


def test_the_runbook_has_no_alert_that_is_not_raised() -> None:
    """Sections named like alerts are alerts."""
    sections = re.findall(r"^## ([A-Z]\w+)$", RUNBOOK.read_text(), re.MULTILINE)
    assert sorted(sections) == sorted(rules())


def test_the_missions_three_rules() -> None:
    """With the severities and the times that were asked for."""
    told = {
        name: (rules()[name]["labels"]["severity"], rules()[name]["for"]) for name in rules() if "for" in rules()[name]
    }
    assert told["BacktestHighFailureRate"] == ("critical", "5m")
    assert told["BacktestHighLatency"] == ("warning", "10m")
    assert told["BTCTurkFeedDown"] == ("critical", "1m")
    assert rules()["BTCTurkFeedDown"]["expr"] == "btcturk_ws_up == 0"
    assert rules()["BacktestHighLatency"]["expr"].endswith("> 5000")
