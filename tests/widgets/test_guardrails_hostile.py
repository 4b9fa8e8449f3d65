"""What people wrote is shown on the guardrails and live pages as they wrote it, and is never markup."""

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from tests.widgets.acting import Page, visit
from workbench.client import ApiError, UnreachableError
from workbench.model.errors import InputError
from workbench.widgets.act import ActForm, refusal
from workbench.widgets.guardrails_audit import chain_state, entry_table
from workbench.widgets.guardrails_force import in_force, limit_table
from workbench.widgets.guardrails_gate import gate_state, rule_table
from workbench.widgets.guardrails_history import proposal_table, version_table
from workbench.widgets.guardrails_pending import proposal_body, proposal_head
from workbench.widgets.live_table import feed_state, pair_card
from workbench.widgets.page_head import Connection, page_head
from workbench.widgets.session import Session
from workbench.wire import (
    AuditEntryView,
    AuditVerdict,
    EvidenceView,
    FeedView,
    FieldChangeView,
    GateView,
    GuardrailsStatus,
    LimitView,
    MetricChangeView,
    PairHealthView,
    ProblemDocument,
    ProposalView,
    RuleView,
    VersionView,
)

MARK = "<script>alert(1)</script>\"' onerror=alert(1) x='"
TEXTS = st.text(max_size=20).map(lambda text: MARK + text)
TIMES = st.integers(0, 2**63 - 1)
TAGS = {
    *("a", "b", "blockquote", "br", "caption", "code", "dd", "del", "details", "div", "dl", "dt", "h1", "h3", "header"),
    *("ins", "li", "nav", "p", "span", "summary", "table", "tbody", "td", "th", "thead", "time", "tr", "ul"),
}
ATTRIBUTES = {
    *("aria-current", "aria-label", "class", "colspan", "data-name", "datetime", "href", "role", "scope", "tabindex"),
    "title",
}


def whatever(form: type[Any], **fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A document whose every text is hostile."""
    return st.builds(form, **fixed)


EVIDENCE = whatever(EvidenceView, id=TEXTS, digest=TEXTS, simulated=st.booleans(), metrics=st.just({}))
CONTENT = st.fixed_dictionaries({"timeframe": TEXTS, "params": st.dictionaries(TEXTS, TEXTS, min_size=1, max_size=2)})
CHANGE = whatever(FieldChangeView, field=TEXTS, before=TEXTS, after=TEXTS)
METRIC = whatever(MetricChangeView, metric=TEXTS, before=st.just(1.0), after=st.just(2.0), change=st.just(1.0))
PROPOSAL = whatever(
    ProposalView,
    scope=TEXTS, state=TEXTS, content=CONTENT, digest=TEXTS, proposer=TEXTS, at_ns=TIMES, expires_ns=TIMES, note=TEXTS,
    evidence=EVIDENCE, decided_by=TEXTS, decided_ns=TIMES, decision_note=TEXTS, diff=st.lists(CHANGE, max_size=2),
    metrics=st.lists(METRIC, max_size=2),
)  # fmt: skip
VERSION = whatever(
    VersionView,
    scope=TEXTS, state=TEXTS, content=CONTENT, digest=TEXTS, author=TEXTS, approver=TEXTS, at_ns=TIMES, note=TEXTS,
    evidence=EVIDENCE,
)  # fmt: skip
RULE = whatever(RuleView, rule=TEXTS, value=TEXTS, limit=TEXTS, reason=TEXTS)
GATE = whatever(GateView, reason=TEXTS, who=TEXTS, since_ns=st.integers(1, 2**62), rules=st.lists(RULE, max_size=1))
LIMIT = whatever(LimitView, name=TEXTS, value=TEXTS, unit=TEXTS, meaning=TEXTS)
ENTRY = whatever(
    AuditEntryView,
    at_ns=TIMES, who=TEXTS, role=TEXTS, address=TEXTS, action=TEXTS, subject=TEXTS, outcome=TEXTS, previous=TEXTS,
    hash=TEXTS, details=st.dictionaries(st.sampled_from(["reason", "note", "reasons"]), TEXTS | st.lists(TEXTS)),
)  # fmt: skip
VERDICT = whatever(AuditVerdict, head_hash=TEXTS, problem=TEXTS)
PAIR = whatever(PairHealthView, pair=TEXTS, status_reason=TEXTS, gaps=st.just([]))
FEED = whatever(FeedView, problem=TEXTS, exchange=TEXTS, updated_ns=TIMES, pairs=st.just([]))
PROBLEM = whatever(ProblemDocument, title=TEXTS, detail=TEXTS, reasons=st.lists(TEXTS, max_size=2), status=st.just(409))


def check(markup: str) -> None:
    """Tags and attributes are ours; the hostile text is there, as text."""
    found = Page(markup)
    assert found.tags <= TAGS, found.tags - TAGS
    assert {name for name, _ in found.attributes} <= ATTRIBUTES
    assert "<script>alert(1)</script>" in "".join(found.texts)
    for name, value in found.attributes:
        assert name != "href" or not value.lower().startswith(("javascript:", "data:"))


@settings(max_examples=30)
@given(PROPOSAL, VERSION)
def test_proposals_and_versions(proposal: ProposalView, version: VersionView) -> None:
    """Notes, names, fields, values, scopes."""
    for markup in (
        proposal_head(proposal),
        proposal_head(proposal, waits=False),
        proposal_body(proposal),
        proposal_table([proposal]),
        version_table([version]),
        in_force(GuardrailsStatus.model_construct(active=[version], pending=[])),
    ):
        check(markup)


@settings(max_examples=30)
@given(GATE, RULE, LIMIT, ENTRY, VERDICT)
def test_gate_limits_and_log(
    gate: GateView, rule: RuleView, limit: LimitView, entry: AuditEntryView, verdict: AuditVerdict
) -> None:
    """Reasons, who did it, from where."""
    for markup in (gate_state(gate), rule_table([rule]), limit_table([limit], 1), entry_table([entry])):
        check(markup)
    if not verdict.intact:
        check(chain_state(verdict))


@settings(max_examples=30)
@given(FEED.map(lambda feed: feed.model_copy(update={"running": False})), PAIR)
def test_the_feed(feed: FeedView, pair: PairHealthView) -> None:
    """What the exchange is called and what it says."""
    check(feed_state(feed))
    check(pair_card(pair))


@settings(max_examples=30)
@given(PROBLEM, TEXTS)
def test_answers_and_errors(problem: ProblemDocument, text: str) -> None:
    """Also those of a server that is not ours."""
    for error in (ApiError(problem), UnreachableError(text, text), InputError(text, text, text)):
        check(refusal(error))
    connection = Connection("feed")
    connection.fail(ApiError(problem))
    check(connection.line.value)
    form = ActForm([], label="Reason", why_not=text)
    form.tell(text, "good")
    check(form.answer.value)
    check(form.children[-2].value)


@pytest.mark.parametrize("role", ["viewer", "researcher", "admin"])
def test_names_of_people(role: str) -> None:
    """From the sign-in, so from somebody's hand."""
    session = visit("http://127.0.0.1:9")
    check(page_head(Session(session.client, role, MARK), "Guardrails"))
