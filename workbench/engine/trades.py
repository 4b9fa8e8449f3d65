"""Round trips from fills: one pass, average prices, fees split by quantity where a fill reverses a position."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import compiled, inlined
from workbench.engine.money import to_price, to_quantity
from workbench.engine.records import TRADE
from workbench.engine.terms import Terms

Table = NDArray[Any]


def trades_from_fills(fills: Table, last_close: float, last_bar: int, terms: Terms) -> tuple[Table, float, float]:
    """Trades from flat to flat.

    Args:
        fills: (n_fills,) in the order in which they happened.
        last_close: values what is still held; ``last_bar`` is then the exit bar of that open trade.

    Returns:
        Trades ((n_trades,) of ``records.TRADE``), the notional of all fills and the fees of all fills.
    """
    trades = np.empty(fills.size + 1, TRADE)
    count, notional, fees = _pair(fills, trades, last_close, last_bar, terms)
    return trades[:count].copy(), notional, fees


@compiled
def _pair(fills: Table, trades: Table, last_close: float, last_bar: int, terms: Terms) -> tuple[int, float, float]:
    """Write the trades into ``trades``; their number, notional and fees."""
    count, position = 0, 0
    notional, fees = 0.0, 0.0
    for k in range(fills.size):
        fill = fills[k]
        price = to_price(fill.price_ticks, terms)
        notional += price * to_quantity(fill.lots, terms)
        fees += fill.fee
        rest = fill.lots
        if position * fill.side < 0:
            closing = min(rest, abs(position))
            _leave(trades[count], closing, fill.lots, price, fill, abs(position))
            position += fill.side * closing
            rest -= closing
            if position == 0:
                _close(trades[count], terms)
                count += 1
        if rest > 0:
            _enter(trades[count], rest, fill.lots, price, fill, position)
            position += fill.side * rest
    if position != 0:
        trade = trades[count]
        held = to_quantity(abs(position), terms)
        total = to_quantity(trade.lots, terms)
        trade.exit_price = trade.exit_price + (last_close - trade.exit_price) * (held / total)
        trade.exit_bar = last_bar
        _close(trade, terms)
        trade.is_open = 1
        count += 1
    return count, notional, fees


@inlined
def _enter(trade: Any, lots: int, fill_lots: int, price: float, fill: Any, position: int) -> None:
    """Open a trade or add to it. While a trade is open its exit price is the average over what has left."""
    if position == 0:
        trade.entry_bar = fill.bar
        trade.exit_bar = fill.bar
        trade.side = fill.side
        trade.is_open = 0
        trade.lots = lots
        trade.entry_price = price
        trade.exit_price = 0.0
        trade.fees = fill.fee * (lots / fill_lots)
        trade.profit = 0.0
        return
    total = trade.lots + lots
    trade.entry_price += (price - trade.entry_price) * (lots / total)
    trade.lots = total
    trade.fees += fill.fee * (lots / fill_lots)


@inlined
def _leave(trade: Any, lots: int, fill_lots: int, price: float, fill: Any, held: int) -> None:
    left = trade.lots - held + lots
    trade.exit_price += (price - trade.exit_price) * (lots / left)
    trade.exit_bar = fill.bar
    trade.fees += fill.fee * (lots / fill_lots)


@inlined
def _close(trade: Any, terms: Terms) -> None:
    quantity = to_quantity(trade.lots, terms)
    trade.profit = trade.side * quantity * (trade.exit_price - trade.entry_price) - trade.fees
