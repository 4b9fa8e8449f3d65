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
`_bucket`, `_sum` and `_count`. Counters begin at 0 with every start of the server, which `rate()` and `increase()` take
for what it is; those of audit entries and gaps are on the disk and go on. One process counts for all workers. What the
alerts mean is in the [runbook](RUNBOOK.md), how it all is set up in [README.md](README.md).

| name | type | labels | unit | meaning |
|---|---|---|---|---|
"""
UNITS = (
    (r"_ms$", "milliseconds"),
    (r"_timestamp_seconds$|_start_time_seconds$", "seconds since 1970"),
    (r"_seconds(_total)?$", "seconds"),
    (r"_bytes$", "bytes"),
    (r"_price$", "quote currency"),
    (r"_(up|open|intact|simulated|state|info)$", "1 or 0"),
    (r"_jobs_\w+$|_queue_size$", "jobs"),
    (r"_workers$", "processes"),
    (r"_fds$", "files"),
    (r"_pending$", "proposals"),
    (r"_total$", "count"),
)


def rows(metrics: Iterable[Metric]) -> Iterator[tuple[str, str, str, str, str]]:
    """Name, type, labels, unit and meaning of each, by name."""
    named = {f"{each.name}_total" if each.type == "counter" else each.name: each for each in metrics}
    for name, metric in sorted(named.items()):
        labels = sorted({label for sample in metric.samples for label in sample.labels} - {"le"})
        yield name, metric.type, ", ".join(labels), _unit(name), metric.documentation


def table(metrics: Iterable[Metric]) -> str:
    """The whole file."""
    lines = [f"| `{name}` | {kind} | {labels} | {unit} | {text} |" for name, kind, labels, unit, text in rows(metrics)]
    return HEAD + "\n".join(lines) + "\n"


def _unit(name: str) -> str:
    """Raises:
    LookupError: a new kind of name: UNITS needs a line more.
    """
    unit = next((unit for pattern, unit in UNITS if re.search(pattern, name)), None)
    if unit is None:
        raise LookupError(f"{name}: its unit cannot be told from its name")
    return unit


def main() -> None:
    """From a scrape on stdin to the table on stdout."""
    sys.stdout.write(table(text_string_to_metric_families(sys.stdin.read())))


if __name__ == "__main__":
    main()
