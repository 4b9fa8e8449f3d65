"""Rules 7 to 11, by hand: inside the bar."""

from tests.engine.rule_case import (
    CALM,
    FILLED,
    OPEN,
    B,
    M,
    RuleCase,
    S,
    T,
    free,
    limit,
    market,
    stop,
    stop_limit,
)
from workbench.model.order import Reason

TOUCH = free(limit_fills_on_touch=True)

STOP_5 = {0: [market(B, 10, stop_loss=50_000)]}  # bought at 100: stop level 95
SHORT_STOP_5 = {0: [market(S, 10, stop_loss=50_000)]}  # sold at 100: stop level 105

STOP_LEVEL = [
    RuleCase(
        "rule_07_stop_level_inside_the_bar",
        [CALM, CALM, (100, 101, 94, 96, 1000.0)],
        [(1, B, 100, 10, T), (2, S, 95, 10, T)],
        [FILLED, FILLED],
        STOP_5,
    ),
    RuleCase(
        "rule_07_stop_level_touched_exactly",
        [CALM, CALM, (100, 101, 95, 96, 1000.0)],
        [(1, B, 100, 10, T), (2, S, 95, 10, T)],
        [FILLED, FILLED],
        STOP_5,
    ),
    RuleCase(
        "rule_07_stop_level_missed_by_a_tick",
        [CALM, CALM, (100, 101, 96, 96, 1000.0)],
        [(1, B, 100, 10, T)],
        [FILLED],
        STOP_5,
    ),
    RuleCase(
        "rule_07_stop_level_short",
        [CALM, CALM, (100, 105, 99, 100, 1000.0)],
        [(1, S, 100, 10, T), (2, B, 105, 10, T)],
        [FILLED, FILLED],
        SHORT_STOP_5,
    ),
    RuleCase(
        "rule_07_in_the_bar_of_an_entry_at_the_open",
        [CALM, (100, 101, 94, 100, 1000.0)],
        [(1, B, 100, 10, T), (1, S, 95, 10, T)],
        [FILLED, FILLED],
        STOP_5,
    ),
    RuleCase(  # bought at 100 + 10; stop 110 - ceil(1.1) = 108, above the high; sold at 104 - ceil(10.4) = 93
        "rule_07_level_above_the_whole_bar_leaves_at_the_high",
        [CALM, (100, 104, 99, 100, 1000.0)],
        [(1, B, 110, 10, T), (1, S, 93, 10, T)],
        [FILLED, FILLED],
        {0: [market(B, 10, stop_loss=10_000)]},
        costs=free(slippage_bps=1000.0),
    ),
    RuleCase(  # sold at 100 - 10; stop 90 + ceil(0.9) = 91, below the low; bought at 96 + ceil(9.6) = 106
        "rule_07_level_below_the_whole_bar_leaves_at_the_low_short",
        [CALM, (100, 101, 96, 100, 1000.0)],
        [(1, S, 90, 10, T), (1, B, 106, 10, T)],
        [FILLED, FILLED],
        {0: [market(S, 10, stop_loss=10_000)]},
        costs=free(slippage_bps=1000.0),
    ),
]

STOP_ORDERS = [
    RuleCase(
        "rule_08_buy_stop_touched_exactly",
        [CALM, (100, 105, 99, 100, 1000.0)],
        [(1, B, 105, 10, T)],
        [FILLED],
        {0: [stop(B, 10, 105)]},
    ),
    RuleCase(
        "rule_08_buy_stop_missed_by_a_tick",
        [CALM, (100, 104, 99, 100, 1000.0)],
        [],
        [OPEN],
        {0: [stop(B, 10, 105)]},
    ),
    RuleCase(
        "rule_08_sell_stop",
        [CALM, (100, 101, 90, 92, 1000.0)],
        [(1, S, 95, 10, T)],
        [FILLED],
        {0: [stop(S, 10, 95)]},
    ),
    RuleCase(
        "rule_08_stop_limit_fills_at_its_stop",
        [CALM, (100, 109, 99, 100, 1000.0)],
        [(1, B, 105, 10, T)],
        [FILLED],
        {0: [stop_limit(B, 10, 105, 107)]},
    ),
    RuleCase(
        "rule_08_stop_limit_with_stop_beyond_limit_rests_from_the_next_bar",
        [CALM, (100, 106, 99, 104, 1000.0), (104, 104, 102, 103, 1000.0)],
        [(2, B, 103, 10, M)],
        [FILLED],
        {0: [stop_limit(B, 10, 105, 103)]},
    ),
    RuleCase(
        "rule_08_sell_stop_limit_rests_from_the_next_bar",
        [CALM, (100, 101, 94, 96, 1000.0), (96, 98, 96, 97, 1000.0)],
        [(2, S, 97, 10, M)],
        [FILLED],
        {0: [stop_limit(S, 10, 95, 97)]},
    ),
]

LIMIT_ORDERS = [
    RuleCase(
        "rule_09_limit_touched_exactly_does_not_fill",
        [CALM, (100, 101, 95, 100, 1000.0)],
        [],
        [OPEN],
        {0: [limit(B, 10, 95)]},
    ),
    RuleCase(
        "rule_09_limit_touched_exactly_fills_where_touch_counts",
        [CALM, (100, 101, 95, 100, 1000.0)],
        [(1, B, 95, 10, M)],
        [FILLED],
        {0: [limit(B, 10, 95)]},
        costs=TOUCH,
    ),
    RuleCase(
        "rule_09_one_tick_through_fills_at_the_limit",
        [CALM, (100, 101, 94, 100, 1000.0)],
        [(1, B, 95, 10, M)],
        [FILLED],
        {0: [limit(B, 10, 95)]},
    ),
    RuleCase(
        "rule_09_sell_limit_touched_then_passed",
        [CALM, (100, 105, 95, 100, 1000.0), (100, 106, 95, 100, 1000.0)],
        [(2, S, 105, 10, M)],
        [FILLED],
        {0: [limit(S, 10, 105)]},
    ),
]

ENTRY_AND_STOP = [
    RuleCase(  # 95 - ceil(1.9) = 93
        "rule_10_limit_entry_and_stop_in_one_bar",
        [CALM, (100, 101, 93, 100, 1000.0)],
        [(1, B, 95, 10, M), (1, S, 93, 10, T)],
        [FILLED, FILLED],
        {0: [limit(B, 10, 95, stop_loss=20_000)]},
    ),
    RuleCase(  # 105 - ceil(4.2) = 100; the low may have come before the entry, the worse is assumed
        "rule_10_stop_entry_and_stop_level_in_one_bar",
        [CALM, (101, 106, 100, 103, 1000.0)],
        [(1, B, 105, 10, T), (1, S, 100, 10, T)],
        [FILLED, FILLED],
        {0: [stop(B, 10, 105, stop_loss=40_000)]},
    ),
    RuleCase(  # 105 + ceil(2.1) = 108
        "rule_10_short_limit_entry_and_stop_in_one_bar",
        [CALM, (100, 108, 99, 100, 1000.0)],
        [(1, S, 105, 10, M), (1, B, 108, 10, T)],
        [FILLED, FILLED],
        {0: [limit(S, 10, 105, stop_loss=20_000)]},
    ),
    RuleCase(
        "rule_10_stop_missed_after_the_entry",
        [CALM, (100, 101, 94, 100, 1000.0)],
        [(1, B, 95, 10, M)],
        [FILLED],
        {0: [limit(B, 10, 95, stop_loss=20_000)]},
    ),
]

BOTH_5 = {0: [market(B, 10, stop_loss=50_000, take_profit=50_000)]}

TARGET = [
    RuleCase(
        "rule_11_target_inside_the_bar",
        [CALM, CALM, (100, 106, 96, 100, 1000.0)],
        [(1, B, 100, 10, T), (2, S, 105, 10, M)],
        [FILLED, FILLED],
        BOTH_5,
    ),
    RuleCase(
        "rule_11_target_touched_exactly_does_not_fill",
        [CALM, CALM, (100, 105, 96, 100, 1000.0)],
        [(1, B, 100, 10, T)],
        [FILLED],
        BOTH_5,
    ),
    RuleCase(
        "rule_11_target_touched_exactly_fills_where_touch_counts",
        [CALM, CALM, (100, 105, 96, 100, 1000.0)],
        [(1, B, 100, 10, T), (2, S, 105, 10, M)],
        [FILLED, FILLED],
        BOTH_5,
        costs=TOUCH,
    ),
    RuleCase(
        "rule_11_stop_and_target_in_one_bar_is_the_stop",
        [CALM, CALM, (100, 106, 94, 100, 1000.0)],
        [(1, B, 100, 10, T), (2, S, 95, 10, T)],
        [FILLED, FILLED],
        BOTH_5,
        reasons=[Reason.STRATEGY, Reason.STOP_LOSS],
    ),
    RuleCase(
        "rule_11_stop_and_target_in_one_bar_short",
        [CALM, CALM, (100, 106, 94, 100, 1000.0)],
        [(1, S, 100, 10, T), (2, B, 105, 10, T)],
        [FILLED, FILLED],
        {0: [market(S, 10, stop_loss=50_000, take_profit=50_000)]},
    ),
    RuleCase(
        "rule_11_target_in_the_bar_of_an_entry_at_the_open",
        [CALM, (100, 106, 100, 100, 1000.0)],
        [(1, B, 100, 10, T), (1, S, 105, 10, M)],
        [FILLED, FILLED],
        BOTH_5,
    ),
    RuleCase(  # 95 + ceil(4.75) = 100
        "rule_11_not_in_the_bar_of_a_limit_entry",
        [CALM, (98, 104, 94, 97, 1000.0), (97, 101, 96, 99, 1000.0)],
        [(1, B, 95, 10, M), (2, S, 100, 10, M)],
        [FILLED, FILLED],
        {0: [limit(B, 10, 95, take_profit=50_000)]},
    ),
    RuleCase(  # 105 - ceil(5.25) = 99
        "rule_11_not_in_the_bar_of_a_limit_entry_short",
        [CALM, (100, 106, 97, 101, 1000.0), (101, 101, 98, 100, 1000.0)],
        [(1, S, 105, 10, M), (2, B, 99, 10, M)],
        [FILLED, FILLED],
        {0: [limit(S, 10, 105, take_profit=50_000)]},
    ),
    RuleCase(  # 105 + ceil(2.1) = 108
        "rule_11_in_the_bar_of_a_stop_entry",
        [CALM, (100, 109, 99, 104, 1000.0)],
        [(1, B, 105, 10, T), (1, S, 108, 10, M)],
        [FILLED, FILLED],
        {0: [stop(B, 10, 105, take_profit=20_000)]},
    ),
]

CASES = STOP_LEVEL + STOP_ORDERS + LIMIT_ORDERS + ENTRY_AND_STOP + TARGET
