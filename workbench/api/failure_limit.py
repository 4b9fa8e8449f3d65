"""How many refused calls of one caller enter the audit log in a minute: guessing must not fill it.

A caller is an address, a name and a role, since everybody who comes through the dashboards has their address. Whoever
has no valid token has no name either: those of one address count together, and take nothing from the others.
"""

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from workbench.guardrails.principal import Principal


class FailureLimit:
    """The rest is counted in the metrics and told in the server's log."""

    def __init__(self, limit: str = "20/minute") -> None:
        self._limit = parse(limit)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def may_be_written(self, who: Principal) -> bool:
        return await self._limiter.hit(self._limit, who.address, who.name, who.role.label)
