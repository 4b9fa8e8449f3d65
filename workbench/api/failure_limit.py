"""How many refused calls of one address enter the audit log in a minute: guessing must not fill it."""

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter


class FailureLimit:
    """The rest is counted in the metrics and told in the server's log."""

    def __init__(self, limit: str = "20/minute") -> None:
        self._limit = parse(limit)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def may_be_written(self, address: str) -> bool:
        return await self._limiter.hit(self._limit, address)
