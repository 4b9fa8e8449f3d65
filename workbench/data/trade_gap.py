"""Trade gaps: times in which market trades are missing, written down as soon as they are found."""

import json
import os
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

from workbench.model.errors import DamagedFileError, InputError


@dataclass(frozen=True)
class TradeGap:
    """[from_ns, to_ns), nanoseconds UTC, of one pair.

    Attributes:
        candles_filled: the gap stays; the candles of its time came from the exchange.
        resolved: it turned out that nothing was missing. Neither: it is being looked into.
    """

    pair: str
    from_ns: int
    to_ns: int
    reason: str
    detected_ns: int
    candles_filled: bool
    resolved: bool

    def __post_init__(self) -> None:
        if not 0 <= self.from_ns < self.to_ns:
            raise InputError("gap", "a beginning from 0 and an end after it", f"{self.from_ns} to {self.to_ns}")


class GapFile:
    """JSON lines, each with its CRC-32, each on the disk when :meth:`append` returns. *Disk.*"""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, gap: TradeGap) -> None:
        """Write a line; a later line with the same beginning and end replaces an earlier one."""
        text = json.dumps(asdict(gap), sort_keys=True)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        torn = self._torn()
        with self.path.open("ab") as file:
            file.write((b"\n" if torn else b"") + f"{zlib.crc32(text.encode()):08x} {text}\n".encode())
            file.flush()
            os.fsync(file.fileno())

    def read(self) -> list[TradeGap]:
        """The newest word on each gap, in order of time; a torn last line is left out.

        Raises:
            DamagedFileError: a spoiled line that is followed by others.
        """
        gaps: dict[tuple[int, int], TradeGap] = {}
        lines = self.path.read_text("utf-8", "replace").split("\n") if self.path.is_file() else []
        for number, line in enumerate(lines, 1):
            gap = _parsed(line)
            if gap is not None:
                gaps[gap.from_ns, gap.to_ns] = gap
            elif line and len(line) > len("00000000 {") and line.endswith("}"):
                raise DamagedFileError(f"{self.path}: altered: line {number} does not match its checksum")
        return [gaps[key] for key in sorted(gaps)]

    def _torn(self) -> bool:
        """Whether the last line has no end."""
        if not self.path.is_file() or not self.path.stat().st_size:
            return False
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"


def _parsed(line: str) -> TradeGap | None:
    checksum, _, text = line.partition(" ")
    if checksum != f"{zlib.crc32(text.encode()):08x}" or not text:
        return None
    return TradeGap(**json.loads(text))
