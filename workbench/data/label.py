"""What is noted about candles in a file: beside a CSV or Parquet file (``.json``), inside a file of the store.

The note says where candles come from and whether they are simulated, so that a synthetic file stays labelled whatever
way it comes in. A JSON file beside it that holds something else (no object with ``simulated``) is not a note.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.model.candle import Origin
from workbench.model.errors import DamagedFileError, InputError
from workbench.model.instrument import Instrument, parse_decimal
from workbench.model.interval import Interval

NOTE, NOTE_SHA256 = b"workbench", b"workbench.sha256"
"""Where an Arrow file of the store keeps its note, and the note's digest, among the schema's metadata."""


@dataclass(frozen=True)
class Label:
    """A file's own word on its candles."""

    origin: Origin
    instrument: Instrument
    interval: Interval
    fingerprint: str


def find_label(path: Path) -> Label | None:
    """The note of a file, where it has one.

    Raises:
        InputError: there is one, but a field is missing or malformed. DamagedFileError: see :func:`unpack_note`.
    """
    if path.suffix in (".arrow", ".feather"):
        return _inside(path)
    sidecar = path.with_suffix(".json")
    if sidecar == path or not sidecar.is_file():
        return None
    try:
        about = json.loads(sidecar.read_text("utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(sidecar.name, f"a JSON document about {path.name}", error) from None
    if not isinstance(about, dict) or "simulated" not in about:
        return None
    return parse_label(sidecar.name, about)


def _inside(path: Path) -> Label | None:
    import pyarrow as pa

    try:
        with pa.memory_map(str(path)) as source:
            about = unpack_note(path, pa.ipc.open_file(source).schema.metadata)
    except (pa.ArrowException, OSError):
        return None  # whoever reads the columns says what is wrong with the file
    return None if about is None else parse_label(path.name, about)


def pack_note(about: dict[str, object]) -> dict[bytes, bytes]:
    """A note as metadata of an Arrow schema."""
    note = json.dumps(about).encode()
    return {NOTE: note, NOTE_SHA256: hashlib.sha256(note).hexdigest().encode()}


def unpack_note(path: Path, metadata: dict[bytes, bytes] | None) -> dict[str, Any] | None:
    """The note in the metadata of an Arrow schema; None where there is none.

    Raises:
        DamagedFileError: it is not the note that was written.
    """
    note = (metadata or {}).get(NOTE)
    if note is None:
        return None
    if hashlib.sha256(note).hexdigest().encode() != (metadata or {}).get(NOTE_SHA256):
        raise DamagedFileError(f"{path}: altered: its note does not match its digest")
    about: dict[str, Any] = json.loads(note)
    return about


def parse_label(field: str, about: Any) -> Label:
    """A note as a value.

    Raises:
        InputError: ``about`` is not an object with all fields, or one is malformed.
    """
    try:
        texts = {name: about[name] for name in ("pair", "tick_size", "lot_size", "minimum_notional", "fingerprint")}
        simulated, interval = about["simulated"], about.get("interval") or about["timeframe"]
        source = about["source"]
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(field, "a note with all its fields", f"{type(error).__name__}: {error}") from None
    if not isinstance(simulated, bool) or not all(
        isinstance(text, str) for text in (*texts.values(), interval, source)
    ):
        raise InputError(field, "texts, and true or false for simulated", about)
    sizes = {name: parse_decimal(name, texts[name]) for name in ("tick_size", "lot_size", "minimum_notional")}
    return Label(
        Origin(source, simulated),
        Instrument(texts["pair"], **sizes),
        Interval.parse(interval),
        texts["fingerprint"],
    )
