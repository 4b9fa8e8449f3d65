"""The live feed, the exchange's pairs, candles."""

from typing import Literal

from pydantic import BaseModel

from workbench.wire.values import DecimalText


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
