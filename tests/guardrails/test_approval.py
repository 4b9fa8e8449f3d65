"""Every state and every event, against a table written by hand."""

import pytest
from hypothesis import given, strategies as st

from workbench.guardrails.approval import WHY_NOT, Event, State, step
from workbench.guardrails.refusal import RefusedError

# One row per state; columns: approve, activate, supersede, reject, expire, go_stale; - is a refusal.
TABLE = """
proposed    approved  -       -           rejected  expired  stale
approved    -         active  -           -         -        -
active      -         -       superseded  -         -        -
superseded  -         -       -           -         -        -
rejected    -         -       -           -         -        -
expired     -         -       -           -         -        -
stale       -         -       -           -         -        -
"""
EVENTS = ("approve", "activate", "supersede", "reject", "expire", "go_stale")
ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [(row[0], event, after) for row in ROWS for event, after in zip(EVENTS, row[1:], strict=True)]
ENDS = {"superseded", "rejected", "expired", "stale"}


def test_the_table_is_whole() -> None:
    """A new state or event must be added to the table above."""
    assert {row[0] for row in ROWS} == set(State)
    assert set(EVENTS) == set(Event)


@pytest.mark.parametrize(("before", "event", "after"), CELLS)
def test_each_cell(before: str, event: str, after: str) -> None:
    """Allowed ways lead where the table says; all others are refused and leave a reason."""
    if after != "-":
        assert step(State(before), Event(event)) is State(after)
        return
    with pytest.raises(RefusedError) as caught:
        step(State(before), Event(event))
    assert caught.value.reasons == (WHY_NOT[State(before)],)
    assert before in str(caught.value)
    assert event.replace("_", " ") in str(caught.value)


def test_every_refusal_has_its_own_reason() -> None:
    """The reason tells which state it is in."""
    assert len(set(WHY_NOT.values())) == len(State)


@given(st.lists(st.sampled_from(Event), max_size=12))
def test_any_walk(events: list[Event]) -> None:
    """From proposed, whatever is tried: a refusal changes nothing, an end stays the end, no state comes twice."""
    state, seen = State.PROPOSED, [State.PROPOSED]
    for event in events:
        try:
            after = step(state, event)
        except RefusedError:
            continue
        assert str(state) not in ENDS
        assert after not in seen
        state = after
        seen.append(state)
    if State.ACTIVE in seen:
        assert seen[:3] == [State.PROPOSED, State.APPROVED, State.ACTIVE]
