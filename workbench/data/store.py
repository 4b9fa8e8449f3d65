"""Candles on disk: uncompressed Arrow files, memory-mapped, so that opening does not depend on their length.

``<root>/candles/<PAIR>-<interval>.arrow`` grows by appending; ``<root>/snapshots/<sha256>.arrow`` is named by its
content and never changes. Opening trusts the file (its footer tells a truncated one); ``verify`` reads and hashes it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.atomic import write_atomically
from workbench.data.arrow import column_view
from workbench.data.label import Label, pack_note, parse_label, unpack_note
from workbench.model.candle import Candles, Origin
from workbench.model.candle_rules import COLUMNS
from workbench.model.errors import ContradictionError, DamagedFileError, InputError, NotFoundError
from workbench.model.instrument import parse_pair
from workbench.model.interval import Interval

FORMAT = "workbench.candles/1"
SCHEMA = pa.schema(
    [pa.field(name, pa.int64() if name == "open_time_ns" else pa.float64(), nullable=False) for name in COLUMNS]
)


@dataclass(frozen=True)
class CandleStore:
    """The data folder."""

    root: Path

    def path(self, pair: str, interval: Interval) -> Path:
        """Where candles lie.

        Raises:
            InputError: the pair is malformed, such as a path.
        """
        return self.root / "candles" / f"{parse_pair(pair)}-{interval}.arrow"

    def snapshot_path(self, fingerprint: str) -> Path:
        name = fingerprint.removeprefix("sha256:")
        if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
            raise InputError("fingerprint", "sha256: and 64 hexadecimal digits", fingerprint)
        return self.root / "snapshots" / f"{name}.arrow"

    def load(self, pair: str, interval: Interval) -> Candles:
        """What is stored under a name.

        Raises:
            NotFoundError: nothing is; the text lists what is stored. DamagedFileError: the file is truncated.
        """
        candles = self.find(pair, interval)
        if candles is None:
            names = ", ".join(file.stem.replace("-", " ") for file in _files(self.root)) or "nothing"
            raise NotFoundError(
                f"no candles of {pair} {interval} are stored (there is {names}); see workbench data import"
            )
        return candles

    def find(self, pair: str, interval: Interval) -> Candles | None:
        """What is stored under a name, None where nothing is.

        Raises:
            DamagedFileError: the file is truncated.
        """
        path = self.path(pair, interval)
        return self._open(path) if path.is_file() else None

    def append(self, candles: Candles) -> tuple[Candles, int]:
        """Join candles with what is stored under their name; the whole, and how many rows were new.

        Doing it again changes nothing. Rows before, after and between the stored ones are welcome.

        Raises:
            ContradictionError: a stored row, the tick size or the origin's label differs; nothing was changed.
        """
        path = self.path(candles.pair, candles.interval)
        held = self.find(candles.pair, candles.interval)
        if held is None:
            write_candles(path, candles)
            return candles, len(candles)
        joined, added = join(held, candles)
        if added:
            write_candles(path, joined)
        return joined, added

    def list(self) -> list[Candles]:
        """Everything stored by name, sorted.

        Raises:
            DamagedFileError: one of the files is truncated.
        """
        return [self._open(path) for path in _files(self.root)]

    def _open(self, path: Path) -> Candles:
        candles = read_candles(path)
        if self.path(candles.pair, candles.interval) != path:
            raise DamagedFileError(f"{path}: renamed: it holds {candles.pair} {candles.interval}")
        return candles

    def put_snapshot(self, candles: Candles) -> Path:
        """Keep candles under their fingerprint; an existing snapshot is kept as it is unless it no longer opens."""
        path = self.snapshot_path(candles.fingerprint)
        if not self._has_snapshot(path, candles.fingerprint):
            write_candles(path, candles)
        return path

    def _has_snapshot(self, path: Path, fingerprint: str) -> bool:
        try:
            return path.is_file() and read_candles(path).fingerprint == fingerprint
        except DamagedFileError:
            return False

    def load_snapshot(self, fingerprint: str) -> Candles:
        """Candles by fingerprint, verified.

        Raises:
            NotFoundError: no such snapshot. DamagedFileError: truncated or altered.
        """
        path = self.snapshot_path(fingerprint)
        if not path.is_file():
            raise NotFoundError(f"no snapshot {fingerprint}")
        candles = verify_file(path)
        if candles.fingerprint != fingerprint:
            raise DamagedFileError(f"{path}: altered: its content is {candles.fingerprint}")
        return candles


def _files(root: Path) -> list[Path]:
    return sorted((root / "candles").glob("[!.]*.arrow"))


def join(held: Candles, new: Candles) -> tuple[Candles, int]:
    """Two runs of candles of one name as one, and how many rows ``new`` adds.

    Raises:
        ContradictionError: names the first row that differs, or what differs about all of them.
    """
    for field in ("tick_size", "lot_size", "minimum_notional"):
        _agree(held, field, getattr(held.instrument, field), getattr(new.instrument, field))
    _agree(held, "simulated", held.origin.simulated, new.origin.simulated)
    common, at_held, at_new = np.intersect1d(held.open_time_ns, new.open_time_ns, return_indices=True)
    for name in COLUMNS[1:]:
        one, other = getattr(held, name)[at_held], getattr(new, name)[at_new]
        differs = np.flatnonzero(one != other)
        if differs.size:
            row = int(differs[0])
            moment = np.datetime64(int(common[row]), "ns").astype("datetime64[s]")
            raise ContradictionError(
                f"{held.pair} {held.interval}, {moment} UTC, {name}: stored {one[row]}, received {other[row]}"
                f" ({differs.size} rows differ); nothing was changed"
            )
    added = len(new) - common.size
    if not added:
        return held, 0
    fresh = ~np.isin(new.open_time_ns, common)
    times = np.concatenate([held.open_time_ns, new.open_time_ns[fresh]])
    order = np.argsort(times, kind="stable")
    columns = [np.concatenate([getattr(held, name), getattr(new, name)[fresh]])[order] for name in COLUMNS[1:]]
    sources = dict.fromkeys([*held.origin.source.split(" + "), *new.origin.source.split(" + ")])
    origin = Origin(" + ".join(sources), held.origin.simulated)
    return Candles.trusted(held.instrument, held.interval, times[order], *columns, origin=origin), added


def _agree(held: Candles, field: str, one: object, other: object) -> None:
    if one != other:
        raise ContradictionError(
            f"{held.pair} {held.interval}, {field}: stored {one}, received {other}; nothing was changed"
        )


def write_candles(path: Path, candles: Candles) -> None:
    """Write one file, whole or not at all."""
    instrument = candles.instrument
    about = {
        "format": FORMAT,
        "rows": len(candles),
        "pair": candles.pair,
        "interval": str(candles.interval),
        "tick_size": str(instrument.tick_size),
        "lot_size": str(instrument.lot_size),
        "minimum_notional": str(instrument.minimum_notional),
        "source": candles.origin.source,
        "simulated": candles.origin.simulated,
        "fingerprint": candles.fingerprint,
    }
    arrays = [pa.array(getattr(candles, name)) for name in COLUMNS]
    table = pa.record_batch(arrays, schema=SCHEMA.with_metadata(pack_note(about)))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_batch(table)
    write_atomically(path, memoryview(sink.getvalue()))


def read_candles(path: Path) -> Candles:
    """Open one file; the columns are views of the map, the fingerprint is the one noted when it was written.

    Raises:
        DamagedFileError: truncated, or not a file of this store.
    """
    label, batch = _open_batch(path)
    columns = [_whole_column(path, batch, name) for name in COLUMNS]
    return Candles.trusted(
        label.instrument, label.interval, *columns, origin=label.origin, known_fingerprint=label.fingerprint
    )


def _open_batch(path: Path) -> tuple[Label, pa.RecordBatch]:
    try:
        with pa.memory_map(str(path)) as source:
            reader = pa.ipc.open_file(source)
            about = unpack_note(path, reader.schema.metadata) or {}
            if about.get("format") != FORMAT or not reader.schema.equals(SCHEMA) or reader.num_record_batches != 1:
                raise DamagedFileError(f"{path}: not a candle file of format {FORMAT}")
            batch = reader.get_batch(0)
    except pa.ArrowMemoryError:  # no fault of the file
        raise
    except (pa.ArrowException, OSError) as error:
        raise DamagedFileError(f"{path}: truncated or altered: {error}") from None
    if batch.num_rows != about["rows"]:
        raise DamagedFileError(f"{path}: altered: {batch.num_rows} rows instead of {about['rows']}")
    return parse_label(path.name, about), batch


def _whole_column(path: Path, batch: pa.RecordBatch, name: str) -> NDArray[Any]:
    try:
        return column_view(batch.column(name))
    except (TypeError, ValueError):
        raise DamagedFileError(f"{path}: altered: {name} has fewer than {batch.num_rows} values") from None


def verify_file(path: Path) -> Candles:
    """Open one file and recompute its fingerprint.

    Raises:
        DamagedFileError: it is not the one noted in the file.
    """
    candles = read_candles(path)
    again = Candles.trusted(
        candles.instrument, candles.interval, *(getattr(candles, name) for name in COLUMNS), origin=candles.origin
    )
    if again.fingerprint != candles.fingerprint:
        raise DamagedFileError(f"{path}: altered: it says {candles.fingerprint}, its content is {again.fingerprint}")
    return candles
