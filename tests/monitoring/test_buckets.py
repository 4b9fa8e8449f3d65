"""Histograms tell apart what was promised from what was not, and see what is really reached."""

import bisect
import math

import pytest

from workbench.api.metrics import LAG_BUCKETS_MS, REQUEST_BUCKETS_SECONDS, RUN_BUCKETS_MS, Metrics

SECOND_MS = 1_000.0


def estimate(buckets: tuple[float, ...], value: float, share: float = 0.95) -> float:
    """What Prometheus' ``histogram_quantile`` makes of it when everything took so long."""
    place = bisect.bisect_left(buckets, value)
    low, high = (0.0 if place == 0 else buckets[place - 1]), buckets[place]
    return low + (high - low) * share


@pytest.mark.parametrize(
    ("buckets", "promise"), [(RUN_BUCKETS_MS, 2 * SECOND_MS), (RUN_BUCKETS_MS, 5 * SECOND_MS), (LAG_BUCKETS_MS, 250.0)]
)
def test_a_promise_just_kept_and_one_just_broken_look_different(buckets: tuple[float, ...], promise: float) -> None:
    """A promise is a bucket's edge, so the quantile is never on its wrong side; within a tenth it says how far off."""
    assert promise in buckets
    for value in (0.97 * promise, promise):
        assert estimate(buckets, value) <= promise
    for value in (1.001 * promise, 1.05 * promise):
        assert estimate(buckets, value) > promise


@pytest.mark.parametrize(("buckets", "promise"), [(RUN_BUCKETS_MS, 2 * SECOND_MS), (LAG_BUCKETS_MS, 250.0)])
def test_near_the_promise_the_estimate_is_within_a_seventh(buckets: tuple[float, ...], promise: float) -> None:
    """From 15% below to 10% above."""
    for percent in range(85, 111):
        value = promise * percent / 100
        assert math.isclose(estimate(buckets, value), value, rel_tol=1 / 7), value


@pytest.mark.parametrize(("buckets", "reached"), [(RUN_BUCKETS_MS, (1, 2, 5, 9, 14)), (LAG_BUCKETS_MS, (0.5, 1, 2))])
def test_where_we_are_the_estimate_is_within_a_half(buckets: tuple[float, ...], reached: tuple[float, ...]) -> None:
    """A millisecond is not 'somewhere between 0 and 5'; twice as slow shows as slower."""
    for value in reached:
        assert math.isclose(estimate(buckets, value), value, rel_tol=0.5)
        assert estimate(buckets, 2 * value) > 1.3 * estimate(buckets, value)


@pytest.mark.parametrize("buckets", [RUN_BUCKETS_MS, LAG_BUCKETS_MS, REQUEST_BUCKETS_SECONDS])
def test_buckets_rise_and_stay_few(buckets: tuple[float, ...]) -> None:
    """Each is a series for every pair."""
    assert list(buckets) == sorted(set(buckets))
    assert len(buckets) <= 30


def test_the_server_uses_these_buckets() -> None:
    """As exported, edge by edge."""
    metrics = Metrics()
    metrics.follow(["ETHUSDT"])
    text = metrics.text().decode()
    for name, buckets in (("bt_latency_ms", RUN_BUCKETS_MS), ("btcturk_ws_lag_ms", LAG_BUCKETS_MS)):
        lines = [line for line in text.splitlines() if line.startswith(f"{name}_bucket")]
        edges = [float(line.partition('le="')[2].partition('"')[0]) for line in lines]
        assert edges == [*buckets, math.inf]
