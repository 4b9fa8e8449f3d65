"""How far the exchange's clock is from ours. Pure: times are arguments.

The offset is kept against our *monotonic* clock, which never steps: ``exchange = monotonic + offset``. A step of the
wall clock (NTP, a person) therefore changes nothing but the number shown for it.

Two kinds of evidence:

- A REST answer with the server's time t, asked at a and received at b: the offset lies in [t - b, t - a]. The delay is
  at its smallest where b - a is, so the shortest round trips of the window count (the minimum-delay filter of NTP,
  RFC 5905, section 10); their median, so that single wrong answers do not.
- A trade of time D received at r: it cannot come before it happened, so the offset is at least D - r. The largest of
  these refines the estimate inside the bounds of REST, and stands alone where REST has not answered yet: lag is then
  the delay beyond the smallest one seen.

Where the exchange's own clock steps, the newest answers all contradict the estimate: then only they count.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import NamedTuple

WINDOW_NS = 600 * 10**9
"""Older evidence is dropped: quartz clocks drift apart by some 10 microseconds a second."""
BEST = 5
"""How many of the shortest round trips the median is taken of."""
NEWEST = 3
"""How many answers in a row must contradict the estimate to replace it."""
RESOLUTION_NS = 1_000_000
"""The exchange tells its time in milliseconds."""
MOST_SAMPLES = 256


class Sample(NamedTuple):
    """One answer: the middle of its interval, and half of the interval's width."""

    at_ns: int
    offset_ns: int
    bound_ns: int


@dataclass(frozen=True)
class Offset:
    """What is known. ``bound_ns`` is the largest error, None where only trades were seen (``source`` "trades")."""

    offset_ns: int
    bound_ns: int | None
    source: str


class ClockOffset:
    """Collects evidence; asks no clock."""

    def __init__(self, window_ns: int = WINDOW_NS) -> None:
        self.window_ns = window_ns
        self._answers: deque[Sample] = deque(maxlen=MOST_SAMPLES)
        self._floors: deque[tuple[int, int]] = deque()  # (at_ns, D - r): falling values, the largest first
        self._known: Offset | None = None

    def answered(self, sent_ns: int, received_ns: int, server_ns: int) -> None:
        """A REST answer; our times are monotonic. One that came before it was asked is no evidence."""
        if received_ns < sent_ns:
            return
        middle = server_ns + RESOLUTION_NS // 2 - (sent_ns + received_ns) // 2
        self._answers.append(Sample(received_ns, middle, (received_ns - sent_ns + RESOLUTION_NS) // 2))
        self._drop_contradicted()
        self._drop_old(received_ns)
        self._known = self._estimate()

    def traded(self, received_ns: int, time_ns: int) -> None:
        """A live trade; our time is monotonic."""
        floor = time_ns - received_ns
        largest = self._floors[0] if self._floors else None
        while self._floors and self._floors[-1][1] <= floor:
            self._floors.pop()
        self._floors.append((received_ns, floor))
        while self._floors[0][0] < received_ns - self.window_ns:
            self._floors.popleft()
        if self._floors[0] is not largest:
            self._known = self._estimate()

    @property
    def offset(self) -> Offset | None:
        """The estimate; None while there is no evidence."""
        return self._known

    def _estimate(self) -> Offset | None:
        floor = self._floors[0][1] if self._floors else None
        if not self._answers:
            return None if floor is None else Offset(floor, None, "trades")
        middle, bound = _best(self._answers)
        refined = middle if floor is None else min(max(middle, floor), middle + bound)
        return Offset(refined, bound, "REST")

    def exchange_ns(self, monotonic_ns: int, otherwise_ns: int) -> int:
        """The exchange's time at a monotonic moment; ``otherwise_ns`` while nothing is known."""
        known = self._known
        return otherwise_ns if known is None else monotonic_ns + known.offset_ns

    def _drop_contradicted(self) -> None:
        """Keep only the newest answers where they agree with each other and none of the others."""
        if len(self._answers) <= NEWEST:
            return
        newest = list(self._answers)[-NEWEST:]
        older = list(self._answers)[:-NEWEST]
        usual, bound = _best(older)
        low = max(sample.offset_ns - sample.bound_ns for sample in newest)
        high = min(sample.offset_ns + sample.bound_ns for sample in newest)
        allowed = bound + 5 * RESOLUTION_NS
        if low <= high and not low - allowed <= usual <= high + allowed:
            self._answers = deque(newest, maxlen=MOST_SAMPLES)
            self._floors.clear()

    def _drop_old(self, now_ns: int) -> None:
        while len(self._answers) > 1 and self._answers[0].at_ns < now_ns - self.window_ns:
            self._answers.popleft()


def _best(samples: Iterable[Sample]) -> tuple[int, int]:
    """The median offset of the tightest samples, and the largest error that it can have where none is wrong."""
    best = sorted(samples, key=lambda sample: sample.bound_ns)[:BEST]
    middle = round(median(Fraction(sample.offset_ns) for sample in best))  # floats would round nanoseconds away
    return middle, best[len(best) // 2].bound_ns  # so many are at least as tight, and the median lies among them
