"""What a query names: metrics and labels, read out of its text; and every query that is kept in a file here."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.monitoring.serving import ROOT, RULES

BOARD = ROOT / "deploy" / "grafana" / "workbench.json"
TABLE = ROOT / "deploy" / "METRICS.md"
WORDS = {"and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset"}
PROMETHEUS_OWN = {"up"}
PROMETHEUS_LABELS = {"job", "instance", "le"}
LABEL_LIST = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")
MATCHERS = re.compile(r"\{([^}]*)\}")


def metrics_of(query: str) -> set[str]:
    """Every name that is neither a function, a keyword nor a label."""
    bare = re.sub(r'"[^"]*"', "", query)
    bare = re.sub(r"\[[^\]]*\]", "", MATCHERS.sub("", LABEL_LIST.sub("", bare)))
    return set(re.findall(r"\b[a-z_][a-z0-9_]*\b(?!\s*\()", bare)) - WORDS


def labels_of(query: str) -> set[str]:
    """Labels that are matched or grouped by."""
    grouped = {name.strip() for names in LABEL_LIST.findall(query) for name in names.split(",")}
    matched = {name for inside in MATCHERS.findall(query) for name in re.findall(r"(\w+)\s*[=!]", inside)}
    return grouped | matched


@dataclass(frozen=True)
class Documented:
    """One line of the table."""

    name: str
    kind: str
    labels: frozenset[str]
    unit: str
    meaning: str


def documented() -> dict[str, Documented]:
    """Name -> its line."""
    found = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$", TABLE.read_text(), re.MULTILINE)
    lines = [Documented(name, kind, frozenset(labels.split(", ")) - {""}, *rest) for name, kind, labels, *rest in found]
    return {line.name: line for line in lines}


def queryable() -> dict[str, Documented]:
    """The same by every name that a query may use: of a histogram its parts."""
    found = {}
    for name, line in documented().items():
        parts = ("_bucket", "_sum", "_count") if line.kind == "histogram" else ("",)
        found.update({f"{name}{part}": line for part in parts})
    return found


def rules(path: Path = RULES) -> dict[str, dict[str, Any]]:
    """Alert -> rule."""
    groups = yaml.safe_load(path.read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


@dataclass(frozen=True)
class Panel:
    """A panel of the dashboard with its queries; ``row`` is the title above it."""

    row: str
    title: str
    queries: tuple[str, ...]
    legends: tuple[str, ...]


def panels() -> Iterator[Panel]:
    """From top to bottom."""
    row = ""
    for each in json.loads(BOARD.read_text())["panels"]:
        if each["type"] == "row":
            row = each["title"]
        targets = each.get("targets", [])
        if targets:
            told = tuple(target["expr"] for target in targets), tuple(target["legendFormat"] for target in targets)
            yield Panel(row, each["title"], *told)
