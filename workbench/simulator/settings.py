"""What a simulator is started with."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workbench.model.errors import InputError

TradeFrames = Literal["mixed", "single", "list"]


@dataclass(frozen=True)
class SimulatorSettings:
    """All of it has a default; times are in seconds.

    Attributes:
        port: on 127.0.0.1; 0: the system chooses. pairs: empty: all four, or the one of ``trades_file``.
        seed: of tapes, books and every choice. trades_per_second: of each pair, in the exchange's time.
        burst: trades of one moment at each order, the rate staying; 0: mostly one. tape_speed: trades follow each
        other so many times as fast, while the exchange's clock keeps time. speed: that clock against the
        real one. clock_offset_seconds: of that clock. start_ms: what it shows first.
        history_seconds: the tape is so old already at the start. delay_seconds: of every frame, in real time.
        trade_frames: 422, 421 or both by turns. heartbeat_seconds: between tickers and books, in real time.
        trades_file: a recorded tape (CSV) in place of the synthetic ones, with its tick_size where it is not to be
        inferred. rest_limit: enforce the documented rate of requests. flat_bars: candles of minutes without a trade.

    Raises:
        InputError: a number out of range.
    """

    port: int = 0
    pairs: tuple[str, ...] = ()
    seed: int = 1
    trades_per_second: float = 2.0
    burst: int = 0
    tape_speed: float = 1.0
    speed: float = 1.0
    clock_offset_seconds: float = 0.0
    start_ms: int | None = None
    history_seconds: float = 0.0
    delay_seconds: float = 0.0
    trade_frames: TradeFrames = "mixed"
    heartbeat_seconds: float = 0.5
    trades_file: Path | None = None
    tick_size: str | None = None
    rest_limit: bool = False
    flat_bars: bool = False

    def __post_init__(self) -> None:
        for name in ("trades_per_second", "tape_speed", "speed", "heartbeat_seconds"):
            _check(name, getattr(self, name), "a finite number above 0", getattr(self, name) > 0)
        for name in ("delay_seconds", "history_seconds", "burst", "seed"):
            _check(name, getattr(self, name), "a finite number of at least 0", getattr(self, name) >= 0)
        _check("clock_offset_seconds", self.clock_offset_seconds, "a finite number", True)
        _check("port", self.port, "0 to 65535", 0 <= self.port < 65_536)
        _check("pairs", len(self.pairs), "each once", len(set(self.pairs)) == len(self.pairs))
        if self.trade_frames not in ("mixed", "single", "list"):
            raise InputError("trade_frames", "mixed, single or list", self.trade_frames)
        if self.trades_file is not None and len(self.pairs) > 1:
            raise InputError("pairs", "one at most beside trades_file", ", ".join(self.pairs))


def _check(name: str, value: float, expected: str, fits: bool) -> None:
    if not (math.isfinite(value) and fits):
        raise InputError(name, expected, value)
