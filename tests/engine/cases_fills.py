"""Rules 16 to 22, by hand: price, fee, quantity, and what stands in the way of a fill."""

from tests.engine.rule_case import (
    CALM,
    CUT_BY_CASH,
    FILLED,
    FOK,
    GTT,
    IOC,
    NO_CASH,
    NOTHING_TO_REDUCE,
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
    replace,
    stop,
    target,
)
from workbench.engine.sizing import fixed_quantity, fixed_quote, fraction_of_equity, volatility_target
from workbench.model.order import OrderType, Reason

NO_CHANGE = cancelled(Reason.NO_CHANGE)
TOO_SMALL = rejected(Reason.BELOW_MINIMUM_NOTIONAL)
INVALID = rejected(Reason.INVALID)

SLIP = free(slippage_bps=100.0)
HALF = free(max_volume_share=0.5)
TEN: tuple[int, int, int, int, float] = (100, 100, 100, 100, 10.0)
AT_101 = (101, 101, 101, 101, 1000.0)
DRY = (100, 100, 100, 100, 0.0)

PRICES = [
    RuleCase("rule_16_a_buy_pays_the_next_tick_up", [CALM, AT_101], [(1, B, 103, 10, T)], [FILLED],
             {0: [market(B, 10)]}, costs=SLIP),
    RuleCase("rule_16_a_sale_gets_the_next_tick_down", [CALM, AT_101], [(1, S, 99, 10, T)], [FILLED],
             {0: [market(S, 10)]}, costs=SLIP),
    RuleCase("rule_16_whole_ticks_are_not_rounded_further", [CALM, CALM], [(1, B, 101, 10, T)], [FILLED],
             {0: [market(B, 10)]}, costs=SLIP),
    RuleCase("rule_16_slippage_and_half_spread_add_up_first", [CALM, CALM], [(1, B, 101, 10, T)], [FILLED],
             {0: [market(B, 10)]}, costs=free(slippage_bps=30.0, half_spread_bps=70.0)),
    RuleCase("rule_16_a_buy_limit_is_never_exceeded", [CALM, AT_101], [(1, B, 102, 10, T)], [FILLED],
             {0: [limit(B, 10, 102)]}, costs=SLIP),
    RuleCase("rule_16_a_sell_limit_is_never_undercut", [CALM, AT_101], [(1, S, 100, 10, T)], [FILLED],
             {0: [limit(S, 10, 100)]}, costs=SLIP),
    RuleCase("rule_16_a_sale_gets_at_least_a_tick", [CALM, (1, 1, 1, 1, 1000.0)], [(1, S, 1, 10, T)], [FILLED],
             {0: [market(S, 10)]}, costs=free(slippage_bps=5000.0)),
    RuleCase("rule_16_a_maker_has_no_slippage", [CALM, (100, 100, 94, 100, 1000.0)], [(1, B, 95, 10, M)], [FILLED],
             {0: [limit(B, 10, 95)]}, costs=SLIP),
    RuleCase("rule_16_a_stop_pays_slippage_from_its_stop_price", [CALM, (100, 105, 100, 105, 1000.0)],
             [(1, B, 107, 10, T)], [FILLED], {0: [stop(B, 10, 105)]}, costs=SLIP),
    RuleCase("rule_17_taker_fee_of_a_buy", [CALM, CALM], [(1, B, 100, 10, T)], [FILLED],
             {0: [market(B, 10)]}, costs=free(taker_fee_rate=0.002), final_cash=8998.0),
    RuleCase("rule_17_taker_fee_of_a_sale", [CALM, CALM], [(1, S, 100, 10, T)], [FILLED],
             {0: [market(S, 10)]}, costs=free(taker_fee_rate=0.002), final_cash=10_998.0),
    RuleCase("rule_17_maker_fee", [CALM, (100, 100, 94, 100, 1000.0)], [(1, B, 95, 10, M)], [FILLED],
             {0: [limit(B, 10, 95)]}, costs=free(taker_fee_rate=0.002, maker_fee_rate=0.001), final_cash=9049.05),
    RuleCase("rule_17_ticks_and_lots_are_converted", [CALM, CALM], [(1, B, 100, 10, T)], [FILLED],
             {0: [market(B, 10)]}, costs=free(taker_fee_rate=0.01), tick=(1, 2), lot=(1, 10), final_cash=9949.5),
]  # fmt: skip

AT_80 = (80, 80, 80, 80, 1000.0)

EXPOSURES = [
    RuleCase("rule_18_fraction_of_equity", [CALM, CALM], [(1, B, 100, 50, T)], [FILLED],
             {0: [target(1.0)]}, sizing=fraction_of_equity(0.5)),
    RuleCase("rule_18_fixed_quote", [CALM, CALM], [(1, B, 100, 10, T)], [FILLED],
             {0: [target(1.0)]}, sizing=fixed_quote(1050.0)),
    RuleCase("rule_18_fixed_quantity", [CALM, CALM], [(1, S, 100, 7, T)], [FILLED],
             {0: [target(-1.0)]}, sizing=fixed_quantity(7.0)),
    RuleCase("rule_18_is_decided_at_the_open_of_the_first_bar", [CALM, AT_80], [(1, B, 80, 125, T)], [FILLED],
             {0: [target(1.0)]}),
    RuleCase("rule_18_towards_zero_for_a_short_target", [CALM, CALM], [(1, S, 100, 10, T)], [FILLED],
             {0: [target(-1.0)]}, cash=1099.0),
    RuleCase("rule_18_only_the_difference_is_ordered", [CALM, CALM, CALM],
             [(1, B, 100, 100, T), (2, S, 100, 50, T)], [FILLED, FILLED], {0: [target(1.0)], 1: [target(0.5)]}),
    RuleCase(  # equity at the open of bar 2: 100 * 80 = 8000, so -100 lots; the order is 200
        "rule_18_equity_counts_the_position_at_the_open", [CALM, CALM, AT_80],
        [(1, B, 100, 100, T), (2, S, 80, 200, T)], [FILLED, FILLED], {0: [target(1.0)], 1: [target(-1.0)]}),
    RuleCase("rule_18_nothing_to_do", [CALM, CALM], [], [NO_CHANGE], {0: [target(0.0)]}),
    RuleCase("rule_18_less_than_a_lot_is_nothing_to_do", [CALM, CALM], [], [NO_CHANGE], {0: [target(1.0)]}, cash=99.0),
    RuleCase("rule_18_decided_once_although_it_waits", [CALM, DRY, (50, 50, 50, 50, 1000.0)],
             [(2, B, 50, 100, T)], [FILLED], {0: [target(1.0)]}, costs=HALF),
    RuleCase("rule_18_volatility_needs_enough_returns", [CALM, CALM, CALM], [], [NO_CHANGE],
             {1: [target(1.0)]}, sizing=volatility_target(0.5, 2)),
    RuleCase("rule_18_volatility_needs_returns_that_differ", [CALM, CALM, CALM, CALM], [], [NO_CHANGE],
             {2: [target(1.0)]}, sizing=volatility_target(0.5, 2)),
    RuleCase(  # returns +0.1 and -0.1: deviation sqrt(0.02), in a year of 50 bars 1.0; 0.5 / 1.0 of 100 lots
        "rule_18_volatility_target",
        [CALM, (100, 110, 100, 110, 9.0), (110, 110, 99, 99, 9.0), CALM],
        [(3, B, 100, 50, T)], [FILLED], {2: [target(1.0)]}, sizing=volatility_target(0.5, 2), bars_per_year=50.0),
]  # fmt: skip

CARRY = [
    RuleCase("rule_19_a_buy_is_cut_to_the_cash", [CALM, CALM], [(1, B, 100, 9, T)], [CUT_BY_CASH],
             {0: [market(B, 20)]}, cash=999.0, final_cash=99.0),
    RuleCase(  # 10000 / 101 = 99.0099
        "rule_19_the_fee_must_be_paid_too", [CALM, CALM], [(1, B, 100, 99, T)], [CUT_BY_CASH],
        {0: [target(1.0)]}, costs=free(taker_fee_rate=0.01), final_cash=1.0),
    RuleCase("rule_19_no_cash", [CALM, CALM], [], [NO_CASH], {0: [market(B, 1)]}, cash=99.0),
    RuleCase("rule_19_a_short_is_at_most_the_equity", [CALM, CALM], [(1, S, 100, 10, T)], [CUT_BY_CASH],
             {0: [market(S, 20)]}, cash=1000.0),
    RuleCase("rule_19_a_full_short_cannot_grow", [CALM, CALM, CALM], [(1, S, 100, 10, T)], [FILLED, NO_CASH],
             {0: [market(S, 10)], 1: [market(S, 1)]}, cash=1000.0),
    RuleCase(  # 10 long lots, then (0 + 1000) / 100 = 10 short ones
        "rule_19_a_sale_may_turn_the_position", [CALM, CALM, CALM],
        [(1, B, 100, 10, T), (2, S, 100, 20, T)], [FILLED, CUT_BY_CASH],
        {0: [market(B, 10)], 1: [market(S, 30)]}, cash=1000.0),
    RuleCase(  # 2000 - 2500 = -500: bought back all the same, and ruined by it
        "rule_19_a_short_may_always_be_bought_back", [CALM, CALM, (250, 250, 250, 250, 1000.0)],
        [(1, S, 100, 10, T), (2, B, 250, 10, T)], [FILLED, CUT_BY_CASH],
        {0: [market(S, 10)], 1: [market(B, 15)]}, cash=1000.0, final_cash=-500.0, ruined_bar=2),
    RuleCase("rule_19_shorting_forbidden_and_flat", [CALM, CALM], [], [NOTHING_TO_REDUCE],
             {0: [market(S, 10)]}, allow_short=False),
    RuleCase("rule_19_shorting_forbidden_sells_what_there_is", [CALM, CALM, CALM],
             [(1, B, 100, 6, T), (2, S, 100, 6, T)], [FILLED, NOTHING_TO_REDUCE],
             {0: [market(B, 6)], 1: [market(S, 10)]}, allow_short=False),
    RuleCase("rule_19_shorting_forbidden_to_a_short_target", [CALM, CALM], [], [NOTHING_TO_REDUCE],
             {0: [target(-1.0)]}, allow_short=False),
    RuleCase("rule_20_reduce_only_stops_at_flat", [CALM, CALM, CALM],
             [(1, B, 100, 6, T), (2, S, 100, 6, T)], [FILLED, NOTHING_TO_REDUCE],
             {0: [market(B, 6)], 1: [market(S, 10, reduce_only=True)]}),
    RuleCase("rule_20_reduce_only_buy", [CALM, CALM, CALM],
             [(1, S, 100, 6, T), (2, B, 100, 6, T)], [FILLED, NOTHING_TO_REDUCE],
             {0: [market(S, 6)], 1: [market(B, 10, reduce_only=True)]}),
    RuleCase("rule_20_reduce_only_without_a_position", [CALM, CALM], [], [NOTHING_TO_REDUCE],
             {0: [market(S, 10, reduce_only=True)]}),
    RuleCase("rule_20_reduce_only_on_the_same_side", [CALM, CALM, CALM],
             [(1, B, 100, 6, T)], [FILLED, NOTHING_TO_REDUCE],
             {0: [market(B, 6)], 1: [market(B, 1, reduce_only=True)]}),
    RuleCase("rule_20_reduce_only_may_wait_while_flat", [CALM, CALM], [], [OPEN],
             {0: [limit(S, 10, 110, reduce_only=True)]}),
]  # fmt: skip

VOLUME = [
    RuleCase("rule_21_partial_fills_over_three_bars", [CALM, TEN, TEN, TEN],
             [(1, B, 100, 5, T), (2, B, 100, 5, T), (3, B, 100, 2, T)], [FILLED],
             {0: [market(B, 12)]}, costs=HALF, final_cash=8800.0),
    RuleCase("rule_21_candles_end_before_the_rest", [CALM, TEN], [(1, B, 100, 5, T)], [OPEN],
             {0: [market(B, 12)]}, costs=HALF),
    RuleCase("rule_21_whole_lots_only", [CALM, (100, 100, 100, 100, 9.0)], [(1, B, 100, 4, T)], [OPEN],
             {0: [market(B, 12)]}, costs=HALF),
    RuleCase("rule_21_no_volume_no_fill", [CALM, DRY, TEN], [(2, B, 100, 5, T)], [FILLED],
             {0: [market(B, 5)]}, costs=HALF),
    RuleCase("rule_21_one_budget_for_all_orders_of_a_bar", [CALM, TEN, TEN],
             [(1, B, 100, 3, T), (1, B, 100, 2, T), (2, B, 100, 2, T)], [FILLED, FILLED],
             {0: [market(B, 3), market(B, 4)]}, costs=HALF),
    RuleCase("rule_21_a_limit_order_waits_at_its_limit",
             [CALM, (100, 100, 94, 100, 10.0), (96, 96, 95, 96, 10.0), (90, 90, 90, 90, 10.0)],
             [(1, B, 95, 5, M), (3, B, 95, 3, M)], [FILLED], {0: [limit(B, 8, 95)]}, costs=HALF),
    RuleCase("rule_21_marketable_limit_without_volume_is_a_limit_on_a_later_bar",
             [CALM, DRY, (103, 103, 103, 103, 10.0)],
             [(2, B, 105, 5, M)], [FILLED], {0: [limit(B, 5, 105)]}, costs=HALF),
    RuleCase(  # 1200 - 500 - 500: then 2 of the 10 lots left
        "rule_21_volume_cuts_are_no_cash_cuts", [CALM, TEN, TEN, TEN],
        [(1, B, 100, 5, T), (2, B, 100, 5, T), (3, B, 100, 2, T)], [CUT_BY_CASH],
        {0: [market(B, 20)]}, costs=HALF, cash=1200.0),
    RuleCase("rule_21_without_volume_nothing_is_rejected", [CALM, DRY], [], [OPEN],
             {0: [market(B, 5)]}, costs=HALF, cash=1.0),
    RuleCase("rule_21_without_volume_a_target_is_still_decided", [CALM, DRY], [], [NO_CHANGE],
             {0: [target(0.0)]}, costs=HALF),
    RuleCase("rule_21_a_stop_triggers_without_volume", [CALM, (100, 106, 100, 100, 0.0), TEN],
             [(2, B, 100, 5, T)], [FILLED], {0: [stop(B, 5, 105)]}, costs=HALF),
]  # fmt: skip

SENSE = [
    RuleCase("rule_22_below_the_minimum_notional", [CALM, CALM], [], [TOO_SMALL],
             {0: [market(B, 9)]}, minimum_notional=1000.0),
    RuleCase("rule_22_exactly_the_minimum_notional", [CALM, CALM], [(1, B, 100, 10, T)], [FILLED],
             {0: [market(B, 10)]}, minimum_notional=1000.0),
    RuleCase("rule_22_is_asked_before_volume_cuts", [CALM, TEN, TEN], [(1, B, 100, 5, T), (2, B, 100, 5, T)], [FILLED],
             {0: [market(B, 10)]}, minimum_notional=1000.0, costs=HALF),
    RuleCase("rule_22_is_asked_after_cash_cuts", [CALM, CALM], [], [TOO_SMALL],
             {0: [market(B, 10)]}, minimum_notional=1000.0, cash=999.0),
    RuleCase("rule_22_an_exact_close_may_be_small", [CALM, CALM, (50, 50, 50, 50, 1000.0)],
             [(1, B, 100, 10, T), (2, S, 50, 10, T)], [FILLED, FILLED],
             {0: [market(B, 10)], 1: [market(S, 10)]}, minimum_notional=1000.0),
    RuleCase("rule_22_a_small_reduction_is_rejected", [CALM, CALM, (50, 50, 50, 50, 1000.0)],
             [(1, B, 100, 10, T)], [FILLED, TOO_SMALL],
             {0: [market(B, 10)], 1: [market(S, 9)]}, minimum_notional=1000.0),
    RuleCase("rule_22_less_than_a_lot", [CALM, CALM], [], [rejected(Reason.BELOW_LOT)], {0: [market(B, 0)]}),
    RuleCase("rule_22_orders_that_make_no_sense", [CALM, CALM], [], [INVALID] * 6, {0: [
        market(B, 1, order_type=OrderType.LIMIT),
        market(B, 1, order_type=OrderType.STOP),
        market(B, 1, order_type=OrderType.STOP_LIMIT, limit_ticks=100),
        stop(B, 1, 105, time_in_force=IOC),
        stop(B, 1, 105, time_in_force=FOK),
        market(B, 1, time_in_force=GTT),
    ]}),
    RuleCase("rule_22_a_senseless_replacement_leaves_the_original", [CALM, CALM, (100, 100, 94, 94, 1000.0)],
             [(2, B, 95, 10, M)], [FILLED, rejected(Reason.BELOW_LOT)],
             {0: [limit(B, 10, 95)], 1: [replace(0, 0, 99)]}),
]  # fmt: skip

CASES = PRICES + EXPOSURES + CARRY + VOLUME + SENSE
