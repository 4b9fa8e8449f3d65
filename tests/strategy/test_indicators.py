"""Indicators against pandas and plain Python; decisions against their slow twins, with room and with none to spare."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.candles import from_closes, from_ticks, walk
from tests.naive_strategies import rsi_exposure, simple_rsi, sma_exposure, wilder_rsi
from workbench.model.errors import InputError
from workbench.strategy.decisions import sma_cross_exposure, whole_ticks
from workbench.strategy.indicators import rsi, sma
from workbench.strategy.rsi import Rsi
from workbench.strategy.sma_cross import SmaCross

DIRECTIONS = st.sampled_from(["long", "short", "both"])
closes = st.lists(st.integers(1, 60), min_size=1, max_size=80)


@pytest.mark.parametrize("period", [1, 2, 9, 50, 300, 301])
def test_sma_is_pandas_rolling_mean(period):
    """Equal to 1e-12, NaN in the same places; longer than the data: NaN throughout."""
    import pandas as pd

    close = walk(1, 300).close
    assert np.allclose(sma(close, period), pd.Series(close).rolling(period).mean(), rtol=1e-12, equal_nan=True)


@pytest.mark.parametrize("period", [2, 14, 299])
def test_wilder_rsi_is_pandas_exponential_mean(period):
    """Wilder's averages are exponential means with alpha 1 / period that start from a plain mean."""
    import pandas as pd

    close = walk(2, 300).close
    change = np.diff(close)
    means = []
    for part in (np.maximum(change, 0), np.maximum(-change, 0)):
        seeded = np.concatenate([[part[:period].mean()], part[period:]])
        means.append(pd.Series(seeded).ewm(alpha=1 / period, adjust=False).mean().to_numpy())
    index = rsi(close, period, True)
    assert np.isnan(index[:period]).all()
    assert np.allclose(index[period:], 100 * means[0] / (means[0] + means[1]), rtol=1e-9)


@settings(max_examples=60)
@given(ticks=closes, period=st.integers(1, 20), wilder=st.booleans())
def test_rsi_equals_plain_python(ticks, period, wilder):
    """Both smoothings, ties and standstills included."""
    twin = (wilder_rsi if wilder else simple_rsi)(ticks, period)
    expected = [np.nan if value is None else float(value) for value in twin]
    assert np.allclose(rsi(np.array(ticks, float), period, wilder), expected, rtol=1e-9, atol=1e-9, equal_nan=True)


def test_rsi_of_one_way_markets():
    """Only gains: 100, only losses: 0, nothing: 50."""
    rising = np.arange(1.0, 30.0)
    for wilder in (True, False):
        assert (rsi(rising, 5, wilder)[5:] == 100).all()
        assert (rsi(rising[::-1].copy(), 5, wilder)[5:] == 0).all()
        assert (rsi(np.full(30, 7.0), 5, wilder)[5:] == 50).all()


@settings(max_examples=60)
@given(ticks=closes, fast=st.integers(1, 10), longer=st.integers(1, 20), direction=DIRECTIONS)
def test_sma_cross_equals_its_twin(ticks, fast, longer, direction):
    """Whole ticks with many ties, histories shorter than the period too."""
    strategy = SmaCross(fast, fast + longer, direction)
    exposure = strategy.exposure(from_closes(ticks))
    assert exposure.tolist() == sma_exposure(ticks, fast, fast + longer, direction)


@settings(max_examples=60)
@given(
    ticks=closes,
    period=st.integers(1, 20),
    lower=st.sampled_from([0, 20, 40.5, 50, 60]),
    upper=st.sampled_from([61, 66.6667, 80, 100]),
    direction=DIRECTIONS,
)
def test_simple_rsi_equals_its_twin(ticks, period, lower, upper, direction):
    """Levels compared as fractions."""
    from fractions import Fraction

    strategy = Rsi(period, lower, upper, "simple", direction)
    exact = (Fraction(str(lower)), Fraction(str(upper)))
    assert strategy.exposure(from_closes(ticks)).tolist() == rsi_exposure(ticks, period, *exact, direction, "simple")


@pytest.mark.parametrize("direction", ["long", "short", "both"])
@pytest.mark.parametrize("seed", range(3))
def test_wilder_rsi_equals_its_twin(seed, direction):
    """A long random history: Wilder's recursion in plain Python makes the same decisions."""
    candles = walk(seed, 3_000)
    ticks = candles.instrument.price_grid.units(candles.close).tolist()
    strategy = Rsi(9, 33, 66, "wilder", direction)
    assert strategy.exposure(candles).tolist() == rsi_exposure(ticks, 9, 33, 66, direction, "wilder")


@pytest.mark.parametrize("seed", range(3))
def test_both_number_types_decide_alike(seed):
    """Where both have room, int64 gives the targets of float64."""
    close = walk(seed, 5_000).close
    for fast, slow in ((1, 2), (9, 21), (50, 1_100)):
        by_float = sma_cross_exposure(close, 100.0, fast, slow, 1, -1, np.float64)
        by_integer = sma_cross_exposure(close, 100.0, fast, slow, 1, -1, np.int64)
        assert by_float.tobytes() == by_integer.tobytes()


def very_fine(seed, n_bars=2_000):
    """Prices near 900,000 on a tick of 1e-6, too many ticks for float64 sums; ties by small steps."""
    ticks = 900_000_000_000 + np.cumsum(np.random.default_rng(seed).integers(-1, 2, n_bars))
    return ticks.tolist(), from_ticks(ticks, ticks, ticks, ticks, tick="0.000001")


@pytest.mark.parametrize("seed", range(3))
def test_very_fine_ticks_are_decided_in_integers(seed):
    """2**53 has no room for these products; the decisions are still exact, ties included."""
    ticks, candles = very_fine(seed)
    assert whole_ticks("slow", candles, 2 * 90 * 210)[1] is np.int64
    assert SmaCross(90, 210, "both").exposure(candles).tolist() == sma_exposure(ticks, 90, 210, "both")


def test_no_room_at_all_is_refused():
    """Periods whose products leave 62 bits are named, with what would fit."""
    candles = very_fine(0)[1]
    with pytest.raises(InputError, match=r"^slow: expected periods with a product of at most \d+ at this tick size"):
        SmaCross(2_000, 900_000).exposure(candles)
