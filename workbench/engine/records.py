"""The tables of the engine: one row per order, fill and trade, as numpy records.

Prices are ticks and quantities lots, both int64; money is float64 in quote currency. Bars are row numbers of the
candles. Codes are those of ``workbench.model.order``.
"""

import numpy as np

NO_TICKS = -1
"""Stands for "no such price"."""
NO_BAR = 2**31 - 1
"""Stands for "never"."""
UNLIMITED = 2**62
"""Stands for "as many lots as you like"."""
BY_EXPOSURE = -1
"""``lots`` of an order whose quantity is decided when its first bar opens."""

ORDER = np.dtype(
    [
        ("placed_bar", np.int32),
        ("active_bar", np.int32),
        ("cancel_bar", np.int32),
        ("expire_bar", np.int32),
        ("lots", np.int64),
        ("filled_lots", np.int64),
        ("limit_ticks", np.int64),
        ("stop_ticks", np.int64),
        ("replaces", np.int32),
        ("replaced_by", np.int32),
        ("exposure", np.float64),
        ("size", np.float64),
        ("stop_loss", np.int32),
        ("take_profit", np.int32),
        ("trailing_stop", np.int32),
        ("side", np.int8),
        ("order_type", np.int8),
        ("time_in_force", np.int8),
        ("reduce_only", np.int8),
        ("status", np.int8),
        ("reason", np.int8),
        ("end_reason", np.int8),
        ("triggered", np.int8),
        ("levels_set", np.int8),
    ],
    align=True,
)

FILL = np.dtype(
    [
        ("order_id", np.int64),
        ("bar", np.int64),
        ("lots", np.int64),
        ("price_ticks", np.int64),
        ("fee", np.float64),
        ("side", np.int8),
        ("liquidity", np.int8),
    ],
    align=True,
)

TRADE = np.dtype(
    [
        ("entry_bar", np.int64),
        ("exit_bar", np.int64),
        ("lots", np.int64),
        ("entry_price", np.float64),
        ("exit_price", np.float64),
        ("fees", np.float64),
        ("profit", np.float64),
        ("side", np.int8),
        ("is_open", np.int8),
    ],
    align=True,
)

STATE = np.dtype(
    [
        ("cash", np.float64),
        ("quantity", np.float64),  # the position in base currency, below 0: short
        ("entry_price", np.float64),  # average of the position, 0 when flat
        ("down_price", np.float64),  # a low at or below it makes something happen
        ("up_price", np.float64),  # a high at or above it makes something happen
        ("position", np.int64),  # in lots
        ("stop_level", np.int64),  # stop-loss, in ticks, NO_TICKS: none
        ("trailing_level", np.int64),
        ("trailing_mark", np.int64),
        ("trailing_units", np.int64),
        ("target_level", np.int64),
        ("volume_left", np.int64),  # lots that may still fill in this bar
        ("orders", np.int64),  # rows used of each table
        ("active", np.int64),
        ("fills", np.int64),
        ("next_event", np.int64),  # first bar that must be looked at whatever its prices
        ("entered_inside", np.int8),  # rule 8 or 9 filled on the position's side in this bar
        ("entered_by_limit", np.int8),  # rule 9 did
        ("ruined", np.int8),
        ("ruined_bar", np.int64),
    ],
    align=True,
)
"""What a run remembers from bar to bar: one row."""
