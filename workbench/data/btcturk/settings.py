"""How a feed behaves. Seconds are this machine's unless they are named the exchange's."""

from dataclasses import dataclass, field

from workbench.data.btcturk.backoff import BackoffSettings
from workbench.data.btcturk.protocol import ProtocolSettings


@dataclass(frozen=True)
class FeedSettings:
    """Defaults are for the exchange itself; tests shorten them."""

    protocol: ProtocolSettings = field(default_factory=ProtocolSettings)
    backoff: BackoffSettings = field(default_factory=BackoffSettings)
    open_seconds: float = 10.0
    """At most for opening a connection."""
    close_seconds: float = 1.0
    poll_seconds: float = 20.0
    """How often the last trades are asked for while nothing is suspect: the net below the net."""
    suspect_seconds: float = 1.0
    """How often while something is."""
    least_seconds: float = 0.2
    """Between two such questions for one pair at least."""
    settle_seconds: float = 1.0
    """How often closed minutes are settled."""
    settle_delay_seconds: float = 2.0
    """How long after its end, by the exchange's clock, a minute is settled."""
    fold_seconds: float = 3600.0
    """How often settled minutes are moved into the candle store."""
    time_seconds: float = 15.0
    """How often the exchange's time is asked for; at the start five times in quick succession."""
    health_seconds: float = 1.0
    pace_seconds: float = 0.1
    """Between two REST requests at least."""
