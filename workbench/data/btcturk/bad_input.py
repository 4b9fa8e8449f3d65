"""What was received and refused: counted by reason, told once per reason and minute. Pure."""

from collections import Counter
from dataclasses import dataclass, field

TOLD_EVERY_SECONDS = 60.0


@dataclass
class BadInput:
    """Counts by reason; reasons are few and fixed (``messages.REASONS``)."""

    counts: Counter[str] = field(default_factory=Counter)
    _told: dict[str, float] = field(default_factory=dict)

    def count(self, reason: str, now: float) -> bool:
        """One more; True where it is time to tell of this reason again."""
        self.counts[reason] += 1
        last = self._told.get(reason)
        if last is not None and now - last < TOLD_EVERY_SECONDS:
            return False
        self._told[reason] = now
        return True
