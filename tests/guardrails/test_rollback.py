"""Rolling back: an older content in force again, as a new version."""

import pytest
from sqlalchemy import update

from tests.guardrails.acts import approve, in_force, last_entries, propose, state_of
from tests.guardrails.evidence import NOW_NS, SMA
from tests.guardrails.people import ADA
from workbench.guardrails.approval import State
from workbench.guardrails.desk import LONGEST_NOTE
from workbench.guardrails.refusal import RefusedError
from workbench.guardrails.scope import LIMITS, Scope
from workbench.guardrails.service import Guardrails
from workbench.guardrails.tables import versions
from workbench.model.errors import InputError, NotFoundError


def test_back_to_an_older_version(guardrails: Guardrails) -> None:
    """A new number, the old content, author and evidence; who rolled back is its approver; it had no proposal."""
    first, second = in_force(guardrails, 5), in_force(guardrails, 6)
    made = guardrails.rollback(ADA, SMA, 1, NOW_NS + 9, "6 lost money")
    assert (made.version, made.restored, made.parent, made.state) == (3, 1, 2, State.ACTIVE)
    assert (made.content, made.digest, made.evidence) == (first.content, first.digest, first.evidence)
    assert (made.author, made.approver, made.proposal_id) == ("ron", "ada", None)
    assert (made.at_ns, made.note) == (NOW_NS + 9, "6 lost money")
    kept, _ = guardrails.history(SMA)
    assert {each.version: each.state for each in kept} == {1: "superseded", 2: "superseded", 3: "active"}
    assert second.proposal_id is not None
    assert guardrails.proposal(second.proposal_id)[0].state is State.SUPERSEDED
    assert last_entries(guardrails, 1) == [("ada", "rollback", "smaCross/ETHUSDT", "done")]
    assert guardrails.audit_tail(1)[0].details["to_version"] == 1


def test_forward_again(guardrails: Guardrails) -> None:
    """Any older version will do, also one that was itself rolled back from; and proposals go on from there."""
    in_force(guardrails, 5)
    in_force(guardrails, 6)
    guardrails.rollback(ADA, SMA, 1, NOW_NS)
    again = guardrails.rollback(ADA, SMA, 2, NOW_NS)
    assert (again.version, again.restored, again.content["params"]["fast"]) == (4, 2, 6)
    assert in_force(guardrails, 7).parent == 4


def test_it_makes_proposals_stale(guardrails: Guardrails) -> None:
    """They were made against another version."""
    in_force(guardrails, 5)
    in_force(guardrails, 6)
    held = propose(guardrails, 7)
    guardrails.rollback(ADA, SMA, 1, NOW_NS)
    assert state_of(guardrails, held) == "stale"
    assert [entry[:2] for entry in last_entries(guardrails, 2)] == [("server", "go_stale"), ("ada", "rollback")]


@pytest.mark.parametrize("to_version", [2, 3])
def test_nothing_would_change(guardrails: Guardrails, to_version: int) -> None:
    """To what is in force, or to an older one that says the same."""
    in_force(guardrails, 5)
    in_force(guardrails, 6)
    guardrails.rollback(ADA, SMA, 1, NOW_NS)
    guardrails.rollback(ADA, SMA, 2, NOW_NS)
    if to_version == 3:
        guardrails.rollback(ADA, SMA, 1, NOW_NS)
    before = guardrails.overview()
    with pytest.raises(RefusedError, match="says the same: nothing would change"):
        guardrails.rollback(ADA, SMA, to_version, NOW_NS)
    assert guardrails.overview() == before
    assert last_entries(guardrails, 1) == [("ada", "rollback", "smaCross/ETHUSDT", "refused")]


def test_to_what_was_altered(guardrails: Guardrails) -> None:
    """A version whose content is not what was approved never comes into force."""
    in_force(guardrails, 5)
    in_force(guardrails, 6)
    with guardrails.ledger.engine.begin() as connection:
        other = '{"timeframe": "1h", "params": {"fast": 1, "slow": 2, "direction": "both"}}'
        connection.execute(update(versions).where(versions.c.version == 1).values(content=other))
    with pytest.raises(RefusedError, match="the ledger was altered"):
        guardrails.rollback(ADA, SMA, 1, NOW_NS)


@pytest.mark.parametrize("scope", [SMA, LIMITS, Scope.of("rsi", "ETHUSDT")])
@pytest.mark.parametrize("number", [0, -1, 9])
def test_no_such_version(guardrails: Guardrails, scope: Scope, number: int) -> None:
    """The text says which there are."""
    in_force(guardrails, 5)
    there = "there are 1 to 1" if scope == SMA else "there is none yet"
    with pytest.raises(NotFoundError, match=f"no version {number}; {there}"):
        guardrails.rollback(ADA, scope, number, NOW_NS)


def test_limits(guardrails: Guardrails) -> None:
    """The same flow."""
    for collar in ("0.01", "0.03"):
        approve(guardrails, guardrails.propose_limits(ADA, {"price_collar": collar}, NOW_NS))
    made = guardrails.rollback(ADA, LIMITS, 1, NOW_NS)
    assert (made.version, made.restored) == (3, 1)
    assert str(guardrails.overview().limits.price_collar) == "0.01"


def test_a_note_that_does_not_fit(guardrails: Guardrails) -> None:
    """As with the other verbs."""
    with pytest.raises(InputError, match="note"):
        guardrails.rollback(ADA, SMA, 1, NOW_NS, "x" * (LONGEST_NOTE + 1))
