"""Crosses are decided on whole ticks: no sign is ever wrong, ties included."""

import csv
from fractions import Fraction

import numpy as np
import pytest

from tests.candles import from_closes
from tests.conftest import shared_data
from workbench.strategy.rsi import Rsi
from workbench.strategy.sma_cross import SmaCross


def exact_sma_exposure(ticks, fast, slow):
    """The same by Python integers, summed anew at every bar."""
    exposure, side, target = [], 0, 0
    for i in range(len(ticks)):
        if i >= slow - 1:
            difference = sum(ticks[i - fast + 1 : i + 1]) * slow - sum(ticks[i - slow + 1 : i + 1]) * fast
            sign = (difference > 0) - (difference < 0)
            if sign and sign != side:
                if side:
                    target = 1 if sign > 0 else 0
                side = sign
        exposure.append(target)
    return exposure


def exact_simple_rsi_exposure(ticks, period, lower, upper):
    """The same by fractions."""
    exposure, target = [], 0
    for i in range(len(ticks)):
        if i >= period:
            changes = [ticks[k] - ticks[k - 1] for k in range(i - period + 1, i + 1)]
            gain, loss = sum(max(x, 0) for x in changes), sum(max(-x, 0) for x in changes)
            index = Fraction(100 * gain, gain + loss) if gain + loss else Fraction(50)
            target = 1 if index < lower else 0 if index > upper else target
        exposure.append(target)
    return exposure


@pytest.mark.parametrize("seed", range(20))
def test_no_wrong_sign_on_a_tick_grid(seed):
    """20 seeds of 20,000 bars with frequent ties equal exact integer arithmetic at every bar."""
    random = np.random.default_rng(seed)
    ticks = 2_000 + np.cumsum(random.integers(-2, 3, 20_000)).clip(-1_900, None)
    exposure = SmaCross(fast=9, slow=21).exposure(from_closes(ticks))
    assert exposure.tolist() == exact_sma_exposure(ticks.tolist(), 9, 21)


def test_rounded_averages_do_get_signs_wrong():
    """The reason for all this: pandas' rolling means disagree with exact arithmetic on the same bars."""
    import pandas as pd

    ticks = 2_000 + np.cumsum(np.random.default_rng(0).integers(-2, 3, 20_000)).clip(-1_900, None)
    close = pd.Series(ticks / 100)
    floats = np.sign((close.rolling(9).mean() - close.rolling(21).mean()).to_numpy()[20:])
    sums = np.concatenate([[0], np.cumsum(ticks)])
    exact = np.sign((sums[21:] - sums[12:-9]) * 21 - (sums[21:] - sums[:-21]) * 9)
    assert np.count_nonzero(floats != exact) > 0


def test_no_wrong_sign_on_real_minutes():
    """Real one-minute candles with many equal prices, several pairs of periods."""
    with shared_data("UNITTESTBTC-1m.csv").open() as file:
        ticks = [round(float(row["close"]) * 10**8) for row in csv.DictReader(file)]
    candles = from_closes(ticks)
    for fast, slow in ((5, 20), (9, 21), (10, 50), (50, 200)):
        assert SmaCross(fast=fast, slow=slow).exposure(candles).tolist() == exact_sma_exposure(ticks, fast, slow)


@pytest.mark.parametrize("seed", range(5))
def test_simple_rsi_is_exact(seed):
    """RSI with plain means, levels that are hit exactly, equals fractions at every bar."""
    ticks = (500 + np.cumsum(np.random.default_rng(seed).integers(-2, 3, 3_000))).clip(100, None)
    strategy = Rsi(period=10, lower=40, upper=60, smoothing="simple")
    assert strategy.exposure(from_closes(ticks)).tolist() == exact_simple_rsi_exposure(ticks.tolist(), 10, 40, 60)
