"""Past candles of the exchange, page by page into the store. *Network, disk.*

1. Only closed candles are stored: those that ended ``SETTLED_NS`` before the exchange's own time.
2. What is stored already, and what the exchange said it has no candles for, is not asked for again (``fetched``).
   Holes younger than a day are not noted: the chart service may be late.
3. A hole at the edge of an answer is asked for once more, alone: a service may cut long answers.
4. Pages are written every few seconds, and when the work ends, fails or is cancelled: the next call goes on there.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from workbench.data.btcturk.fetched import FetchedFile
from workbench.data.btcturk.ranges import Range, outside, pages, runs
from workbench.data.btcturk.rest import RestClient, resolution_of
from workbench.data.btcturk.symbols import Symbol
from workbench.data.store import CandleStore, join
from workbench.model.candle import Candles, Origin
from workbench.model.errors import ContradictionError, InputError
from workbench.model.interval import UNIT_NS, Interval

LARGEST_PAGE = 10_000
"""Candles in one question; the exchange answers about 11,000."""
SETTLED_NS = 10 * UNIT_NS["s"]
LATE_NS = UNIT_NS["d"]
FLUSH_SECONDS, FLUSH_CANDLES = 5.0, 100_000


@dataclass(frozen=True)
class Progress:
    """How far it is: bars asked for so far and in all, candles received, and the time it has come to."""

    done_bars: int
    total_bars: int
    candles: int
    at_ns: int


@dataclass(frozen=True)
class Fetched:
    """What one call did.

    Attributes:
        candles: everything stored now; None where nothing is.
        start_ns, end_ns: the open times asked for, whole intervals of closed candles.
    """

    candles: Candles | None
    added: int
    questions: int
    start_ns: int
    end_ns: int

    @property
    def in_range(self) -> Candles | None:
        """What is stored of the range asked for."""
        if self.candles is None:
            return None
        first, last = np.searchsorted(self.candles.open_time_ns, (self.start_ns, self.end_ns))
        return self.candles[first:last] if first < last else None


async def fetch(
    client: RestClient,
    store: CandleStore,
    symbol: Symbol,
    interval: Interval,
    start_ns: int,
    end_ns: int,
    *,
    progress: Callable[[Progress], None] | None = None,
) -> Fetched:
    """Store the closed candles with open times in [start, end); doing it again changes nothing.

    Candles join stored ones on the grids of those.

    Raises:
        InputError: the exchange has no such timeframe, or no candle of the range has closed.
        ExchangeError: no answer, or one that breaks the rules; what came before is stored.
        ContradictionError: an answer differs from what is stored; that stays as it is.
    """
    resolution_of(interval)
    now_ns = (await client.server_time()).server_ns
    whole = _whole_bars(interval, start_ns, end_ns, now_ns - SETTLED_NS)
    shelf = _Shelf(store, symbol, interval, client.addresses.origin, now_ns - LATE_NS)
    wanted = deque(pages(outside(whole, shelf.known), LARGEST_PAGE * interval.nanoseconds))
    total = sum(end - begin for begin, end in wanted) // interval.nanoseconds
    questions = received = 0
    try:
        while wanted:
            page = wanted.popleft()
            candles = await client.candles(shelf.symbol, interval, *page)
            questions += 1
            wanted.extendleft(shelf.take(page, candles))
            received += 0 if candles is None else len(candles)
            if progress:
                left = sum(end - begin for begin, end in wanted) // interval.nanoseconds
                progress(Progress(total - left, total, received, page[1]))
    finally:
        shelf.flush()
    return Fetched(shelf.held, shelf.added, questions, *whole)


def _whole_bars(interval: Interval, start_ns: int, end_ns: int, closed_ns: int) -> Range:
    """The open times in [start, end) of bars that are closed."""
    step = interval.nanoseconds
    begin, end = -(-start_ns // step) * step, min(-(-end_ns // step), closed_ns // step) * step
    if begin >= end:
        latest = np.datetime64(closed_ns // step * step, "ns").astype("datetime64[m]")
        raise InputError("range", f"at least one closed candle of {interval} (they end at {latest} UTC)", "none")
    return begin, end


class _Shelf:
    """The stored candles of one name, with pages that are not written yet."""

    def __init__(self, store: CandleStore, symbol: Symbol, interval: Interval, origin: Origin, late_ns: int) -> None:
        self.added = 0
        self.held = store.find(symbol.pair, interval)
        self.symbol = symbol if self.held is None else replace(symbol, instrument=self.held.instrument)
        self._refuse_other_kind(origin)
        self._store, self._step, self._late_ns = store, interval.nanoseconds, late_ns
        self._note = FetchedFile(store.root / "fetched" / f"{symbol.pair}-{interval}.json")
        self._noted = self._note.read(self._times)
        self._pages: list[Candles] = []
        self._answered: list[Range] = []
        self._next_flush = time.monotonic() + FLUSH_SECONDS

    @property
    def _times(self) -> NDArray[np.int64]:
        return np.empty(0, np.int64) if self.held is None else self.held.open_time_ns

    @property
    def known(self) -> list[Range]:
        """What need not be asked for."""
        return [*self._noted, *runs(self._times, self._step)]

    def _refuse_other_kind(self, origin: Origin) -> None:
        if self.held is not None and self.held.origin.simulated != origin.simulated:
            raise ContradictionError(
                f"{self.held.pair} {self.held.interval}: stored candles are of {self.held.origin}, these of {origin};"
                " nothing was changed"
            )

    def take(self, page: Range, candles: Candles | None) -> list[Range]:
        """Keep an answer; what of its page to ask for again, the latest first."""
        begin, end = page
        if candles is not None:
            begin, end = int(candles.open_time_ns[0]), int(candles.open_time_ns[-1]) + self._step
            self._pages.append(candles)
        self._answered.append((begin, min(end, self._late_ns // self._step * self._step)))
        if sum(map(len, self._pages)) >= FLUSH_CANDLES or time.monotonic() >= self._next_flush:
            self.flush()
        return [each for each in ((end, page[1]), (page[0], begin)) if each[0] < each[1]]

    def flush(self) -> None:
        """Write what was kept: first the candles, then what was asked for."""
        waiting, self._pages = self._pages, []
        answered, self._answered = self._answered, []
        self._next_flush = time.monotonic() + FLUSH_SECONDS
        if waiting:
            self.held, added = self._store.append(reduce(lambda one, other: join(one, other)[0], waiting))
            self.added += added
        if any(outside(each, self._noted) for each in answered):
            self._noted = [*self._noted, *answered]
            self._note.write(self._noted, self._times)
