"""Backtests: what is asked, how a job stands, what it leaves."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field, StrictBool

from workbench.wire.values import Pair, Params, Request, StrategyName, Timeframe, When


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
    params: Params = Field({})
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
