"""A failure in the middle leaves neither the change nor its entry; no change is ever without its entry."""

from typing import Any

import pytest

from tests.guardrails.acts import in_force, propose
from tests.guardrails.evidence import GOOD, NOW_NS, PARAMS, SMA, evidence
from tests.guardrails.people import ADA, RON
from tests.guardrails.verbs import run
from workbench.guardrails import shelf
from workbench.guardrails.audit import AuditEntry
from workbench.guardrails.audit_log import AuditLog
from workbench.guardrails.ledger import Ledger
from workbench.guardrails.service import Guardrails

CHANGES = ["propose", "propose limits", "approve", "reject", "rollback", "halt"]


class Broken(Exception):  # noqa: N818
    """The machine stops here."""


def everything(guardrails: Guardrails) -> tuple[Any, ...]:
    """All that the ledger says."""
    return guardrails.overview(), guardrails.history(), guardrails.ledger.head(), guardrails.audit_tail(100)


@pytest.fixture
def waiting(guardrails: Guardrails) -> int:
    """Two versions, the second in force, and a third one proposed (see ``verbs``); its number."""
    in_force(guardrails, 4)
    in_force(guardrails, 3)
    return propose(guardrails, 6).id


@pytest.mark.parametrize("verb", CHANGES)
def test_the_entry_cannot_be_written(
    guardrails: Guardrails, waiting: int, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then nothing is changed; when it can be again, everything is."""
    before = everything(guardrails)
    with monkeypatch.context() as patch:
        patch.setattr(AuditLog, "append", fail)
        with pytest.raises(Broken):
            run(guardrails, verb, ADA, waiting)
    assert everything(guardrails) == before
    run(guardrails, verb, ADA, waiting)
    after = everything(guardrails)
    assert after[2].seq > before[2].seq
    assert after[:2] != before[:2]
    assert guardrails.audit_verify().intact


def fail(*_: Any, **__: Any) -> None:
    raise Broken


@pytest.mark.parametrize("verb", CHANGES)
def test_it_fails_after_the_entry(
    guardrails: Guardrails, waiting: int, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry of what was not done does not stay either."""
    before = everything(guardrails)
    append = AuditLog.append

    def append_and_fail(*given: Any, **named: Any) -> AuditEntry:
        append(*given, **named)
        raise Broken

    monkeypatch.setattr(AuditLog, "append", append_and_fail)
    with pytest.raises(Broken):
        run(guardrails, verb, ADA, waiting)
    assert everything(guardrails) == before


@pytest.mark.parametrize("part", ["add_version", "supersede", "move"])
@pytest.mark.parametrize("verb", ["approve", "rollback"])
def test_it_fails_half_way(
    guardrails: Guardrails, waiting: int, verb: str, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was written by then is undone: the version before is still in force."""
    before = everything(guardrails)
    monkeypatch.setattr(shelf, part, fail)
    with pytest.raises(Broken):
        run(guardrails, verb, ADA, waiting)
    assert everything(guardrails) == before


def test_no_head_is_told_of_what_failed(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside the ledger too: a head that was never committed would make an honest log look cut."""
    told: list[Any] = []
    monkeypatch.setattr(ledger, "_on_head", told.append)
    guardrails = Guardrails(ledger, require_second_person=False)
    held = propose(guardrails, 5)
    monkeypatch.setattr(shelf, "add_version", fail)
    with pytest.raises(Broken):
        guardrails.approve(ADA, held.id, GOOD, NOW_NS)
    assert told == [ledger.head()]
    assert guardrails.audit_verify(told[0]).intact


def test_a_refusal_changes_the_log_alone(guardrails: Guardrails, waiting: int) -> None:
    """One entry, with the reasons."""
    before = everything(guardrails)
    with pytest.raises(Exception, match="cannot be proposed"):
        guardrails.propose_params(RON, SMA, "1h", PARAMS, evidence(9), NOW_NS)
    after = everything(guardrails)
    assert after[:2] == before[:2]
    assert after[3][1:] == before[3]
    assert (after[3][0].outcome, len(after[3][0].details["reasons"])) == ("refused", 1)
    assert guardrails.audit_verify(before[2]).intact
    assert guardrails.overview().pending[0].id == waiting
