"""Rules 1 to 6, by hand: time, cancels, and what happens at the open."""

from tests.engine.rule_case import (
    CALM,
    CUT_BY_CASH,
    EXPIRED,
    FILLED,
    FOK,
    GTT,
    IOC,
    OPEN,
    REPLACED,
    B,
    M,
    RuleCase,
    S,
    T,
    cancel,
    cancelled,
    free,
    limit,
    market,
    rejected,
    replace,
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

TIME = [
    RuleCase(
        "rule_01_acts_at_the_next_open",
        [CALM, (103, 105, 101, 104, 1000.0)],
        [(1, B, 103, 10, T)],
        [FILLED],
        {0: [market(B, 10)]},
        final_cash=8970.0,
    ),
    RuleCase(
        "rule_01_latency_delays_the_first_bar",
        [CALM, (101, 101, 101, 101, 9.0), (102, 102, 102, 102, 9.0), (103, 103, 103, 103, 9.0)],
        [(3, B, 103, 10, T)],
        [FILLED],
        {0: [market(B, 10)]},
        costs=free(latency_bars=2),
    ),
    RuleCase("rule_01_past_the_last_bar_stays_open", [CALM, CALM], [], [OPEN], {1: [market(B, 10)]}),
    RuleCase("rule_01_latency_past_the_last_bar", [CALM, CALM], [], [OPEN], {0: [market(B, 10)]}, costs=LATE),
    RuleCase(
        "rule_01_latency_holds_for_cancels_too",
        [CALM, CALM, DIP, DIP],
        [(2, B, 95, 10, M)],
        [FILLED],
        {0: [limit(B, 10, 95)], 1: [cancel(0)]},
        costs=LATE,
    ),
    RuleCase(
        "rule_01_late_cancel_in_time",
        [CALM, CALM, CALM, DIP],
        [],
        [REQUESTED],
        {0: [limit(B, 10, 95)], 1: [cancel(0)]},
        costs=LATE,
    ),
    RuleCase(
        "rule_02_first_placed_first_served",
        [CALM, CALM],
        [(1, B, 100, 60, T), (1, B, 100, 40, T)],
        [FILLED, CUT_BY_CASH],
        {0: [market(B, 60), market(B, 60)]},
        final_cash=0.0,
    ),
    RuleCase(
        "rule_02_stops_come_before_limits_whoever_was_placed_first",
        [CALM, (100, 106, 94, 100, 1000.0)],
        [(1, B, 105, 2, T), (1, B, 95, 1, M)],
        [FILLED, FILLED],
        {0: [limit(B, 1, 95), stop(B, 2, 105)]},
    ),
    RuleCase(
        "rule_02_the_open_comes_before_the_inside",
        [CALM, (100, 106, 100, 100, 1000.0)],
        [(1, B, 100, 1, T), (1, B, 105, 2, T)],
        [FILLED, FILLED],
        {0: [stop(B, 2, 105), market(B, 1)]},
    ),
]

CANCELS = [
    RuleCase(
        "rule_03_cancel_acts_before_the_orders",
        [CALM, CALM, (90, 90, 90, 90, 1000.0)],
        [],
        [REQUESTED],
        {0: [limit(B, 10, 95)], 1: [cancel(0)]},
    ),
    RuleCase(
        "rule_03_cancel_of_a_filled_order_changes_nothing",
        [CALM, DIP, CALM],
        [(1, B, 95, 10, M)],
        [FILLED],
        {0: [limit(B, 10, 95)], 1: [cancel(0)]},
    ),
    RuleCase(
        "rule_03_cancelled_at_its_first_bar_never_acts",
        [CALM, CALM],
        [],
        [REQUESTED],
        {0: [market(B, 10), cancel(0)]},
    ),
    RuleCase(
        "rule_03_cancel_of_the_rest_keeps_the_fills",
        [CALM, (100, 100, 100, 100, 10.0), CALM],
        [(1, B, 100, 5, T)],
        [REQUESTED],
        {0: [market(B, 8)], 1: [cancel(0)]},
        costs=HALF,
        final_cash=9500.0,
    ),
    RuleCase(
        "rule_03_expires_at_the_open_of_its_expiry_bar",
        [CALM, CALM, (90, 90, 90, 90, 1000.0)],
        [],
        [EXPIRED],
        {0: [limit(B, 10, 95, time_in_force=GTT, expire_bar=2)]},
    ),
    RuleCase(
        "rule_03_acts_on_the_bar_before_its_expiry",
        [CALM, DIP, CALM],
        [(1, B, 95, 10, M)],
        [FILLED],
        {0: [limit(B, 10, 95, time_in_force=GTT, expire_bar=2)]},
    ),
    RuleCase(
        "rule_03_expired_at_its_first_bar_never_acts",
        [CALM, CALM],
        [],
        [EXPIRED],
        {0: [market(B, 10, time_in_force=GTT, expire_bar=1)]},
    ),
    RuleCase(
        "rule_03_expired_before_its_first_bar_never_acts",
        [CALM, CALM, CALM],
        [],
        [EXPIRED],
        {0: [market(B, 10, time_in_force=GTT, expire_bar=1)]},
        costs=LATE,
    ),
    RuleCase(
        "rule_03_replacement_takes_over",
        [CALM, CALM, (100, 100, 97, 99, 1000.0)],
        [(2, B, 98, 7, M)],
        [REPLACED, FILLED],
        {0: [limit(B, 10, 90)], 1: [replace(0, 7, 98)]},
    ),
    RuleCase(
        "rule_03_replacement_is_on_its_first_bar",
        [CALM, CALM, CALM],
        [(2, B, 100, 10, T)],
        [REPLACED, FILLED],
        {0: [limit(B, 10, 90)], 1: [replace(0, 10, 105)]},
    ),
    RuleCase(
        "rule_03_original_acts_until_the_replacement_arrives",
        [CALM, CALM, CALM, DIP, DIP],
        [(3, B, 95, 10, M)],
        [FILLED, ORDER_GONE],
        {0: [limit(B, 10, 95)], 2: [replace(0, 10, 98)]},
        costs=LATE,
    ),
    RuleCase(
        "rule_03_replacement_of_a_cancelled_order_is_gone",
        [CALM, CALM, CALM],
        [],
        [REQUESTED, ORDER_GONE],
        {0: [limit(B, 10, 90)], 1: [cancel(0), replace(0, 10, 105)]},
    ),
    RuleCase(
        "rule_03_second_replacement_of_one_order_is_gone",
        [CALM, CALM, CALM],
        [(2, B, 100, 3, T)],
        [REPLACED, FILLED, ORDER_GONE],
        {0: [limit(B, 10, 90)], 1: [replace(0, 3, 105), replace(0, 4, 105)]},
    ),
    RuleCase(
        "rule_03_replacement_keeps_side_type_and_stop_price_is_new",
        [CALM, CALM, (100, 100, 94, 94, 1000.0)],
        [(2, S, 95, 5, T)],
        [REPLACED, FILLED],
        {0: [stop(S, 10, 80)], 1: [replace(0, 5, stop_ticks=95)]},
    ),
]

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

CASES = TIME + CANCELS + LEVELS_AT_THE_OPEN + ORDERS_AT_THE_OPEN + IMMEDIATE
