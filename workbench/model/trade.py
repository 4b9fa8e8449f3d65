"""A trade: one round trip, from flat to flat (a reversal ends one and starts the next)."""

from dataclasses import dataclass

from workbench.model.order import Side


@dataclass(frozen=True)
class Trade:
    """Prices are quantity-weighted averages in quote currency; ``profit`` is after ``fees``.

    Attributes:
        side: BUY for a long trade, SELL for a short one.
        quantity: base currency entered in total.
        exit_price: of what was exited; while ``is_open``, the rest is valued at the last close.
        profit_fraction: profit divided by the entry notional.
        is_open: the candles ended before the position was closed.
    """

    side: Side
    entry_bar: int
    exit_bar: int
    entry_time_ns: int
    exit_time_ns: int
    quantity: float
    entry_price: float
    exit_price: float
    fees: float
    profit: float
    profit_fraction: float
    is_open: bool
