"""Buy once and hold: what every other strategy must beat."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from workbench.model.candle import Candles
from workbench.strategy.base import Exposure, Strategy


@dataclass(frozen=True)
class BuyAndHold(Strategy):
    """Fully long from the first bar's close on."""

    name: ClassVar[str] = "buyAndHold"

    def exposure(self, candles: Candles) -> Exposure:
        return np.ones(len(candles), dtype=np.int8)
