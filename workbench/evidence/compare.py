"""Two reports side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from workbench.evidence.form import EvidenceReport

ABSENT = "nothing"
ORDER = ("schema", "inputs", "versions", "trades", "metrics", "content")
"""Parts from cause to consequence: a trade that differs explains the metrics, a hash explains nothing."""


@dataclass(frozen=True)
class Difference:
    """One value that differs; ``path`` is such as ``inputs.costs.slippage_bps`` or ``trades[3].profit``."""

    path: str
    expected: Any
    received: Any

    def __str__(self) -> str:
        return f"{self.path}: expected {_text(self.expected)}, received {_text(self.received)}"


@dataclass(frozen=True)
class Comparison:
    """``inputs`` and ``versions`` hold what differs, ``metrics`` every metric as (name, first, second)."""

    first: str
    second: str
    same_digest: bool
    inputs: tuple[Difference, ...]
    versions: tuple[Difference, ...]
    metrics: tuple[tuple[str, float | int | None, float | int | None], ...]


def compare(first: EvidenceReport, second: EvidenceReport) -> Comparison:
    """What two runs were given and what came out."""
    a, b = msgspec.to_builtins(first), msgspec.to_builtins(second)
    return Comparison(
        first=first.id,
        second=second.id,
        same_digest=first.digest == second.digest,
        inputs=tuple(differences(a["inputs"], b["inputs"], "inputs")),
        versions=tuple(differences(a["versions"], b["versions"], "versions")),
        metrics=tuple((name, value, b["metrics"][name]) for name, value in a["metrics"].items()),
    )


def first_difference(expected: EvidenceReport, received: EvidenceReport) -> Difference | None:
    """The first value under the digest that differs, causes before consequences."""
    a, b = msgspec.to_builtins(expected), msgspec.to_builtins(received)
    for name in ORDER:
        for difference in differences(a[name], b[name], name):
            return difference
    return None


def differences(expected: Any, received: Any, path: str) -> Iterator[Difference]:
    """Values that differ between two trees of dicts, lists and plain values."""
    if isinstance(expected, dict) and isinstance(received, dict):
        for name in [*expected, *(name for name in received if name not in expected)]:
            yield from differences(expected.get(name, ABSENT), received.get(name, ABSENT), f"{path}.{name}")
    elif isinstance(expected, list) and isinstance(received, list):
        for row, (one, other) in enumerate(zip(expected, received, strict=False)):
            yield from differences(one, other, f"{path}[{row}]")
        if len(expected) != len(received):
            yield Difference(f"{path}.rows", len(expected), len(received))
    elif expected != received:
        yield Difference(path, expected, received)


def _text(value: Any) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= 120 else text[:117] + "..."
