"""Two decide at once: one is first, the other is told so; nothing is half done, and the log tells it in one order."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tests.guardrails.acts import propose
from tests.guardrails.evidence import NOW_NS, SMA, evidence
from tests.guardrails.people import ADA, BEA
from tests.guardrails.racing import WAIT_SECONDS, approve_all, attempt, meet_at
from workbench.guardrails.approval import State
from workbench.guardrails.ledger import Ledger
from workbench.guardrails.refusal import RefusedError
from workbench.guardrails.scope import Scope
from workbench.guardrails.service import Guardrails

PAIRS = ("ETHUSDT", "BTCUSDT", "AVAXUSDT", "XRPTRY")
ROUNDS = len(PAIRS)


@pytest.fixture
def others(tmp_path: Path, ledger_url: str | None, ledger: Ledger) -> Iterator[Guardrails]:
    """The same ledger, opened once more."""
    opened = Ledger.open(tmp_path, ledger_url)
    yield Guardrails(opened, require_second_person=False)
    opened.close()


def at_once(*works: Callable[[], str]) -> list[str]:
    """Each in a thread of its own, begun together."""
    together = Barrier(len(works))

    def begin(work: Callable[[], str]) -> str:
        together.wait(WAIT_SECONDS)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(begin, works))


def assert_one_won(found: Iterable[str]) -> None:
    """``found``: for each of two who tried, "" or why it was refused."""
    won, lost = sorted(found)
    assert won == ""
    assert lost.startswith("it is active: somebody approved it already")


def test_the_same_proposal_from_threads(guardrails: Guardrails, others: Guardrails) -> None:
    """Exactly one approves it, from one server or from two."""
    for number in range(1, ROUNDS + 1):
        held = propose(guardrails, number)
        second = others if number % 2 else guardrails

        def by(who: str, at: Guardrails, fast: int = number, proposal: int = held.id) -> Callable[[], str]:
            return lambda: attempt(at, who, proposal, evidence(fast))

        assert_one_won(at_once(by("ada", guardrails), by("bea", second)))
        assert [each.version for each in guardrails.overview().active] == [number]
    assert_told_once(guardrails)


def assert_told_once(guardrails: Guardrails) -> None:
    """For each proposal one approval done and one refused, in a chain that is whole."""
    assert guardrails.audit_verify().intact
    approvals = [entry for entry in guardrails.audit_tail(100) if entry.action == "approve"]
    for subject in {entry.subject for entry in approvals}:
        assert sorted(entry.outcome for entry in approvals if entry.subject == subject) == ["done", "refused"]
    assert len(approvals) == 2 * ROUNDS


def test_the_same_proposal_from_processes(tmp_path: Path, ledger_url: str | None, guardrails: Guardrails) -> None:
    """As with threads."""
    proposals = [(propose(guardrails, scope=Scope.of("smaCross", pair)).id, pair) for pair in PAIRS]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, spawn, initializer=meet_at, initargs=(spawn.Barrier(2),)) as pool:
        running = [pool.submit(approve_all, tmp_path, ledger_url, name, proposals) for name in ("ada", "bea")]
        found = [each.result() for each in running]
    for both in zip(*found, strict=True):
        assert_one_won(both)
    assert [each.version for each in guardrails.overview().active] == [1] * ROUNDS
    assert_told_once(guardrails)


def test_two_proposals_at_once(guardrails: Guardrails, others: Guardrails) -> None:
    """Of two against the same version one comes into force, and the other is stale for whoever came second."""
    one, other = propose(guardrails, 5), propose(guardrails, 6)
    found = at_once(
        lambda: attempt(guardrails, "ada", one.id, evidence(5)), lambda: attempt(others, "bea", other.id, evidence(6))
    )
    assert sorted(found)[0] == ""
    assert sorted(found)[1].startswith("it is stale")
    assert sorted(held.state for held in guardrails.history(SMA)[1]) == ["active", "stale"]


def test_approved_and_rejected_at_once(guardrails: Guardrails, others: Guardrails) -> None:
    """Either, never both."""
    held = propose(guardrails, 5)

    def reject() -> str:
        try:
            others.reject(BEA, held.id, NOW_NS)
        except RefusedError as error:
            return error.reasons[0]
        return ""

    approved, rejected = at_once(lambda: attempt(guardrails, "ada", held.id, evidence(5)), reject)
    state = guardrails.proposal(held.id)[0].state
    assert (approved == "", rejected == "", state) in [(True, False, State.ACTIVE), (False, True, State.REJECTED)]
    assert len(guardrails.overview().active) == (state is State.ACTIVE)


def test_rolled_back_twice_at_once(guardrails: Guardrails, others: Guardrails) -> None:
    """The second finds that nothing would change."""
    for fast in (5, 6):
        attempt(guardrails, "ada", propose(guardrails, fast).id, evidence(fast))

    def back(at: Guardrails) -> str:
        try:
            at.rollback(ADA, SMA, 1, NOW_NS)
        except RefusedError as error:
            return error.reasons[0]
        return ""

    found = sorted(at_once(lambda: back(guardrails), lambda: back(others)))
    assert found[0] == ""
    assert "nothing would change" in found[1]
    assert [version.version for version in guardrails.history(SMA)[0]] == [3, 2, 1]


def test_expired_twice_at_once(guardrails: Guardrails, others: Guardrails) -> None:
    """It expires once."""
    held = propose(guardrails, 5)
    counts = at_once(*(lambda at=at: str(at.expire(held.expires_ns)) for at in (guardrails, others)))
    assert sorted(counts) == ["0", "1"]
    assert guardrails.audit_verify().entries == 2
