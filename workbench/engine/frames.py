"""The engine's tables as pandas frames: prices instead of ticks, names instead of codes."""

from enum import IntEnum
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.engine.records import NO_TICKS
from workbench.model.candle import Candles
from workbench.model.order import Liquidity, OrderStatus, OrderType, Reason, Side, TimeInForce

Table = NDArray[Any]


def by_time(values: NDArray[np.float64], candles: Candles, name: str) -> "pd.Series[float]":
    """A series over the bars' open times."""
    return pd.Series(values, index=time_index(candles), name=name, copy=False)


def time_index(candles: Candles) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(candles.open_time_ns.view("datetime64[ns]"), tz="UTC", name="open_time")


def trades_frame(trades: Table, candles: Candles) -> pd.DataFrame:
    """Round trips, one a row; columns are those of ``workbench.model.trade.Trade``, side is long or short."""
    quantity = candles.instrument.quantity_grid.floats(trades["lots"])
    notional = quantity * trades["entry_price"]
    return pd.DataFrame(
        {
            "side": pd.Categorical.from_codes((trades["side"] < 0).astype(np.int8), dtype=_LONG_SHORT, validate=False),
            "entry_bar": trades["entry_bar"],
            "exit_bar": trades["exit_bar"],
            "entry_time": _times(trades["entry_bar"], candles),
            "exit_time": _times(trades["exit_bar"], candles),
            "quantity": quantity,
            "entry_price": trades["entry_price"],
            "exit_price": trades["exit_price"],
            "fees": trades["fees"],
            "profit": trades["profit"],
            "profit_fraction": trades["profit"] / notional,
            "is_open": trades["is_open"].view(bool),
        },
        copy=False,
    )


def fills_frame(fills: Table, candles: Candles) -> pd.DataFrame:
    """Fills, one a row."""
    price = candles.instrument.price_grid.floats(fills["price_ticks"])
    quantity = candles.instrument.quantity_grid.floats(fills["lots"])
    return pd.DataFrame(
        {
            "order_id": fills["order_id"],
            "bar": fills["bar"],
            "time": _times(fills["bar"], candles),
            "side": _names(Side, fills["side"]),
            "price": price,
            "quantity": quantity,
            "notional": price * quantity,
            "fee": fills["fee"],
            "liquidity": _names(Liquidity, fills["liquidity"]),
        },
        copy=False,
    )


def orders_frame(orders: Table, candles: Candles) -> pd.DataFrame:
    """Orders, one a row; the index is the order's id. NaN where an order has no such price or never got a quantity."""
    lots = candles.instrument.quantity_grid.floats(orders["lots"])
    return pd.DataFrame(
        {
            "placed_bar": orders["placed_bar"],
            "active_bar": orders["active_bar"],
            "placed_time": _times(orders["placed_bar"], candles),
            "side": _names(Side, orders["side"]),
            "order_type": _names(OrderType, orders["order_type"]),
            "time_in_force": _names(TimeInForce, orders["time_in_force"]),
            "quantity": np.where(orders["lots"] >= 0, lots, np.nan),
            "filled_quantity": candles.instrument.quantity_grid.floats(orders["filled_lots"]),
            "limit_price": _prices(orders["limit_ticks"], candles),
            "stop_price": _prices(orders["stop_ticks"], candles),
            "status": _names(OrderStatus, orders["status"]),
            "reason": _names(Reason, orders["reason"]),
            "end_reason": _names(Reason, orders["end_reason"]),
        },
        index=pd.RangeIndex(len(orders), name="order_id"),
    )


def _prices(ticks: NDArray[np.int64], candles: Candles) -> NDArray[np.float64]:
    return np.where(ticks == NO_TICKS, np.nan, candles.instrument.price_grid.floats(ticks))


def _times(bars: NDArray[np.int64], candles: Candles) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(candles.open_time_ns[bars].view("datetime64[ns]"), tz="UTC")


def _names(kind: type[IntEnum], codes: NDArray[np.int8]) -> pd.Categorical:
    """Codes as words; a code outside the enum (a side never decided) is missing."""
    return pd.Categorical.from_codes(
        _POSITIONS[kind][codes.astype(np.int64) + _OFFSET], dtype=_CATEGORIES[kind], validate=False
    )


_LONG_SHORT = pd.CategoricalDtype(["long", "short"])
_KINDS: tuple[type[IntEnum], ...] = (Side, OrderType, TimeInForce, OrderStatus, Reason, Liquidity)
_OFFSET = 1
_CATEGORIES = {kind: pd.CategoricalDtype([member.name.lower() for member in kind]) for kind in _KINDS}
_POSITIONS = {kind: np.full(_OFFSET + 1 + max(kind), -1, dtype=np.int8) for kind in _KINDS}
for _kind, _table in _POSITIONS.items():
    for _position, _member in enumerate(_kind):
        _table[_member + _OFFSET] = _position
