"""What a feed writes to disk: market trades, minutes, gaps.

Market trades are handed to the operating system at least every ``FLUSH_SECONDS`` and flushed to the disk at least every
``SYNC_SECONDS``: a crash of the program loses the first at most, a power cut the second; both are then healed like any
other break, from what the exchange still serves.

Where the disk refuses (full, gone), trades wait in memory, ``MOST_WAITING`` of them at most; the newest beyond that are
refused by :meth:`Recorder.add`, and the feed accounts for them as a hole.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from msgspec.structs import astuple

from workbench.data.btcturk.minute_candles import MinuteCandle
from workbench.data.btcturk.trade_record import REMEMBERED
from workbench.data.live_candles import LiveCandles
from workbench.data.trade_gap import TradeGap
from workbench.data.trade_store import TradeStore, TradeWriter
from workbench.model.candle import Candles, Origin
from workbench.model.errors import ContradictionError, InputError
from workbench.model.instrument import Instrument
from workbench.model.market_trade import MarketTrade

FLUSH_SECONDS = 0.1
SYNC_SECONDS = 0.5
MOST_WAITING = 500_000
LIVE, HEALED, LISTED = 0, 1, 2
"""How a trade came: streamed, by REST, or in the list on joining."""


@dataclass
class _Waiting:
    """Trades of one way of coming that are not written yet; ``received_ns`` is when the first of them came."""

    source: int
    received_ns: int
    trades: list[MarketTrade] = field(default_factory=list)


class Recorder:
    """The files of one feed's pairs."""

    def __init__(self, root: Path, origin: Origin) -> None:
        self.store = TradeStore(root)
        self.live = LiveCandles(root)
        self.origin = origin
        self.problem = ""
        self.stored: dict[str, int] = {}
        self._writers: dict[str, TradeWriter] = {}
        self._waiting: dict[str, list[_Waiting]] = {}
        self._instruments: dict[str, Instrument] = {}
        self._gaps: list[TradeGap] = []
        self._minutes: dict[str, list[tuple[int, ...]]] = {}
        self._is_unsynced = False
        self._disk_refused = False

    def open(self, instrument: Instrument) -> None:
        """Begin or continue a pair's files.

        Raises:
            WorkbenchError: another feed writes them. OSError: the disk refuses.
        """
        self._writers[instrument.pair] = self.store.writer(instrument, self.origin)
        self._instruments[instrument.pair] = instrument
        self._waiting[instrument.pair] = []
        self.stored[instrument.pair] = 0

    def add(self, pair: str, trades: Sequence[MarketTrade], source: int, received_ns: int) -> bool:
        """Take trades of the record; False where too many are waiting for the disk."""
        waiting = self._waiting[pair]
        if self._disk_refused and sum(len(each.trades) for each in waiting) >= MOST_WAITING:
            return False
        if not waiting or waiting[-1].source != source or len(waiting[-1].trades) >= 1_000:
            waiting.append(_Waiting(source, received_ns))
        waiting[-1].trades.extend(trades)
        return True

    def flush(self) -> None:
        """Hand everything to the operating system; where that fails, it waits and ``problem`` says why."""
        try:
            for pair, waiting in self._waiting.items():
                while waiting:
                    self._writers[pair].append(
                        waiting[0].trades, received_ns=waiting[0].received_ns, source=waiting[0].source
                    )
                    self.stored[pair] += len(waiting.pop(0).trades)
                    self._is_unsynced = True
            if self._gaps:
                self._flush_gaps()
            elif self._disk_refused:
                self.problem, self._disk_refused = "", False
        except OSError as error:
            self._tell(error)

    async def sync(self) -> None:
        """Flush to the disk, beside the event loop."""
        if self._is_unsynced:
            self._is_unsynced = False
            await asyncio.to_thread(self._sync_all)

    def _sync_all(self) -> None:
        try:
            for writer in self._writers.values():
                writer.sync()
        except OSError as error:
            self._is_unsynced = True
            self._tell(error)

    def settled_to_ns(self, pair: str) -> int | None:
        """Up to when minutes were settled by earlier runs."""
        return self.live.settled_to_ns(pair)

    def known_trades(self, pair: str, since_ns: int | None) -> list[MarketTrade]:
        """The newest stored trades, oldest first: enough to tell duplicates, and all since a moment."""
        records = self.store.last(pair, REMEMBERED)
        if since_ns is not None and len(records) == REMEMBERED and records["time_ns"][0] >= since_ns:
            every = self.store.records(pair)
            records = np.sort(every[every["time_ns"] >= since_ns], order=["time_ns", "trade_id"])
        names = ("trade_id", "time_ns", "side", "price_ticks", "quantity_lots")
        columns = [records[name].tolist() for name in names]
        return [MarketTrade(pair, *row) for row in zip(*columns, strict=True)]

    def write_gaps(self, gaps: Sequence[TradeGap]) -> None:
        """Each is on the disk when this returns, or waits with the trades where the disk refuses."""
        self._gaps.extend(gaps)
        self._flush_gaps()

    def write_candles(self, instrument: Instrument, candles: Sequence[MinuteCandle], settled_to_ns: int) -> None:
        """Append settled minutes; where the disk refuses they wait for the next ones."""
        rows = self._minutes.setdefault(instrument.pair, [])
        rows += [astuple(candle) for candle in candles]
        try:
            self.live.append(instrument, rows, settled_to_ns)
            rows.clear()
        except InputError as error:  # minutes of another tick size wait to be folded
            self.problem = str(error)
        except OSError as error:
            self._tell(error)

    def minutes(self, pair: str) -> Candles | None:
        """Settled minutes that are not in the candle store yet; None where there are none.

        Raises:
            ContradictionError: see :meth:`LiveCandles.candles`.
        """
        instrument = self._instruments.get(pair)
        return None if instrument is None else self.live.candles(instrument, self.origin)

    def fold_all(self) -> None:
        """Move settled minutes into the candle store; one that contradicts it stays where it is, and is told."""
        for instrument in self._instruments.values():
            try:
                self.live.fold(instrument, self.origin)
            except ContradictionError as error:
                self.problem = str(error)
            except OSError as error:
                self._tell(error)

    def _flush_gaps(self) -> None:
        try:
            while self._gaps:
                self.store.gaps(self._gaps[0].pair).append(self._gaps[0])
                del self._gaps[0]
        except OSError as error:
            self._tell(error)

    def _tell(self, error: OSError) -> None:
        self.problem, self._disk_refused = f"{error.strerror or error}", True

    def close(self) -> None:
        """Write what waits, flush to the disk, let go of the files."""
        self.flush()
        self._flush_gaps()
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()
        self._waiting.clear()
