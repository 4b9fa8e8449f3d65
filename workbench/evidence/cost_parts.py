"""What costs took from a result: fees, slippage and half-spread, in quote currency.

Fees stand in the fills. Slippage and half-spread are in the fills' prices (rule 16 of ``workbench.engine.kernel``): a
taker pays ``ref + ceil(ref * fraction)`` and gets ``max(1, ref - ceil(ref * fraction))``, in ticks, the fraction being
both of them together; a maker's price is his own, and a fill by ruin is not moved (rule 12). So what they took of a
fill is ``abs(price - ref) * quantity``, and each has its share of that by its basis points. Added back, all three give
the profit of the same fills at their reference prices, without fees.

The reference price of a fill is not recorded. It is the bar's open (rules 4 and 5) or the order's stop price (rule 8),
whichever gives the fill's price; else (a protective stop inside a bar, rules 7 and 10) it is got back from the price.

Known limits. A sale at a protective stop has up to two reference prices, a tick apart, that give its price; the nearer
is taken. The rounding to whole ticks is shared like the rest, though it belongs to neither. With other costs the
account would have had other cash and other quantities: this adds back what was paid, it does not run again without
costs.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.costs import FRACTION_UNITS, Costs
from workbench.engine.records import NO_TICKS
from workbench.engine.result import BacktestResult
from workbench.model.order import Liquidity, OrderType, Reason

Table = NDArray[Any]
Ticks = NDArray[np.int64]


@dataclass(frozen=True)
class CostParts:
    """``turnover`` is the value of all fills."""

    fees: float
    slippage: float
    half_spread: float
    turnover: float


def cost_parts(result: BacktestResult) -> CostParts:
    """What each kind took."""
    fills, costs, candles = result.fill_table, result.inputs.costs, result.candles
    prices, quantity = candles.instrument.price_grid, candles.instrument.quantity_grid.floats(fills["lots"])
    opens = prices.units(candles.open[fills["bar"]])
    reference = reference_ticks(fills, result.order_table[fills["order_id"]], opens, costs.adverse_units)
    adverse = float(np.sum(prices.floats(np.abs(fills["price_ticks"] - reference)) * quantity))
    slippage = adverse * _slippage_share(costs)
    return CostParts(
        fees=result.metrics.fees_paid,
        slippage=slippage,
        half_spread=adverse - slippage,
        turnover=float(np.sum(prices.floats(fills["price_ticks"]) * quantity)),
    )


def reference_ticks(fills: Table, orders: Table, opens: Ticks, units: int) -> Ticks:
    """The price of each fill before slippage and half-spread, (n_fills,), in ticks.

    Args:
        orders: each fill's order. opens: the open of each fill's bar, in ticks.
        units: slippage and half-spread together, in millionths.
    """
    price, side = fills["price_ticks"], fills["side"].astype(np.int64)
    stop, limit = orders["stop_ticks"], orders["limit_ticks"]
    is_inside = (orders["order_type"] == OrderType.STOP_LIMIT) & ((opens - stop) * side < 0)
    is_unmoved = (fills["liquidity"] != Liquidity.TAKER) | (orders["reason"] == Reason.RUIN) | (units == 0)
    found = np.where(is_unmoved, price, NO_TICKS)
    for candidate in (np.where(is_inside, stop, opens), stop, _undone(price, side, units)):
        fits = (candidate > 0) & (_taker_price(candidate, side, limit, units) == price)
        found = np.where((found == NO_TICKS) & fits, candidate, found)
    return np.where(found == NO_TICKS, price, found)


def _taker_price(reference: Ticks, side: Ticks, limit: Ticks, units: int) -> Any:
    """Rule 16, for whole columns; a limit of -1 is none."""
    moved = np.maximum(reference + side * -(-reference * units // FRACTION_UNITS), 1)
    capped = np.where(side > 0, np.minimum(moved, limit), np.maximum(moved, limit))
    return np.where(limit < 0, moved, capped)


def _undone(price: Ticks, side: Ticks, units: int) -> Any:
    """The reference nearest to the price that gives it, where there is one."""
    bought = price * FRACTION_UNITS // (FRACTION_UNITS + units)
    sold = -(-price * FRACTION_UNITS // max(FRACTION_UNITS - units, 1))
    return np.where(side > 0, bought, sold)


def _slippage_share(costs: Costs) -> float:
    both = costs.slippage_bps + costs.half_spread_bps
    return costs.slippage_bps / both if both > 0 else 0.0
