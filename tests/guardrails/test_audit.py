"""The audit chain: whatever is done to a log afterwards is found, given the head that was told outside."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from workbench.guardrails.audit import GENESIS, AuditEntry, ChainVerdict, Head, entry_hash, sealed, verify_chain

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
DETAILS = st.dictionaries(TEXTS, TEXTS | st.integers(-5, 5) | st.none() | st.lists(TEXTS, max_size=2), max_size=2)
BODIES = st.fixed_dictionaries(
    {
        "at_ns": st.integers(0, 2**63 - 1),
        "who": TEXTS,
        "role": st.sampled_from(["viewer", "researcher", "admin"]),
        "address": TEXTS,
        "action": st.sampled_from(["propose", "approve"]),
        "subject": TEXTS,
        "outcome": st.sampled_from(["done", "refused", "failed"]),
        "details": DETAILS,
    }
)
CHAINS = st.lists(BODIES, min_size=2, max_size=6)
COVERED = [each.name for each in fields(AuditEntry)]


def chain(bodies: list[dict[str, Any]]) -> list[AuditEntry]:
    """Sealed one after another."""
    made: list[AuditEntry] = []
    for seq, body in enumerate(bodies, start=1):
        made.append(sealed(AuditEntry(seq=seq, **body, previous=made[-1].hash if made else GENESIS)))
    return made


def resealed(entries: list[AuditEntry]) -> list[AuditEntry]:
    """Every number and hash made anew, as somebody would who can write the whole ledger."""
    told = [name for name in COVERED if name not in ("seq", "previous", "hash")]
    return chain([{name: getattr(entry, name) for name in told} for entry in entries])


def head(entries: list[AuditEntry]) -> Head:
    return Head(entries[-1].seq, entries[-1].hash) if entries else Head()


def altered(entry: AuditEntry, name: str) -> AuditEntry:
    """Another value in one field."""
    before: Any = getattr(entry, name)
    if isinstance(before, int):
        after: Any = before + 1
    else:
        after = {**before, "more": 1} if isinstance(before, dict) else before + "x"
    changes: dict[str, Any] = {name: after}
    return replace(entry, **changes)


def assert_broken(verdict: ChainVerdict, at: int) -> None:
    assert not verdict.intact
    assert verdict.bad_seq == at
    assert verdict.problem
    assert verdict.entries == verdict.head.seq


@given(st.lists(BODIES, max_size=6), st.data())
def test_a_chain_verifies(bodies: list[dict[str, Any]], data: st.DataObject) -> None:
    """Whole, with any head of its past told outside, and also the one before the first entry."""
    entries = chain(bodies)
    seen = data.draw(st.sampled_from([None, Head(), *(Head(each.seq, each.hash) for each in entries)]))
    assert verify_chain(entries, head(entries), seen) == ChainVerdict(True, len(entries), head(entries))


@pytest.mark.parametrize("name", COVERED)
@settings(max_examples=25)
@given(CHAINS, st.data())
def test_any_field_of_any_entry(name: str, bodies: list[dict[str, Any]], data: st.DataObject) -> None:
    """One field altered: the chain breaks there, or where the next entry does not follow."""
    entries = chain(bodies)
    at = data.draw(st.integers(0, len(entries) - 1))
    worse = [*entries[:at], altered(entries[at], name), *entries[at + 1 :]]
    assert_broken(verify_chain(worse, head(entries)), at + 1)


@settings(max_examples=40)
@given(CHAINS, st.data())
def test_one_dropped(bodies: list[dict[str, Any]], data: st.DataObject) -> None:
    """Its number is missing, or the log ends before the head."""
    entries = chain(bodies)
    at = data.draw(st.integers(0, len(entries) - 1))
    assert_broken(verify_chain(entries[:at] + entries[at + 1 :], head(entries)), at + 1)


@settings(max_examples=40)
@given(CHAINS, st.data())
def test_two_swapped(bodies: list[dict[str, Any]], data: st.DataObject) -> None:
    """As they are, and with their numbers exchanged."""
    entries = chain(bodies)
    one, other = sorted(data.draw(st.permutations(range(len(entries))))[:2])
    swapped = list(entries)
    swapped[one], swapped[other] = entries[other], entries[one]
    assert_broken(verify_chain(swapped, head(entries)), one + 1)
    numbered = [replace(entry, seq=seq) for seq, entry in enumerate(swapped, start=1)]
    assert_broken(verify_chain(numbered, head(entries)), one + 1)


@settings(max_examples=40)
@given(CHAINS, BODIES, st.data())
def test_one_added(bodies: list[dict[str, Any]], body: dict[str, Any], data: st.DataObject) -> None:
    """Between others the next one no longer follows; at the end the head is another."""
    entries = chain(bodies)
    at = data.draw(st.integers(0, len(entries)))
    new = sealed(AuditEntry(seq=at + 1, **body, previous=entries[at - 1].hash if at else GENESIS))
    verdict = verify_chain([*entries[:at], new, *entries[at:]], head(entries))
    assert_broken(verdict, at + 2 if at < len(entries) else at + 1)


Forgery = Callable[[list[AuditEntry]], list[AuditEntry]]
FORGERIES: dict[str, Forgery] = {
    "altered": lambda entries: [altered(entries[0], "who"), *entries[1:]],
    "dropped": lambda entries: entries[1:],
    "swapped": lambda entries: [altered(entries[1], "at_ns"), entries[0], *entries[2:]],
    "added": lambda entries: [altered(entries[0], "subject"), *entries],
    "emptied": lambda _: [],
}


@pytest.mark.parametrize("what", FORGERIES)
@settings(max_examples=25)
@given(CHAINS)
def test_all_hashes_made_anew(what: str, bodies: list[dict[str, Any]]) -> None:
    """Inside the ledger such a forgery cannot be seen; with the head told outside it is."""
    entries = chain(bodies)
    forged = resealed(FORGERIES[what](entries))
    assert verify_chain(forged, head(forged)).intact
    assert not verify_chain(forged, head(forged), seen=head(entries)).intact


@settings(max_examples=40)
@given(CHAINS, st.data())
def test_a_tail_cut_off(bodies: list[dict[str, Any]], data: st.DataObject) -> None:
    """The ledger's head finds it; where that was set back too, only the head told outside does."""
    entries = chain(bodies)
    left = entries[: data.draw(st.integers(0, len(entries) - 1))]
    assert_broken(verify_chain(left, head(entries)), len(left) + 1)
    assert verify_chain(left, head(left)).intact
    verdict = verify_chain(left, head(left), seen=head(entries))
    assert_broken(verdict, len(left) + 1)
    assert "told outside and is gone" in verdict.problem


def test_a_later_head_inside() -> None:
    """A head inside the ledger that is not the log's last entry breaks it, whichever is further."""
    entries = chain([{**BODY, "who": who} for who in "abc"])
    assert_broken(verify_chain(entries, head(entries[:2])), 3)
    assert_broken(verify_chain(entries, Head(4, GENESIS)), 4)


BODY = {
    "at_ns": 2**60 + 1,
    "who": "ada",
    "role": "admin",
    "address": "127.0.0.1",
    "action": "approve",
    "subject": "limits proposal 1",
    "outcome": "done",
    "details": {"note": "für Ödön 🚀", "reasons": []},
}


def test_pinned() -> None:
    """The hash of one entry, so that logs of today verify with every later version."""
    assert chain([BODY])[0].hash == "sha256:7f3b93e4065996b0a5d8109abb8209035081f248d412c36c9372747066297b3b"


def test_times_beyond_json_numbers() -> None:
    """Two times that are one as a JSON number are two for the hash."""
    entry = chain([BODY])[0]
    assert entry_hash(entry) != entry_hash(replace(entry, at_ns=2**60))
