"""kill -9 at any moment: what was acknowledged stays."""

from pathlib import Path
from typing import Any

from tests.api.acknowledged import Book, check_jobs, check_proposals, check_versions
from tests.api.kill_campaign import run

PROPOSAL: dict[str, Any] = {
    **{"id": 1, "scope": "limits", "state": "proposed", "content": {"x": "1"}, "digest": "d", "base": None},
    **{"proposer": "a", "at_ns": 1, "expires_ns": 2, "note": "", "evidence": None},
}
VERSION: dict[str, Any] = {
    **{"scope": "limits", "version": 1, "state": "active", "content": {"x": "1"}, "digest": "d", "parent": None},
    **{"author": "a", "approver": "b", "at_ns": 1, "proposal_id": 1, "restored": None, "evidence": None, "note": ""},
}


def test_four_kills_lose_nothing(tmp_path: Path) -> None:
    """One home, four kills amidst requests; the long form is ``python -m tests.api.kill_campaign``."""
    outcome = run(3, 4, tmp_path)
    assert outcome.wrong == []
    assert outcome.moments == 4
    assert outcome.acts["start"] > 0


def test_a_lost_job_is_noticed() -> None:
    """The campaign itself must be able to fail."""
    book = Book(jobs={"1": {"pair": "ETHUSDT"}})
    assert check_jobs(book, []) == ["job 1 is gone"]
    assert check_jobs(book, [{"id": "1", "request": {"pair": "BTCUSDT"}}])
    assert check_jobs(Book(), [{"id": "2"}]) == ["1 jobs that nobody started, 0 were in flight"]


def test_a_lost_or_altered_proposal_is_noticed() -> None:
    """Content, decision and number of proposals."""
    assert check_proposals(Book(proposals={1: PROPOSAL}), []) == ["proposal 1 is gone"]
    assert check_proposals(Book(proposals={1: PROPOSAL}), [{**PROPOSAL, "content": {"x": "2"}}])
    assert check_proposals(Book(proposals={1: PROPOSAL}, decisions={1: "reject"}), [PROPOSAL])
    assert check_proposals(Book(proposals={1: PROPOSAL}), [{**PROPOSAL, "state": "active"}])
    assert check_proposals(Book(), [PROPOSAL])
    assert check_proposals(Book(proposals={1: PROPOSAL}), [PROPOSAL]) == []


def test_a_lost_or_altered_version_is_noticed() -> None:
    """The active one is the last that was acknowledged, or a later one that was in flight."""
    held = {("limits", 1): VERSION}
    later = {**VERSION, "version": 2, "proposal_id": 2}
    older = {**VERSION, "state": "superseded"}
    assert check_versions(Book(versions=dict(held)), "limits", [], 0)
    assert check_versions(Book(versions=dict(held)), "limits", [{**VERSION, "approver": "c"}], 1)
    assert check_versions(Book(versions=dict(held)), "limits", [later, older], 1)
    assert check_versions(Book(versions=dict(held)), "limits", [later, older], 2)
    asked = Book(versions=dict(held), in_flight=[("approve", {"proposal_id": 2})])
    assert check_versions(asked, "limits", [later, older], 2) == []
