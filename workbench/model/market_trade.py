"""MarketTrade: one print of the exchange (what others traded), on the instrument's grid."""

import msgspec


class MarketTrade(msgspec.Struct, frozen=True, gc=False):
    """One trade between others; a plain struct, since a feed makes tens of thousands a second.

    Attributes:
        trade_id: the exchange's number, rising in time, not consecutive.
        time_ns: when the exchange says it happened, nanoseconds UTC.
        side: the taker's: 1 bought, -1 sold.
        price_ticks: whole ticks of the instrument. quantity_lots: whole lots of the instrument.
    """

    pair: str
    trade_id: int
    time_ns: int
    side: int
    price_ticks: int
    quantity_lots: int
