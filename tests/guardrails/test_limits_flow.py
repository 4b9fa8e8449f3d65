"""Limits are proposed and approved like parameters, and hold from then on."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.guardrails.acts import approve, in_force, last_entries, propose, state_of
from tests.guardrails.evidence import GOOD, NOW_NS, SMA
from tests.guardrails.people import ADA, BEA, RON
from workbench.guardrails.ledger import Ledger
from workbench.guardrails.limits import RiskLimits
from workbench.guardrails.refusal import RefusedError
from workbench.guardrails.scope import LIMITS
from workbench.guardrails.service import HOUR_NS, Guardrails
from workbench.model.errors import InputError


def test_defaults(guardrails: Guardrails) -> None:
    """Before anybody decided: the package's own, version 0."""
    overview = guardrails.overview()
    assert (overview.limits, overview.limits_version) == (RiskLimits(), 0)


def test_proposed_and_approved(guardrails: Guardrails) -> None:
    """They hold once approved, not before; what was not named stays."""
    held = guardrails.propose_limits(RON, {"price_collar": "0.050"}, NOW_NS, "calmer")
    assert (held.scope, held.base, held.evidence.id) == (LIMITS, None, None)
    assert guardrails.overview().limits == RiskLimits()
    made = approve(guardrails, held)
    assert made.content == {**RiskLimits().to_dict(), "price_collar": "0.05"}
    overview = guardrails.overview()
    assert (overview.limits, overview.limits_version) == (RiskLimits(price_collar=Decimal("0.05")), 1)
    assert last_entries(guardrails, 2) == [
        ("ron", "propose", "limits proposal 1", "done"),
        ("ada", "approve", "limits proposal 1", "done"),
    ]


def test_one_after_another(guardrails: Guardrails) -> None:
    """The second changes what the first made."""
    approve(guardrails, guardrails.propose_limits(RON, {"price_collar": "0.05"}, NOW_NS))
    approve(guardrails, guardrails.propose_limits(RON, {"max_feed_age": 3}, NOW_NS))
    assert guardrails.overview().limits == RiskLimits(price_collar=Decimal("0.05"), max_feed_age=Decimal(3))


def test_side_by_side(guardrails: Guardrails) -> None:
    """Of two made against the same version one goes stale: it would undo the other."""
    one = guardrails.propose_limits(RON, {"price_collar": "0.05"}, NOW_NS)
    other = guardrails.propose_limits(RON, {"max_feed_age": 3}, NOW_NS)
    params = propose(guardrails)
    approve(guardrails, one)
    assert (state_of(guardrails, other), state_of(guardrails, params)) == ("stale", "proposed")


def test_nothing_named(guardrails: Guardrails) -> None:
    """That is a mistake; what changes nothing is refused once limits are in force."""
    with pytest.raises(InputError, match="at least one limit"):
        guardrails.propose_limits(RON, {}, NOW_NS)
    approve(guardrails, guardrails.propose_limits(RON, {"price_collar": "0.05"}, NOW_NS))
    with pytest.raises(RefusedError, match="nothing would change"):
        guardrails.propose_limits(RON, {"price_collar": "0.0500"}, NOW_NS)


def test_what_does_not_fit(guardrails: Guardrails) -> None:
    """Nothing is kept of it."""
    with pytest.raises(InputError, match="price_collar"):
        guardrails.propose_limits(RON, {"price_collar": 2}, NOW_NS)
    with pytest.raises(InputError, match=r"values\.fun"):
        guardrails.propose_limits(RON, {"fun": 2}, NOW_NS)
    assert guardrails.history() == ([], [])


def test_four_eyes(ledger: Ledger) -> None:
    """For limits too."""
    guardrails = Guardrails(ledger, require_second_person=True)
    held = guardrails.propose_limits(ADA, {"price_collar": "0.05"}, NOW_NS)
    with pytest.raises(RefusedError, match="second person"):
        approve(guardrails, held, who=ADA)
    assert approve(guardrails, held, who=BEA).version == 1


def test_they_bind_proposals_that_wait(guardrails: Guardrails) -> None:
    """Evidence is judged by the limits at approval, not by those of the day it was proposed."""
    held = propose(guardrails)
    approve(guardrails, guardrails.propose_limits(RON, {"min_evidence_trades": 26}, NOW_NS))
    with pytest.raises(RefusedError, match="min_evidence_trades: it has 25, the limit is 26"):
        approve(guardrails, held)
    approve(guardrails, guardrails.propose_limits(RON, {"min_evidence_trades": 25}, NOW_NS))
    assert approve(guardrails, held).version == 1


def test_simulated_evidence(guardrails: Guardrails) -> None:
    """Allowed by default, and marked; one limit forbids it."""
    facts = replace(GOOD, simulated=True)
    held = guardrails.propose_params(RON, SMA, "1h", facts.params, facts, NOW_NS)
    assert held.evidence.simulated
    approve(guardrails, guardrails.propose_limits(RON, {"simulated_evidence": 0}, NOW_NS))
    with pytest.raises(RefusedError, match="simulated_evidence"):
        guardrails.approve(ADA, held.id, facts, NOW_NS)


def test_how_long_proposals_live(guardrails: Guardrails) -> None:
    """By the limit when they are made."""
    earlier = propose(guardrails, 5)
    approve(guardrails, guardrails.propose_limits(RON, {"max_proposal_age": "0.5"}, NOW_NS))
    assert propose(guardrails, 6).expires_ns == NOW_NS + HOUR_NS // 2
    assert guardrails.expire(NOW_NS + HOUR_NS) == 1
    assert state_of(guardrails, earlier) == "proposed"
    assert in_force(guardrails, 7, now_ns=NOW_NS + 1).version == 1
