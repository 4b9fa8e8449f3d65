"""Candles on disk: uncompressed Arrow files, memory-mapped, so that opening does not depend on their length.

``<root>/candles/<PAIR>-<interval>.arrow`` grows by appending; ``<root>/snapshots/<sha256>.arrow`` is named by its
content and never changes. Opening trusts the file (its footer tells a truncated one); ``verify`` reads and hashes it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa

from workbench.atomic import write_atomically
from workbench.data.arrow import column_view
from workbench.model.candle import COLUMNS, Candles, Origin
from workbench.model.errors import ContradictionError, DamagedFileError, InputError, NotFoundError
from workbench.model.instrument import Instrument
from workbench.model.interval import Interval

FORMAT = "workbench.candles/1"
KEY = b"workbench"


@dataclass(frozen=True)
class CandleStore:
    """The data folder."""

    root: Path

    def path(self, pair: str, interval: Interval) -> Path:
        return self.root / "candles" / f"{pair}-{interval}.arrow"

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
        path = self.path(pair, interval)
        if not path.is_file():
            names = ", ".join(f"{held.pair} {held.interval}" for held in self.list()) or "nothing"
            raise NotFoundError(
                f"no candles of {pair} {interval} are stored (there is {names}); see workbench data import"
            )
        return read_candles(path)

    def append(self, candles: Candles) -> tuple[Candles, int]:
        """Join candles with what is stored under their name; the whole, and how many rows were new.

        Doing it again changes nothing. Rows before, after and between the stored ones are welcome.

        Raises:
            ContradictionError: a stored row, the tick size or the origin's label differs; nothing was changed.
        """
        path = self.path(candles.pair, candles.interval)
        if not path.is_file():
            write_candles(path, candles)
            return candles, len(candles)
        joined, added = join(read_candles(path), candles)
        if added:
            write_candles(path, joined)
        return joined, added

    def list(self) -> list[Candles]:
        """Everything stored by name, sorted.

        Raises:
            DamagedFileError: one of the files is truncated.
        """
        return list(self._all())

    def _all(self) -> Iterator[Candles]:
        for path in sorted((self.root / "candles").glob("[!.]*.arrow")):
            yield read_candles(path)

    def put_snapshot(self, candles: Candles) -> Path:
        """Keep candles under their fingerprint; an existing snapshot is kept as it is."""
        path = self.snapshot_path(candles.fingerprint)
        if not path.is_file():
            write_candles(path, candles)
        return path

    def load_snapshot(self, fingerprint: str) -> Candles:
        """Candles by fingerprint, verified.

        Raises:
            NotFoundError: no such snapshot. DamagedFileError: truncated or altered.
        """
        path = self.snapshot_path(fingerprint)
        if not path.is_file():
            raise NotFoundError(f"no snapshot {fingerprint}")
        return verify_file(path)


def join(held: Candles, new: Candles) -> tuple[Candles, int]:
    """Two runs of candles of one name as one, and how many rows ``new`` adds.

    Raises:
        ContradictionError: names the first row that differs.
    """
    for field, one, other in (
        ("tick size", held.instrument, new.instrument),
        ("simulated", held.origin.simulated, new.origin.simulated),
    ):
        if one != other:
            raise ContradictionError(f"{held.pair} {held.interval}: {field}: stored {one}, received {other}")
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


def write_candles(path: Path, candles: Candles) -> None:
    """Write one file, whole or not at all."""
    instrument = candles.instrument
    about = {
        "format": FORMAT,
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
    schema = pa.schema(
        [pa.field(name, array.type, nullable=False) for name, array in zip(COLUMNS, arrays, strict=True)]
    )
    table = pa.record_batch(arrays, schema=schema.with_metadata({KEY: json.dumps(about)}))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_batch(table)
    write_atomically(path, memoryview(sink.getvalue()))


def read_candles(path: Path) -> Candles:
    """Open one file; the columns are views of the map, the fingerprint is the one noted when it was written.

    Raises:
        DamagedFileError: truncated, or not a file of this store.
    """
    try:
        with pa.memory_map(str(path)) as source:
            reader = pa.ipc.open_file(source)
            about = json.loads((reader.schema.metadata or {}).get(KEY, b"{}"))
            batch = reader.get_batch(0) if reader.num_record_batches == 1 else None
    except (pa.ArrowInvalid, json.JSONDecodeError, OSError) as error:
        raise DamagedFileError(f"{path}: truncated or altered: {error}") from None
    if about.get("format") != FORMAT or batch is None or batch.schema.names != list(COLUMNS):
        raise DamagedFileError(f"{path}: not a candle file of format {FORMAT}")
    instrument = Instrument(
        about["pair"], Decimal(about["tick_size"]), Decimal(about["lot_size"]), Decimal(about["minimum_notional"])
    )
    return Candles.trusted(
        instrument,
        Interval.parse(about["interval"]),
        *(column_view(column) for column in batch.columns),
        origin=Origin(about["source"], about["simulated"]),
        known_fingerprint=about["fingerprint"],
    )


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
