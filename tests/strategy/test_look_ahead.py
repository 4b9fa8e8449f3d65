"""The finder of look-ahead: it convicts strategies that peek and acquits those that do not."""

from dataclasses import dataclass

import numpy as np
import pytest

from tests.candles import walk
from workbench.strategy.base import Strategy
from workbench.strategy.buy_and_hold import BuyAndHold
from workbench.strategy.look_ahead import find_look_ahead
from workbench.strategy.rsi import Rsi
from workbench.strategy.sma_cross import SmaCross


@dataclass(frozen=True)
class NextClose(Strategy):
    """Long when the next close is higher."""

    def exposure(self, candles):
        return np.append(np.diff(candles.close) > 0, False).astype(np.int8)


@dataclass(frozen=True)
class WholeMean(Strategy):
    """Long above the mean of the whole history, the classic slip."""

    def exposure(self, candles):
        return (candles.close > candles.close.mean()).astype(np.int8)


@dataclass(frozen=True)
class LastBars(Strategy):
    """Honest but for the end: flat in the last five bars of whatever it is shown."""

    def exposure(self, candles):
        target = np.ones(len(candles), np.int8)
        target[-5:] = 0
        return target


@pytest.mark.parametrize("strategy", [NextClose(), WholeMean(), LastBars()], ids=repr)
def test_peeking_is_found(strategy):
    """The bar it names does change when the future is hidden."""
    candles = walk(2, 400)
    bar = find_look_ahead(strategy, candles)
    assert bar is not None
    full = strategy.exposure(candles)[bar]
    assert any(strategy.exposure(candles[:end])[bar] != full for end in range(bar + 1, len(candles)))


@pytest.mark.parametrize(
    "strategy",
    [SmaCross(3, 8, "both"), Rsi(7), Rsi(7, smoothing="simple", direction="short"), BuyAndHold()],
    ids=repr,
)
def test_ours_do_not_peek(strategy):
    """None of the catalog's strategies changes its mind, whatever the cut."""
    assert find_look_ahead(strategy, walk(2, 400), cuts=400) is None


def test_short_histories():
    """A history no longer than the warm-up, and one of a single bar, have nothing to hide."""
    assert find_look_ahead(SmaCross(3, 8), walk(2, 8)) is None
    assert find_look_ahead(BuyAndHold(), walk(2, 1)) is None
