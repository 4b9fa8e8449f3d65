"""Proposing, approving, rejecting: what comes of it, what is refused and why, and what the audit log says."""

from dataclasses import replace
from typing import Any

import pytest

from tests.guardrails.acts import approve, entry_count, in_force, last_entries, propose, state_of
from tests.guardrails.evidence import CONTENT, GOOD, NOW_NS, PARAMS, SMA, evidence
from tests.guardrails.people import ADA, BEA, RON, VIV
from workbench.guardrails.approval import State
from workbench.guardrails.content import digest
from workbench.guardrails.desk import LONGEST_NOTE
from workbench.guardrails.ledger import Ledger
from workbench.guardrails.limits import RiskLimits
from workbench.guardrails.principal import Principal
from workbench.guardrails.refusal import ForbiddenError, RefusedError
from workbench.guardrails.scope import Scope
from workbench.guardrails.service import HOUR_NS, Guardrails
from workbench.model.errors import InputError, NotFoundError

LIMITS = RiskLimits()
EXPIRY_NS = int(LIMITS.max_proposal_age * HOUR_NS)
BTC = Scope.of("smaCross", "BTCUSDT")


def test_a_proposal(guardrails: Guardrails) -> None:
    """It waits, with its content whole, what it rests on, and when it expires; nothing is in force by it."""
    held = propose(guardrails)
    assert (held.state, held.scope, held.proposer, held.note) == (State.PROPOSED, SMA, "ron", "a try")
    assert (held.content, held.digest, held.base) == (CONTENT, digest(SMA, CONTENT), None)
    assert (held.at_ns, held.expires_ns) == (NOW_NS, NOW_NS + EXPIRY_NS)
    assert (held.evidence.id, held.evidence.digest, held.evidence.metrics) == (GOOD.id, GOOD.digest, GOOD.metrics)
    assert (held.decided_by, held.decided_ns, held.decision_note) == (None, None, None)
    assert guardrails.overview().pending == (held,)
    assert guardrails.overview().active == ()
    assert last_entries(guardrails, 1) == [("ron", "propose", "smaCross/ETHUSDT proposal 1", "done")]


def test_an_approval(guardrails: Guardrails) -> None:
    """It is version 1 and in force at once; the proposal remembers who decided."""
    held = propose(guardrails)
    made = guardrails.approve(ADA, held.id, GOOD, NOW_NS + 5, seen_digest=held.digest, note="well done")
    assert (made.scope, made.version, made.parent, made.state) == (SMA, 1, None, State.ACTIVE)
    assert (made.content, made.digest, made.proposal_id) == (held.content, held.digest, held.id)
    assert (made.author, made.approver, made.at_ns, made.note) == ("ron", "ada", NOW_NS + 5, "well done")
    assert (made.evidence, made.restored) == (held.evidence, None)
    decided, _ = guardrails.proposal(held.id)
    assert (decided.state, decided.decided_by, decided.decided_ns) == (State.ACTIVE, "ada", NOW_NS + 5)
    assert guardrails.overview().active == (made,)
    assert guardrails.overview().pending == ()
    assert last_entries(guardrails, 1) == [("ada", "approve", "smaCross/ETHUSDT proposal 1", "done")]
    assert guardrails.audit_tail(1)[0].details["version"] == 1


def test_the_next_version(guardrails: Guardrails) -> None:
    """It supersedes the one before; both stay in the history."""
    first = in_force(guardrails, 5)
    second = in_force(guardrails, 6)
    assert (second.version, second.parent) == (2, 1)
    versions, made = guardrails.history(SMA)
    assert {version.version: version.state for version in versions} == {1: "superseded", 2: "active"}
    assert [(held.id, held.state, held.base) for held in made] == [(2, "active", 1), (1, "superseded", None)]
    assert guardrails.proposal(2)[1] == replace(first, state=State.SUPERSEDED)


def test_scopes_do_not_meet(guardrails: Guardrails) -> None:
    """Versions and proposals of another pair stay as they are."""
    other = propose(guardrails, 5, scope=BTC)
    in_force(guardrails, 5)
    assert state_of(guardrails, other) == "proposed"
    assert approve(guardrails, other).version == 1
    assert [version.scope for version in guardrails.overview().active] == [BTC, SMA]
    assert [version.scope for version in guardrails.history(BTC)[0]] == [BTC]
    assert len(guardrails.history()[0]) == 2


def test_others_go_stale(guardrails: Guardrails) -> None:
    """Once another version is in force, what was proposed against the one before can only be proposed again."""
    winner, loser = propose(guardrails, 5), propose(guardrails, 6)
    approve(guardrails, winner)
    assert state_of(guardrails, loser) == "stale"
    assert last_entries(guardrails, 2) == [
        ("server", "go_stale", "smaCross/ETHUSDT proposal 2", "done"),
        ("ada", "approve", "smaCross/ETHUSDT proposal 1", "done"),
    ]
    with pytest.raises(RefusedError, match="it is stale: another version came into force"):
        approve(guardrails, loser)
    assert approve(guardrails, propose(guardrails, 6)).version == 2


def test_a_rejection(guardrails: Guardrails) -> None:
    """It ends the proposal, and nothing else."""
    held, other = propose(guardrails, 5), propose(guardrails, 6)
    after = guardrails.reject(ADA, held.id, NOW_NS + 1, "not now")
    assert (after.state, after.decided_by, after.decided_ns) == (State.REJECTED, "ada", NOW_NS + 1)
    assert after.decision_note == "not now"
    assert guardrails.overview().pending == (other,)
    assert last_entries(guardrails, 1) == [("ada", "reject", "smaCross/ETHUSDT proposal 1", "done")]


@pytest.mark.parametrize("ended", ["active", "superseded", "rejected", "expired", "stale"])
def test_what_is_decided_stays(guardrails: Guardrails, ended: str) -> None:
    """Neither approved nor rejected again; the refusal says why and is written down."""
    held, now_ns = ended_as(guardrails, ended)
    before = guardrails.overview()
    for verb in ("approve", "reject"):
        with pytest.raises(RefusedError, match=f"it is {ended}: ") as caught:
            approve(guardrails, held, now_ns=now_ns) if verb == "approve" else guardrails.reject(ADA, held.id, now_ns)
        assert len(caught.value.reasons) == 1
        assert last_entries(guardrails, 1) == [("ada", verb, f"{SMA} proposal {held.id}", "refused")]
        assert guardrails.audit_tail(1)[0].details["reasons"] == list(caught.value.reasons)
    assert state_of(guardrails, held) == ended
    assert guardrails.overview() == before


def ended_as(guardrails: Guardrails, ended: str) -> tuple[Any, int]:
    """A proposal that came to that end, and the time then."""
    held, now_ns = propose(guardrails, 5), NOW_NS
    if ended == "rejected":
        guardrails.reject(BEA, held.id, NOW_NS)
    elif ended == "expired":
        now_ns += EXPIRY_NS
        guardrails.expire(now_ns)
    else:
        chosen = propose(guardrails, 6) if ended == "stale" else held
        approve(guardrails, chosen, who=BEA)
    if ended == "superseded":
        in_force(guardrails, 7)
    assert state_of(guardrails, held) == ended
    return held, now_ns


def test_expiry(guardrails: Guardrails) -> None:
    """Until the last nanosecond it may be approved; the limits in force when it was made say how long."""
    held = propose(guardrails, 5)
    assert guardrails.expire(held.expires_ns - 1) == 0
    assert state_of(guardrails, held) == "proposed"
    younger = propose(guardrails, 6, now_ns=NOW_NS + 1)
    assert guardrails.expire(held.expires_ns) == 1
    assert (state_of(guardrails, held), state_of(guardrails, younger)) == ("expired", "proposed")
    assert last_entries(guardrails, 1) == [("server", "expire", "smaCross/ETHUSDT proposal 1", "done")]
    assert approve(guardrails, younger, now_ns=younger.expires_ns - 1).version == 1


def test_nobody_need_call_expire(guardrails: Guardrails) -> None:
    """Whoever decides too late finds it expired."""
    held = propose(guardrails)
    with pytest.raises(RefusedError, match="it is expired"):
        approve(guardrails, held, now_ns=held.expires_ns)
    assert [entry[:2] for entry in last_entries(guardrails, 2)] == [("server", "expire"), ("ada", "approve")]


def test_history_by_pages(guardrails: Guardrails) -> None:
    """The newest first; a page ends before the number that the next one begins with."""
    for fast in range(2, 7):
        in_force(guardrails, fast)
    versions, newest = guardrails.history(SMA, limit=2)
    assert [version.version for version in versions] == [5, 4]
    assert [held.id for held in newest] == [5, 4]
    assert [held.id for held in guardrails.history(SMA, limit=10, before=4)[1]] == [3, 2, 1]


def test_four_eyes(ledger: Ledger) -> None:
    """Where a second person is required, nobody approves their own; they may reject it, and others approve it."""
    guardrails = Guardrails(ledger, require_second_person=True)
    held, other = propose(guardrails, 5, who=ADA), propose(guardrails, 6, who=ADA)
    with pytest.raises(RefusedError, match="a second person is required: ada proposed it"):
        approve(guardrails, held, who=ADA)
    assert guardrails.reject(ADA, other.id, NOW_NS).state is State.REJECTED
    assert approve(guardrails, held, who=BEA).approver == "bea"


def test_two_eyes(guardrails: Guardrails) -> None:
    """Where none is required, an admin may."""
    made = approve(guardrails, propose(guardrails, who=ADA), who=ADA)
    assert (made.author, made.approver) == ("ada", "ada")


@pytest.mark.parametrize("who", [VIV, RON])
@pytest.mark.parametrize("verb", ["propose", "propose limits", "approve", "reject", "rollback", "halt", "resume"])
def test_roles(guardrails: Guardrails, who: Principal, verb: str) -> None:
    """Viewers look on, researchers propose, admins decide. An attempt is written down, and changes nothing."""
    from tests.guardrails.verbs import run

    held = propose(guardrails, 6)
    before, count = guardrails.overview(), entry_count(guardrails)
    if who is RON and verb.startswith("propose"):
        run(guardrails, verb, who, held.id)
        return
    with pytest.raises(ForbiddenError, match=f"{who.name} is {who.role.label}"):
        run(guardrails, verb, who, held.id)
    assert guardrails.overview() == before
    assert entry_count(guardrails) == count + 1
    entry = guardrails.audit_tail(1)[0]
    assert (entry.who, entry.role, entry.address) == (who.name, who.role.label, who.address)
    assert (entry.action, entry.outcome) == (verb.split(maxsplit=1)[0], "refused")


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_no_such_proposal(guardrails: Guardrails, verb: str) -> None:
    """It is named."""
    with pytest.raises(NotFoundError, match="proposal 7"):
        guardrails.approve(ADA, 7, None, NOW_NS) if verb == "approve" else guardrails.reject(ADA, 7, NOW_NS)


@pytest.mark.parametrize("note", ["x" * (LONGEST_NOTE + 1), "a\x00b", "\ud800"])
def test_notes_that_do_not_fit(guardrails: Guardrails, note: str) -> None:
    """Too long, or what a database cannot keep: refused at once, by every verb."""
    held = propose(guardrails)
    count = entry_count(guardrails)
    with pytest.raises(InputError, match="note"):
        guardrails.propose_params(RON, SMA, "1h", {**PARAMS, "fast": 6}, evidence(6), NOW_NS, note)
    with pytest.raises(InputError, match="note"):
        guardrails.propose_limits(RON, {"price_collar": "0.5"}, NOW_NS, note)
    with pytest.raises(InputError, match="note"):
        guardrails.approve(ADA, held.id, GOOD, NOW_NS, note=note)
    with pytest.raises(InputError, match="note"):
        guardrails.reject(ADA, held.id, NOW_NS, note)
    assert entry_count(guardrails) == count


def test_any_other_note(guardrails: Guardrails) -> None:
    """It comes back as it was written."""
    note = "ü🚀\n'; DROP TABLE audit; --\t" + "x" * 1900
    held = guardrails.propose_params(RON, SMA, "1h", PARAMS, GOOD, NOW_NS, note)
    assert guardrails.proposal(held.id)[0].note == note
    assert guardrails.approve(ADA, held.id, GOOD, NOW_NS).note == note
    assert guardrails.audit_verify().intact
