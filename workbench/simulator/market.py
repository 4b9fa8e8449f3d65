"""The pairs that are traded on the simulated exchange."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from workbench.model.errors import InputError
from workbench.model.instrument import parse_pair

QUOTES = ("USDT", "USDC", "TRY", "BTC", "ETH", "EUR", "USD")
"""Currencies that a pair's name may end with."""


@dataclass(frozen=True)
class Market:
    """One pair: its grid, and what its synthetic tape starts from.

    Attributes:
        number: the exchange's number of the pair. typical_value: of one trade, in quote currency.
        daily_volatility: of the random walk, as a fraction.
    """

    pair: str
    base: str
    quote: str
    number: int
    tick_size: Decimal
    amount_decimals: int
    first_price: Decimal
    minimum_value: Decimal
    typical_value: float
    daily_volatility: float

    @property
    def price_decimals(self) -> int:
        exponent = self.tick_size.normalize().as_tuple().exponent
        return max(0, -int(exponent))

    @property
    def name_normalized(self) -> str:
        return f"{self.base}_{self.quote}"


MARKETS: Mapping[str, Market] = {
    market.pair: market
    for market in (
        Market("ETHUSDT", "ETH", "USDT", 3, Decimal("0.1"), 8, Decimal(3150), Decimal("2.5"), 400.0, 0.04),
        Market("BTCUSDT", "BTC", "USDT", 2, Decimal(1), 8, Decimal(91_250), Decimal("2.5"), 500.0, 0.03),
        Market("BTCTRY", "BTC", "TRY", 1, Decimal(10), 8, Decimal(3_780_290), Decimal(100), 20_000.0, 0.03),
        Market("USDTTRY", "USDT", "TRY", 4, Decimal("0.01"), 2, Decimal("41.35"), Decimal(100), 15_000.0, 0.004),
    )
}


def find_market(pair: str) -> Market:
    """One of the known pairs; ``BTC_TRY`` means BTCTRY.

    Raises:
        InputError: not one of them.
    """
    name = parse_pair(pair.replace("_", ""))
    if name not in MARKETS:
        raise InputError("pair", f"one of {', '.join(MARKETS)} (others need a recorded tape)", pair)
    return MARKETS[name]


def split_pair(pair: str) -> tuple[str, str]:
    """Base and quote currency of a name without separator.

    Raises:
        InputError: it ends with no currency known as a quote.
    """
    for quote in QUOTES:
        if pair.endswith(quote) and pair != quote:
            return pair[: -len(quote)], quote
    raise InputError("pair", f"a name that ends with {', '.join(QUOTES)}", pair)
