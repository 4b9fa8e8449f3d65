"""Protective exits that every entry of a signal strategy carries."""

from dataclasses import asdict, dataclass
from typing import Any

from workbench.engine.costs import FRACTION_UNITS, whole_millionths


@dataclass(frozen=True, kw_only=True)
class Exits:
    """Fractions of the entry price; None: no such exit. Rule 23 of the kernel says how they act."""

    stop_loss: float | None = None
    take_profit: float | None = None
    trailing_stop: float | None = None

    def __post_init__(self) -> None:
        _ = self.units

    @property
    def units(self) -> tuple[int, int, int]:
        """Stop-loss, take-profit and trailing stop in whole millionths, -1 for none."""
        return (
            _units("stop_loss", self.stop_loss, FRACTION_UNITS - 1),
            _units("take_profit", self.take_profit, 1000 * FRACTION_UNITS),
            _units("trailing_stop", self.trailing_stop, FRACTION_UNITS - 1),
        )

    def __bool__(self) -> bool:
        return any(unit >= 0 for unit in self.units)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def _units(field: str, value: float | None, maximum: int) -> int:
    return -1 if value is None else whole_millionths(field, value, minimum=1, maximum=maximum)
