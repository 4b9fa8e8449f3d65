"""A report as its page needs it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Metrics = Mapping[str, float | int | None]


@dataclass(frozen=True)
class Run:
    """One run. ``inputs`` and ``metrics`` are the report's own parts; times are ISO 8601 in UTC."""

    id: str
    digest: str
    strategy: str
    pair: str
    timeframe: str
    simulated: bool
    inputs: Mapping[str, Any]
    metrics: Metrics
    versions: Mapping[str, str]
    finished_at: str

    @classmethod
    def of(cls, report: Mapping[str, Any]) -> "Run":
        """Of a report as the server keeps it; it has checked it."""
        inputs = report["inputs"]
        return cls(
            id=report["id"],
            digest=report["digest"],
            strategy=inputs["strategy"]["name"],
            pair=inputs["pair"],
            timeframe=inputs["timeframe"],
            simulated=inputs["candles"]["simulated"],
            inputs=inputs,
            metrics=report["metrics"],
            versions=report["versions"],
            finished_at=report["run"]["finished_at"],
        )

    @property
    def params(self) -> Mapping[str, Any]:
        params: Mapping[str, Any] = self.inputs["strategy"]["params"]
        return params

    @property
    def cash(self) -> float:
        """What it began with, in quote currency."""
        return float(self.inputs["initial_cash"])

    @property
    def title(self) -> str:
        return f"{self.strategy} \u00b7 {self.pair} {self.timeframe}"


def flat(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value with its path, such as ``costs.slippage_bps``."""
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value
