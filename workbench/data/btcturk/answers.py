"""What the exchange answers about one pair -> market trades and candles on its grids, exactly. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from workbench.data.btcturk.decimals import whole_units
from workbench.data.btcturk.json_values import decimal_of, list_of, object_of, whole_of
from workbench.data.btcturk.symbols import Symbol
from workbench.model.candle import Candles, Origin
from workbench.model.errors import InputError
from workbench.model.instrument import Grid
from workbench.model.interval import Interval
from workbench.model.market_trade import MarketTrade

SIDES = {"buy": 1, "sell": -1}
LETTERS = {"o": "open", "h": "high", "l": "low", "c": "close"}
SECOND_NS, MILLISECOND_NS = 10**9, 10**6
LATEST_NS = 2**63 - 1


def read_trades(symbol: Symbol, document: object) -> list[MarketTrade]:
    """Market trades, oldest first.

    Raises:
        InputError: names the row (in the order of the answer) and field that does not fit.
    """
    trades = []
    for row, entry in enumerate(list_of("trades", document)):
        try:
            trades.append(_trade(symbol, object_of("trade", entry)))
        except InputError as error:
            raise InputError(f"row {row}, {error.field}", error.expected, error.received) from None
    return sorted(trades, key=lambda trade: (trade.time_ns, trade.trade_id))


def _trade(symbol: Symbol, entry: dict[str, Any]) -> MarketTrade:
    grids = symbol.instrument
    side = SIDES.get(str(entry.get("side")).lower())
    if side is None:
        raise InputError("side", "buy or sell", entry.get("side"))
    return MarketTrade(
        symbol.pair,
        _from_0("tid", whole_of("tid", entry.get("tid"))),
        _from_0("date", whole_of("date", entry.get("date")) * MILLISECOND_NS),
        side,
        _units("price", entry.get("price"), grids.price_grid),
        _units("amount", entry.get("amount"), grids.quantity_grid),
    )


def _from_0(field: str, value: int) -> int:
    if not 0 <= value <= LATEST_NS:
        raise InputError(field, "a number from 0 to 2**63 - 1", value)
    return value


def _units(field: str, value: object, grid: Grid) -> int:
    """At least one whole unit of a grid, exactly."""
    try:
        units = whole_units(str(value), grid)
    except ValueError:  # OffGridError too
        units = 0
    if units < 1:
        decimal_of(field, value)  # not even a number?
        raise InputError(field, f"a multiple of {Decimal(grid.numerator) / grid.denominator:f} above 0", value)
    return units


@dataclass(frozen=True)
class Window:
    """Open times asked for: [start_ns, end_ns), of candles of ``interval``."""

    interval: Interval
    start_ns: int
    end_ns: int


def read_candles(symbol: Symbol, window: Window, document: object, origin: Origin) -> Candles | None:
    """Candles of a window; None where the exchange has none.

    A bar right beside the window, as chart services like to add, is left out; one farther off is refused, because then
    the answer belongs to another question.

    Raises:
        InputError: no such answer, lists of different lengths, times out of order or far from the window, prices off
            the grid or against the rules of ``workbench.model.candle``.
    """
    answer = object_of("candles", document)
    state = answer.get("s")
    if state == "no_data":
        return None
    if state != "ok":
        raise InputError("s", "ok or no_data", state)
    columns = {name: list_of(name, answer.get(name)) for name in ("t", *LETTERS, "v")}
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise InputError("lists", "equal lengths", lengths)
    times = [whole_of("t", value) * SECOND_NS for value in columns["t"]]
    first, last = _inside(times, window)
    if first == last:
        return None
    grid = symbol.instrument.price_grid
    prices = {
        name: grid.floats([_units(name, value, grid) for value in columns[letter][first:last]])
        for letter, name in LETTERS.items()
    }
    return Candles.build(
        pair=symbol.pair,
        interval=window.interval,
        instrument=symbol.instrument,
        origin=origin,
        open_time_ns=times[first:last],
        volume=[float(decimal_of("volume", value)) for value in columns["v"][first:last]],
        **prices,
    )


def _inside(times: list[int], window: Window) -> tuple[int, int]:
    """The rows [first, last) inside the window."""
    for row, (one, other) in enumerate(pairwise(times), 1):
        if one >= other:
            raise InputError(f"t in row {row}", "a time after the row before", other // SECOND_NS)
    step = window.interval.nanoseconds
    for time_ns in (*times[:1], *times[-1:]):
        if not window.start_ns - step <= time_ns < window.end_ns + step:
            asked = f"a time from {window.start_ns // SECOND_NS} to {window.end_ns // SECOND_NS}"
            raise InputError("t", asked, time_ns // SECOND_NS)
    first = sum(time_ns < window.start_ns for time_ns in times)
    return first, max(first, sum(time_ns < window.end_ns for time_ns in times))
