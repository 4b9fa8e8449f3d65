"""What trading costs and how orders meet the market."""

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from workbench.model.errors import InputError
from workbench.model.instrument import parse_decimal

FRACTION_UNITS = 1_000_000
"""Fractions that move prices are whole millionths (hundredths of a basis point), so that prices stay exact."""


def whole_millionths(
    field: str, value: float | str | Decimal, *, minimum: int = 0, maximum: int = FRACTION_UNITS
) -> int:
    """A fraction as a whole number of millionths.

    Raises:
        InputError: outside [minimum, maximum] millionths or finer than one millionth.
    """
    units = parse_decimal(field, value) * FRACTION_UNITS
    if units != units.to_integral_value():
        raise InputError(field, "at most 6 decimals as a fraction (0.01 basis points)", value)
    if not minimum <= units <= maximum:
        low, high = Decimal(minimum) / FRACTION_UNITS, Decimal(maximum) / FRACTION_UNITS
        raise InputError(field, f"a fraction from {low.normalize():f} to {high.normalize():f}", value)
    return int(units)


def _check_rate(field: str, value: float) -> None:
    number = parse_decimal(field, value)
    if not 0 <= number < 1:
        raise InputError(field, "a fraction from 0 to below 1", value)


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Fees, slippage and limits on liquidity.

    Attributes:
        taker_fee_rate, maker_fee_rate: fractions of the notional (0.001 is 0.1 %).
        slippage_bps, half_spread_bps: basis points by which a taker's price is worse than the reference price;
            they add up, to at most 0.01 bps precision.
        max_volume_share: at most this fraction of a bar's volume is filled in that bar; None: no limit.
        latency_bars: bars between a decision's next bar and the first bar on which its order can act; 0: the next bar.
        limit_fills_on_touch: True lets a resting limit order fill when its price is merely touched; by default
            the price must go through it by a tick.
    """

    taker_fee_rate: float = 0.001
    maker_fee_rate: float = 0.001
    slippage_bps: float = 2.0
    half_spread_bps: float = 0.0
    max_volume_share: float | None = None
    latency_bars: int = 0
    limit_fills_on_touch: bool = False

    def __post_init__(self) -> None:
        for field in ("taker_fee_rate", "maker_fee_rate"):
            _check_rate(field, getattr(self, field))
        for field in ("slippage_bps", "half_spread_bps"):
            whole_millionths(field, parse_decimal(field, getattr(self, field)) / 10_000, maximum=FRACTION_UNITS // 2)
        if self.max_volume_share is not None:
            whole_millionths("max_volume_share", self.max_volume_share, minimum=1)
        if not isinstance(self.latency_bars, int) or not 0 <= self.latency_bars <= 1_000_000:
            raise InputError("latency_bars", "a whole number from 0 to 1000000", self.latency_bars)

    @property
    def adverse_units(self) -> int:
        """Slippage plus half-spread in millionths."""
        total = parse_decimal("slippage_bps", self.slippage_bps) + parse_decimal(
            "half_spread_bps", self.half_spread_bps
        )
        return int(total * FRACTION_UNITS / 10_000)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


FREE = Costs(taker_fee_rate=0.0, maker_fee_rate=0.0, slippage_bps=0.0)
"""No costs at all; for comparisons, not for research."""
