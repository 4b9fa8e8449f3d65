"""Append-only files of records of one width, which a crash cannot spoil. *Disk.*

A file is a JSON line (the note), then blocks: magic, count, CRC-32 of the records, records (little-endian). A block is
one write to the end of the file, so a crash leaves at most one torn block, at the end: reading ends before it, writing
cuts it off. A block that is spoiled in the middle is damage, and is told. One writer at a time: the file is locked.
A file without a whole note was torn at birth: it reads as empty, with an empty note, and is begun anew.
"""

import fcntl
import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.model.errors import DamagedFileError, InputError

FORMAT = "workbench.segment/1"
MAGIC = 0x4B4C4257
HEAD = np.dtype([("magic", "<u4"), ("count", "<u4"), ("crc", "<u4"), ("zero", "<u4")])
BEGINNING = json.dumps({"format": FORMAT}).encode().removesuffix(b"}")
Records = NDArray[Any]


@dataclass(frozen=True)
class Segment:
    """What a file holds: the note, all records of whole blocks, and how many bytes of a torn one follow."""

    note: dict[str, Any]
    records: Records
    torn_bytes: int


def read_segment(path: Path, dtype: np.dtype[Any]) -> Segment:
    """Read one file.

    Raises:
        FileNotFoundError: there is none. DamagedFileError: a spoiled note, other records, or a spoiled block that is
            not the last.
    """
    return _parse(path, path.read_bytes(), dtype)


def _parse(path: Path, data: bytes, dtype: np.dtype[Any]) -> Segment:
    if _is_torn_note(data):
        return Segment({}, np.empty(0, dtype), len(data))
    end_of_note = data.find(b"\n") + 1
    note = _note(path, data[:end_of_note], dtype)
    blocks, place = [], end_of_note
    while place < len(data):
        block = _block(data, place, dtype)
        if block is None:
            break
        blocks.append(block)
        place += HEAD.itemsize + block.nbytes
    torn = len(data) - place
    if torn and _has_block_after(data, place, dtype):
        raise DamagedFileError(f"{path}: altered: the block at byte {place} is spoiled")
    records = np.concatenate(blocks) if blocks else np.empty(0, dtype)
    return Segment(note, records, torn)


def read_note(path: Path, dtype: np.dtype[Any]) -> dict[str, Any]:
    """The note alone, without reading the records; empty where the file was torn at birth.

    Raises:
        DamagedFileError: another file than one of these records.
    """
    with path.open("rb") as file:
        line = file.readline()
    return {} if _is_torn_note(line) else _note(path, line, dtype)


def _is_torn_note(data: bytes) -> bool:
    """Whether nothing but the beginning of a note is there."""
    return b"\n" not in data and data[: len(BEGINNING)] == BEGINNING[: len(data)]


def _note(path: Path, line: bytes, dtype: np.dtype[Any]) -> dict[str, Any]:
    try:
        note = json.loads(line)
    except ValueError:
        note = None
    if not isinstance(note, dict) or note.get("format") != FORMAT or note.get("records") != _described(dtype):
        raise DamagedFileError(f"{path}: not a file of {FORMAT} with these records")
    return note


def _block(data: bytes, place: int, dtype: np.dtype[Any]) -> Records | None:
    """The records of a whole block, None where it is none."""
    start = place + HEAD.itemsize
    if start > len(data):
        return None
    head = np.frombuffer(data, HEAD, 1, place)[0]
    length = int(head["count"]) * dtype.itemsize
    if head["magic"] != MAGIC or head["zero"] or not length or start + length > len(data):
        return None
    if zlib.crc32(data[start : start + length]) != head["crc"]:
        return None
    return np.frombuffer(data, dtype, int(head["count"]), start)


def _has_block_after(data: bytes, place: int, dtype: np.dtype[Any]) -> bool:
    """Whether a whole block follows a place: then what lies there is not merely torn."""
    magic = MAGIC.to_bytes(4, "little")
    while (place := data.find(magic, place + 1)) >= 0:
        if _block(data, place, dtype) is not None:
            return True
    return False


def _described(dtype: np.dtype[Any]) -> list[Any]:
    described: list[Any] = json.loads(json.dumps(dtype.descr))
    return described


def lock_for_writing(file: int, name: str) -> None:
    """Hold an open file for one writer until it is closed.

    Raises:
        InputError: another writer holds it.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError(name, "no other feed that writes it", "one that does") from None


def flush_folder(folder: Path) -> None:
    """Put the names in a folder on the disk, so that a new file survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class SegmentWriter:
    """Creates a file or goes on with it; ``cut_bytes`` tells how much of a torn block was cut off."""

    def __init__(self, path: Path, dtype: np.dtype[Any], note: Mapping[str, Any]) -> None:
        """Raises:
        InputError: another process writes it, or its note is another one. DamagedFileError: see read_segment.
        OSError: the disk refuses.
        """
        self.path, self.dtype, self.cut_bytes = path, dtype, 0
        wanted = json.loads(json.dumps({"format": FORMAT, "records": _described(dtype), **note}))
        path.parent.mkdir(parents=True, exist_ok=True)
        self._end = 0
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            lock_for_writing(self._file, path.name)
            self._end = self._continue(wanted) if os.fstat(self._file).st_size else self._begin(wanted)
        except BaseException:
            os.close(self._file)
            raise

    def append(self, records: Records) -> None:
        """One block; on an error nothing of it stays, and the next append goes on after the last whole block.

        Raises:
            InputError: other records. OSError: the disk refuses.
        """
        if records.dtype != self.dtype:
            raise InputError(self.path.name, f"records of {self.dtype}", records.dtype)
        if not len(records):
            return
        body = records.tobytes()
        head = np.array((MAGIC, len(records), zlib.crc32(body), 0), HEAD).tobytes()
        self._write(head + body)

    def sync(self) -> None:
        """Flush to the disk."""
        os.fdatasync(self._file)

    def close(self) -> None:
        """Flush to the disk and let go; the lock goes with it."""
        if self._file < 0:
            return
        try:
            self.sync()
        finally:
            os.close(self._file)
            self._file = -1

    def clear(self) -> None:
        """Take everything out, the note too: whoever opens the file next begins it anew."""
        os.ftruncate(self._file, 0)
        self._end = 0
        self.close()

    def __enter__(self) -> "SegmentWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begin(self, note: dict[str, Any]) -> int:
        self._write(json.dumps(note).encode() + b"\n")
        os.fsync(self._file)
        flush_folder(self.path.parent)
        return self._end

    def _continue(self, wanted: dict[str, Any]) -> int:
        data = self.path.read_bytes()
        if _is_torn_note(data):
            os.ftruncate(self._file, 0)
            self.cut_bytes = len(data)
            return self._begin(wanted)
        held = _parse(self.path, data, self.dtype)
        if held.note != wanted:
            raise InputError(self.path.name, f"the note {wanted}", held.note)
        self.cut_bytes = held.torn_bytes
        end = len(data) - held.torn_bytes
        os.ftruncate(self._file, end)
        return end

    def _write(self, data: bytes) -> None:
        try:
            _write_all(self._file, data, self._end)
        except OSError:
            os.ftruncate(self._file, self._end)
            raise
        self._end += len(data)


def _write_all(file: int, data: bytes, place: int) -> None:
    written = os.pwrite(file, data, place)
    if written != len(data):  # the disk took a part: asking for the rest says what is wrong
        _write_all(file, data[written:], place + written)
