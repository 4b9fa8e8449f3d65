"""What a feed says of itself: plain values, the same in the command, the file and the API."""

from typing import Literal

import msgspec

Status = Literal["up", "healing", "down"]


class Gap(msgspec.Struct, frozen=True):
    """A time in which market trades are missing for good, or (``pending``) may be: it is being looked into."""

    from_ns: int
    to_ns: int
    reason: str
    candles_filled: bool
    pending: bool


class PairHealth(msgspec.Struct, frozen=True):
    """One pair. Lags are milliseconds after drift compensation; None where nothing was seen yet.

    ``up``: market trades stream, and the record is complete but for the gaps listed. ``healing``: something may have
    been lost, and the exchange is being asked. ``down``: market trades do not stream.
    """

    pair: str
    status: Status
    status_reason: str
    bid: float | None
    ask: float | None
    last: float | None
    last_trade_ns: int | None
    last_frame_age_seconds: float | None
    lag_p50_ms: float | None
    lag_p95_ms: float | None
    trades_stored: int
    trades_healed: int
    duplicates: int
    gaps_found: int
    gaps_filled: int
    gaps: tuple[Gap, ...]
    candles_settled: int
    candle_differences: int
    last_candle_difference: str
    side_disagreements: int
    book_rebuilds: int


class FeedHealth(msgspec.Struct, frozen=True):
    """One feed.

    Offsets are milliseconds, exchange minus this machine. ``refused`` counts, by reason, what was received and not
    believed; ``refused_subscriptions`` names what the exchange would not send, as ``channel:PAIR``.
    """

    exchange: str
    simulated: bool
    status: Status
    state: str
    updated_ns: int
    started_ns: int
    process: int
    reconnects: int
    last_break: str
    frames: int
    clock_offset_ms: float | None
    clock_offset_bound_ms: float | None
    clock_offset_source: str
    refused: dict[str, int]
    refused_subscriptions: tuple[str, ...]
    dropped_events: int
    rest_requests: int
    rest_errors: int
    rate_limited: int
    storage_problem: str
    problem: str
    pairs: tuple[PairHealth, ...]
