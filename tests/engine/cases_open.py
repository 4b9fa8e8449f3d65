"""Rules 4 to 6, by hand: what happens at the open."""

from tests.engine.rule_case import (
    CALM,
    FILLED,
    FOK,
    IOC,
    OPEN,
    B,
    M,
    RuleCase,
    S,
    T,
    cancelled,
    free,
    limit,
    market,
    rejected,
    stop,
    stop_limit,
)
from workbench.model.order import Reason

REQUESTED = cancelled(Reason.REQUESTED)
ORDER_GONE = rejected(Reason.ORDER_GONE)
NOT_IN_FULL = cancelled(Reason.NOT_IN_FULL)
IMMEDIATE_REMAINDER = cancelled(Reason.IMMEDIATE_REMAINDER)

HALF = free(max_volume_share=0.5)
LATE = free(latency_bars=1)
DIP = (100, 100, 90, 95, 1000.0)

LONG = {0: [market(B, 10, stop_loss=50_000, take_profit=50_000)]}
SHORT = {0: [market(S, 10, stop_loss=50_000, take_profit=50_000)]}

LEVELS_AT_THE_OPEN = [
    RuleCase(
        "rule_04_gap_through_stop_fills_at_the_open",
        [CALM, CALM, (90, 92, 88, 91, 1000.0)],
        [(1, B, 100, 10, T), (2, S, 90, 10, T)],
        [FILLED, FILLED],
        LONG,
        reasons=[Reason.STRATEGY, Reason.STOP_LOSS],
        final_cash=9900.0,
    ),
    RuleCase(
        "rule_04_gap_through_stop_short",
        [CALM, CALM, (110, 112, 108, 109, 1000.0)],
        [(1, S, 100, 10, T), (2, B, 110, 10, T)],
        [FILLED, FILLED],
        SHORT,
        final_cash=9900.0,
    ),
    RuleCase(
        "rule_04_open_exactly_at_the_stop",
        [CALM, CALM, (95, 99, 95, 99, 1000.0)],
        [(1, B, 100, 10, T), (2, S, 95, 10, T)],
        [FILLED, FILLED],
        LONG,
    ),
    RuleCase(
        "rule_04_gap_through_target_fills_at_the_level",
        [CALM, CALM, (110, 112, 108, 109, 1000.0)],
        [(1, B, 100, 10, T), (2, S, 105, 10, M)],
        [FILLED, FILLED],
        LONG,
        reasons=[Reason.STRATEGY, Reason.TAKE_PROFIT],
    ),
    RuleCase(
        "rule_04_gap_through_target_short",
        [CALM, CALM, (90, 92, 88, 91, 1000.0)],
        [(1, S, 100, 10, T), (2, B, 95, 10, M)],
        [FILLED, FILLED],
        SHORT,
    ),
    RuleCase(
        "rule_04_open_touches_the_target",
        [CALM, CALM, (105, 105, 100, 102, 1000.0)],
        [(1, B, 100, 10, T)],
        [FILLED],
        LONG,
    ),
    RuleCase(
        "rule_04_open_touches_the_target_where_touch_counts",
        [CALM, CALM, (105, 105, 100, 102, 1000.0)],
        [(1, B, 100, 10, T), (2, S, 105, 10, M)],
        [FILLED, FILLED],
        LONG,
        costs=free(limit_fills_on_touch=True),
    ),
]

ORDERS_AT_THE_OPEN = [
    RuleCase(
        "rule_05_limit_on_its_first_bar_gets_the_open",
        [CALM, (99, 100, 98, 99, 1000.0)],
        [(1, B, 99, 10, T)],
        [FILLED],
        {0: [limit(B, 10, 105)]},
    ),
    RuleCase(
        "rule_05_limit_on_its_first_bar_equal_to_the_open",
        [CALM, CALM],
        [(1, S, 100, 10, T)],
        [FILLED],
        {0: [limit(S, 10, 100)]},
    ),
    RuleCase(
        "rule_05_limit_on_a_later_bar_gets_no_better_open",
        [CALM, CALM, (90, 91, 89, 90, 1000.0)],
        [(2, B, 95, 10, M)],
        [FILLED],
        {0: [limit(B, 10, 95)]},
    ),
    RuleCase(
        "rule_05_sell_limit_on_a_later_bar",
        [CALM, CALM, (110, 111, 109, 110, 1000.0)],
        [(2, S, 105, 10, M)],
        [FILLED],
        {0: [limit(S, 10, 105)]},
    ),
    RuleCase(
        "rule_05_limit_on_a_later_bar_touched_at_the_open",
        [CALM, CALM, (95, 99, 95, 97, 1000.0)],
        [],
        [OPEN],
        {0: [limit(B, 10, 95)]},
    ),
    RuleCase(
        "rule_05_gap_through_a_buy_stop",
        [CALM, (108, 109, 101, 105, 1000.0)],
        [(1, B, 108, 10, T)],
        [FILLED],
        {0: [stop(B, 10, 105)]},
    ),
    RuleCase(
        "rule_05_gap_through_a_sell_stop_on_a_later_bar",
        [CALM, CALM, (92, 99, 91, 95, 1000.0)],
        [(2, S, 92, 10, T)],
        [FILLED],
        {0: [stop(S, 10, 95)]},
    ),
    RuleCase(
        "rule_05_stop_limit_gap_within_its_limit",
        [CALM, (108, 109, 108, 109, 1000.0)],
        [(1, B, 108, 10, T)],
        [FILLED],
        {0: [stop_limit(B, 10, 105, 110)]},
    ),
    RuleCase(
        "rule_05_stop_limit_gap_beyond_its_limit_rests",
        [CALM, (110, 112, 107, 111, 1000.0), (108, 108, 106, 107, 1000.0)],
        [(2, B, 107, 10, M)],
        [FILLED],
        {0: [stop_limit(B, 10, 105, 107)]},
    ),
    RuleCase(
        "rule_05_stop_limit_triggered_at_the_open_may_fill_inside_the_same_bar",
        [CALM, (110, 112, 106, 111, 1000.0)],
        [(1, B, 107, 10, M)],
        [FILLED],
        {0: [stop_limit(B, 10, 105, 107)]},
    ),
    RuleCase(
        "rule_05_triggered_stop_with_an_unfilled_rest_is_a_market_order",
        [CALM, (108, 109, 101, 105, 10.0), (101, 101, 101, 101, 10.0)],
        [(1, B, 108, 5, T), (2, B, 101, 3, T)],
        [FILLED],
        {0: [stop(B, 8, 105)]},
        costs=HALF,
    ),
    RuleCase(
        "rule_05_triggered_stop_limit_is_a_limit_on_a_later_bar",
        [CALM, (110, 110, 110, 110, 9.0), (104, 104, 104, 104, 9.0)],
        [(2, B, 107, 2, M)],
        [FILLED],
        {0: [stop_limit(B, 2, 105, 107)]},
    ),
]

IMMEDIATE = [
    RuleCase(
        "rule_06_ioc_rest_is_cancelled",
        [CALM, (100, 100, 100, 100, 10.0), CALM],
        [(1, B, 100, 5, T)],
        [IMMEDIATE_REMAINDER],
        {0: [market(B, 8, time_in_force=IOC)]},
        costs=HALF,
    ),
    RuleCase(
        "rule_06_ioc_limit_away_from_the_open",
        [CALM, DIP],
        [],
        [IMMEDIATE_REMAINDER],
        {0: [limit(B, 8, 95, time_in_force=IOC)]},
    ),
    RuleCase(
        "rule_06_fok_short_of_volume_fills_nothing",
        [CALM, (100, 100, 100, 100, 10.0), CALM],
        [],
        [NOT_IN_FULL],
        {0: [market(B, 6, time_in_force=FOK)]},
        costs=HALF,
        final_cash=10_000.0,
    ),
    RuleCase(
        "rule_06_fok_with_just_enough_volume",
        [CALM, (100, 100, 100, 100, 10.0)],
        [(1, B, 100, 5, T)],
        [FILLED],
        {0: [market(B, 5, time_in_force=FOK)]},
        costs=HALF,
    ),
    RuleCase(
        "rule_06_fok_short_of_cash",
        [CALM, CALM],
        [],
        [NOT_IN_FULL],
        {0: [market(B, 10, time_in_force=FOK)]},
        cash=999.0,
    ),
    RuleCase(
        "rule_06_fok_takes_no_volume_from_the_next_order",
        [CALM, (100, 100, 100, 100, 10.0)],
        [(1, B, 100, 5, T)],
        [NOT_IN_FULL, FILLED],
        {0: [market(B, 6, time_in_force=FOK), market(B, 5)]},
        costs=HALF,
    ),
]

CASES = LEVELS_AT_THE_OPEN + ORDERS_AT_THE_OPEN + IMMEDIATE
