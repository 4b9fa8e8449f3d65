"""What stands against approving a proposal. Pure: what is known about the evidence comes in as facts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.guardrails.content import Content
from workbench.guardrails.limits import RiskLimits
from workbench.guardrails.scope import Scope
from workbench.model.instrument import parse_decimal

DAY_NS = 86_400 * 10**9


@dataclass(frozen=True)
class EvidenceFacts:
    """What a report says, and whether a fresh run came out the same.

    Attributes:
        problem: why it could not be verified, empty where it was; the first difference, or what is missing.
        finished_ns: when it was run; outside its digest, so no more than its author's word.
    """

    id: str
    digest: str
    problem: str
    strategy: str
    pair: str
    timeframe: str
    params: Mapping[str, Any]
    metrics: Mapping[str, Any]
    simulated: bool
    finished_ns: int

    @property
    def content(self) -> Content:
        return {"timeframe": self.timeframe, "params": dict(self.params)}


def mismatches(scope: Scope, content: Content, facts: EvidenceFacts) -> Iterator[str]:
    """Where the evidence is of something other than what is proposed."""
    if (facts.strategy, facts.pair) != (scope.strategy, scope.pair):
        yield f"the evidence is of {facts.strategy}/{facts.pair}, the proposal of {scope}"
    if facts.timeframe != content["timeframe"]:
        yield f"the evidence is of {facts.timeframe} candles, the proposal of {content['timeframe']}"
    if dict(facts.params) != content["params"]:
        yield f"the evidence is of {_text(facts.params)}, the proposal of {_text(content['params'])}"


def objections(
    scope: Scope, content: Content, evidence_digest: str, facts: EvidenceFacts, limits: RiskLimits, now_ns: int
) -> Iterator[str]:
    """Every reason against it, none where it may be approved."""
    if facts.problem:
        yield f"the evidence does not verify: {facts.problem}"
    if facts.digest != evidence_digest:
        yield f"the evidence is another than the one proposed: {facts.digest}, then {evidence_digest}"
    yield from mismatches(scope, content, facts)
    yield from _outside(facts, limits, now_ns)


def _outside(facts: EvidenceFacts, limits: RiskLimits, now_ns: int) -> Iterator[str]:
    """Limits that the evidence does not keep."""
    days = (now_ns - facts.finished_ns) / DAY_NS
    if days > limits.max_evidence_age:
        yield f"max_evidence_age: the backtest is {days:.1f} days old, the limit is {limits.max_evidence_age:f}"
    if days < 0:
        yield "max_evidence_age: the backtest says that it was run in the future"
    drawdown, profit = (parse_decimal(name, facts.metrics[name]) for name in ("max_drawdown", "total_return"))
    if -drawdown > limits.max_evidence_drawdown:
        yield f"max_evidence_drawdown: it is {-drawdown:.4g}, the limit is {limits.max_evidence_drawdown:f}"
    if facts.metrics["trade_count"] < limits.min_evidence_trades:
        yield f"min_evidence_trades: it has {facts.metrics['trade_count']}, the limit is {limits.min_evidence_trades:f}"
    if profit < limits.min_evidence_return:
        yield f"min_evidence_return: it is {profit:.4g}, the limit is {limits.min_evidence_return:f}"
    if facts.simulated and not limits.simulated_evidence:
        yield "simulated_evidence: it rests on SIMULATED candles, which the limits do not allow"


def _text(params: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in params.items()) or "no parameters"
