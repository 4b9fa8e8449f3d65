"""Orders: what was asked for and what became of it. The enum values are the codes inside the engine's tables."""

from dataclasses import dataclass
from enum import IntEnum


class Side(IntEnum):
    """Direction of an order; the sign of the quantity it adds to the position."""

    BUY = 1
    SELL = -1


class OrderType(IntEnum):
    MARKET = 0
    LIMIT = 1
    STOP = 2
    STOP_LIMIT = 3


class TimeInForce(IntEnum):
    GTC = 0
    """Good till cancelled."""
    IOC = 1
    """Immediate or cancel: what does not fill at the open of its first bar is cancelled."""
    FOK = 2
    """Fill or kill: all of it at the open of its first bar, or nothing."""
    GTT = 3
    """Good till time: cancelled at the open of its expiry bar."""


class OrderStatus(IntEnum):
    OPEN = 0
    """Still waiting when the candles ended."""
    FILLED = 1
    CANCELLED = 2
    EXPIRED = 3
    REJECTED = 4


class Reason(IntEnum):
    """Why an order exists (first group) or ended other than by filling (second group)."""

    NONE = 0
    SIGNAL = 1
    STRATEGY = 2
    STOP_LOSS = 3
    TAKE_PROFIT = 4
    TRAILING_STOP = 5
    RUIN = 6

    REPLACED = 10
    REQUESTED = 11
    IMMEDIATE_REMAINDER = 12
    NOT_IN_FULL = 13
    INSUFFICIENT_CASH = 14
    BELOW_MINIMUM_NOTIONAL = 15
    BELOW_LOT = 16
    NO_CHANGE = 17
    NOTHING_TO_REDUCE = 18
    INVALID = 19
    POSITION_CLOSED = 20
    ORDER_GONE = 21


class Liquidity(IntEnum):
    TAKER = 0
    MAKER = 1


@dataclass(frozen=True)
class Order:
    """One order of a result.

    Attributes:
        quantity: base currency; NaN for an order that asked for an exposure which never got a quantity.
        limit_price, stop_price: quote currency, NaN where the type has none.
        placed_time_ns: open time of the bar at whose close it was decided.
    """

    order_id: int
    placed_bar: int
    placed_time_ns: int
    active_bar: int
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    quantity: float
    filled_quantity: float
    limit_price: float
    stop_price: float
    status: OrderStatus
    reason: Reason
    end_reason: Reason
