"""The audit log's chain: every entry carries the SHA-256 of the one before. Pure.

The hash of an entry is over the RFC 8785 form of everything in it, the hash of the entry before included. So whoever
alters, drops, adds or swaps an entry must change every later hash, and the head: the newest hash, which the server
also logs and writes to a file. The first entry follows ``GENESIS``. Numbers run from 1 without a hole.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import rfc8785

GENESIS = "sha256:" + "0" * 64


@dataclass(frozen=True)
class AuditEntry:
    """Who did what, when, from where, and what came of it. ``outcome``: done, refused or failed."""

    seq: int
    at_ns: int
    who: str
    role: str
    address: str
    action: str
    subject: str
    outcome: str
    details: Mapping[str, Any]
    previous: str
    hash: str = ""


@dataclass(frozen=True)
class Head:
    """The newest entry: its number (0: none yet) and hash."""

    seq: int = 0
    hash: str = GENESIS


@dataclass(frozen=True)
class ChainVerdict:
    """``bad_seq`` is the number at which the chain first breaks."""

    intact: bool
    entries: int
    head: Head
    bad_seq: int | None = None
    problem: str = ""


def entry_hash(entry: AuditEntry) -> str:
    """What its hash must be; times as text, since JSON numbers end at 2**53."""
    covered: dict[str, Any] = {
        "seq": entry.seq,
        "at_ns": str(entry.at_ns),
        "who": entry.who,
        "role": entry.role,
        "address": entry.address,
        "action": entry.action,
        "subject": entry.subject,
        "outcome": entry.outcome,
        "details": dict(entry.details),
        "previous": entry.previous,
    }
    return "sha256:" + hashlib.sha256(rfc8785.dumps(covered)).hexdigest()


def sealed(entry: AuditEntry) -> AuditEntry:
    return replace(entry, hash=entry_hash(entry))


def verify_chain(entries: Iterable[AuditEntry], head: Head, seen: Head | None = None) -> ChainVerdict:
    """Walk the whole log.

    Args:
        entries: in the order of their numbers. head: what the ledger says is the newest entry.
        seen: a head that was told outside the ledger earlier; it must still be in the chain.
    """
    last, met = Head(), seen is None or seen == Head()
    for entry in entries:
        problem = _problem(entry, last)
        if problem:
            return ChainVerdict(False, last.seq, last, last.seq + 1, problem)
        last = Head(entry.seq, entry.hash)
        if seen is not None and entry.seq == seen.seq and entry.hash != seen.hash:
            return ChainVerdict(False, last.seq, last, entry.seq, "it is another entry than the one told outside")
        met = met or last == seen
    if last != head:
        text = f"the log ends at entry {last.seq}, the ledger's head is entry {head.seq}"
        return ChainVerdict(False, last.seq, last, min(last.seq, head.seq) + 1, text)
    if not met and seen is not None:
        text = f"the log ends at entry {last.seq}; entry {seen.seq} was told outside and is gone"
        return ChainVerdict(False, last.seq, last, last.seq + 1, text)
    return ChainVerdict(True, last.seq, last)


def _problem(entry: AuditEntry, last: Head) -> str:
    if entry.seq != last.seq + 1:
        return f"entry {last.seq + 1} is missing: the next one is {entry.seq}"
    if entry.previous != last.hash:
        return "it does not follow the entry before it"
    if not _hash_fits(entry):
        return "its content is not what its hash was made of"
    return ""


def _hash_fits(entry: AuditEntry) -> bool:
    try:
        return entry.hash == entry_hash(entry)
    except (rfc8785.CanonicalizationError, RecursionError):  # nothing of the kind was ever sealed
        return False
