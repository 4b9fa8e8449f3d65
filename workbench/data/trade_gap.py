"""Trade gaps: times in which market trades are missing, written down as soon as they are found."""

import json
import os
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

from workbench.data.segment import flush_folder, lock_for_writing
from workbench.model.errors import DamagedFileError, InputError
from workbench.model.instrument import parse_pair


@dataclass(frozen=True)
class TradeGap:
    """[from_ns, to_ns), nanoseconds UTC, of one pair.

    Attributes:
        detected_ns: when it was found, by this machine's clock.
        candles_filled: the gap stays; the candles of its time came from the exchange.
        resolved: it turned out that nothing was missing. Neither: it is being looked into.
    """

    pair: str
    from_ns: int
    to_ns: int
    reason: str
    detected_ns: int
    candles_filled: bool
    resolved: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "pair", parse_pair(self.pair))
        if not 0 <= self.from_ns < self.to_ns:
            raise InputError("gap", "a beginning from 0 and an end after it", f"{self.from_ns} to {self.to_ns}")
        if not self.reason.strip():
            raise InputError("reason", "a text", self.reason)
        if self.detected_ns < 0:
            raise InputError("detected_ns", "a time from 0", self.detected_ns)


class GapFile:
    """JSON lines, each with its CRC-32, each on the disk when :meth:`append` returns. *Disk.*

    A line counts when its end is there: what a crash left behind the last end of line is cut off by the next append.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, gap: TradeGap) -> None:
        """Write a line; a later line of the same pair, beginning and end replaces an earlier one.

        Raises:
            InputError: another writer is at it. OSError: the disk refuses; nothing of the line stays.
        """
        text = json.dumps(asdict(gap), sort_keys=True).encode()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self.path.exists()
        with self.path.open("ab+", buffering=0) as file:
            lock_for_writing(file.fileno(), self.path.name)
            _append_line(file.fileno(), f"{zlib.crc32(text):08x} ".encode() + text + b"\n")
        if is_new:
            flush_folder(self.path.parent)

    def read(self) -> list[TradeGap]:
        """The newest word on each gap, in order of time; a torn last line is left out.

        Raises:
            DamagedFileError: a spoiled line.
        """
        data = self.path.read_bytes() if self.path.is_file() else b""
        gaps: dict[tuple[str, int, int], TradeGap] = {}
        for number, line in enumerate(data.split(b"\n")[:-1], 1):
            gap = self._parse(number, line)
            gaps[gap.pair, gap.from_ns, gap.to_ns] = gap
        return sorted(gaps.values(), key=lambda gap: (gap.from_ns, gap.to_ns, gap.pair))

    def _parse(self, number: int, line: bytes) -> TradeGap:
        checksum, _, text = line.partition(b" ")
        if checksum != f"{zlib.crc32(text):08x}".encode():
            raise DamagedFileError(f"{self.path}: altered: line {number} does not match its checksum")
        try:
            return TradeGap(**json.loads(text))
        except (ValueError, TypeError, InputError) as error:
            raise DamagedFileError(f"{self.path}: line {number} is not a gap: {error}") from None


def _append_line(file: int, line: bytes) -> None:
    end = _end_of_lines(file)
    try:
        os.ftruncate(file, end)
        while line:  # the disk may take a part: asking for the rest says what is wrong
            line = line[os.write(file, line) :]
        os.fsync(file)
    except OSError:
        os.ftruncate(file, end)
        raise


def _end_of_lines(file: int) -> int:
    """Where the last whole line ends."""
    size = os.fstat(file).st_size
    return os.pread(file, size, 0).rfind(b"\n") + 1
