"""Reports of the evidence folder: a list, what is drawn of one, where its money went, whether it comes out again."""

from typing import Any, Literal

from pydantic import BaseModel, Field


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
