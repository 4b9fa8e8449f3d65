"""Any sequence of verbs, on a ledger in SQLite and on lists in memory: both say the same after every step."""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.guardrails.evidence import NOW_NS, PARAMS, SMA, evidence
from tests.guardrails.naive_service import NaiveGuardrails
from tests.guardrails.people import ADA, BEA
from workbench.guardrails.approval import State
from workbench.guardrails.audit import Head
from workbench.guardrails.gate import TradingState
from workbench.guardrails.ledger import FILE, Ledger
from workbench.guardrails.limits import RiskLimits
from workbench.guardrails.principal import Principal
from workbench.guardrails.refusal import RefusedError
from workbench.guardrails.scope import LIMITS, Scope
from workbench.guardrails.service import HOUR_NS, Guardrails

SCOPES = (str(SMA), "smaCross/BTCUSDT", str(LIMITS))
LIFETIME_NS = int(RiskLimits().max_proposal_age * HOUR_NS)
ADMINS = st.sampled_from([ADA, BEA])
CONTENTS = st.integers(2, 4)
PICKS = st.integers(0, 99)


@cache
def empty_ledger() -> Path:
    """Made once; each example begins with a copy."""
    folder = Path(tempfile.mkdtemp(prefix="ledger-"))
    atexit.register(shutil.rmtree, folder)
    Ledger.open(folder).close()
    return folder / FILE


class Sequences(RuleBasedStateMachine):
    """A content is one small number: the fast period, or the feed's age in the limits."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="ledger-"))
        shutil.copy(empty_ledger(), self.folder)
        self.ledger = Ledger.open(self.folder)
        self.real = Guardrails(self.ledger, require_second_person=True)
        self.naive = NaiveGuardrails(SCOPES, LIFETIME_NS)
        self.now_ns = NOW_NS
        self.seen = Head()

    def teardown(self) -> None:
        self.ledger.close()
        shutil.rmtree(self.folder)

    @initialize(scope=st.sampled_from(SCOPES))
    def begin_with_a_proposal(self, scope: str) -> None:
        self.propose(ADA, scope, 5)

    @rule(who=ADMINS, scope=st.sampled_from(SCOPES), what=CONTENTS)
    def propose(self, who: Principal, scope: str, what: int) -> None:
        at = Scope.parse(scope)
        done = self.naive.propose(who.name, scope, what, self.now_ns)
        if at.is_limits:
            assert done is passes(lambda: self.real.propose_limits(who, {"max_feed_age": what}, self.now_ns))
        else:
            facts = evidence(what, scope=at)
            params = {**PARAMS, "fast": what}
            assert done is passes(lambda: self.real.propose_params(who, at, "1h", params, facts, self.now_ns))

    @rule(who=ADMINS, pick=PICKS, good=st.sampled_from([True, True, True, False]))
    def approve(self, who: Principal, pick: int, good: bool) -> None:
        number = pick % len(self.naive.proposals) + 1
        scope, held = self.naive.proposals[number - 1]
        at = Scope.parse(scope)
        found = None if at.is_limits else replace(evidence(held.what, scope=at), finished_ns=self.now_ns)
        facts = found if good or found is None else replace(found, problem="row 7 differs")
        done = self.naive.approve(who.name, number, self.now_ns, good=good or at.is_limits)
        assert done is passes(lambda: self.real.approve(who, number, facts, self.now_ns))

    @rule(who=ADMINS, pick=PICKS)
    def reject(self, who: Principal, pick: int) -> None:
        number = pick % len(self.naive.proposals) + 1
        done = self.naive.reject(who.name, number, self.now_ns)
        assert done is passes(lambda: self.real.reject(who, number, self.now_ns))

    @precondition(lambda self: any(held.versions for held in self.naive.scopes.values()))
    @rule(who=ADMINS, pick=PICKS, which=PICKS)
    def rollback(self, who: Principal, pick: int, which: int) -> None:
        there = [scope for scope, held in self.naive.scopes.items() if held.versions]
        scope = there[which % len(there)]
        number = pick % len(self.naive.scopes[scope].versions) + 1
        done = self.naive.rollback(who.name, scope, number)
        assert done is passes(lambda: self.real.rollback(who, Scope.parse(scope), number, self.now_ns))

    @rule(hours=st.sampled_from([1, 30, 72]))
    def time_goes_by(self, hours: int) -> None:
        self.now_ns += hours * HOUR_NS
        self.naive.expire(self.now_ns)
        self.real.expire(self.now_ns)

    @rule(who=ADMINS, state=st.sampled_from(TradingState), by_itself=st.booleans())
    def switch(self, who: Principal, state: TradingState, by_itself: bool) -> None:
        if by_itself:
            self.naive.trip(int(state))
            self.real.trip_gate(state, "a loss", self.now_ns)
        else:
            self.naive.set_gate(who.name, int(state))
            self.real.set_gate(who, state, "a reason", self.now_ns)

    @invariant()
    def the_proposals_are_the_same(self) -> None:
        _, held = self.real.history(limit=1_000)
        told = [(str(each.scope), each.state, each.base or 0, each.proposer) for each in reversed(held)]
        assert told == [(scope, each.state, each.base, each.proposer) for scope, each in self.naive.proposals]
        waiting = [number for number, (_, each) in enumerate(self.naive.proposals, 1) if each.state is State.PROPOSED]
        assert [each.id for each in self.real.overview().pending] == waiting

    @invariant()
    def the_versions_are_the_same(self) -> None:
        overview = self.real.overview()
        for scope, held in self.naive.scopes.items():
            kept = sorted(self.real.history(Scope.parse(scope), limit=1_000)[0], key=lambda each: each.version)
            assert [what_of(each.content) for each in kept] == held.versions
            states = [State.SUPERSEDED] * (len(kept) - 1) + [State.ACTIVE] * bool(kept)
            assert [each.state for each in kept] == states
            assert [each for each in overview.active if str(each.scope) == scope] == kept[-1:]
        assert int(overview.gate.state) == self.naive.gate

    @invariant()
    def the_log_is_the_same(self) -> None:
        verdict = self.real.audit_verify(self.seen)
        assert verdict.intact
        assert verdict.entries == len(self.naive.entries)
        newest = self.real.audit_tail(len(self.naive.entries) - self.seen.seq) if verdict.entries else []
        told = [(entry.who, entry.action, entry.outcome) for entry in reversed(newest)]
        assert told == self.naive.entries[self.seen.seq :]
        self.seen = verdict.head


def passes(act: Callable[[], object]) -> bool:
    try:
        act()
    except RefusedError as error:
        return not error.reasons
    return True


def what_of(content: dict[str, object]) -> int:
    params = content.get("params")
    return params["fast"] if isinstance(params, dict) else int(str(content["max_feed_age"]))


TestSequences = Sequences.TestCase
TestSequences.settings = settings(max_examples=18, stateful_step_count=25, deadline=None)
