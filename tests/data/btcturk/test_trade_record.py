"""Every trade of the exchange is accepted exactly once, or lies inside a hole, whatever is lost, late or repeated."""

from random import Random

import pytest
from hypothesis import given, settings, strategies as st

from tests.data.btcturk.exchange_tape import SECOND, SERVED, START, Run, make_tape, make_trade
from tests.naive_feed import first_of_each, unaccounted
from workbench.data.btcturk.trade_record import (
    ABSURD_FACTOR,
    LONGEST_WAY_NS,
    REMEMBERED,
    Hole,
    Suspicion,
    TradeRecord,
)
from workbench.model.market_trade import MarketTrade

LAST = START + 10**6 * SECOND
"""After everything."""


def run_on(tape, seed=0, error=0):
    return Run(tape, Random(seed), error)  # noqa: S311 - seeded chance of a test


def spaced(count, seconds=3):
    """A tape of one trade every so many seconds."""
    return [make_trade(number, START + number * seconds * SECOND) for number in range(count)]


def one_break(streamed, lost, *, quiet_ns=0, seconds=3):
    """Trades stream, then a break loses so many, then one answer at once."""
    tape = spaced(streamed + lost, seconds)
    run = run_on(tape)
    for trade in tape[:streamed]:
        run.streamed([trade])
    run.suspect(tape[streamed - 1].time_ns + quiet_ns)
    run.answered(LAST, LAST, is_live=True)
    return run


@settings(max_examples=400)
@given(
    seed=st.integers(0, 2**32),
    count=st.sampled_from([1, 3, 60, 200, 400, 800]),
    mean_ms=st.sampled_from([1, 20, 200, 1_000, 5_000]),
    bad=st.sampled_from([0.0, 0.0, 0.01, 0.2]),
    breaks=st.sampled_from([0, 1, 2, 4, 8]),
    answers=st.sampled_from([0, 2, 5, 10, 40]),
    error=st.integers(-10 * SECOND, 10 * SECOND),
)
def test_every_trade_is_accepted_once_or_lies_inside_a_hole(seed, count, mean_ms, bad, breaks, answers, error):
    """From the record's beginning on; the last answer is asked for after everything."""
    run = run_on(make_tape(seed, count, mean_ms), seed, error)
    chance = run.chance
    span = max(run.times[-1] - START, SECOND)
    run.suspect(START)  # the feed was not running
    moments = sorted(START + chance.randrange(span) for _ in range(2 * breaks))
    asked = [START + chance.randrange(span) for _ in range(answers)]
    ways = [sorted(chance.randrange(2 * SECOND) for _ in range(2)) for _ in asked]
    questions = [(at, at + there, at + back) for at, (there, back) in zip(asked, ways, strict=True)]
    run.play(list(zip(moments[::2], moments[1::2], strict=True)), bad, 0.1, questions)
    run.suspect(run.times[-1] + 60 * SECOND)
    run.answered(LAST, LAST, is_live=True)
    assert run.record.suspicion is None
    assert run.accepted == first_of_each(run.accepted)
    begin = run.accepted[0].trade_id  # nothing is promised of what was before, in the same millisecond or earlier
    assert unaccounted([trade for trade in run.tape if trade.trade_id >= begin], run.accepted, run.holes) == []
    assert run.record.accepted == len(run.accepted)


@given(seed=st.integers(0, 2**32), mean_ms=st.sampled_from([20, 500, 5_000]), lost=st.integers(0, 120))
def test_a_restart_loses_nothing_either(seed, mean_ms, lost):
    """The record goes on from the newest stored trades."""
    tape = make_tape(seed, 100 + lost, mean_ms)
    run = run_on(tape, seed)
    for trade in tape[:100]:
        run.streamed([trade])
    run.restart()
    run.suspect(tape[-1].time_ns)
    assert run.record.complete_to_ns is not None
    run.answered(LAST, LAST, is_live=True)
    assert unaccounted(tape, run.accepted, run.holes) == []
    assert run.accepted == first_of_each(run.accepted)


@pytest.mark.parametrize("lost", range(SERVED + 1))
def test_a_break_of_at_most_50_trades_loses_none(lost):
    """All come back by the answer, in a quiet market or not; where a hole is seen, nothing is missing inside."""
    for quiet_ns in (0, LONGEST_WAY_NS):
        run = one_break(60, lost, quiet_ns=quiet_ns)
        assert sorted(trade.trade_id for trade in run.accepted) == [trade.trade_id for trade in run.tape]
        assert run.record.healed == lost


@pytest.mark.parametrize(
    ("lost", "is_seen"), [(0, False), (1, False), (48, False), (49, False), (50, True), (51, True)]
)
def test_limit_a_break_that_loses_exactly_50_trades_is_taken_for_a_hole(lost, is_seen):
    """The anchor is not among the 50 served, so whether a 51st is missing cannot be told: the candles will say.

    This is where the last trade is so old that none before it can be on its way.
    """
    run = one_break(60, lost, quiet_ns=LONGEST_WAY_NS)
    last = run.tape[59]
    expected = [Hole(last.time_ns, run.tape[-SERVED].time_ns + 1, "a test")] if is_seen else []
    assert run.holes == expected


@pytest.mark.parametrize(("lost", "is_seen"), [(0, False), (48, False), (49, True), (50, True)])
def test_limit_trades_within_the_order_margin_of_the_last_count_as_lost(lost, is_seen):
    """A trade may be on its way before the last one: the anchor is older, and must be among the 50 as well."""
    run = one_break(60, lost)
    assert bool(run.holes) == is_seen
    if is_seen:
        assert run.holes[0].from_ns == run.tape[58].time_ns


def test_limit_above_25_trades_a_second_any_break_is_taken_for_a_hole():
    """More than 50 trades lie within the order margin: nothing is missing, but only the candles can say so."""
    tape = [make_trade(number, START + number * 30 * 10**6) for number in range(200)]
    run = run_on(tape)
    run.streamed(tape)
    run.suspect(tape[-1].time_ns)
    run.answered(LAST, LAST, is_live=True)
    assert len(run.holes) == 1
    assert len(run.accepted) == 200


def test_51_lost_trades_leave_one_inside_the_hole():
    """The hole's bounds hold what is missing."""
    run = one_break(60, 51)
    missing = [trade for trade in run.tape if trade not in run.accepted]
    assert missing == [run.tape[60]]
    assert run.holes[0].from_ns <= missing[0].time_ns < run.holes[0].to_ns


def test_asking_often_while_the_stream_is_down_loses_nothing():
    """Each answer moves the anchor, though none of them ends the suspicion."""
    tape = spaced(400)
    run = run_on(tape)
    run.streamed(tape[:60])
    run.suspect(tape[59].time_ns)
    for number in range(60, 400, 40):
        now = tape[number].time_ns
        run.answered(now, now, is_live=False)
        assert run.record.suspicion == Suspicion(tape[59].time_ns, "a test")
    run.answered(LAST, LAST, is_live=True)
    assert run.record.suspicion is None
    assert run.holes == []
    assert len(run.accepted) == 400


def test_a_suspicion_ends_only_with_an_answer_asked_for_after_it():
    """An answer on its way when something was lost may have been made before."""
    run = run_on(spaced(3))
    run.streamed(run.tape)
    run.suspect(LAST)
    run.answered(LAST - 1, LAST, is_live=True)
    assert run.record.suspicion is not None
    run.answered(LAST, LAST, is_live=False)
    assert run.record.suspicion is not None
    run.answered(LAST, LAST, is_live=True)
    assert run.record.suspicion is None
    assert run.record.complete_to_ns is None


def test_a_second_suspicion_keeps_the_anchor_and_the_first_reason():
    """Only the moment is newer: the record is complete up to where it was before the first."""
    run = run_on(spaced(30))
    run.streamed(run.tape[:10])
    run.record.suspect(1.0, "first", run.tape[9].time_ns)
    before = run.record.complete_to_ns
    run.streamed(run.tape[20:])
    run.record.suspect(2.0, "second", run.tape[29].time_ns)
    assert run.record.suspicion == Suspicion(2.0, "first")
    assert run.record.complete_to_ns == before == run.tape[8].time_ns


def test_nothing_is_promised_before_the_first_trade_of_all():
    """An empty record that is suspect takes the answer and sees no hole; an empty answer ends the suspicion too."""
    run = run_on(spaced(120))
    run.suspect(START)
    assert run.record.complete_to_ns is None
    run.answered(LAST, LAST, is_live=True)
    assert (run.holes, len(run.accepted)) == ([], SERVED)
    nothing = run_on([])
    nothing.suspect(START)
    nothing.answered(LAST, LAST, is_live=True)
    assert nothing.record.suspicion is None


def test_answers_while_nothing_is_suspect_bring_trades_and_no_hole():
    """The poll in quiet times."""
    run = run_on(spaced(300))
    run.streamed(run.tape[:1])
    run.answered(LAST, LAST, is_live=True)
    assert run.holes == []
    assert (run.record.healed, run.record.accepted, run.record.duplicates) == (SERVED, SERVED + 1, 0)


@given(numbers=st.lists(st.integers(0, 30), max_size=80))
def test_repeated_trades_are_counted_and_dropped(numbers):
    """By id alone, in the order of the first coming; what was asked for does not count as repeated."""
    record = TradeRecord("ETHUSDT")
    offered = [make_trade(number, START + number) for number in numbers]
    fresh = [trade for trade in offered for trade in record.offer([trade])]
    assert fresh == first_of_each(offered)
    assert record.duplicates == len(offered) - len(fresh)
    assert all(record.find(trade.trade_id) == trade for trade in offered)
    assert record.last == max(offered, key=lambda each: (each.time_ns, each.trade_id), default=None)


def test_memory_is_bounded():
    """Only the newest ids are kept; a day of trades takes no more than they do."""
    record = TradeRecord("ETHUSDT")
    trades = [make_trade(number, START + number) for number in range(REMEMBERED + 100)]
    record.offer(trades)
    assert record.find(trades[99].trade_id) is None
    assert [record.find(trades[number].trade_id) for number in (100, -1)] == [trades[100], trades[-1]]


@pytest.mark.parametrize(
    ("ticks", "expected"), [(1000, False), (100, False), (99, True), (10000, False), (10001, True)]
)
def test_ten_times_off_the_last_price_is_absurd(ticks, expected):
    """Up or down; the first trade of all has nothing to be compared with."""
    record = TradeRecord("ETHUSDT")
    trade = MarketTrade("ETHUSDT", 2, START, 1, ticks, 1)
    assert not record.is_absurd(trade)
    record.offer([MarketTrade("ETHUSDT", 1, START, 1, 1000, 1)])
    assert ABSURD_FACTOR == 10
    assert record.is_absurd(trade) == expected
