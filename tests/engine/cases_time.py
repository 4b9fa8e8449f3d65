"""Rules 1 to 3, by hand: time, order of events, cancels."""

from tests.engine.rule_case import (
    CALM,
    CUT_BY_CASH,
    EXPIRED,
    FILLED,
    GTT,
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

CASES = TIME + CANCELS
