"""How long to wait before the next connection attempt. Pure: time and chance are arguments.

Exponential backoff with full jitter (a random part of a doubling span, capped), so that many clients do not come back
at once; see Brooker, "Exponential Backoff And Jitter", 2015. And never more attempts than the exchange allows:
BTCTurk blocks an address for a minute after 15 in a minute.
"""

from collections import deque
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class BackoffSettings:
    """All in seconds, but for the two counts."""

    first_seconds: float = 0.5
    cap_seconds: float = 30.0
    most_attempts: int = 12
    per_seconds: float = 60.0
    """At most ``most_attempts`` in any ``per_seconds``: below the exchange's limit of 15 a minute."""


class Backoff:
    """The waits of one client."""

    def __init__(self, settings: BackoffSettings, chance: Random) -> None:
        self.settings = settings
        self._chance = chance
        self._failures = 0
        self._attempts: deque[float] = deque(maxlen=settings.most_attempts)

    def attempted(self, now: float) -> None:
        """An attempt to connect begins."""
        self._attempts.append(now)

    def worked(self) -> None:
        """The connection served data: the next break starts at the first step again."""
        self._failures = 0

    def next_delay(self, now: float) -> float:
        """Seconds to wait from ``now`` on, after a break or a failed attempt."""
        span = min(self.settings.cap_seconds, self.settings.first_seconds * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return max(self._chance.uniform(0.0, span), self._until_allowed(now))

    def _until_allowed(self, now: float) -> float:
        if len(self._attempts) < self.settings.most_attempts:
            return 0.0
        return max(0.0, self._attempts[0] + self.settings.per_seconds - now)
