"""Strategies that place orders themselves: a compiled function, called at the close of every bar.

```python
@wb.order_function
def decide(bars, account, book, params, memory):
    if account.quantity == 0.0 and bars.close[-1] < bars.low[-20:].min() * 1.01:
        place(book, BUY, LIMIT, quantity=1.0, limit_price=bars.close[-1] * 0.99, stop_loss=0.02)
```

What it is handed:

- ``bars``: open_time_ns, open, high, low, close, volume up to and including the bar that just closed. Later bars are
  not in the arrays, so they cannot be read.
- ``account``: cash, quantity (below 0: short), entry_price (0 when flat), equity, at this close.
- ``book``: for :func:`place`, :func:`target`, :func:`cancel`, :func:`replace`, :func:`is_open`,
  :func:`filled_quantity`.
- ``params``: your parameters, a named tuple of numbers. ``memory``: your own float64 array, kept from bar to bar.

Orders reach the market by the rules of ``workbench.engine.kernel``; prices are rounded to ticks to the side that fills
later (buy limits and sell stops down, sell limits and buy stops up), quantities down to lots.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from workbench.compiled import inlined
from workbench.engine import execution
from workbench.engine.costs import FRACTION_UNITS
from workbench.engine.money import to_lots, to_quantity
from workbench.engine.records import BY_EXPOSURE, NO_TICKS, ORDER
from workbench.engine.terms import Terms
from workbench.model.order import OrderType, Side, TimeInForce

BUY, SELL = int(Side.BUY), int(Side.SELL)
MARKET, LIMIT = int(OrderType.MARKET), int(OrderType.LIMIT)
STOP, STOP_LIMIT = int(OrderType.STOP), int(OrderType.STOP_LIMIT)
GTC, IOC = int(TimeInForce.GTC), int(TimeInForce.IOC)
FOK, GTT = int(TimeInForce.FOK), int(TimeInForce.GTT)

PLACE, CANCEL, REPLACE = 0, 1, 2
MAX_REQUESTS = 64
"""Requests per bar; a function that makes more is stopped with an error."""

REQUEST = np.dtype([("kind", np.int64), ("order_id", np.int64), ("original", np.int64), ("order", ORDER)], align=True)


class Bars(NamedTuple):
    """History up to now; ``[-1]`` is the bar that just closed."""

    open_time_ns: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]


class Account(NamedTuple):
    """The account at this close, in quote and base currency."""

    cash: float
    quantity: float
    entry_price: float
    equity: float


class Book(NamedTuple):
    """Your orders; use it through the functions of this module."""

    orders: NDArray[Any]
    requests: NDArray[Any]
    counts: NDArray[np.int64]  # 0: requests in this bar, 1: next order id, 2: this bar, 3: first id of this bar
    terms: Terms


Decide = TypeVar("Decide", bound=Callable[..., None])


def order_function(function: Decide) -> Decide:
    """Compile a ``decide(bars, account, book, params, memory)`` function. Errors in it show at the first run."""
    return cast(Decide, numba.njit(nogil=True, error_model="numpy")(function))


@inlined
def _units(fraction: float) -> int:
    return -1 if fraction < 0.0 else max(1, int(np.rint(fraction * FRACTION_UNITS)))


@inlined
def _ticks(price: float, up: bool, terms: Terms) -> int:
    """To the grid, up or down; float noise within a millionth of a tick is on the grid."""
    if not price > 0.0:
        return NO_TICKS
    exact = price * terms.ticks_per_price
    nearest = np.rint(exact)
    if abs(exact - nearest) <= 1e-6:
        return int(nearest)
    return int(np.ceil(exact)) if up else int(np.floor(exact))


@inlined
def _request(book: Book, kind: int, original: int) -> Any:
    if book.counts[0] >= MAX_REQUESTS:
        raise ValueError("more than 64 requests in one bar")
    request = book.requests[book.counts[0]]
    book.counts[0] += 1
    request.kind = kind
    request.original = original
    request.order_id = -1
    if kind != CANCEL:
        request.order_id = book.counts[1]
        book.counts[1] += 1
    return request


@numba.njit(nogil=True, error_model="numpy")
def place(  # the arguments' meaning is their name
    book: Book,
    side: int,
    order_type: int,
    quantity: float,
    limit_price: float = np.nan,
    stop_price: float = np.nan,
    time_in_force: int = GTC,
    expire_after_bars: int = 0,
    reduce_only: bool = False,
    stop_loss: float = -1.0,
    take_profit: float = -1.0,
    trailing_stop: float = -1.0,
) -> int:
    """Place an order; returns its id.

    Args:
        side: BUY or SELL. order_type: MARKET, LIMIT, STOP or STOP_LIMIT.
        quantity: base currency.
        expire_after_bars: for GTT, how many bars it may act on.
        stop_loss, take_profit, trailing_stop: fractions of the entry price, below 0: none.
    """
    request = _request(book, PLACE, -1)
    order = request.order
    terms = book.terms
    order.side = side
    order.order_type = order_type
    order.lots = to_lots(quantity, terms) if quantity > 0.0 else 0
    order.limit_ticks = _ticks(limit_price, side < 0, terms)
    order.stop_ticks = _ticks(stop_price, side > 0, terms)
    order.time_in_force = time_in_force
    order.expire_bar = book.counts[2] + 1 + terms.latency_bars + expire_after_bars
    order.reduce_only = reduce_only
    order.stop_loss = _units(stop_loss)
    order.take_profit = _units(take_profit)
    order.trailing_stop = _units(trailing_stop)
    return int(request.order_id)


@numba.njit(nogil=True, error_model="numpy")
def target(
    book: Book, exposure: float, stop_loss: float = -1.0, take_profit: float = -1.0, trailing_stop: float = -1.0
) -> int:
    """Place the market order that brings the position to ``exposure`` times the equity; returns its id.

    Rule 18 decides its quantity when its first bar opens.
    """
    request = _request(book, PLACE, -1)
    order = request.order
    order.side = 0
    order.order_type = MARKET
    order.time_in_force = GTC
    order.lots = BY_EXPOSURE
    order.exposure = exposure
    order.reduce_only = False
    order.stop_loss = _units(stop_loss)
    order.take_profit = _units(take_profit)
    order.trailing_stop = _units(trailing_stop)
    return int(request.order_id)


@numba.njit(nogil=True, error_model="numpy")
def cancel(book: Book, order_id: int) -> None:
    """Ask to cancel an order; an order that is no longer open stays as it is."""
    _request(book, CANCEL, order_id)


@numba.njit(nogil=True, error_model="numpy")
def replace(book: Book, order_id: int, quantity: float, limit_price: float = np.nan, stop_price: float = np.nan) -> int:
    """Cancel an order and place one like it with a new quantity and new prices; returns the new id."""
    side = _side_of(book, order_id)
    request = _request(book, REPLACE, order_id)
    order = request.order
    order.lots = to_lots(quantity, book.terms) if quantity > 0.0 else 0
    order.limit_ticks = _ticks(limit_price, side < 0, book.terms)
    order.stop_ticks = _ticks(stop_price, side > 0, book.terms)
    return int(request.order_id)


@inlined
def _side_of(book: Book, order_id: int) -> int:
    """The side of an order, also of one placed in this very bar."""
    if 0 <= order_id < book.counts[3]:
        return int(book.orders[order_id].side)
    for k in range(book.counts[0]):
        if book.requests[k].order_id == order_id:
            return int(book.requests[k].order.side)
    return BUY


@numba.njit(nogil=True, error_model="numpy")
def is_open(book: Book, order_id: int) -> bool:
    """Whether an order is still waiting (one placed in this bar is)."""
    return bool(book.counts[1] > order_id >= book.counts[3] or book.orders[order_id].status == execution.OPEN)


@numba.njit(nogil=True, error_model="numpy")
def filled_quantity(book: Book, order_id: int) -> float:
    """Base currency filled so far."""
    if not 0 <= order_id < book.counts[3]:
        return 0.0
    return to_quantity(book.orders[order_id].filled_lots, book.terms)
