"""The tables of the engine: one row per order, fill and trade, as numpy records.

Prices are ticks and quantities lots, both int64; money is float64 in quote currency. Bars are row numbers of the
candles. Codes are those of ``workbench.model.order``.
"""

import numpy as np

NO_TICKS = -1
"""Stands for "no such price"."""
NO_BAR = 2**62
"""Stands for "never"."""
BY_EXPOSURE = -1
"""``lots`` of an order whose quantity is decided when its first bar opens."""

ORDER = np.dtype(
    [
        ("placed_bar", np.int64),
        ("active_bar", np.int64),
        ("cancel_bar", np.int64),
        ("expire_bar", np.int64),
        ("lots", np.int64),
        ("filled_lots", np.int64),
        ("limit_ticks", np.int64),
        ("stop_ticks", np.int64),
        ("replaces", np.int64),
        ("exposure", np.float64),
        ("stop_loss", np.int64),
        ("take_profit", np.int64),
        ("trailing_stop", np.int64),
        ("side", np.int8),
        ("order_type", np.int8),
        ("time_in_force", np.int8),
        ("reduce_only", np.int8),
        ("status", np.int8),
        ("reason", np.int8),
        ("end_reason", np.int8),
        ("triggered", np.int8),
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
