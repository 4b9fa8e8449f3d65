"""What costs took from a result: fees, slippage and half-spread, in quote currency.

Fees stand in the fills. Slippage and half-spread are in the fills' prices (rule 16 of ``workbench.engine.kernel``): a
taker pays ``ref + ceil(ref * fraction)`` and gets ``max(1, ref - ceil(ref * fraction))``, in ticks, the fraction being
both of them together; a maker's price is his own, and a fill by ruin is not moved (rule 12). So what they took of a
fill is ``abs(price - ref) * quantity``, and each has its share of that by its basis points. Added back, all three give
the profit of the same fills at their reference prices, without fees.

The reference price of a fill is not recorded. It is the bar's open (rules 4 and 5) or the order's stop price (rule 8)
where that gives the fill's price; else (a protective stop inside a bar, rules 7 and 10) it is got back from the price.

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
from workbench.engine.result import BacktestResult
from workbench.model.order import Liquidity, Reason

Ticks = NDArray[np.int64]
NO_REFERENCE = -1


@dataclass(frozen=True)
class CostParts:
    """``turnover`` is the value of all fills."""

    fees: float
    slippage: float
    half_spread: float
    turnover: float


def cost_parts(result: BacktestResult) -> CostParts:
    """What each kind took."""
    fills, costs, instrument = result.fill_table, result.inputs.costs, result.candles.instrument
    quantity = instrument.quantity_grid.floats(fills["lots"])
    moved = np.abs(fills["price_ticks"] - reference_ticks(result))
    adverse = float(np.sum(instrument.price_grid.floats(moved) * quantity))
    slippage = adverse * _slippage_share(costs)
    return CostParts(
        fees=result.metrics.fees_paid,
        slippage=slippage,
        half_spread=adverse - slippage,
        turnover=float(np.sum(instrument.price_grid.floats(fills["price_ticks"]) * quantity)),
    )


def reference_ticks(result: BacktestResult) -> Ticks:
    """The price of each fill before slippage and half-spread, (n_fills,), in ticks."""
    fills, candles, units = result.fill_table, result.candles, result.inputs.costs.adverse_units
    orders = result.order_table[fills["order_id"]]
    price, side, limit = fills["price_ticks"], fills["side"].astype(np.int64), orders["limit_ticks"]
    opens = candles.instrument.price_grid.units(candles.open[fills["bar"]])
    unmoved = (fills["liquidity"] != Liquidity.TAKER) | (orders["reason"] == Reason.RUIN) | (units == 0)
    found = np.where(unmoved, price, NO_REFERENCE)
    for candidate in (opens, orders["stop_ticks"], _undone(price, side, units)):
        fits = (candidate > 0) & (_taker_price(candidate, side, limit, units) == price)
        found = np.where((found == NO_REFERENCE) & fits, candidate, found)
    return np.where(found == NO_REFERENCE, price, found)


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
