"""The guardrails in memory, as lists: what the ledger must say after any sequence of verbs."""

from dataclasses import dataclass, field

from workbench.guardrails.approval import State


@dataclass
class NaiveProposal:
    """``base``: the version in force when it was made, 0: none."""

    what: int
    base: int
    proposer: str
    expires: int
    state: State = State.PROPOSED


@dataclass
class NaiveScope:
    """Versions and proposals are numbered from 1, as in the lists. ``what`` stands for the whole content."""

    versions: list[int] = field(default_factory=list)
    by: list[NaiveProposal | None] = field(default_factory=list)

    @property
    def now(self) -> int | None:
        return self.versions[-1] if self.versions else None


class NaiveGuardrails:
    """Each verb answers whether it was done. ``entries``: what the audit log must hold, newest last."""

    def __init__(self, scopes: tuple[str, ...], lifetime: int) -> None:
        self.scopes = {scope: NaiveScope() for scope in scopes}
        self.proposals: list[tuple[str, NaiveProposal]] = []
        self.lifetime = lifetime
        self.gate = 0
        self.entries: list[tuple[str, str, str]] = []

    def propose(self, who: str, scope: str, what: int, now: int) -> bool:
        held = self.scopes[scope]
        done = held.now != what
        if done:
            new = NaiveProposal(what, len(held.versions), who, now + self.lifetime)
            self.proposals.append((scope, new))
        return self._tell(who, "propose", done)

    def approve(self, who: str, number: int, now: int, *, good: bool) -> bool:
        self.expire(now)
        scope, held = self.proposals[number - 1]
        done = held.state is State.PROPOSED and good and who != held.proposer
        if done:
            self._enforce(scope, held.what, held)
        return self._tell(who, "approve", done)

    def reject(self, who: str, number: int, now: int) -> bool:
        self.expire(now)
        _, held = self.proposals[number - 1]
        done = held.state is State.PROPOSED
        if done:
            held.state = State.REJECTED
        return self._tell(who, "reject", done)

    def rollback(self, who: str, scope: str, number: int) -> bool:
        held = self.scopes[scope]
        what = held.versions[number - 1]
        done = what != held.now
        if done:
            self._enforce(scope, what, None)
        return self._tell(who, "rollback", done)

    def expire(self, now: int) -> None:
        for _, held in self.proposals:
            if held.state is State.PROPOSED and held.expires <= now:
                held.state = State.EXPIRED
                self._tell("server", "expire", True)

    def set_gate(self, who: str, state: int) -> None:
        self.gate = state
        self._tell(who, "halt" if state else "resume", True)

    def trip(self, state: int) -> None:
        if state > self.gate:
            self.gate = state
            self._tell("server", "gate_trip", True)

    def _enforce(self, scope: str, what: int, by: NaiveProposal | None) -> None:
        held = self.scopes[scope]
        if held.by and (before := held.by[-1]) is not None:
            before.state = State.SUPERSEDED
        held.versions.append(what)
        held.by.append(by)
        if by is not None:
            by.state = State.ACTIVE
        for where, other in self.proposals:
            if where == scope and other.state is State.PROPOSED:
                other.state = State.STALE
                self._tell("server", "go_stale", True)

    def _tell(self, who: str, action: str, done: bool) -> bool:
        self.entries.append((who, action, "done" if done else "refused"))
        return done
