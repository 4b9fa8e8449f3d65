"""What stands against a proposal's evidence: each objection alone, at its limit, and all of them together."""

from dataclasses import replace
from typing import Any

import pytest

from tests.guardrails.evidence import CONTENT, DAY_NS, GOOD, NOW_NS, SMA
from workbench.guardrails.checks import EvidenceFacts, mismatches, objections
from workbench.guardrails.limits import RiskLimits

LIMITS = RiskLimits().changed(
    {
        "max_evidence_age": 30,
        "max_evidence_drawdown": "0.25",
        "min_evidence_trades": 10,
        "min_evidence_return": "0.5",
        "simulated_evidence": 0,
    }
)
FACTS = replace(GOOD, metrics={"max_drawdown": -0.25, "total_return": 0.5, "trade_count": 10})


def against(facts: EvidenceFacts, limits: RiskLimits = LIMITS) -> list[str]:
    return list(objections(SMA, CONTENT, GOOD.digest, facts, limits, NOW_NS))


def with_metrics(**changes: Any) -> EvidenceFacts:
    return replace(FACTS, metrics={**FACTS.metrics, **changes})


def test_nothing_against_it() -> None:
    """Every metric is exactly at its limit."""
    assert against(FACTS) == []


EACH = [
    (replace(FACTS, problem="equity row 7 differs"), "does not verify: equity row 7 differs"),
    (replace(FACTS, digest="sha256:other"), f"another than the one proposed: sha256:other, then {GOOD.digest}"),
    (replace(FACTS, strategy="rsi"), "is of rsi/ETHUSDT, the proposal of smaCross/ETHUSDT"),
    (replace(FACTS, pair="BTCUSDT"), "is of smaCross/BTCUSDT, the proposal of smaCross/ETHUSDT"),
    (replace(FACTS, timeframe="4h"), "is of 4h candles, the proposal of 1h"),
    (replace(FACTS, params={"fast": 9}), "is of fast 9, the proposal of fast 5, slow 20, direction long"),
    (replace(FACTS, params={}), "is of no parameters, the proposal of"),
    (replace(FACTS, finished_ns=NOW_NS - 30 * DAY_NS - 1), "max_evidence_age: the backtest is 30.0 days old"),
    (replace(FACTS, finished_ns=NOW_NS + 1), "max_evidence_age: the backtest says that it was run in the future"),
    (with_metrics(max_drawdown=-0.2501), "max_evidence_drawdown: it is 0.2501, the limit is 0.25"),
    (with_metrics(trade_count=9), "min_evidence_trades: it has 9, the limit is 10"),
    (with_metrics(total_return=0.4999), "min_evidence_return: it is 0.4999, the limit is 0.5"),
    (replace(FACTS, simulated=True), "simulated_evidence: it rests on SIMULATED candles"),
]


@pytest.mark.parametrize(("facts", "text"), EACH)
def test_each_alone(facts: EvidenceFacts, text: str) -> None:
    """One thing wrong, one objection, with what is and what was wanted."""
    found = against(facts)
    assert len(found) == 1
    assert text in found[0]


def test_all_together() -> None:
    """Nobody should have to mend them one at a time."""
    worst = EvidenceFacts(
        id="x",
        digest="sha256:other",
        problem="gone",
        strategy="rsi",
        pair="BTCUSDT",
        timeframe="4h",
        params={},
        metrics={"max_drawdown": -0.9, "total_return": -0.9, "trade_count": 0},
        simulated=True,
        finished_ns=NOW_NS - 400 * DAY_NS,
    )
    found = against(worst)
    begun = [
        "the evidence does not verify",
        "the evidence is another",
        "the evidence is of rsi/BTCUSDT",
        "the evidence is of 4h",
        "the evidence is of no parameters",
        "max_evidence_age",
        "max_evidence_drawdown",
        "min_evidence_trades",
        "min_evidence_return",
        "simulated_evidence",
    ]
    assert len(found) == len(begun)
    assert all(text.startswith(start) for text, start in zip(found, begun, strict=True))


def test_other_limits() -> None:
    """It is the limits in force that are kept, not numbers of the code."""
    lax = LIMITS.changed(
        {"max_evidence_age": 31, "max_evidence_drawdown": "0.3", "min_evidence_trades": 9, "min_evidence_return": "-1"}
    ).changed({"simulated_evidence": 1})
    old = with_metrics(max_drawdown=-0.3, trade_count=9, total_return=-1.0)
    facts = replace(old, finished_ns=NOW_NS - 31 * DAY_NS, simulated=True)
    assert against(facts, lax) == []
    assert len(against(facts)) == 5


def test_metrics_are_read_as_they_are_written() -> None:
    """0.1 keeps a limit of 0.1, though the float is a little more, and 0.6 one of 0.6, though it is a little less."""
    limits = LIMITS.changed({"max_evidence_drawdown": "0.1", "min_evidence_return": "0.6"})
    assert against(with_metrics(max_drawdown=-0.1, total_return=0.6), limits) == []


def test_a_drawdown_of_nothing() -> None:
    """Never under water keeps a limit of 0."""
    strict = LIMITS.changed({"max_evidence_drawdown": 0})
    assert against(with_metrics(max_drawdown=0.0), strict) == []
    assert len(against(with_metrics(max_drawdown=-1e-9), strict)) == 1


def test_mismatches_alone() -> None:
    """A proposal is refused at once where its evidence is of something else."""
    assert list(mismatches(SMA, CONTENT, FACTS)) == []
    assert len(list(mismatches(SMA, CONTENT, replace(FACTS, pair="BTCUSDT", timeframe="1d", params={})))) == 3


def test_order_of_params_is_irrelevant() -> None:
    """The same parameters in another order are the same."""
    turned = dict(reversed(list(CONTENT["params"].items())))
    assert list(mismatches(SMA, CONTENT, replace(FACTS, params=turned))) == []
