"""Holes that turn out empty, holes that stay gaps, and what a restart makes of the file."""

from workbench.data.btcturk.gap_account import GapAccount
from workbench.data.btcturk.minute_candles import MINUTE_NS, Settled, Verdict
from workbench.data.btcturk.trade_record import Hole
from workbench.data.trade_gap import GapFile

START = 1_700_000_040 * 10**9
SECOND = 10**9


def minutes(*verdicts):
    """Consecutive minutes from the start."""
    return [Settled(START + number * MINUTE_NS, verdict, None) for number, verdict in enumerate(verdicts)]


def hole(first, last):
    return Hole(START + first * SECOND, START + last * SECOND, "a break")


def test_a_hole_whose_minutes_are_all_equal_was_empty():
    """Not before the last of them is settled."""
    gaps = GapAccount("ETHUSDT")
    gaps.open(hole(30, 90), 0)
    assert gaps.judge(minutes(Verdict.EQUAL), START + MINUTE_NS, 0) == []
    news = gaps.judge(minutes(Verdict.EQUAL, Verdict.NOTHING_TRADED)[1:], START + 2 * MINUTE_NS, 0)
    assert [(gap.resolved, gap.candles_filled) for gap in news] == [(True, False)]
    assert (gaps.found, gaps.resolved, gaps.gaps, gaps.pending) == (1, 1, [], [])


def test_a_hole_in_a_bad_minute_stays_a_gap():
    """At its first bad minute, with its own bounds; later minutes change nothing."""
    gaps = GapAccount("ETHUSDT")
    opened = gaps.open(hole(30, 90), 0)
    news = gaps.judge(minutes(Verdict.TRADES_MISSING), START + MINUTE_NS, 0)
    assert [(gap.from_ns, gap.to_ns, gap.candles_filled) for gap in news] == [(opened.from_ns, opened.to_ns, True)]
    assert gaps.judge(minutes(Verdict.EQUAL, Verdict.TRADES_MISSING)[1:], START + 2 * MINUTE_NS, 0) == []
    assert len(gaps.gaps) == 1


def test_a_minute_that_lacks_trades_without_a_hole_is_a_gap_itself():
    """Nothing is hidden; a mere difference is no gap."""
    gaps = GapAccount("ETHUSDT")
    news = gaps.judge(minutes(Verdict.DIFFERENT, Verdict.TRADES_MISSING), START + 2 * MINUTE_NS, 0)
    assert [(gap.from_ns, gap.to_ns) for gap in news] == [(START + MINUTE_NS, START + 2 * MINUTE_NS)]


def test_a_restart_goes_on_with_what_is_on_file(tmp_path):
    """Pending, lasting and empty ones as they were."""
    file, gaps = GapFile(tmp_path / "gaps.jsonl"), GapAccount("ETHUSDT")
    for bounds in ((5, 10), (70, 80), (130, 140)):
        file.append(gaps.open(hole(*bounds), 0))
    for gap in gaps.judge(minutes(Verdict.EQUAL, Verdict.TRADES_MISSING), START + 2 * MINUTE_NS, 0):
        file.append(gap)
    again = GapAccount("ETHUSDT", file.read())
    assert (again.resolved, again.gaps, again.pending) == (gaps.resolved, gaps.gaps, gaps.pending)
    assert again.found == 3
