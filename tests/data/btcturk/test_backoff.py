"""Waits between connection attempts: jittered, capped, and never more attempts than allowed."""

from random import Random

from hypothesis import given, strategies as st

from workbench.data.btcturk.backoff import Backoff, BackoffSettings


def backoff(seed=0, **settings):
    return Backoff(BackoffSettings(**settings), Random(seed))  # noqa: S311 - seeded chance of a test


@given(seed=st.integers(0, 2**32), failures=st.integers(1, 50))
def test_each_wait_lies_within_its_doubled_span(seed, failures):
    """Full jitter: anything from nothing to first * 2**n, at most the cap."""
    waits = backoff(seed, first_seconds=0.5, cap_seconds=30.0)
    for number in range(failures):
        assert 0.0 <= waits.next_delay(0.0) <= min(30.0, 0.5 * 2**number)


def test_it_begins_anew_after_a_connection_that_worked():
    """One break after a long life is not punished for old ones."""
    waits = backoff(first_seconds=0.5)
    for _ in range(8):
        waits.next_delay(0.0)
    waits.worked()
    assert waits.next_delay(0.0) <= 0.5


@given(seed=st.integers(0, 2**32), lives=st.lists(st.floats(0.0, 5.0), min_size=40, max_size=80))
def test_never_more_attempts_than_allowed_in_any_minute(seed, lives):
    """However short the connections are, and however well each began."""
    waits, now, attempts = backoff(seed, most_attempts=12, per_seconds=60.0), 0.0, []
    for life in lives:
        waits.attempted(now)
        attempts.append(now)
        waits.worked()
        now += life
        now += waits.next_delay(now)
    for first, thirteenth in zip(attempts, attempts[12:], strict=False):
        assert thirteenth - first >= 60.0 - 1e-6
