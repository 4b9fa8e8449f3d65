"""The gate's switch: people halt and resume it, trips only make it stricter."""

import pytest

from tests.guardrails.acts import entry_count, last_entries
from tests.guardrails.gate_cases import ACTIVE, HALTED, REDUCING
from tests.guardrails.people import ADA, BEA
from workbench.guardrails.desk import LONGEST_NOTE
from workbench.guardrails.gate import TradingState
from workbench.guardrails.records import GateRecord
from workbench.guardrails.service import Guardrails
from workbench.model.errors import InputError


def test_it_begins_open(guardrails: Guardrails) -> None:
    """Until somebody says otherwise."""
    assert guardrails.overview().gate == GateRecord(ACTIVE, "", "server", 0)


@pytest.mark.parametrize("state", [HALTED, REDUCING])
def test_halt_and_resume(guardrails: Guardrails, state: TradingState) -> None:
    """Who, when and why stay with it; both are written down with the state before."""
    assert guardrails.set_gate(ADA, state, "odd prices", 5) == GateRecord(state, "odd prices", "ada", 5)
    assert guardrails.overview().gate == GateRecord(state, "odd prices", "ada", 5)
    guardrails.set_gate(BEA, ACTIVE, "all is well", 9)
    assert guardrails.overview().gate == GateRecord(ACTIVE, "all is well", "bea", 9)
    assert last_entries(guardrails, 2) == [("ada", "halt", "gate", "done"), ("bea", "resume", "gate", "done")]
    told = [entry.details for entry in guardrails.audit_tail(2)]
    assert [(each["from"], each["to"], each["reason"]) for each in told] == [
        (state.label, "active", "all is well"),
        ("active", state.label, "odd prices"),
    ]


@pytest.mark.parametrize("reason", ["", "  \n", "x" * (LONGEST_NOTE + 1), "\x00"])
@pytest.mark.parametrize("state", [HALTED, ACTIVE])
def test_a_reason_is_needed(guardrails: Guardrails, state: TradingState, reason: str) -> None:
    """Without one nothing happens."""
    with pytest.raises(InputError):
        guardrails.set_gate(ADA, state, reason, 5)
    assert guardrails.overview().gate.state is ACTIVE
    assert entry_count(guardrails) == 0


@pytest.mark.parametrize("before", [ACTIVE, REDUCING, HALTED])
@pytest.mark.parametrize("trip", [REDUCING, HALTED])
def test_trips(guardrails: Guardrails, before: TradingState, trip: TradingState) -> None:
    """The stricter of both holds; a trip that changes nothing takes nobody's name away and writes nothing."""
    guardrails.set_gate(ADA, before, "by hand", 5)
    after = guardrails.trip_gate(trip, "daily_loss", 9)
    assert after.state is max(before, trip)
    assert guardrails.overview().gate == after
    assert after.who == ("server" if trip > before else "ada")
    assert entry_count(guardrails) == (2 if trip > before else 1)
    if trip > before:
        assert last_entries(guardrails, 1) == [("server", "gate_trip", "gate", "done")]


def test_a_trip_stays(guardrails: Guardrails) -> None:
    """Until a person resumes."""
    guardrails.trip_gate(REDUCING, "daily_loss", 5)
    guardrails.trip_gate(REDUCING, "drawdown", 6)
    assert guardrails.overview().gate == GateRecord(REDUCING, "daily_loss", "server", 5)
    guardrails.set_gate(ADA, ACTIVE, "seen", 7)
    assert guardrails.overview().gate.state is ACTIVE
