"""The terms of a run as plain numbers: what the compiled code sees of instrument, costs and sizing."""

from typing import NamedTuple

from workbench.engine.costs import FRACTION_UNITS, Costs, whole_millionths
from workbench.engine.sizing import Sizing
from workbench.model.errors import InputError
from workbench.model.instrument import Instrument
from workbench.model.interval import Interval


class Terms(NamedTuple):
    """Fractions that move prices or cap volume are whole millionths; -1 stands for "no limit"."""

    tick_numerator: float
    tick_denominator: float
    ticks_per_price: float
    lot_numerator: float
    lot_denominator: float
    lots_per_quantity: float
    minimum_notional: float
    maker_fee_rate: float
    taker_fee_rate: float
    adverse_units: int
    volume_share_units: int
    latency_bars: int
    touch: bool
    allow_short: bool
    size_mode: int
    size_value: float
    size_window: int
    bars_per_year: float


def make_terms(instrument: Instrument, interval: Interval, costs: Costs, sizing: Sizing, *, allow_short: bool) -> Terms:
    """Join everything that decides a fill."""
    share = costs.max_volume_share
    return Terms(
        tick_numerator=float(instrument.price_grid.numerator),
        tick_denominator=float(instrument.price_grid.denominator),
        ticks_per_price=instrument.price_grid.denominator / instrument.price_grid.numerator,
        lot_numerator=float(instrument.quantity_grid.numerator),
        lot_denominator=float(instrument.quantity_grid.denominator),
        lots_per_quantity=instrument.quantity_grid.denominator / instrument.quantity_grid.numerator,
        minimum_notional=float(instrument.minimum_notional),
        maker_fee_rate=float(costs.maker_fee_rate),
        taker_fee_rate=float(costs.taker_fee_rate),
        adverse_units=costs.adverse_units,
        volume_share_units=-1 if share is None else whole_millionths("max_volume_share", share),
        latency_bars=costs.latency_bars,
        touch=costs.limit_fills_on_touch,
        allow_short=allow_short,
        size_mode=sizing.mode,
        size_value=sizing.value,
        size_window=sizing.window,
        bars_per_year=interval.bars_per_year,
    )


def check_range(highest_price: float, instrument: Instrument) -> None:
    """Refuse prices with so many ticks that moving them by a fraction would leave 64-bit integers.

    Raises:
        InputError: more than about 4e12 ticks.
    """
    limit = 2**62 // FRACTION_UNITS
    if highest_price * instrument.price_grid.denominator / instrument.price_grid.numerator > limit:
        raise InputError("tick_size", f"prices of at most {limit:,} ticks", instrument.tick_size)
