"""The fused driver and the general one give the same bytes wherever both apply."""

import numpy as np
from hypothesis import given, strategies as st

from tests.candles import walk
from workbench.engine.backtest import backtest
from workbench.engine.costs import Costs
from workbench.engine.sizing import fixed_quantity, fixed_quote, fraction_of_equity, volatility_target
from workbench.strategy.base import Strategy


class Given(Strategy):
    """Plays back targets."""

    def __init__(self, targets):
        object.__setattr__(self, "targets", targets)

    @property
    def params(self):
        return {}

    def exposure(self, candles):
        return self.targets


costs = st.builds(
    Costs,
    taker_fee_rate=st.sampled_from([0.0, 0.001, 0.02]),
    slippage_bps=st.sampled_from([0.0, 2.0, 150.0]),
    half_spread_bps=st.sampled_from([0.0, 0.5]),
    latency_bars=st.integers(0, 4),
)
sizings = st.sampled_from(
    [fraction_of_equity(), fraction_of_equity(0.3), fixed_quote(500.0), fixed_quantity(7.5), volatility_target(0.5, 5)]
)
levels = st.sampled_from([-1.0, -0.5, 0.0, 0.25, 1.0])


@given(
    seed=st.integers(0, 10_000),
    targets=st.lists(levels, min_size=1, max_size=120),
    costs=costs,
    sizing=sizings,
    cash=st.sampled_from([0.5, 100.0, 10_000.0]),
    coarse=st.sampled_from([1, 50, 900]),
)
def test_fused_equals_general(seed, targets, costs, sizing, cash, coarse):
    """Orders, fills, trades and equity are equal byte for byte: all sizings, latencies, shorts and ruin included."""
    candles = walk(seed, len(targets), coarse=coarse, start=3_000)
    strategy = Given(np.array(targets))
    fast = backtest(candles, strategy, costs=costs, sizing=sizing, initial_cash=cash, fused=True)
    slow = backtest(candles, strategy, costs=costs, sizing=sizing, initial_cash=cash, fused=False)
    assert fast.equity_curve.tobytes() == slow.equity_curve.tobytes()
    for name in ("order_table", "fill_table", "trade_table"):
        left, right = getattr(fast, name), getattr(slow, name)
        assert len(left) == len(right)
        for column in left.dtype.names:
            assert left[column].tobytes() == right[column].tobytes(), (name, column)
