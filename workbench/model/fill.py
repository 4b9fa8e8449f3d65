"""A fill: one execution of (part of) an order."""

from dataclasses import dataclass

from workbench.model.order import Liquidity, Side


@dataclass(frozen=True)
class Fill:
    """Price and fee in quote currency, quantity in base currency, always above 0."""

    order_id: int
    bar: int
    time_ns: int
    side: Side
    price: float
    quantity: float
    fee: float
    liquidity: Liquidity

    @property
    def notional(self) -> float:
        return self.price * self.quantity
