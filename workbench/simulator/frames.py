"""The exchange's WebSocket frames as bytes, ready to be sent.

Written from the published facts of the protocol, not from our own reader of it. The body of 428 (candles) is nowhere
described beyond its channel and event: the fields here are a guess in the style of the others.
"""

from decimal import Decimal
from typing import Any, Final

import msgspec

from workbench.simulator.book import Side
from workbench.simulator.exchange import Day
from workbench.simulator.history import Bar, ExchangeTrade
from workbench.simulator.market import Market

SIDE_NUMBER: Final = {"sell": 0, "buy": 1}
GREETING = b'[991,{"type":991,"current":"6.0.0","min":"2.3.0"}]'

encode = msgspec.json.Encoder(decimal_format="string").encode


def result(message: str, *, ok: bool) -> bytes:
    """Answer to a request; ``message`` is such as ``join|trade:ETHUSDT``."""
    return encode([100, {"type": 100, "ok": ok, "message": message}])


def trade(pair: str, one: ExchangeTrade) -> bytes:
    """422: one trade."""
    fields = _trade_fields(one)
    return f'[422,{{{fields},"PS":"{pair}","channel":"trade","event":"{pair}","type":422}}]'.encode()


def trade_list(pair: str, trades: list[ExchangeTrade]) -> bytes:
    """421: a list of trades in the order given."""
    items = ",".join([f"{{{_trade_fields(one)}}}" for one in trades])
    return f'[421,{{"symbol":"{pair}","items":[{items}],"channel":"trade","event":"{pair}","type":421}}]'.encode()


def ticker_fields(market: Market, day: Day, last_name: str) -> dict[str, Any]:
    """What 402 and each item of 401 say; ``last_name`` is LA or La."""
    bar = day.bar
    return {
        "B": day.bid[0],
        "A": day.ask[0],
        "BA": day.bid[1],
        "AA": day.ask[1],
        "PS": market.pair,
        "H": plain(bar.high),
        "L": plain(bar.low),
        last_name: plain(bar.close),
        "O": plain(bar.open),
        "V": plain(bar.volume),
        "AV": plain(day.average),
        "D": plain(day.change),
        "DP": plain(day.change_percent),
        "DS": market.quote,
        "NS": market.base,
        "PId": market.number,
    }


def ticker(fields: dict[str, Any]) -> bytes:
    """402: the ticker of one pair."""
    return encode([402, {**fields, "channel": "ticker", "event": fields["PS"], "type": 402}])


def all_tickers(items: list[dict[str, Any]]) -> bytes:
    """401: the tickers of all pairs."""
    return encode([401, {"items": items, "channel": "ticker", "event": "all", "type": 401}])


def book(channel: str, pair: str, change_set: int, asks: Side, bids: Side) -> bytes:
    """431: the whole book."""
    rows = {"AO": _rows(asks), "BO": _rows(bids)}
    return encode([431, {"CS": change_set, "PS": pair, **rows, "channel": channel, "event": pair, "type": 431}])


def book_change(pair: str, change_set: int, asks: list[dict[str, Any]], bids: list[dict[str, Any]]) -> bytes:
    """432: the rows that differ from the change set before."""
    body = {"CS": change_set, "PS": pair, "AO": asks, "BO": bids}
    return encode([432, {**body, "channel": "obdiff", "event": pair, "type": 432}])


def candle(pair: str, resolution: str, open_time_ms: int, bar: Bar) -> bytes:
    """428: the bar under way."""
    prices = {"O": plain(bar.open), "H": plain(bar.high), "L": plain(bar.low), "C": plain(bar.close)}
    body = {"P": pair, "R": resolution, "D": str(open_time_ms), **prices, "V": plain(bar.volume)}
    return encode([428, {**body, "channel": "tradeview", "event": f"{pair}_{resolution}", "type": 428}])


def plain(number: Decimal) -> str:
    """A decimal without exponent and needless zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def padded(number: str) -> str:
    """A decimal text with ten decimals."""
    whole, _, part = number.partition(".")
    return f"{whole}.{part:0<10}"


def _trade_fields(one: ExchangeTrade) -> str:
    return (
        f'"D":"{one.time_ms}","I":"{one.trade_id}","A":"{padded(one.amount)}","P":"{padded(one.price)}",'
        f'"S":{SIDE_NUMBER[one.side]}'
    )


def _rows(side: Side) -> list[dict[str, str]]:
    return [{"A": amount, "P": price} for price, amount in side.items()]
