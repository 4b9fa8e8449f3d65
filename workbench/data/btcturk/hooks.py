"""What a feed tells while it runs, to whoever counts: it knows no metrics itself."""

from typing import Protocol


class FeedHooks(Protocol):
    """Called on the feed's event loop for every frame: must be quick, and must not raise."""

    def ticked(self, pair: str, count: int) -> None:
        """So many price ticks or market trades came."""

    def lagged(self, pair: str, lag_ms: float) -> None:
        """A market trade came so late, after drift compensation."""
