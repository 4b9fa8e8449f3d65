"""Minutes that a feed has settled, on their way into the candle store: appended as they come, moved over now and then.

``<root>/live/<PAIR>-1m.seg`` takes a minute at once; :meth:`LiveCandles.fold` joins its minutes with the candle store,
which rewrites a whole file, and begins it anew. A crash in between leaves them in both, equal: folding again changes
nothing. ``<root>/live/<PAIR>.json`` says up to when minutes are settled. *Disk.*
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.atomic import write_atomically
from workbench.data.segment import SegmentWriter, read_segment
from workbench.data.store import CandleStore
from workbench.model.candle import Candles, Origin
from workbench.model.errors import ContradictionError, DamagedFileError
from workbench.model.instrument import Instrument, parse_pair

NAMES = ("open_time_ns", "open_ticks", "high_ticks", "low_ticks", "close_ticks", "volume_lots")
MINUTE = np.dtype([(name, "<i8") for name in NAMES])
Rows = NDArray[Any]


class LiveCandles:
    """The minutes below a data folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, pair: str) -> Path:
        return self.root / "live" / f"{parse_pair(pair)}-1m.seg"

    def append(self, instrument: Instrument, rows: Sequence[tuple[int, ...]], settled_to_ns: int) -> None:
        """Minutes as rows of NAMES, and up to when all are settled; on the disk when this returns."""
        if rows:
            with SegmentWriter(self.path(instrument.pair), MINUTE, _note(instrument)) as file:
                file.append(np.array(rows, MINUTE))
        note = {"settled_to_ns": settled_to_ns}
        write_atomically(self._mark(instrument.pair), json.dumps(note).encode())

    def settled_to_ns(self, pair: str) -> int | None:
        """Up to when minutes are settled; None where none is.

        Raises:
            DamagedFileError: the file that says so is spoiled.
        """
        path = self._mark(pair)
        try:
            return int(json.loads(path.read_text("utf-8"))["settled_to_ns"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            raise DamagedFileError(f"{path}: altered: it does not say settled_to_ns") from None

    def candles(self, instrument: Instrument, origin: Origin) -> Candles | None:
        """What is not folded yet, None where nothing is.

        Raises:
            ContradictionError: the minutes are on another grid, or one is there twice with different content.
        """
        path = self.path(instrument.pair)
        held = read_segment(path, MINUTE) if path.is_file() else None
        if held is None or not len(held.records):
            return None
        wanted = _note(instrument)
        if any(held.note[name] != value for name, value in wanted.items()):
            raise ContradictionError(f"{path}: its minutes are on another grid: {held.note}, wanted {wanted}")
        return _candles(instrument, origin, _each_once(path, held.records))

    def fold(self, instrument: Instrument, origin: Origin) -> None:
        """Move all minutes into the candle store.

        Raises:
            ContradictionError: the store holds other candles for the same minutes; nothing was changed. InputError:
            somebody appends at this moment.
        """
        path = self.path(instrument.pair)
        candles = self.candles(instrument, origin)
        if candles is None:
            return
        with SegmentWriter(path, MINUTE, _note(instrument)) as file:  # nobody appends meanwhile
            candles = self.candles(instrument, origin)
            if candles is not None:
                CandleStore(self.root).append(candles)
            file.clear()

    def _mark(self, pair: str) -> Path:
        return self.root / "live" / f"{parse_pair(pair)}.json"


def _note(instrument: Instrument) -> dict[str, Any]:
    return {
        "pair": instrument.pair,
        "tick_size": str(instrument.tick_size),
        "lot_size": str(instrument.lot_size),
    }


def _each_once(path: Path, rows: Rows) -> Rows:
    """A crash may have left a minute twice, equal."""
    _, first, place = np.unique(rows["open_time_ns"], return_index=True, return_inverse=True)
    differs = np.flatnonzero(rows != rows[first][place])
    if differs.size:
        raise ContradictionError(f"{path}: the minute {rows[differs[0]]['open_time_ns']} is there twice, different")
    return rows[first]


def _candles(instrument: Instrument, origin: Origin, rows: Rows) -> Candles:
    prices, lots = instrument.price_grid, instrument.quantity_grid
    return Candles.build(
        pair=instrument.pair,
        interval="1m",
        instrument=instrument,
        origin=origin,
        open_time_ns=rows["open_time_ns"],
        open=prices.floats(rows["open_ticks"]),
        high=prices.floats(rows["high_ticks"]),
        low=prices.floats(rows["low_ticks"]),
        close=prices.floats(rows["close_ticks"]),
        volume=lots.floats(rows["volume_lots"]),
    )
