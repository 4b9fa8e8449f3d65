"""The form of a report: what ``evidence/backtest/<id>.json`` holds. The published JSON Schema is made from this file.

Rules of the form:

1. ``digest`` is ``sha256:`` and the SHA-256 over the RFC 8785 form of everything except ``id``, ``digest`` and ``run``.
2. Undefined metrics are null. Metrics are rounded to 12 significant digits: the annualised growth goes through the C
   library's ``pow``, whose last bit may differ between machines, and must not change a digest.
3. Hashes in ``content`` are over the columns' little-endian bytes, so that no file format or library is part of them.
4. Times are ISO 8601 in UTC. ``range.end`` is exclusive: the close time of the last bar. A trade's times are the open
   times of its bars.
5. Unknown fields are refused: a report says nothing that its reader does not know.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

SCHEMA: Final = "workbench.evidence/1"
INLINE_TRADES = 200
"""Up to this many trades stand in the report itself; more go to ``<id>.trades.arrow``."""

Sha256 = Annotated[str, Meta(pattern="^sha256:[0-9a-f]{64}$")]
Utc = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$", description="ISO 8601, UTC")]
DecimalText = Annotated[str, Meta(pattern=r"^\d+(\.\d+)?$", description="exact decimal number")]
Count = Annotated[int, Meta(ge=0)]
Value = bool | int | float | str | None


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all parts."""


class Range(Part, frozen=True):
    start: Utc
    end: Utc
    bars: Annotated[int, Meta(ge=1)]


class StrategyPart(Part, frozen=True):
    """``source`` is the code of a strategy that is not in the catalog, empty otherwise."""

    name: str
    params: dict[str, Value]
    source: str


class CostPart(Part, frozen=True):
    taker_fee_rate: float
    maker_fee_rate: float
    slippage_bps: float
    half_spread_bps: float
    max_volume_share: float | None
    latency_bars: Count
    limit_fills_on_touch: bool


class SizingPart(Part, frozen=True):
    mode: Literal["fraction_of_equity", "fixed_quote", "fixed_quantity", "volatility_target"]
    value: float
    window: Count


class ExitPart(Part, frozen=True):
    stop_loss: float | None
    take_profit: float | None
    trailing_stop: float | None


class InstrumentPart(Part, frozen=True):
    tick_size: DecimalText
    lot_size: DecimalText
    minimum_notional: DecimalText


class CandlePart(Part, frozen=True):
    fingerprint: Sha256
    source: str
    simulated: bool


class InputPart(Part, frozen=True):
    pair: Annotated[str, Meta(pattern="^[A-Z0-9]{2,20}$")]
    timeframe: Annotated[str, Meta(pattern=r"^[1-9]\d*[smhdw]$")]
    range: Range
    strategy: StrategyPart
    costs: CostPart
    sizing: SizingPart
    exits: ExitPart
    initial_cash: float
    allow_short: bool
    instrument: InstrumentPart
    candles: CandlePart


class Versions(Part, frozen=True):
    engine: str
    package: str


class MetricPart(Part, frozen=True):
    """The fields of ``workbench.engine.metrics.Metrics``, which says what each is."""

    total_return: float
    cagr: float | None
    volatility: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    max_drawdown: float
    max_drawdown_bars: Count
    win_rate: float | None
    profit_factor: float | None
    expectancy: float | None
    exposure: float
    turnover: float | None
    fees_paid: float
    trade_count: Count
    benchmark_return: float
    initial_equity: float
    final_equity: float


class Content(Part, frozen=True):
    orders: Sha256
    fills: Sha256
    trades: Sha256
    equity: Sha256


class TradeRow(Part, frozen=True):
    side: Literal["long", "short"]
    entry_bar: Count
    exit_bar: Count
    entry_time: Utc
    exit_time: Utc
    quantity: float
    entry_price: float
    exit_price: float
    fees: float
    profit: float
    is_open: bool


class TradeSidecar(Part, frozen=True):
    """Says that the trades lie in ``<id>.trades.arrow``."""

    rows: Count
    content: Sha256


class Run(Part, frozen=True):
    """When and where it ran; outside the digest, so an alteration of it goes unnoticed."""

    started_at: Utc
    finished_at: Utc
    seconds: float
    python: str
    numpy: str
    numba: str
    platform: str


class EvidenceReport(Part, frozen=True):
    """One backtest, such that somebody else can run it again and compare."""

    schema: Literal["workbench.evidence/1"]
    id: str
    digest: Sha256
    inputs: InputPart
    versions: Versions
    metrics: MetricPart
    content: Content
    trades: list[TradeRow] | TradeSidecar
    run: Run

    def __repr__(self) -> str:
        label = " (SIMULATED data)" if self.inputs.candles.simulated else ""
        return f"EvidenceReport {self.id}{label}: {self.digest}"
