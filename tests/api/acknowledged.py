"""What a server has acknowledged, and whether a server that was started again still says so."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

Answer = dict[str, Any]

VERSION_FACTS = (
    *("scope", "version", "content", "digest", "parent", "author", "approver"),
    *("at_ns", "proposal_id", "restored", "evidence", "note"),
)
PROPOSAL_FACTS = ("id", "scope", "content", "digest", "base", "proposer", "at_ns", "expires_ns", "note", "evidence")
DECIDED = {"approve": ("active", "superseded"), "reject": ("rejected",)}


@dataclass
class Book:
    """Only answers that came whole are written here; ``in_flight`` are the requests that had none when it died."""

    jobs: dict[str, Answer] = field(default_factory=dict)
    done: dict[str, Answer] = field(default_factory=dict)
    proposals: dict[int, Answer] = field(default_factory=dict)
    decisions: dict[int, str] = field(default_factory=dict)
    versions: dict[tuple[str, int], Answer] = field(default_factory=dict)
    in_flight: list[tuple[str, Answer]] = field(default_factory=list)
    ends: dict[str, str] = field(default_factory=dict)
    verified: dict[str, str] = field(default_factory=dict)
    audit_entries: int = 0
    writes: int = 0
    acts: Counter[str] = field(default_factory=Counter)

    def active(self, scope: str) -> int:
        """The newest acknowledged version, 0 before the first."""
        return max((version for held, version in self.versions if held == scope), default=0)

    def open_proposals(self) -> list[Answer]:
        return [each for number, each in self.proposals.items() if number not in self.decisions]

    def lost(self, act: str) -> list[Answer]:
        return [asked for kind, asked in self.in_flight if kind == act]


def check_proposals(book: Book, told: list[Answer]) -> list[str]:
    """What is wrong; those that were in flight and arrived are taken into the book.

    Args:
        told: the newest proposals; older ones that are not among them are not looked at.
    """
    by_id, wrong = {each["id"]: each for each in told}, []
    oldest = min(by_id, default=0)
    for number, held in book.proposals.items():
        now = by_id.get(number)
        if now is None:
            wrong += [f"proposal {number} is gone"] if number >= oldest else []
            continue
        wrong += [f"proposal {number}: {name} was {held[name]!r}" for name in PROPOSAL_FACTS if now[name] != held[name]]
        expected = DECIDED.get(book.decisions.get(number, ""))
        if expected and now["state"] not in expected:
            wrong.append(f"proposal {number} is {now['state']} after {book.decisions[number]}")
    news = [each for number, each in by_id.items() if number not in book.proposals]
    allowed = len(book.lost("propose")) + len(book.lost("limits"))
    if len(news) > allowed:
        wrong.append(f"{len(news)} proposals that nobody made, {allowed} were in flight")
    book.proposals |= {each["id"]: each for each in news}
    lost = {asked["proposal_id"] for act in ("approve", "reject") for asked in book.lost(act)}
    for number, each in by_id.items():
        if each["state"] != "proposed" and number not in book.decisions:
            if each["state"] in ("active", "rejected") and number not in lost:
                wrong.append(f"proposal {number} is {each['state']}, and nobody asked for that")
            book.decisions[number] = each["state"]
    return wrong


def check_versions(book: Book, scope: str, told: list[Answer], active: int) -> list[str]:
    """What is wrong with a scope's versions, newest first; those that were in flight are taken into the book."""
    wrong, by_number = [], {each["version"]: each for each in told}
    oldest, acknowledged = min(by_number, default=0), book.active(scope)
    for (of, number), held in book.versions.items():
        now = by_number.get(number)
        if of != scope or (now is None and number < oldest):
            continue
        if now is None:
            wrong.append(f"{scope} version {number} is gone")
            continue
        wrong += [f"{scope} {number}: {name} was {held[name]!r}" for name in VERSION_FACTS if now[name] != held[name]]
    if active != max(by_number, default=0) or active < acknowledged:
        wrong.append(f"{scope}: version {active} is active, {acknowledged} was acknowledged")
    wrong += [f"{scope}: versions {sorted(by_number)} have holes" for _ in [0] if _has_holes(by_number)]
    for number in sorted(by_number):
        if (scope, number) not in book.versions:
            if not _was_in_flight(book, by_number[number]):
                wrong.append(f"{scope} version {number} was asked for by nobody")
            book.versions[scope, number] = by_number[number]
    states = {each["state"] for number, each in by_number.items() if number != active}
    return [*wrong, *(f"{scope}: an older version is {state}" for state in states - {"superseded"})]


def _has_holes(numbers: dict[int, Answer]) -> bool:
    return bool(numbers) and len(numbers) != max(numbers) - min(numbers) + 1


def _was_in_flight(book: Book, version: Answer) -> bool:
    approved = any(asked["proposal_id"] == version["proposal_id"] for asked in book.lost("approve"))
    restored = any(
        (asked["scope"], asked["to_version"]) == (version["scope"], version["restored"])
        and book.versions[version["scope"], asked["to_version"]]["content"] == version["content"]
        for asked in book.lost("rollback")
    )
    return approved or restored


def check_jobs(book: Book, told: list[Answer]) -> list[str]:
    """What is wrong with all jobs, newest first; those that were in flight are taken into the book."""
    by_id, wrong = {each["id"]: each for each in told}, []
    for job_id, asked in book.jobs.items():
        if job_id not in by_id:
            wrong.append(f"job {job_id} is gone")
        elif {name: by_id[job_id]["request"][name] for name in asked} != asked:
            wrong.append(f"job {job_id} asks for {by_id[job_id]['request']}, it was {asked}")
    for job_id, held in book.done.items():
        now = by_id.get(job_id, {})
        same = all(now.get(name) == held[name] for name in ("status", "evidence_id", "digest", "metrics"))
        wrong += [] if same else [f"job {job_id} was done, and now {now}"]
    news = [each for job_id, each in by_id.items() if job_id not in book.jobs]
    allowed = len(book.lost("start"))
    if len(news) > allowed:
        wrong.append(f"{len(news)} jobs that nobody started, {allowed} were in flight")
    book.jobs |= {each["id"]: {} for each in news}
    return wrong
