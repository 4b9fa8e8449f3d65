"""The exchange's clock against ours: near the truth with noisy delays and wrong answers, and within its bound."""

from random import Random

import pytest
from hypothesis import given, settings, strategies as st

from tests.naive_feed import NaiveOffset
from workbench.data.btcturk.clock_offset import MOST_SAMPLES, NEWEST, WINDOW_NS, ClockOffset, Offset

MS = 10**6
SECOND = 10**9
TRUE = 1_700_000_000 * SECOND + 123_456_789
"""The exchange's clock minus ours."""
ROUNDING = 2
"""Nanoseconds lost in halving."""


def answer(clock, at, there_ns, back_ns, offset=TRUE):
    """One exchange of messages: asked at ``at``; the server reads its clock, in milliseconds, on arrival."""
    server = (at + there_ns + offset) // MS * MS
    clock.answered(at, at + there_ns + back_ns, server)


def trade(clock, happened, delay_ns, offset=TRUE):
    """A trade at a moment of our clock, received a while later."""
    clock.traded(happened + delay_ns, (happened + offset) // MS * MS)


def error(clock, offset=TRUE):
    return clock.offset.offset_ns - offset


def seeded(seed):
    return Random(seed)  # noqa: S311 - seeded chance of a test


def test_nothing_is_known_without_evidence():
    """The caller's own time is taken instead."""
    clock = ClockOffset()
    assert clock.offset is None
    assert clock.exchange_ns(5, 7) == 7


def test_one_answer_bounds_the_offset_by_half_its_round_trip():
    """The middle of its interval, half a millisecond later for the clock that tells milliseconds only."""
    clock = ClockOffset()
    clock.answered(1_000 * MS, 1_040 * MS, 5_000 * MS)
    assert clock.offset == Offset(5_000 * MS + MS // 2 - 1_020 * MS, 20 * MS + MS // 2, "REST")
    assert clock.exchange_ns(2_000 * MS, 7) == 2_000 * MS + 3_980 * MS + MS // 2


def test_an_answer_before_its_question_is_no_evidence():
    """A clock that is no clock."""
    clock = ClockOffset()
    clock.answered(10, 9, 1_000 * MS)
    assert clock.offset is None


def test_trades_alone_bound_it_from_below():
    """The smallest delay seen counts as none: lag is then what comes on top of it."""
    clock = ClockOffset()
    for at, delay in ((0, 50 * MS), (100 * MS, 21 * MS), (200 * MS, 90 * MS)):
        trade(clock, at, delay)
    assert (clock.offset.source, clock.offset.bound_ns) == ("trades", None)
    assert -22 * MS <= error(clock) <= -20 * MS


def test_the_shortest_round_trips_count():
    """Long asymmetric ones say little: 400 ms of delay on one way would be wrong by 200 ms."""
    clock = ClockOffset()
    for number in range(20):
        answer(clock, number * SECOND, 400 * MS, MS)
    for number in range(20, 25):
        answer(clock, number * SECOND, 2 * MS, 2 * MS)
    for number in range(25, 60):
        answer(clock, number * SECOND, 400 * MS, MS)
    assert abs(error(clock)) <= MS


@given(seed=st.integers(0, 2**32), count=st.integers(25, 200), wrong=st.integers(0, 2))
def test_noisy_asymmetric_delays_and_a_few_wrong_answers(seed, count, wrong):
    """Base delays of 10 ms and heavy tails, two answers of any size wrong: within 10 ms of the truth."""
    chance, clock = seeded(seed), ClockOffset()
    wrong_ones = {chance.randrange(NEWEST, count) for _ in range(wrong)}
    for number in range(count):
        if number in wrong_ones:
            answer(clock, number * SECOND, MS, MS, TRUE + chance.randrange(-(10**6), 10**6) * SECOND)
        else:
            there, back = (10 * MS + int(chance.paretovariate(1.0) * MS) for _ in range(2))
            answer(clock, number * SECOND, min(there, SECOND // 3), min(back, SECOND // 3))
    assert abs(error(clock)) <= 10 * MS


@settings(max_examples=200)
@given(
    ways=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=40),
    trades=st.lists(st.tuples(st.integers(0, 39), st.integers(0, 500)), max_size=30),
    offset=st.integers(-(10**18), 2 * 10**18),
)
def test_the_bound_holds(ways, trades, offset):
    """Where no answer lies, the truth is never further off than the bound, whatever the delays."""
    clock = ClockOffset()
    for number, (there, back) in enumerate(ways):
        answer(clock, number * SECOND, there * MS, back * MS, offset)
        for at, delay in trades:
            if at == number:
                trade(clock, number * SECOND + 10 * MS, delay * MS, offset)
        assert abs(error(clock, offset)) <= clock.offset.bound_ns + ROUNDING


@settings(max_examples=150)
@given(
    events=st.lists(
        st.tuples(st.booleans(), st.integers(0, 200), st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=60
    ),
    window=st.sampled_from([5 * SECOND, 60 * SECOND, WINDOW_NS]),
)
def test_any_evidence_as_the_twin_weighs_it(events, window):
    """By brute force over all that is in the window."""
    clock, twin, at = ClockOffset(window), NaiveOffset(window), 0
    for is_trade, wait, one, other in events:
        at += wait * 10 * MS + 700 * MS
        if is_trade:
            for each in (clock, twin):
                trade(each, at - one * MS, one * MS)
        else:
            for each in (clock, twin):
                answer(each, at - (one + other) * MS, one * MS, other * MS)
        known = clock.offset
        assert (known.offset_ns, known.bound_ns) == twin.offset()


@pytest.mark.parametrize("step", [-3600 * SECOND, -SECOND, -100 * MS, 100 * MS, SECOND, 3600 * SECOND])
@pytest.mark.parametrize("before", [1, 5, 100])
def test_a_step_of_the_exchange_s_clock_is_followed_within_the_newest_answers(step, before):
    """Neither the answers nor the trades before it hold the estimate back."""
    clock = ClockOffset()
    for number in range(before):
        answer(clock, number * SECOND, 10 * MS, 12 * MS)
        trade(clock, number * SECOND + 100 * MS, 11 * MS)
    for number in range(before, before + NEWEST):
        answer(clock, number * SECOND, 10 * MS, 12 * MS, TRUE + step)
        trade(clock, number * SECOND + 100 * MS, 11 * MS, TRUE + step)
    assert abs(error(clock, TRUE + step)) <= clock.offset.bound_ns <= 12 * MS


def test_fewer_wrong_answers_in_a_row_than_needed_for_a_step_change_little():
    """And once right ones come again, nothing of them stays."""
    clock = ClockOffset()
    for number in range(10):
        answer(clock, number * SECOND, 10 * MS, 10 * MS)
    for number in range(10, 10 + NEWEST - 1):
        answer(clock, number * SECOND, 10 * MS, 10 * MS, TRUE + 60 * SECOND)
    assert abs(error(clock)) <= 2 * MS


def test_steps_of_the_wall_clock_do_not_matter():
    """By construction: no time that is given or taken is the wall's, unless nothing is known."""
    clock = ClockOffset()
    answer(clock, 5 * SECOND, 10 * MS, 10 * MS)
    assert clock.exchange_ns(6 * SECOND, 0) == clock.exchange_ns(6 * SECOND, 10**18)


def test_a_trade_that_came_sooner_refines_the_answer_inside_its_bound():
    """An answer with 80 ms there and none back is off by 40 ms; a trade on its way for 1 ms says so."""
    clock = ClockOffset()
    answer(clock, 0, 0, 80 * MS)
    assert -41 * MS <= error(clock) <= -39 * MS
    trade(clock, SECOND, MS)
    assert -3 * MS <= error(clock) <= 0
    trade(clock, 2 * SECOND, MS, TRUE + 3600 * SECOND)
    assert error(clock) <= clock.offset.bound_ns * 2, "an absurd trade time leads no further than the answer's bound"


def test_old_evidence_is_dropped():
    """Quartz clocks drift: after the window only what is in it counts, but the last answer stays."""
    clock = ClockOffset(window_ns=10 * SECOND)
    answer(clock, 0, MS, MS)
    trade(clock, 0, MS)
    drift = 20 * MS
    for number in range(11, 16):
        answer(clock, number * SECOND, 15 * MS, 15 * MS, TRUE - drift)
        trade(clock, number * SECOND, 15 * MS, TRUE - drift)
    assert abs(error(clock, TRUE - drift)) <= MS
    trade(clock, 100 * SECOND, 40 * MS, TRUE - drift)
    assert clock.offset.source == "REST"


def test_memory_is_bounded():
    """However fast the answers come, and however the delays of trades fall."""
    clock = ClockOffset()
    for number in range(2 * MOST_SAMPLES):
        answer(clock, number * MS, MS, MS)
    assert len(clock._answers) == MOST_SAMPLES
