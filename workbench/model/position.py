"""A position and what a fill does to it."""

from dataclasses import dataclass, replace

from workbench.model.fill import Fill


@dataclass(frozen=True)
class Position:
    """Signed base quantity (below 0: short) with its average entry price (0 when flat)."""

    quantity: float = 0.0
    entry_price: float = 0.0
    realized_profit: float = 0.0
    fees: float = 0.0

    def apply(self, fill: Fill) -> "Position":
        """The position after ``fill``. Profit is before fees, by average entry price."""
        signed = fill.side * fill.quantity
        after = self.quantity + signed
        fees = self.fees + fill.fee
        if self.quantity * signed >= 0:
            value = abs(self.quantity) * self.entry_price + fill.notional
            return replace(self, quantity=after, entry_price=value / abs(after) if after else 0.0, fees=fees)
        closed = min(abs(signed), abs(self.quantity))
        direction = 1.0 if self.quantity > 0 else -1.0
        profit = self.realized_profit + direction * closed * (fill.price - self.entry_price)
        entry = 0.0 if after == 0 else (fill.price if after * self.quantity < 0 else self.entry_price)
        return Position(after, entry, profit, fees)

    def unrealized_profit(self, price: float) -> float:
        return self.quantity * (price - self.entry_price)
