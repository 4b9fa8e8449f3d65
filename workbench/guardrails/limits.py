"""The limits: what an order may be, and what evidence must be. Every version of them is proposed and approved."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any

from workbench.model.errors import InputError
from workbench.model.instrument import parse_decimal

PLACES = 12
"""With at most 16 digits before the point: 28, what decimals compute exactly."""


def limit(default: str, unit: str, text: str, low: str = "0", high: str = "1e15") -> Any:
    """One number: its unit, its meaning, and what it may be."""
    note = {"unit": unit, "help": text, "low": Decimal(low), "high": Decimal(high)}
    return field(default=Decimal(default), metadata=note)


@dataclass(frozen=True, kw_only=True)
class RiskLimits:
    """Numbers are exact decimals; fractions are of 1 (0.05 is 5 %)."""

    max_order_notional: Decimal = limit("10000", "quote", "The largest value of one order.")
    max_position_notional: Decimal = limit("50000", "quote", "The largest value of the position after the order.")
    max_orders_per_minute: Decimal = limit("30", "orders", "Orders let through within 60 seconds.", high="100000")
    price_collar: Decimal = limit("0.02", "fraction", "How far an order's price may lie from the last tick.", high="1")
    max_daily_loss: Decimal = limit("0.05", "fraction", "Loss since the day began, of the equity then.", high="1")
    max_drawdown: Decimal = limit("0.2", "fraction", "Fall of the equity from its peak.", high="1")
    max_feed_age: Decimal = limit("10", "seconds", "Age of the last word of the market's feed.", high="86400")
    max_clock_offset: Decimal = limit("1000", "milliseconds", "Between the exchange's clock and ours.", high="3600000")
    max_evidence_age: Decimal = limit("30", "days", "Since the backtest was run.", high="3650")
    max_evidence_drawdown: Decimal = limit("0.9", "fraction", "Depth of the backtest's deepest drawdown.", high="10")
    min_evidence_trades: Decimal = limit("10", "trades", "Round trips in the backtest.")
    min_evidence_return: Decimal = limit("-1", "fraction", "Total return of the backtest.", low="-100", high="1e6")
    max_proposal_age: Decimal = limit("72", "hours", "A proposal expires after so long.", low="0.001", high="8760")
    simulated_evidence: Decimal = limit(
        "1", "1 yes, 0 no", "Whether evidence on simulated candles may be approved.", high="1"
    )

    def __post_init__(self) -> None:
        for each in fields(self):
            number = parse_decimal(each.name, getattr(self, each.name))
            low, high = each.metadata["low"], each.metadata["high"]
            if not low <= number <= high:
                raise InputError(each.name, f"a number of {low:f} to {high:f} ({each.metadata['unit']})", number)
            if each.name in WHOLE and number != number.to_integral_value():
                raise InputError(each.name, f"a whole number ({each.metadata['unit']})", number)
            if number != round(number, PLACES):
                raise InputError(each.name, f"at most {PLACES} digits after the point", number)
            object.__setattr__(self, each.name, number + 0)  # plus 0: there is no -0

    def changed(self, changes: Mapping[str, Any]) -> "RiskLimits":
        """These limits with some others.

        Raises:
            InputError: no such limit, or a value that does not fit.
        """
        names = [each.name for each in fields(self)]
        for name, value in changes.items():
            if name not in names:
                raise InputError(f"values.{name}", f"one of the limits {', '.join(names)}", value)
            if isinstance(value, bool | dict | list) or value is None:
                raise InputError(f"values.{name}", "a number", value)
        return replace(self, **changes)

    def to_dict(self) -> dict[str, str]:
        """Exact decimals as text, without trailing zeros."""
        return {each.name: f"{getattr(self, each.name).normalize():f}" for each in fields(self)}


WHOLE = ("max_orders_per_minute", "min_evidence_trades", "simulated_evidence")


def describe() -> dict[str, tuple[str, str]]:
    """Limit -> (unit, meaning)."""
    return {each.name: (each.metadata["unit"], each.metadata["help"]) for each in fields(RiskLimits)}
