"""What evidence, contents and people are refused for: with every reason, written down, and nothing changed."""

from dataclasses import replace
from typing import Any

import pytest

from tests.guardrails.acts import approve, in_force, last_entries, propose
from tests.guardrails.evidence import DAY_NS, GOOD, NOW_NS, PARAMS, SMA, evidence
from tests.guardrails.people import ADA, RON
from workbench.guardrails.ledger import Ledger
from workbench.guardrails.limits import RiskLimits
from workbench.guardrails.refusal import RefusedError
from workbench.guardrails.scope import Scope
from workbench.guardrails.service import Guardrails
from workbench.guardrails.tables import proposals

LIMITS = RiskLimits()
BTC = Scope.of("smaCross", "BTCUSDT")


def reasons(caught: pytest.ExceptionInfo[RefusedError]) -> str:
    return "; ".join(caught.value.reasons)


WORST = {
    **GOOD.metrics,
    "max_drawdown": -float(LIMITS.max_evidence_drawdown) - 0.01,
    "trade_count": int(LIMITS.min_evidence_trades) - 1,
}
REFUSED_EVIDENCE = [
    (None, "its evidence is not there any more"),
    (replace(GOOD, problem="row 3 differs"), "does not verify: row 3 differs"),
    (replace(GOOD, digest="sha256:other"), "the evidence is another than the one proposed"),
    (replace(GOOD, params={"fast": 6}), "the evidence is of fast 6, the proposal of"),
    (replace(GOOD, timeframe="4h"), "is of 4h candles"),
    (replace(GOOD, pair="BTCUSDT"), "is of smaCross/BTCUSDT"),
    (replace(GOOD, finished_ns=NOW_NS - (int(LIMITS.max_evidence_age) + 1) * DAY_NS), "max_evidence_age"),
    (
        replace(GOOD, metrics={**GOOD.metrics, "max_drawdown": -float(LIMITS.max_evidence_drawdown) - 0.01}),
        "max_evidence_drawdown",
    ),
    (
        replace(GOOD, metrics={**GOOD.metrics, "trade_count": int(LIMITS.min_evidence_trades) - 1}),
        "min_evidence_trades",
    ),
]


@pytest.mark.parametrize(("facts", "text"), REFUSED_EVIDENCE)
def test_evidence_is_looked_at_again(guardrails: Guardrails, facts: Any, text: str) -> None:
    """What stands against it is told and written down; the proposal goes on waiting, and may be approved later."""
    held = propose(guardrails)
    with pytest.raises(RefusedError) as caught:
        guardrails.approve(ADA, held.id, facts, NOW_NS)
    assert len(caught.value.reasons) == 1
    assert text in reasons(caught)
    assert guardrails.audit_tail(1)[0].details["reasons"] == list(caught.value.reasons)
    assert last_entries(guardrails, 1) == [("ada", "approve", "smaCross/ETHUSDT proposal 1", "refused")]
    assert guardrails.overview().pending == (held,)
    assert approve(guardrails, held).version == 1


def test_what_was_looked_at(guardrails: Guardrails) -> None:
    """An approver who saw another content does not approve this one."""
    held, other = propose(guardrails, 5), propose(guardrails, 6)
    with pytest.raises(RefusedError, match="what was looked at is") as caught:
        guardrails.approve(ADA, held.id, GOOD, NOW_NS, seen_digest=other.digest)
    assert held.digest in reasons(caught)
    assert other.digest in reasons(caught)


@pytest.mark.parametrize(
    ("altered", "text"),
    [
        ({"content": '{"timeframe": "1h", "params": {"fast": 1}}'}, "its content is not what was proposed"),
        ({"digest": "sha256:other"}, "its content is not what was proposed"),
        ({"base": 7}, "it was made against version 7, version None is in force"),
    ],
)
def test_a_proposal_altered_behind_our_back(guardrails: Guardrails, altered: dict[str, Any], text: str) -> None:
    """What somebody wrote into the database is not approved, though its evidence may be good."""
    held = propose(guardrails)
    with guardrails.ledger.engine.begin() as connection:
        connection.execute(proposals.update().values(altered))
    with pytest.raises(RefusedError) as caught:
        approve(guardrails, held)
    assert text in reasons(caught)
    assert guardrails.overview().active == ()


def test_all_reasons_at_once(ledger: Ledger) -> None:
    """A second person, the content, and everything about the evidence."""
    guardrails = Guardrails(ledger, require_second_person=True)
    held = propose(guardrails, who=ADA)
    worst = replace(GOOD, problem="gone", digest="sha256:x", simulated=True, finished_ns=NOW_NS + 1)
    with pytest.raises(RefusedError) as caught:
        guardrails.approve(ADA, held.id, worst, NOW_NS, seen_digest="sha256:y")
    assert len(caught.value.reasons) == 5


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (evidence(6), "the evidence is of fast 6"),
        (replace(GOOD, timeframe="15m"), "15m candles"),
        (evidence(5, scope=BTC), "smaCross/BTCUSDT"),
    ],
)
def test_evidence_of_something_else(guardrails: Guardrails, facts: Any, text: str) -> None:
    """It cannot even be proposed; the attempt is written down."""
    with pytest.raises(RefusedError, match="it cannot be proposed") as caught:
        guardrails.propose_params(RON, SMA, "1h", PARAMS, facts, NOW_NS)
    assert text in reasons(caught)
    assert guardrails.history() == ([], [])
    assert last_entries(guardrails, 1) == [("ron", "propose", "smaCross/ETHUSDT", "refused")]


def test_nothing_would_change(guardrails: Guardrails) -> None:
    """What is in force cannot be proposed; what once was can be."""
    in_force(guardrails, 5)
    with pytest.raises(RefusedError, match="version 1 says the same"):
        propose(guardrails, 5)
    in_force(guardrails, 6)
    assert approve(guardrails, propose(guardrails, 5)).version == 3
