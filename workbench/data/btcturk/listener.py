"""How others hear of a feed: a bounded queue each. A slow listener loses the oldest events, which are counted.

The store does not listen here: it gets every market trade directly.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from workbench.data.btcturk.values import MarketTick, MarketTradeList, OrderBookChange, OrderBookSnapshot

Event = MarketTick | MarketTradeList | OrderBookSnapshot | OrderBookChange
QUEUE = 10_000


class Listener:
    """One queue of events, at most ``size``."""

    def __init__(self, size: int = QUEUE) -> None:
        self.dropped = 0
        self._events: deque[Event] = deque(maxlen=size)
        self._came = asyncio.Event()
        self._is_closed = False

    def put(self, event: Event) -> None:
        if len(self._events) == self._events.maxlen:
            self.dropped += 1
        self._events.append(event)
        self._came.set()

    def close(self) -> None:
        """No more will come: iteration ends after what is left."""
        self._is_closed = True
        self._came.set()

    def __len__(self) -> int:
        return len(self._events)

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            while self._events:
                yield self._events.popleft()
            if self._is_closed:
                return
            self._came.clear()
            await self._came.wait()
