"""Minutes made from trades in any order, and the verdicts beside the exchange's candles."""

from hypothesis import given, strategies as st

from workbench.data.btcturk.minute_candles import MINUTE_NS, TRIES, MinuteCandle, MinuteCandles, Verdict
from workbench.model.market_trade import MarketTrade

START = 1_700_000_040 * 10**9
"""A whole minute."""


def trade(number, second, ticks=100, lots=1):
    return MarketTrade("ETHUSDT", number, START + second * 10**9, 1, ticks, lots)


def minutes_of(trades, *, is_whole=True):
    minutes = MinuteCandles()
    minutes.begin(START, is_whole=is_whole)
    for each in trades:
        minutes.add(each)
    return minutes


def by_sorting(trades):
    """The slow, obvious way."""
    candles = {}
    for start in {each.time_ns // MINUTE_NS * MINUTE_NS for each in trades}:
        inside = sorted(
            (each for each in trades if each.time_ns // MINUTE_NS * MINUTE_NS == start),
            key=lambda each: (each.time_ns, each.trade_id),
        )
        ticks = [each.price_ticks for each in inside]
        lots = sum(each.quantity_lots for each in inside)
        candles[start] = MinuteCandle(start, ticks[0], max(ticks), min(ticks), ticks[-1], lots)
    return candles


@given(
    st.lists(st.tuples(st.integers(0, 299), st.integers(1, 999), st.integers(1, 10**12)), max_size=60),
    st.randoms(use_true_random=False),
)
def test_any_order_of_trades_makes_the_same_minutes(rows, chance):
    """First and last by time and number, volumes added exactly."""
    trades = [trade(number, *row) for number, row in enumerate(rows)]
    chance.shuffle(trades)
    minutes, expected = minutes_of(trades), by_sorting(trades)
    for start in range(START, START + 5 * MINUTE_NS, MINUTE_NS):
        assert minutes.candle(start) == expected.get(start)


def test_each_minute_is_due_once_and_only_when_closed():
    """[from, to) up to the last whole minute; settled ones never come again."""
    minutes = minutes_of([trade(1, 5), trade(2, 70)])
    assert minutes.due(START + MINUTE_NS - 1) is None
    assert minutes.due(START + 3 * MINUTE_NS + 5) == (START, START + 3 * MINUTE_NS)
    minutes.settle(by_sorting([trade(1, 5), trade(2, 70)]), START + 2 * MINUTE_NS)
    assert minutes.due(START + 3 * MINUTE_NS + 5) == (START + 2 * MINUTE_NS, START + 3 * MINUTE_NS)


def verdict(ours, theirs, *, tries=1, is_whole=True):
    minutes = minutes_of(ours, is_whole=is_whole)
    for _ in range(tries):
        settled = minutes.settle(theirs, START + MINUTE_NS)
    return settled[-1]


def test_the_verdicts():
    """Equal; nothing traded, with a flat bar or without; ask again; trades missing; different."""
    one, two = trade(1, 5), trade(2, 9, ticks=103, lots=4)
    flat = {START: MinuteCandle(START, 100, 100, 100, 100, 0)}
    assert verdict([one, two], by_sorting([one, two])).verdict is Verdict.EQUAL
    assert verdict([], {}).verdict is Verdict.NOTHING_TRADED
    assert verdict([], flat).candle == flat[START]
    assert verdict([one], by_sorting([one, two])).verdict is Verdict.AGAIN
    missing = verdict([one], by_sorting([one, two]), tries=TRIES)
    assert (missing.verdict, missing.candle) == (Verdict.TRADES_MISSING, by_sorting([one, two])[START])
    different = verdict([one, two], by_sorting([one]), tries=TRIES)
    assert (different.verdict, different.candle) == (Verdict.DIFFERENT, by_sorting([one])[START])
    unknown = verdict([one], {}, tries=TRIES)
    assert (unknown.verdict, unknown.candle) == (Verdict.DIFFERENT, by_sorting([one])[START])


def test_a_minute_in_which_the_record_began_is_not_asked_for_again():
    """What was before the beginning is not missing."""
    one, two = trade(1, 5), trade(2, 9)
    assert verdict([two], by_sorting([one, two]), is_whole=False).verdict is Verdict.TRADES_MISSING


def test_a_late_trade_of_a_settled_minute_is_counted():
    """It is stored all the same; its candle is the exchange's."""
    minutes = minutes_of([trade(1, 5)])
    minutes.settle(by_sorting([trade(1, 5)]), START + MINUTE_NS)
    minutes.add(trade(2, 9))
    assert minutes.late == 1
