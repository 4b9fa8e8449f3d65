"""Cash and one position."""

from dataclasses import dataclass, field

from workbench.model.fill import Fill
from workbench.model.position import Position


@dataclass(frozen=True)
class Portfolio:
    """Cash in quote currency and the position in one instrument."""

    cash: float
    position: Position = field(default_factory=Position)

    def apply(self, fill: Fill) -> "Portfolio":
        """The portfolio after ``fill``: cash pays the notional (a sale receives it) and always the fee."""
        return Portfolio(self.cash - fill.side * fill.notional - fill.fee, self.position.apply(fill))

    def equity(self, price: float) -> float:
        """Cash plus the position valued at ``price``."""
        return self.cash + self.position.quantity * price
