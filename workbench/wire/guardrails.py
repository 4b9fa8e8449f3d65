"""Proposals, versions in force, limits, the risk gate."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StrictBool

from workbench.wire.values import (
    DIGEST,
    POSITIVE,
    SIGNED,
    EvidenceId,
    LimitName,
    LimitValue,
    Note,
    Pair,
    Params,
    Request,
    ScopeText,
    StrategyName,
    Timeframe,
)


class ParamsProposal(Request):
    """Parameters for one strategy on one pair, and the evidence they rest on."""

    kind: Literal["params"] = "params"
    strategy: StrategyName
    pair: Pair
    timeframe: Timeframe
    params: Params
    evidence_id: EvidenceId
    note: Note = ""


class LimitsProposal(Request):
    """Other limits: those named, the rest stay."""

    kind: Literal["limits"]
    values: dict[LimitName, LimitValue] = Field(min_length=1, max_length=50, examples=[{"max_order_notional": "5000"}])
    note: Note = ""


class ProposalDecision(Request):
    """``digest``: of the content that was looked at; anything else is then refused."""

    proposal_id: int = Field(ge=1, le=2**31 - 1, examples=[1])
    digest: str | None = Field(None, pattern=DIGEST)
    note: Note = ""


class RollbackRequest(Request):
    """Put an older version in force again; ``scope`` is ``limits`` or such as ``smaCross/ETHUSDT``."""

    scope: ScopeText
    to_version: int = Field(ge=1, le=2**31 - 1, examples=[1])
    note: Note = ""


class FieldChangeView(BaseModel):
    field: str
    before: Any = None
    after: Any = None


class MetricChangeView(BaseModel):
    metric: str
    before: float | int | None = None
    after: float | int | None = None
    change: float | None = None


class EvidenceView(BaseModel):
    id: str
    digest: str
    simulated: bool
    metrics: dict[str, Any]


class VersionView(BaseModel):
    """``restored``: it repeats that older version."""

    scope: str
    version: int
    state: str
    content: dict[str, Any]
    digest: str
    parent: int | None
    author: str
    approver: str
    at_ns: int
    proposal_id: int | None
    restored: int | None
    evidence: EvidenceView | None
    note: str


class ProposalView(BaseModel):
    """``base``: the version in force when it was made. ``diff`` and ``metrics`` compare with that one."""

    id: int
    scope: str
    state: str
    content: dict[str, Any]
    digest: str
    base: int | None
    proposer: str
    at_ns: int
    expires_ns: int
    note: str
    evidence: EvidenceView | None
    decided_by: str | None
    decided_ns: int | None
    decision_note: str | None
    diff: list[FieldChangeView]
    metrics: list[MetricChangeView]


class LimitView(BaseModel):
    name: str
    value: str
    unit: str
    meaning: str


class RuleView(BaseModel):
    """One rule of the gate: its value, its limit, whether it is kept."""

    rule: str
    value: str
    limit: str
    passed: bool
    reason: str


class GateView(BaseModel):
    """``open``: orders may pass now. ``rules`` are those that need no order."""

    open: bool
    state: Literal["active", "reducing", "halted"]
    reason: str
    who: str
    since_ns: int
    rules: list[RuleView]


class GuardrailsStatus(BaseModel):
    active: list[VersionView]
    pending: list[ProposalView]
    limits: list[LimitView]
    limits_version: int
    gate: GateView
    require_second_person: bool


class History(BaseModel):
    """Newest first."""

    versions: list[VersionView]
    proposals: list[ProposalView]


class AccountRequest(Request):
    """Where the orders' owner stands: base quantity held (below 0: short), equities in quote currency."""

    position: str = Field("0", pattern=SIGNED, examples=["0"])
    equity: str = Field(pattern=SIGNED, examples=["10000"])
    day_start_equity: str = Field(pattern=SIGNED, examples=["10000"])
    peak_equity: str = Field(pattern=SIGNED, examples=["10000"])


class GateCheck(Request):
    """May this order pass? An accepted one counts towards the order rate unless it is a ``dry_run``."""

    pair: Pair
    side: Literal["buy", "sell"]
    quantity: str = Field(pattern=POSITIVE, examples=["0.25"])
    price: str | None = Field(None, pattern=POSITIVE, examples=["2500.5"], description="None: a market order.")
    account: AccountRequest
    dry_run: StrictBool = False


class GateDecision(BaseModel):
    accepted: bool
    state: Literal["active", "reducing", "halted"]
    reasons: list[str]
    rules: list[RuleView]
    dry_run: bool


class GateSwitch(Request):
    """``reducing`` lets orders through that make a position smaller."""

    reason: Annotated[Note, Field(min_length=1, examples=["the exchange announced an outage"])]
    state: Literal["reducing", "halted"] = "halted"


class GateResume(Request):
    reason: Annotated[Note, Field(min_length=1, examples=["the outage is over"])]
