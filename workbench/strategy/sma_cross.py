"""Moving-average cross: be in the market while the fast average is above the slow one."""

from dataclasses import dataclass
from typing import ClassVar

from workbench.model.candle import Candles
from workbench.model.errors import InputError
from workbench.strategy.base import Exposure, Strategy, check_period, targets
from workbench.strategy.decisions import sma_cross_exposure, whole_ticks


@dataclass(frozen=True)
class SmaCross(Strategy):
    """Long (or short, or both) by the cross of two simple moving averages of the close.

    Attributes:
        fast, slow: periods in bars, fast < slow.
        direction: long, short or both.
    """

    name: ClassVar[str] = "smaCross"

    fast: int = 9
    slow: int = 21
    direction: str = "long"

    def __post_init__(self) -> None:
        check_period("fast", self.fast)
        check_period("slow", self.slow)
        if self.fast >= self.slow:
            raise InputError("fast", f"a period shorter than slow ({self.slow})", self.fast)
        targets(self.direction)

    @property
    def warm_up(self) -> int:
        return self.slow

    def exposure(self, candles: Candles) -> Exposure:
        above, below = targets(self.direction)
        ticks_per_price, number = whole_ticks("slow", candles, 2 * self.fast * self.slow)
        return sma_cross_exposure(candles.close, ticks_per_price, self.fast, self.slow, above, below, number)
