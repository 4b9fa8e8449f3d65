"""What goes over HTTP, both ways. Server and client read this file; the OpenAPI document is made from it.

Prices and quantities are decimal texts. Times are nanoseconds since 1970, UTC (``..._ns``), as integers.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from workbench.guardrails.limits import describe

PAIR = r"^[A-Za-z0-9]{2,20}$"
DIGEST = r"^sha256:[0-9a-f]{64}$"
POSITIVE = r"^([0-9]{0,17}[1-9][0-9]{0,17}(\.[0-9]{1,18})?|0{1,18}\.[0-9]{0,17}[1-9][0-9]{0,17})$"
SIGNED = r"^-?[0-9]{1,18}(\.[0-9]{1,18})?$"

SCOPE = r"^(limits|[A-Za-z0-9_]{1,60}/[A-Za-z0-9]{2,20})$"
WHEN = (
    r"^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-5][0-9])?)?$"
)
"""ISO 8601: a date, or a date and a time, UTC unless it says."""
LIMIT = rf"^({'|'.join(describe())})$"

Value = bool | int | float | str
When = Annotated[str, StringConstraints(pattern=WHEN), Field(examples=["2024-01-01"])]
ScopeText = Annotated[str, StringConstraints(pattern=SCOPE), Field(examples=["smaCross/ETHUSDT"])]
LimitName = Annotated[str, StringConstraints(pattern=LIMIT)]
LimitValue = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,16}(\.[0-9]{1,12})?$")] | int | float
Note = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^[^\x00]*$")]
Pair = Annotated[str, StringConstraints(pattern=PAIR, to_upper=True), Field(examples=["ETHUSDT"])]
Timeframe = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,5}[smhdw]$"), Field(examples=["1h"])]
StrategyName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,60}$"), Field(examples=["smaCross"])]
EvidenceId = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_]{1,60}-[A-Z0-9]{2,20}-[0-9]{1,9}[smhdw]-[0-9a-f]{12}$"),
    Field(examples=["smaCross-ETHUSDT-1h-0123456789ab"]),
]
Params = Annotated[dict[str, Value], Field(max_length=50, examples=[{"fast": 9, "slow": 21}])]
DecimalText = Annotated[str, Field(examples=["0.25"])]


class Request(BaseModel):
    """What is not known is refused, so that a typing error is never silently ignored."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


# Backtests -----------------------------------------------------------------------------------------------------------


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


class CostRequest(Request):
    """See ``workbench.Costs``; what is left out has its default."""

    taker_fee_rate: float | None = Field(None, ge=0, lt=1, examples=[0.001])
    maker_fee_rate: float | None = Field(None, ge=0, lt=1)
    slippage_bps: float | None = Field(None, ge=0, le=10_000)
    half_spread_bps: float | None = Field(None, ge=0, le=10_000)
    max_volume_share: float | None = Field(None, gt=0, le=1)
    latency_bars: int | None = Field(None, ge=0, le=1_000)
    limit_fills_on_touch: StrictBool | None = None


class RangeRequest(Request):
    """First open time, and end (exclusive)."""

    start: When | None = None
    end: When | None = None


class BacktestRequest(Request):
    """One backtest to run."""

    pair: Pair
    timeframe: Timeframe
    strategy: StrategyName
    params: Params = {}
    costs: CostRequest | None = None
    range: RangeRequest | None = None
    initial_cash: float | None = Field(None, gt=0, le=1e12, examples=[10_000])


class BacktestStarted(BaseModel):
    id: str = Field(examples=["5f2b9c0d1e3a4b6c"])
    status: JobStatus
    url: str = Field(examples=["/api/backtest/5f2b9c0d1e3a4b6c"])


class JobError(BaseModel):
    """Why; ``kind`` is one of input, missing, contradiction, damaged, disk, memory, time, crash, internal."""

    kind: str
    text: str
    field: str | None = None


class BacktestStatus(BaseModel):
    """One job. ``progress`` is from 0 to 1; ``position`` counts the jobs before it while it is queued."""

    id: str
    status: JobStatus
    progress: float
    step: str = ""
    position: int | None = None
    request: BacktestRequest
    who: str
    created_ns: int
    started_ns: int | None = None
    finished_ns: int | None = None
    evidence_id: str | None = None
    digest: str | None = None
    simulated: bool | None = Field(None, description="Whether the candles are simulated.")
    metrics: dict[str, Any] | None = None
    error: JobError | None = None
    retry_of: str | None = None


class BacktestList(BaseModel):
    """Newest first. ``next_before`` asks for the next page."""

    backtests: list[BacktestStatus]
    next_before: int | None = None


class Series(BaseModel):
    """A downsampled equity curve: bars, their close times, equity in quote currency."""

    evidence_id: str
    simulated: bool
    bars: int = Field(description="Bars of the whole curve.")
    time_ns: list[int]
    equity: list[float]
    drawdown: list[float]


class TradeTable(BaseModel):
    """Round trips as columns of one length, a page of them."""

    evidence_id: str
    simulated: bool
    total: int
    offset: int
    columns: dict[str, list[Any]]


# Evidence ------------------------------------------------------------------------------------------------------------


class EvidenceSummary(BaseModel):
    """One report of the evidence folder, wherever it was made. Times are ISO 8601 in UTC; ``end`` is exclusive."""

    id: str
    digest: str
    strategy: str
    pair: str
    timeframe: str
    params: dict[str, Any]
    start: str
    end: str
    bars: int
    source: str
    simulated: bool
    finished_at: str
    total_return: float
    benchmark_return: float
    sharpe: float | None
    max_drawdown: float
    trade_count: int


class EvidenceList(BaseModel):
    """The latest run first; ``total`` counts all that match, ``damaged`` files that cannot be trusted."""

    reports: list[EvidenceSummary]
    total: int
    damaged: list[str] = []


class Curve(BaseModel):
    """A downsampled line: bars' open times and values; None where there is none (warm-up)."""

    name: str = Field(examples=["Close", "SMA 9", "RSI 14", "Equity", "Buy and hold", "Drawdown"])
    panel: Literal["price", "oscillator", "equity", "drawdown"]
    time_ns: list[int]
    value: list[float | None]


class TradeMarks(BaseModel):
    """Round trips that touch the window, as columns; of more than fit, those with the largest profit or loss.

    ``side``: 1 long, -1 short. ``total`` counts all that touch the window.
    """

    total: int
    side: list[int]
    entry_time_ns: list[int]
    entry_price: list[float]
    exit_time_ns: list[int]
    exit_price: list[float]
    profit: list[float]
    is_open: list[bool]


class Chart(BaseModel):
    """What is drawn of a report from ``start_ns`` to ``end_ns``; ``bars`` counts the window's."""

    evidence_id: str
    simulated: bool
    pair: str
    timeframe: str
    bars: int
    start_ns: int
    end_ns: int
    curves: list[Curve]
    trades: TradeMarks


class MonthReturn(BaseModel):
    """Equity at the month's end by that at its beginning, less one."""

    year: int
    month: int = Field(ge=1, le=12)
    value: float


class CostItem(BaseModel):
    """What one kind of cost took, in quote currency."""

    name: Literal["fees", "slippage", "half_spread"]
    amount: float
    meaning: str


class Breakdown(BaseModel):
    """Returns by month, and where the money went: ``profit`` is after costs, ``profit_before_costs`` without them.

    The latter adds the costs back; it does not ask what another run without costs would have done.
    """

    evidence_id: str
    simulated: bool
    months: list[MonthReturn]
    costs: list[CostItem]
    turnover: float = Field(description="Value of all fills, in quote currency.")
    profit: float
    profit_before_costs: float


class Verification(BaseModel):
    """Whether a report came out again when its inputs were run anew; ``problem`` names the first difference."""

    evidence_id: str
    verified: bool
    problem: str = ""


# What can be backtested ----------------------------------------------------------------------------------------------


class ParamField(BaseModel):
    """One parameter of a strategy. ``choices`` are all that a text may be; empty for numbers."""

    name: str
    kind: Literal["int", "float", "bool", "text"]
    default: Value
    choices: list[str] = []
    meaning: str = ""


class StrategyView(BaseModel):
    name: str = Field(examples=["smaCross"])
    meaning: str
    params: list[ParamField]


class StrategyList(BaseModel):
    strategies: list[StrategyView]


class StoredCandles(BaseModel):
    """Candles that a backtest can be run on; ``end_ns`` is exclusive."""

    pair: str
    timeframe: str
    bars: int
    start_ns: int
    end_ns: int
    source: str
    simulated: bool


class StoredList(BaseModel):
    """``damaged``: files that cannot be opened."""

    stored: list[StoredCandles]
    damaged: list[str] = []


# Guardrails ----------------------------------------------------------------------------------------------------------


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


# Audit ---------------------------------------------------------------------------------------------------------------


class AuditEntryView(BaseModel):
    seq: int
    at_ns: int
    who: str
    role: str
    address: str
    action: str
    subject: str
    outcome: str
    details: dict[str, Any]
    previous: str
    hash: str


class AuditTail(BaseModel):
    """Newest first. ``next_before`` asks for the next page."""

    entries: list[AuditEntryView]
    next_before: int | None = None


class AuditVerdict(BaseModel):
    """``bad_seq``: the first entry that does not fit, with what is wrong with it."""

    intact: bool
    entries: int
    head_seq: int
    head_hash: str
    bad_seq: int | None = None
    problem: str = ""


# Feed ----------------------------------------------------------------------------------------------------------------


class GapView(BaseModel):
    from_ns: int
    to_ns: int
    reason: str
    candles_filled: bool
    pending: bool


class PairHealthView(BaseModel):
    """One pair; lags after drift compensation, None where nothing was seen yet."""

    pair: str
    status: Literal["up", "healing", "down"]
    status_reason: str
    bid: float | None
    ask: float | None
    last: float | None
    last_trade_ns: int | None
    last_frame_age_seconds: float | None
    lag_p50_ms: float | None
    lag_p95_ms: float | None
    trades_stored: int
    gaps_found: int
    gaps_filled: int
    gaps: list[GapView]


class FeedView(BaseModel):
    """``running`` is False where the server was told to run no feed, or it ended; ``problem`` says why."""

    running: bool
    status: Literal["up", "healing", "down"]
    problem: str
    exchange: str
    simulated: bool
    reconnects: int
    clock_offset_ms: float | None
    updated_ns: int
    pairs: list[PairHealthView]


class SymbolView(BaseModel):
    pair: str
    trading: bool
    tick_size: DecimalText
    lot_size: DecimalText
    minimum_notional: DecimalText


class SymbolList(BaseModel):
    exchange: str
    simulated: bool
    symbols: list[SymbolView]


class CandleColumns(BaseModel):
    """Candles as columns, oldest first; ``open_time_ns`` is each candle's beginning."""

    pair: str
    timeframe: str
    source: str
    simulated: bool
    open_time_ns: list[int]
    open: list[float]
    high: list[float]
    low: list[float]
    close: list[float]
    volume: list[float]


# Errors and health ---------------------------------------------------------------------------------------------------


class FieldProblem(BaseModel):
    """One value that does not fit."""

    field: str = Field(examples=["params.fast"])
    problem: str = Field(examples=["expected a whole number of at least 1, received 0"])


class ProblemDocument(BaseModel):
    """What every error answers (RFC 9457)."""

    type: str = "about:blank"
    title: str = Field(examples=["A value does not fit"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["params.fast: expected a whole number of at least 1, received 0"])
    request_id: str = ""
    fields: list[FieldProblem] = []
    reasons: list[str] = []


class Liveness(BaseModel):
    status: Literal["ok"] = "ok"
    version: str


class Readiness(BaseModel):
    ready: bool
    parts: dict[str, str] = Field(examples=[{"ledger": "ok", "workers": "ok", "feed": "down: ..."}])
