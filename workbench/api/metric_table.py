"""The table of all metrics, ``deploy/METRICS.md``, made from what a server with a running feed exports.

``curl -s 127.0.0.1:4010/metrics | python -m workbench.api.metric_table > deploy/METRICS.md``; a test compares the file
with a live server, the alerts and the panels.
"""

import re
import sys
from collections.abc import Iterable, Iterator

from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

HEAD = """# Metrics

What `/metrics` of the server exports; the table is made by `python -m workbench.api.metric_table`. Histograms have
`_bucket`, `_sum` and `_count`. Counters begin at 0 with every start of the server, which Prometheus takes into account.

| name | type | labels | unit | meaning |
|---|---|---|---|---|
"""
UNITS = (
    (r"_ms$", "milliseconds"),
    (r"_(seconds|timestamp_seconds)(_total)?$", "seconds"),
    (r"_bytes$", "bytes"),
    (r"_price$", "quote currency"),
)


def rows(metrics: Iterable[Metric]) -> Iterator[tuple[str, str, str, str, str]]:
    """Name, type, labels, unit and meaning of each, by name."""
    for metric in sorted(metrics, key=lambda each: each.name):
        name = f"{metric.name}_total" if metric.type == "counter" else metric.name
        labels = sorted({label for sample in metric.samples for label in sample.labels} - {"le"})
        yield name, metric.type, ", ".join(labels), _unit(name, metric.type), metric.documentation


def table(metrics: Iterable[Metric]) -> str:
    """The whole file."""
    lines = [f"| `{name}` | {kind} | {labels} | {unit} | {text} |" for name, kind, labels, unit, text in rows(metrics)]
    return HEAD + "\n".join(lines) + "\n"


def _unit(name: str, kind: str) -> str:
    found = next((unit for pattern, unit in UNITS if re.search(pattern, name)), None)
    return found or ("count" if kind == "counter" else "")


def main() -> None:
    """From a scrape on stdin to the table on stdout."""
    sys.stdout.write(table(text_string_to_metric_families(sys.stdin.read())))


if __name__ == "__main__":
    main()
