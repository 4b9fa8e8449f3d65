"""The rules of ``candle``, column by column: what is refused, and how prices are put on the tick grid."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.model.errors import CandleError
from workbench.model.instrument import BLOCK, GRID_TOLERANCE, MAX_UNITS, Grid, Instrument, infer_tick_size
from workbench.model.interval import Interval

COLUMNS = ("open_time_ns", "open", "high", "low", "close", "volume")
PRICES = ("open", "high", "low", "close")


def as_floats(name: str, values: ArrayLike) -> NDArray[np.float64]:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise CandleError(name, "numbers", error) from None


def check_shapes(columns: dict[str, NDArray[Any]]) -> None:
    length = columns["open_time_ns"].size
    if length == 0:
        raise CandleError("candles", "at least one row", "none")
    for name, column in columns.items():
        if column.shape != (length,):
            raise CandleError(name, f"shape ({length},)", column.shape)


def check_values(times: NDArray[np.int64], floats: dict[str, NDArray[np.float64]], interval: Interval) -> None:
    for name, column in floats.items():
        least = column.min()
        if (least > 0 or (least == 0 and name == "volume")) and column.max() < np.inf:  # false for NaN
            continue
        good = np.isfinite(column) & ((column >= 0) if name == "volume" else (column > 0))
        _refuse(~good, name, "a finite number of at least 0" if name == "volume" else "a finite price above 0", column)
    if times[0] % interval.nanoseconds == 0 and (np.diff(times) == interval.nanoseconds).all():
        return
    _refuse(times % interval.nanoseconds != 0, "open_time_ns", f"a multiple of the interval {interval}", times)
    later = np.ones(times.size, dtype=bool)
    later[1:] = times[1:] > times[:-1]
    _refuse(~later, "open_time_ns", "a time after the row before", times)


@np.errstate(over="ignore", invalid="ignore")  # a price too large for the grid is refused, not warned of
def snap_prices(
    floats: dict[str, NDArray[np.float64]], pair: str, given: Instrument | None, out: dict[str, NDArray[np.float64]]
) -> Instrument:
    """Put the floats nearest to whole ticks into ``out``; removes float noise, refuses prices between ticks."""
    if given is None:  # the first rows nearly always show the tick size of all
        guess = Instrument(pair, infer_tick_size(*(floats[name][:64] for name in PRICES)))
        if all(_snap_column(floats[name], guess.price_grid, out[name]) for name in PRICES):
            return guess
        given = Instrument(pair, infer_tick_size(*(floats[name] for name in PRICES)))
    for name in PRICES:
        if not _snap_column(floats[name], given.price_grid, out[name]):
            _refuse_off_grid(name, floats[name], given)
    return given


def _snap_column(column: NDArray[np.float64], grid: Grid, out: NDArray[np.float64]) -> bool:
    blocks = (slice(start, start + BLOCK) for start in range(0, len(column), BLOCK))
    return all(_snap_block(column[rows], grid, out[rows]) for rows in blocks)


def _snap_block(column: NDArray[np.float64], grid: Grid, out: NDArray[np.float64]) -> bool:
    """Whether all lie on the grid; if so, ``out`` gets the floats nearest to their whole ticks."""
    distance = column * grid.denominator
    if grid.numerator != 1:  # rarely; a division costs more than all the rest
        distance /= grid.numerator
    np.rint(distance, out=out)
    distance -= out
    if max(distance.max(), -distance.min()) > GRID_TOLERANCE or out.max() > MAX_UNITS or out.min() < 1:
        return False
    if grid.numerator != 1:
        out *= grid.numerator
    out /= grid.denominator
    return True


def _refuse_off_grid(name: str, column: NDArray[np.float64], instrument: Instrument) -> None:
    grid = instrument.price_grid
    scaled = column * grid.denominator / grid.numerator
    ticks = np.rint(scaled)
    expected = f"a multiple of the tick size {instrument.tick_size}"
    _refuse(np.abs(scaled - ticks) > GRID_TOLERANCE, name, expected, column)
    _refuse((ticks > MAX_UNITS) | (ticks < 1), name, "between 1 and 2**53 ticks", column)


def check_order(floats: dict[str, NDArray[np.float64]]) -> None:
    high, low = floats["high"], floats["low"]
    _refuse(high < low, "high", "at least the low", high)
    for name in ("open", "close"):
        _refuse((floats[name] > high) | (floats[name] < low), name, "between low and high", floats[name])


def _refuse(bad: NDArray[np.bool_], name: str, expected: str, column: NDArray[Any]) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        raise CandleError(f"{name} in row {row}", expected, column[row], row=row, column=name)
