"""The exchange's REST interface: one function a path, from published facts."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from websockets.http11 import Response

from workbench.model.errors import InputError
from workbench.simulator.answer import data_response, error_response, json_response
from workbench.simulator.book import Side
from workbench.simulator.exchange import PairExchange
from workbench.simulator.market import Market
from workbench.simulator.resolution import parse_resolution

Query = Mapping[str, str]

MOST_TRADES = 50
MOST_LEVELS, LEVELS = 1000, 100
MOST_CANDLES = 11_000
ORDER_METHODS = ["MARKET", "LIMIT", "STOP_MARKET", "STOP_LIMIT"]
LARGEST = 9_223_372_036_854_775_807


class Rest:
    """Answers a path with a query; ``now_ms`` is the exchange's clock."""

    def __init__(self, pairs: Mapping[str, PairExchange], now_ms: Callable[[], int], *, flat_bars: bool) -> None:
        self._pairs, self._now_ms, self._flat = pairs, now_ms, flat_bars
        self.paths: Mapping[str, Callable[[Query], Response]] = {
            "/api/v2/server/exchangeinfo": self._exchange_info,
            "/api/v2/server/time": self._time,
            "/api/v2/server/ping": lambda _: data_response("pong"),
            "/api/v2/ticker": self._ticker,
            "/api/v2/orderbook": self._order_book,
            "/api/v2/trades": self._trades,
            "/v1/klines/history": self._klines,
        }

    def answer(self, path: str, query: Query) -> Response:
        """Never raises for what a client asks: that becomes an error document."""
        if path not in self.paths:
            return error_response(HTTPStatus.NOT_FOUND, f"no such path: {path}")
        try:
            return self.paths[path](query)
        except InputError as error:
            return error_response(HTTPStatus.BAD_REQUEST, str(error))

    def _exchange_info(self, _query: Query) -> Response:
        symbols = [_symbol(pair.market) for pair in self._pairs.values()]
        return data_response({"timeZone": "UTC", "serverTime": self._now_ms(), "symbols": symbols})

    def _time(self, _query: Query) -> Response:
        now = self._now_ms()
        iso = datetime.fromtimestamp(now / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return json_response({"serverTime": now, "serverTime2": iso})

    def _ticker(self, query: Query) -> Response:
        pairs = [self._pair(query, "pairSymbol")] if "pairSymbol" in query else list(self._pairs.values())
        return data_response([self._ticker_row(number, pair) for number, pair in enumerate(pairs, 1)])

    def _ticker_row(self, order: int, pair: PairExchange) -> dict[str, Any]:
        day, market = pair.day(), pair.market
        return {
            "pair": market.pair,
            "pairNormalized": market.name_normalized,
            "timestamp": self._now_ms(),
            "last": day.bar.close,
            "high": day.bar.high,
            "low": day.bar.low,
            "bid": _number(day.bid[0]),
            "ask": _number(day.ask[0]),
            "open": day.bar.open,
            "volume": day.bar.volume,
            "average": day.average,
            "daily": day.change,
            "dailyPercent": day.change_percent,
            "numeratorSymbol": market.base,
            "denominatorSymbol": market.quote,
            "order": order,
        }

    def _order_book(self, query: Query) -> Response:
        state = self._pair(query, "pairSymbol").book.state
        limit = _whole(query, "limit", LEVELS, 1, MOST_LEVELS)
        sides = {"bids": _levels(state.bids, limit), "asks": _levels(state.asks, limit)}
        return data_response({"timestamp": self._now_ms(), **sides})

    def _trades(self, query: Query) -> Response:
        trades = self._pair(query, "pairSymbol").history.trades
        count = min(_whole(query, "last", MOST_TRADES, 1, LARGEST), MOST_TRADES)
        rows = [
            {"date": one.time_ms, "tid": str(one.trade_id), "price": one.price, "amount": one.amount, "side": one.side}
            for one in trades[-count:][::-1]
        ]
        return data_response(rows)

    def _klines(self, query: Query) -> Response:
        """TradingView's form: seconds, one list a column, no envelope; the newest where too many are asked for."""
        pair = self._pair(query, "symbol")
        interval_ms = parse_resolution(query.get("resolution", ""))
        if interval_ms is None:
            raise InputError("resolution", "1, 15, 30, 60, 240, 1 d or 1 w", query.get("resolution", ""))
        first = _whole(query, "from", 0, -LARGEST, LARGEST)
        last = _whole(query, "to", LARGEST, -LARGEST, LARGEST)
        bars = pair.history.bars(interval_ms, flat=self._flat, until_ms=self._now_ms())
        rows = [(start // 1000, bar) for start, bar in bars.items() if first <= start // 1000 <= last][-MOST_CANDLES:]
        if not rows:
            return json_response({"s": "no_data"})
        columns = {
            "o": [bar.open for _, bar in rows],
            "h": [bar.high for _, bar in rows],
            "l": [bar.low for _, bar in rows],
            "c": [bar.close for _, bar in rows],
            "v": [bar.volume for _, bar in rows],
        }
        return json_response({"s": "ok", "t": [second for second, _ in rows], **columns})

    def _pair(self, query: Query, field: str) -> PairExchange:
        name = query.get(field, "")
        pair = self._pairs.get(name) or self._pairs.get(name.replace("_", ""))
        if pair is None:
            raise InputError(field, f"one of {', '.join(self._pairs)}", name)
        return pair


def _symbol(market: Market) -> dict[str, Any]:
    price_filter = {
        "filterType": "PRICE_FILTER",
        "minPrice": "0.0000000000001",
        "maxPrice": "10000000",
        "tickSize": f"{market.tick_size:f}",
        "minExchangeValue": f"{market.minimum_value:f}",
        "minAmount": None,
        "maxAmount": None,
    }
    return {
        "id": market.number,
        "name": market.pair,
        "nameNormalized": market.name_normalized,
        "status": "TRADING",
        "numerator": market.base,
        "denominator": market.quote,
        "numeratorScale": market.amount_decimals,
        "denominatorScale": max(2, market.price_decimals),
        "hasFraction": market.price_decimals > 0,
        "filters": [price_filter],
        "orderMethods": ORDER_METHODS,
    }


def _levels(side: Side, limit: int) -> list[list[str]]:
    return [[price, amount] for price, amount in list(side.items())[:limit]]


def _number(text: str) -> float:
    return float(text)


def _whole(query: Query, field: str, default: int, least: int, most: int) -> int:
    text = query.get(field)
    if text is None:
        return default
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19 and least <= int(text) <= most):
        raise InputError(field, f"a whole number of at least {least}", text)
    return int(text)
