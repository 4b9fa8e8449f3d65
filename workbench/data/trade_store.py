"""Live market trades on disk: append-only segments, one folder per pair, a new file each day. *Disk.*

``<root>/trades/<PAIR>/<YYYY-MM-DD>-<n>.seg``: by the UTC day of the newest trade at the time of writing; ``n`` counts
up where tick size, lot size or origin change within a day. Prices and quantities are whole ticks and lots of the file's
own grid. A file may hold trades older than its day (healed ones), never newer: reading the newest or a range relies on
it.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.data.market_trade import COLUMNS, MarketTrades
from workbench.data.segment import Segment, SegmentWriter, lock_for_writing, read_note, read_segment
from workbench.data.trade_gap import GapFile
from workbench.model.candle import Origin
from workbench.model.errors import ContradictionError, InputError, NotFoundError
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
        found = np.empty(0, TRADE)
        for path in reversed(self._files(pair)):
            if np.count_nonzero(found["time_ns"] >= _day_end_ns(path)) >= count:
                break
            found = np.concatenate([read_segment(path, TRADE).records, found])
        order = np.lexsort((found["trade_id"], found["time_ns"]))
        return found[order[max(0, len(order) - count) :]]

    def load(self, pair: str, start_ns: int | None = None, end_ns: int | None = None) -> MarketTrades:
        """Trades with times in [start, end), by time and id, each once.

        Raises:
            NotFoundError: none. ContradictionError: one id with two contents. DamagedFileError: see ``segment``.
        """
        columns = [_columns(segment, start_ns, end_ns) for segment in self._segments(pair, start_ns)]
        joined = {name: np.concatenate([each[name] for each in columns]) for name in COLUMNS} if columns else {}
        if not columns or not len(joined["time_ns"]):
            raise NotFoundError(f"no market trades of {pair} are stored in that time")
        return MarketTrades(**_each_once(pair, joined))

    def instrument(self, pair: str) -> Instrument:
        """As of the newest file."""
        return _instrument(self._newest_note(pair))

    def origin(self, pair: str) -> Origin:
        """As of the newest file."""
        return _origin(self._newest_note(pair))

    def _folder(self, pair: str) -> Path:
        return self.root / "trades" / parse_pair(pair)

    def _files(self, pair: str) -> list[Path]:
        """Oldest first; files that were torn before their note was whole hold nothing and are left out."""
        return [path for path in _files(self._folder(pair)) if read_note(path, TRADE)]

    def _known_files(self, pair: str) -> list[Path]:
        files = self._files(pair)
        if not files:
            held = ", ".join(self.pairs()) or "none"
            raise NotFoundError(f"no market trades of {pair} are stored (there are: {held}); see workbench feed watch")
        return files

    def _segments(self, pair: str, start_ns: int | None = None) -> list[Segment]:
        """All files but those whose day ends before a moment."""
        files = self._known_files(pair)
        return [read_segment(path, TRADE) for path in files if start_ns is None or _day_end_ns(path) > start_ns]

    def _newest_note(self, pair: str) -> dict[str, Any]:
        return read_note(self._known_files(pair)[-1], TRADE)


class TradeWriter:
    """Appends to the newest file of a pair, and begins a new one when the day changes."""

    def __init__(self, folder: Path, instrument: Instrument, origin: Origin) -> None:
        """Raises:
        InputError: another feed writes this pair. DamagedFileError, OSError: see ``segment.SegmentWriter``.
        """
        self._folder, self._pair, self._note = folder, instrument.pair, _note(instrument, origin)
        self._writer: SegmentWriter | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(folder / "writer.lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            lock_for_writing(self._lock, f"market trades of {instrument.pair}")
            newest = next(reversed(_files(folder)), None)
            self._day = _order(newest)[0] if newest else "1970-01-01"
            self._end_ns = _end_of_day_ns(self._day)
            if newest is not None and _same(read_note(newest, TRADE), self._note):
                self._writer = SegmentWriter(newest, TRADE, self._note)
        except BaseException:
            os.close(self._lock)
            raise

    def append(self, trades: Sequence[MarketTrade], received_ns: int = 0, source: int = 0) -> None:
        """One block; handed to the operating system when this returns.

        Args:
            received_ns: when they came, by this machine's clock, 0 where unknown. source: see TRADE.

        Raises:
            InputError: a trade of another pair. OSError: the disk refuses; nothing of the block stays.
        """
        if not trades:
            return
        if any(trade.pair != self._pair for trade in trades):
            raise InputError("trades", f"all of {self._pair}", sorted({trade.pair for trade in trades}))
        rows = [(t.time_ns, t.trade_id, t.price_ticks, t.quantity_lots, received_ns, t.side, source, 0) for t in trades]
        records = np.array(rows, TRADE)
        self._writer_of(int(records["time_ns"].max())).append(records)

    def sync(self) -> None:
        """Flush to the disk."""
        writer = self._writer  # a feed syncs beside its event loop, which may begin a new file meanwhile
        if writer is not None:
            writer.sync()

    def close(self) -> None:
        """Flush to the disk and let go; another writer may begin."""
        try:
            self._close_file()
        finally:
            if self._lock >= 0:
                os.close(self._lock)
                self._lock = -1

    def __enter__(self) -> "TradeWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _close_file(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def _writer_of(self, newest_ns: int) -> SegmentWriter:
        """The open file, or a new one where the day has changed or none is open."""
        if self._lock < 0:
            raise InputError("market trades", "a writer that is open", "a closed one")
        if self._writer is None or newest_ns >= self._end_ns:
            day = max(_day(newest_ns), self._day)
            number = 1 + max((_order(path)[1] for path in self._folder.glob(f"{day}*.seg")), default=0)
            fresh = SegmentWriter(self._folder / f"{day}-{number}.seg", TRADE, self._note)
            self._close_file()
            self._writer, self._day, self._end_ns = fresh, day, _end_of_day_ns(day)
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


def _each_once(pair: str, columns: dict[str, Records]) -> dict[str, Records]:
    """Rows by time and id; equal rows of one id merged."""
    order = np.lexsort((columns["trade_id"], columns["time_ns"]))
    columns = {name: column[order] for name, column in columns.items()}
    _, first, place = np.unique(columns["trade_id"], return_index=True, return_inverse=True)
    if len(first) == len(order):
        return columns
    for name, column in columns.items():
        differs = np.flatnonzero(column != column[first][place])
        if differs.size:
            row = int(differs[0])
            one, other, number = column[first][place][row], column[row], columns["trade_id"][row]
            raise ContradictionError(f"{pair}: trade {number} is stored twice, {name} {one} and {other}")
    return {name: column[np.sort(first)] for name, column in columns.items()}


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.seg"), key=_order)


def _day_end_ns(path: Path) -> int:
    """The end of a file's day: all its trades are older."""
    return _end_of_day_ns(_order(path)[0])


def _end_of_day_ns(day: str) -> int:
    return int(np.datetime64(day, "D").astype(np.int64) + 1) * DAY_NS


def _order(path: Path) -> tuple[str, int]:
    """``2026-11-23-2.seg`` -> its day and number."""
    day, number = path.stem[:10], path.stem[11:]
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
