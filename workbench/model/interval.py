"""The length of a candle: ``1m``, ``1h``, ``1d`` and so on."""

import re
from dataclasses import dataclass
from functools import cached_property

from workbench.model.errors import InputError

UNIT_NS = {"s": 1_000_000_000, "m": 60_000_000_000, "h": 3_600_000_000_000, "d": 86_400_000_000_000}
UNIT_NS["w"] = 7 * UNIT_NS["d"]
YEAR_NS = 365 * UNIT_NS["d"]


@dataclass(frozen=True, order=True)
class Interval:
    """A fixed duration. Candles are aligned to it, counted from 1970-01-01 UTC (weeks from a Thursday)."""

    nanoseconds: int

    def __post_init__(self) -> None:
        if self.nanoseconds < UNIT_NS["s"] or self.nanoseconds % UNIT_NS["s"]:
            raise InputError("timeframe", "a whole number of seconds, at least 1", f"{self.nanoseconds} ns")

    @classmethod
    def parse(cls, text: "str | Interval") -> "Interval":
        """Read ``"1h"``, ``"15m"``, ``"1d"`` ...

        Raises:
            InputError: the text is not a number followed by one of s, m, h, d, w.
        """
        if isinstance(text, Interval):
            return text
        match = re.fullmatch(r"([1-9]\d{0,5})([smhdw])", text)
        if match is None:
            raise InputError("timeframe", "a number and a unit such as 1m, 15m, 1h, 4h, 1d", text)
        return cls(int(match[1]) * UNIT_NS[match[2]])

    @cached_property
    def bars_per_year(self) -> float:
        """Bars in 365 days; crypto markets do not close."""
        return YEAR_NS / self.nanoseconds

    def __str__(self) -> str:
        for unit in ("w", "d", "h", "m"):
            if self.nanoseconds % UNIT_NS[unit] == 0:
                return f"{self.nanoseconds // UNIT_NS[unit]}{unit}"
        return f"{self.nanoseconds // UNIT_NS['s']}s"
