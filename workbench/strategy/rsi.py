"""Relative strength index: buy weakness, leave strength."""

from dataclasses import dataclass
from typing import ClassVar

from workbench.model.candle import Candles
from workbench.model.errors import InputError
from workbench.model.instrument import parse_decimal
from workbench.strategy.base import Exposure, Strategy, check_period, targets
from workbench.strategy.decisions import LEVEL_UNITS, rsi_exposure, whole_ticks

SMOOTHINGS = ("wilder", "simple")


@dataclass(frozen=True)
class Rsi(Strategy):
    """In once the RSI of the close is below ``lower``, out (or short) once it is above ``upper``.

    Attributes:
        period: bars.
        lower, upper: levels from 0 to 100, at most four decimals, lower < upper.
        smoothing: wilder (1978) or simple (plain means, Cutler).
        direction: long, short or both.
    """

    name: ClassVar[str] = "rsi"

    period: int = 14
    lower: float = 30.0
    upper: float = 70.0
    smoothing: str = "wilder"
    direction: str = "long"

    def __post_init__(self) -> None:
        check_period("period", self.period)
        lower, upper = _level("lower", self.lower), _level("upper", self.upper)
        if lower >= upper:
            raise InputError("lower", f"a level below upper ({self.upper})", self.lower)
        if self.smoothing not in SMOOTHINGS:
            raise InputError("smoothing", "one of wilder, simple", self.smoothing)
        targets(self.direction)

    @property
    def warm_up(self) -> int:
        return self.period + 1

    def exposure(self, candles: Candles) -> Exposure:
        oversold, overbought = targets(self.direction)
        ticks_per_price, _ = whole_ticks("period", candles, 200 * LEVEL_UNITS * self.period)
        lower, upper = _level("lower", self.lower), _level("upper", self.upper)
        wilder = self.smoothing == "wilder"
        return rsi_exposure(candles.close, ticks_per_price, self.period, wilder, lower, upper, oversold, overbought)


def _level(field: str, value: float) -> int:
    units = parse_decimal(field, value) * LEVEL_UNITS
    if units != units.to_integral_value() or not 0 <= units <= 100 * LEVEL_UNITS:
        raise InputError(field, "a number from 0 to 100 with at most 4 decimals", value)
    return int(units)
