"""What the exchange was asked for and has answered, so that its holes are not asked for again and again. *Disk.*

``<root>/fetched/<PAIR>-<interval>.json`` notes ranges with the number of candles stored in them, whole seconds UTC. A
range with fewer candles in the store than noted (somebody deleted them) is forgotten; deleting the note is harmless.
"""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from workbench.atomic import write_atomically
from workbench.data.btcturk.ranges import Range, union
from workbench.model.errors import DamagedFileError

FORMAT = "workbench.fetched/1"
SECOND_NS = 10**9


class Answered(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"begin": "from", "end": "to"}):
    """[begin, end) in seconds, and how many candles are stored of it."""

    begin: int
    end: int
    candles: int


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    format: str
    ranges: tuple[Answered, ...]


@dataclass(frozen=True)
class FetchedFile:
    """The note of one pair and interval."""

    path: Path

    def read(self, times: NDArray[np.int64]) -> list[Range]:
        """Ranges answered, of which as many candles are stored as were then.

        Args:
            times: (n,) open times stored now, nanoseconds, rising.

        Raises:
            DamagedFileError: not such a note; to delete it is harmless.
        """
        if not self.path.is_file():
            return []
        try:
            note = msgspec.json.decode(self.path.read_bytes(), type=Note)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DamagedFileError(f"{self.path}: {error}; delete it, and the ranges are asked for again") from None
        if note.format != FORMAT:
            raise DamagedFileError(f"{self.path}: format {note.format!r} instead of {FORMAT}")
        noted = [((each.begin * SECOND_NS, each.end * SECOND_NS), each.candles) for each in note.ranges]
        return union(each for each, candles in noted if _count(times, each) >= candles)

    def write(self, ranges: list[Range], times: NDArray[np.int64]) -> None:
        """Note these ranges, whole or not at all."""
        answered = (Answered(each[0] // SECOND_NS, each[1] // SECOND_NS, _count(times, each)) for each in union(ranges))
        note = msgspec.json.encode(Note(FORMAT, tuple(answered)))
        write_atomically(self.path, msgspec.json.format(note, indent=1) + b"\n")


def _count(times: NDArray[np.int64], each: Range) -> int:
    first, last = np.searchsorted(times, each)
    return int(last - first)
