"""Returns by month: slowly by dates, and together the total return."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.evidence.runs import few_trades, many_trades
from workbench.evidence.month_returns import MonthReturn, month_returns

DAY_NS = 86_400 * 10**9


def by_hand(times, equity, initial_cash):
    """Day by day, with the calendar of the standard library."""
    ends = {}
    for nanoseconds, value in zip(times, equity, strict=True):
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(nanoseconds) // 1000)
        ends[moment.year, moment.month] = value
    before, told = initial_cash, []
    for (year, month), value in ends.items():
        told.append(MonthReturn(year, month, value / before - 1 if before else 0.0))
        before = value
    return told


@settings(max_examples=100)
@given(
    equity=st.lists(st.floats(10.0, 1e6), min_size=1, max_size=200),
    start_days=st.integers(0, 30_000),
    hours=st.sampled_from([1, 24, 24 * 7, 24 * 50]),
    cash=st.floats(10.0, 1e6),
)
def test_months_multiply_out(equity, start_days, hours, cash):
    """The product of all is the total return; each is what its own days say; they come in order."""
    times = start_days * DAY_NS + np.arange(len(equity), dtype=np.int64) * (hours * DAY_NS // 24)
    told = month_returns(times, np.array(equity), cash)
    assert math.prod(1 + each.value for each in told) == pytest.approx(equity[-1] / cash, rel=1e-9)
    assert told == by_hand(times, equity, cash)
    order = [(each.year, each.month) for each in told]
    assert order == sorted(set(order))


@pytest.mark.parametrize("run", [few_trades, many_trades])
def test_months_of_a_run(run):
    """The same of real equity curves."""
    result = run()
    told = month_returns(result.candles.open_time_ns, result.equity_curve, result.inputs.initial_cash)
    assert math.prod(1 + each.value for each in told) - 1 == pytest.approx(result.metrics.total_return, abs=1e-12)


def test_ruin_and_gaps():
    """Nothing left, or less: the month of the ruin has it all, later ones nothing. A month without a bar has no row."""
    times = np.array([0, 40, 70, 140], dtype=np.int64) * DAY_NS
    assert month_returns(times, np.array([50.0, 0.0, 0.0, 0.0]), 100.0) == [
        MonthReturn(1970, 1, -0.5), MonthReturn(1970, 2, -1.0), MonthReturn(1970, 3, 0.0), MonthReturn(1970, 5, 0.0),
    ]  # fmt: skip
    owed = month_returns(times, np.array([50.0, -25.0, -25.0, -25.0]), 100.0)
    assert [each.value for each in owed] == [-0.5, -1.5, 0.0, 0.0]


def test_a_bar_belongs_to_the_month_in_which_it_opens():
    """The last hour of January ends in February."""
    times = np.array([31 * 24 - 1, 31 * 24], dtype=np.int64) * (DAY_NS // 24)
    assert [(each.month, each.value) for each in month_returns(times, np.array([110.0, 121.0]), 100.0)] == [
        (1, pytest.approx(0.1)), (2, pytest.approx(0.1)),
    ]  # fmt: skip
