"""The states of a proposal, and every way from one to another. All changes of state go through :func:`step`.

::

    proposed --approve--> approved --activate--> active --supersede--> superseded
       |-----reject-----> rejected
       |-----expire-----> expired      nobody decided in time
       |-----go_stale---> stale        another version came into force meanwhile

Rejected, expired, stale and superseded are ends. Approving and activating happen in one transaction: nothing is ever
seen approved and not active, but for the history.
"""

from enum import StrEnum

from workbench.guardrails.refusal import RefusedError


class State(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    EXPIRED = "expired"
    STALE = "stale"


class Event(StrEnum):
    APPROVE = "approve"
    ACTIVATE = "activate"
    SUPERSEDE = "supersede"
    REJECT = "reject"
    EXPIRE = "expire"
    GO_STALE = "go_stale"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.PROPOSED, Event.APPROVE): State.APPROVED,
    (State.PROPOSED, Event.REJECT): State.REJECTED,
    (State.PROPOSED, Event.EXPIRE): State.EXPIRED,
    (State.PROPOSED, Event.GO_STALE): State.STALE,
    (State.APPROVED, Event.ACTIVATE): State.ACTIVE,
    (State.ACTIVE, Event.SUPERSEDE): State.SUPERSEDED,
}

WHY_NOT: dict[State, str] = {
    State.PROPOSED: "nobody has decided on it",
    State.APPROVED: "somebody has just approved it",
    State.ACTIVE: "somebody approved it already",
    State.SUPERSEDED: "it was active and has been replaced",
    State.REJECTED: "somebody rejected it already",
    State.EXPIRED: "nobody decided in time",
    State.STALE: "another version came into force since it was made; propose it again",
}


def step(state: State, event: Event) -> State:
    """The next state.

    Raises:
        RefusedError: there is no such way.
    """
    after = TRANSITIONS.get((state, event))
    if after is None:
        raise RefusedError(f"cannot {event.replace('_', ' ')} what is {state}", [WHY_NOT[state]])
    return after
