"""Thinning keeps ends and spikes, and never invents a point."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from workbench.evidence.thinning import largest_trades, thinned

values = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([0.0, 1.0]))


@settings(max_examples=60)
@given(
    numbers=st.lists(values, min_size=1, max_size=80), warm_up=st.integers(0, 40), repeat=st.sampled_from([1, 7, 40]),
    points=st.integers(6, 60),
)  # fmt: skip
def test_any_curve(numbers, warm_up, repeat, points):
    """Rising rows, both ends, at most so many; the highest and lowest stay; of a warm-up only its beginning does."""
    curve = np.concatenate([np.full(warm_up, np.nan), np.repeat(numbers, repeat)])
    rows = thinned(curve, points)
    assert rows[0] == 0
    assert rows[-1] == curve.size - 1
    assert (np.diff(rows) > 0).all()
    if curve.size <= points:
        assert rows.tolist() == list(range(curve.size))
        return
    assert rows.size <= points
    assert np.isnan(curve[rows]).sum() == min(warm_up, 1)
    assert np.nanmin(curve[rows]) == min(numbers)
    assert np.nanmax(curve[rows]) == max(numbers)


def test_spikes_stay():
    """Among thousands of points, one that stands out is drawn."""
    curve = np.zeros(50_000)
    curve[12_345], curve[43_210] = 5.0, -3.0
    assert {12_345, 43_210} <= set(thinned(curve, 100).tolist())


def test_nothing_but_warm_up():
    """Its two ends."""
    assert thinned(np.full(500, np.nan), 100).tolist() == [0, 499]
    assert thinned(np.full(3, np.nan), 100).tolist() == [0, 1, 2]


@pytest.mark.parametrize("most", [1, 3, 10])
def test_the_largest_trades_stay_in_their_order(most):
    """By profit or loss; the earlier of two that are as large."""
    trades = np.array([(1.0,), (-9.0,), (4.0,), (-4.0,), (0.0,)], dtype=[("profit", np.float64)])
    wanted = {1: [-9.0], 3: [-9.0, 4.0, -4.0], 10: [1.0, -9.0, 4.0, -4.0, 0.0]}
    assert largest_trades(trades, most)["profit"].tolist() == wanted[most]
