"""Live market trades on disk: append-only segments, one folder per pair, a new file each day. *Disk.*

``<root>/trades/<PAIR>/<YYYY-MM-DD>-<n>.seg``: by the UTC day on which it was begun; ``n`` counts up where tick size,
lot size or origin change within a day. Prices and quantities are whole ticks and lots of the file's own grid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.data.market_trade import MarketTrades
from workbench.data.segment import Segment, SegmentWriter, read_segment
from workbench.data.trade_gap import GapFile
from workbench.model.candle import Origin
from workbench.model.errors import ContradictionError, NotFoundError
from workbench.model.instrument import Instrument, parse_pair
from workbench.model.market_trade import MarketTrade

TRADE = np.dtype(
    [
        ("time_ns", "<i8"),
        ("trade_id", "<i8"),
        ("price_ticks", "<i8"),
        ("quantity_lots", "<i8"),
        ("received_ns", "<i8"),
        ("side", "<i2"),
        ("source", "<i2"),
        ("spare", "<i4"),
    ]
)
"""48 bytes. ``source``: 0 streamed, 1 by REST, 2 in the list on joining. ``received_ns``: this machine's clock."""
DAY_NS = 86_400 * 10**9
Records = NDArray[Any]


@dataclass(frozen=True)
class TradeStore:
    """The trades below a data folder."""

    root: Path

    def pairs(self) -> list[str]:
        """Pairs of which anything is stored."""
        return sorted({path.parent.name for path in (self.root / "trades").glob("*/*.seg")})

    def gaps(self, pair: str) -> GapFile:
        return GapFile(self._folder(pair) / "gaps.jsonl")

    def writer(self, instrument: Instrument, origin: Origin) -> "TradeWriter":
        """Begin or go on with a pair's files; see :class:`TradeWriter`."""
        return TradeWriter(self._folder(instrument.pair), instrument, origin)

    def records(self, pair: str) -> Records:
        """All records in the order in which they were written.

        Raises:
            NotFoundError: nothing is stored of the pair. DamagedFileError: see ``segment.read_segment``.
        """
        return np.concatenate([segment.records for segment in self._segments(pair)])

    def last(self, pair: str, count: int) -> Records:
        """The newest records by time and id, oldest first, at most so many; empty where nothing is stored."""
        found: list[Records] = []
        for path in reversed(self._files(pair)):
            found.append(read_segment(path, TRADE).records)
            if sum(map(len, found)) >= count:
                break
        records = np.concatenate(found) if found else np.empty(0, TRADE)
        return np.sort(records, order=["time_ns", "trade_id"])[-count:]

    def load(self, pair: str, start_ns: int | None = None, end_ns: int | None = None) -> MarketTrades:
        """Trades with times in [start, end), by time and id, each once.

        Raises:
            NotFoundError: none. ContradictionError: one id with two contents. DamagedFileError: see ``segment``.
        """
        columns = [_columns(segment, start_ns, end_ns) for segment in self._segments(pair)]
        joined = {name: np.concatenate([each[name] for each in columns]) for name in columns[0]}
        if not len(joined["time_ns"]):
            raise NotFoundError(f"no market trades of {pair} are stored in that time")
        order = np.lexsort((joined["trade_id"], joined["time_ns"]))
        joined = {name: column[order] for name, column in joined.items()}
        _, first, place = np.unique(joined["trade_id"], return_index=True, return_inverse=True)
        if len(first) != len(order):
            for name, column in joined.items():
                if not np.array_equal(column, column[first][place]):
                    raise ContradictionError(f"{pair}: a trade is stored twice, with different {name}")
            keep = np.sort(first)
            joined = {name: column[keep] for name, column in joined.items()}
        return MarketTrades(**joined)

    def instrument(self, pair: str) -> Instrument:
        """As of the newest file."""
        return _instrument(self._segments(pair)[-1].note)

    def origin(self, pair: str) -> Origin:
        """As of the newest file."""
        return _origin(self._segments(pair)[-1].note)

    def _folder(self, pair: str) -> Path:
        return self.root / "trades" / parse_pair(pair)

    def _files(self, pair: str) -> list[Path]:
        return sorted(self._folder(pair).glob("*.seg"), key=_order)

    def _segments(self, pair: str) -> list[Segment]:
        files = self._files(pair)
        if not files:
            held = ", ".join(self.pairs()) or "none"
            raise NotFoundError(f"no market trades of {pair} are stored (there are: {held}); see workbench feed watch")
        return [read_segment(path, TRADE) for path in files]


class TradeWriter:
    """Appends to the newest file of a pair, and begins a new one when the day changes."""

    def __init__(self, folder: Path, instrument: Instrument, origin: Origin) -> None:
        """Raises:
        InputError: another feed writes this pair. DamagedFileError, OSError: see ``segment.SegmentWriter``.
        """
        self._folder, self._note = folder, _note(instrument, origin)
        newest = max(folder.glob("*.seg"), key=_order, default=None)
        self._day = newest.name[:10] if newest else "1970-01-01"
        self._writer: SegmentWriter | None = None
        if newest is not None and _same(read_segment(newest, TRADE).note, self._note):
            self._writer = SegmentWriter(newest, TRADE, self._note)

    def append(self, trades: Sequence[MarketTrade], received_ns: int = 0, source: int = 0) -> None:
        """One block; handed to the operating system when this returns.

        Raises:
            OSError: the disk refuses; nothing of the block stays.
        """
        if not trades:
            return
        writer = self._writer_of(_day(trades[-1].time_ns))
        records = np.array(
            [
                (
                    trade.time_ns,
                    trade.trade_id,
                    trade.price_ticks,
                    trade.quantity_lots,
                    received_ns,
                    trade.side,
                    source,
                    0,
                )
                for trade in trades
            ],
            TRADE,
        )
        writer.append(records)

    def sync(self) -> None:
        """Flush to the disk."""
        if self._writer is not None:
            self._writer.sync()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _writer_of(self, day: str) -> SegmentWriter:
        """The open file, or a new one where the day has changed or none is open."""
        if self._writer is None or day > self._day:
            day = max(day, self._day)
            number = 1 + max((_order(path)[1] for path in self._folder.glob(f"{day}-*.seg")), default=0)
            fresh = SegmentWriter(self._folder / f"{day}-{number}.seg", TRADE, self._note)
            self.close()
            self._writer, self._day = fresh, day
        return self._writer


def _columns(segment: Segment, start_ns: int | None, end_ns: int | None) -> dict[str, Records]:
    records, instrument = segment.records, _instrument(segment.note)
    times = records["time_ns"]
    chosen = np.ones(len(records), np.bool_)
    if start_ns is not None:
        chosen &= times >= start_ns
    if end_ns is not None:
        chosen &= times < end_ns
    records = records[chosen]
    return {
        "time_ns": records["time_ns"],
        "trade_id": records["trade_id"],
        "side": records["side"].astype(np.int8),
        "price": instrument.price_grid.floats(records["price_ticks"]),
        "quantity": instrument.quantity_grid.floats(records["quantity_lots"]),
    }


def _order(path: Path) -> tuple[str, int]:
    """``2026-11-23-2.seg`` -> its day and number."""
    day, _, number = path.stem.rpartition("-")
    return day, int(number) if number.isdigit() else 0


def _day(time_ns: int) -> str:
    return f"{datetime.fromtimestamp(time_ns // 10**9, tz=UTC):%Y-%m-%d}"


def _note(instrument: Instrument, origin: Origin) -> dict[str, Any]:
    return {
        "pair": instrument.pair,
        "tick_size": str(instrument.tick_size),
        "lot_size": str(instrument.lot_size),
        "minimum_notional": str(instrument.minimum_notional),
        "source": origin.source,
        "simulated": origin.simulated,
    }


def _same(held: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all(held.get(name) == value for name, value in wanted.items())


def _instrument(note: dict[str, Any]) -> Instrument:
    sizes = {name: Decimal(note[name]) for name in ("tick_size", "lot_size", "minimum_notional")}
    return Instrument(note["pair"], **sizes)


def _origin(note: dict[str, Any]) -> Origin:
    return Origin(note["source"], note["simulated"])
