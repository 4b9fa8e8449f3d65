"""What a version changes, field by field, and what its evidence changes, metric by metric."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.guardrails.content import Content


@dataclass(frozen=True)
class FieldChange:
    """``before`` is None where there was no version before, or no such field."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class MetricChange:
    """One metric of the active version's evidence and of the proposed one's; None where undefined or without."""

    metric: str
    before: float | int | None
    after: float | int | None

    @property
    def change(self) -> float | None:
        return None if self.before is None or self.after is None else self.after - self.before


def diff(before: Content | None, after: Content) -> list[FieldChange]:
    """The fields that differ, in the order of their names."""
    old, new = dict(_flat(before or {})), dict(_flat(after))
    names = sorted(old.keys() | new.keys())
    return [FieldChange(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]


def metric_diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[MetricChange]:
    """Every metric of either, in the order of the evidence."""
    names = [*after, *(name for name in before if name not in after)]
    return [MetricChange(name, before.get(name), after.get(name)) for name in names]


def _flat(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
