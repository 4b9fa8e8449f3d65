"""Frames on their way to clients: first in, first out, none before its time; trade frames may go wrong here."""

from collections import deque
from collections.abc import Callable

import msgspec
import numpy as np

from workbench.simulator.faults import ALL, CORRUPTIONS, Fault

REORDER_SECONDS = 1.0
"""Frames held back to be reordered go out after so long, even when there are too few of them."""
HUGE_BYTES = 4_000_000


class Outbox:
    """Deliveries in order; a longer delay holds back all that follow."""

    def __init__(self, delay_seconds: float) -> None:
        self._delay, self._longer, self._until = delay_seconds, 0.0, 0.0
        self._waiting: deque[tuple[float, Callable[[], None]]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def delay(self, seconds: float, until: float) -> None:
        """Another delay for what is put in before ``until``."""
        self._longer, self._until = seconds, until

    def put(self, deliver: Callable[[], None], now: float) -> None:
        self._waiting.append((now + (self._longer if now < self._until else self._delay), deliver))

    def release(self, now: float) -> None:
        """Deliver what is due."""
        while self._waiting and self._waiting[0][0] <= now:
            self._waiting.popleft()[1]()


class FrameFaults:
    """What happens to frames on their way out: each fault holds for the next so many of them."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng([seed, 11])
        self._left = {"lose": 0, "corrupt": 0, "duplicate": 0, "reorder": 0}
        self._how = ALL
        self._held: list[bytes] = []
        self._held_since = 0.0

    def add(self, fault: Fault) -> None:
        self._left[fault.kind] += fault.count
        if fault.kind == "corrupt":
            self._how = fault.how

    def trade_frames(self, frames: list[bytes], now: float) -> list[bytes]:
        """The frames as they are sent, and those held back for too long."""
        if not any(self._left.values()):
            return frames
        sent: list[bytes] = []
        for frame in frames:
            if self._take("lose"):
                continue
            copies = [self.any_frame(frame)] * (2 if self._take("duplicate") else 1)
            if self._left["reorder"]:
                self._hold(copies, now)
                copies = self.held(now) if self._left["reorder"] == 0 else []
            sent += copies
        return sent

    def any_frame(self, frame: bytes) -> bytes:
        """The frame, or what corruption makes of it."""
        if not self._take("corrupt"):
            return frame
        how = self._how
        if how == ALL:
            how = CORRUPTIONS[self._left["corrupt"] % len(CORRUPTIONS)]
        return spoil(frame, how, self._random)

    def held(self, now: float) -> list[bytes]:
        """Frames held back, in reverse, when there are enough or the oldest has waited long enough."""
        if not self._held or (self._left["reorder"] and now - self._held_since < REORDER_SECONDS):
            return []
        self._left["reorder"] = 0
        frames, self._held = self._held[::-1], []
        return frames

    @property
    def holding(self) -> bool:
        return bool(self._held)

    def _hold(self, frames: list[bytes], now: float) -> None:
        self._held_since = self._held_since if self._held else now
        self._held += frames
        self._left["reorder"] -= 1

    def _take(self, kind: str) -> bool:
        if not self._left[kind]:
            return False
        self._left[kind] -= 1
        return True


def spoil(frame: bytes, how: str, random: np.random.Generator) -> bytes:
    """A frame that is still text for the WebSocket, and nothing that the protocol knows."""
    if how == "truncate":
        return frame[: int(random.integers(1, len(frame)))]
    if how == "garbage":
        return bytes(random.integers(33, 127, len(frame), dtype=np.uint8))
    if how == "types":
        return _other_types(frame)
    if how == "text":
        return b"Service temporarily unavailable"
    return frame[:-1] + b" " * HUGE_BYTES + b"]"


def _other_types(frame: bytes) -> bytes:
    """The same fields with values of other kinds: texts become lists, numbers null, lists texts."""
    code, body = msgspec.json.decode(frame)
    return msgspec.json.encode([code, {name: _other_type(value) for name, value in body.items()}])


def _other_type(value: object) -> object:
    if isinstance(value, str):
        return [value]
    return "many" if isinstance(value, list) else None
