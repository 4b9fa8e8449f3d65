"""What REST answers, held against the published facts and against everything that happened."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tests.simulator.client import get, run, truth
from workbench.simulator.rest_limit import RestLimit
from workbench.simulator.server import Simulator, SimulatorSettings

SETTINGS = SimulatorSettings(trades_per_second=0.3, history_seconds=3 * 3600)
KLINES = "/v1/klines/history"
exact = msgspec.json.Decoder(dict[str, str | list[Decimal]])


def stopped(use: Callable[[Simulator], Awaitable[None]], settings: SimulatorSettings = SETTINGS) -> None:
    """Use a simulator in which nothing happens any more."""

    async def main(simulator: Simulator) -> None:
        await simulator.stop_trading()
        await use(simulator)

    run(settings, main)


async def data(simulator: Simulator, path: str, **query: object) -> Any:
    """What the envelope holds."""
    answer = await get(simulator, path, **query)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    document = answer.json()
    assert {name: document[name] for name in document if name != "data"} == {
        "success": True,
        "message": None,
        "code": 0,
    }
    return document["data"]


def test_exchange_info_describes_the_four_pairs() -> None:
    """Names, scales, tick sizes, order methods."""

    async def use(simulator: Simulator) -> None:
        info = await data(simulator, "/api/v2/server/exchangeinfo")
        assert info["timeZone"] == "UTC"
        assert abs(info["serverTime"] - simulator.now_ms()) < 5_000
        symbols = {symbol["name"]: symbol for symbol in info["symbols"]}
        rows = {
            name: (one["numerator"], one["denominator"], one["numeratorScale"], one["filters"][0]["tickSize"])
            for name, one in symbols.items()
        }
        assert rows == {
            "BTCTRY": ("BTC", "TRY", 8, "10"),
            "BTCUSDT": ("BTC", "USDT", 8, "1"),
            "ETHUSDT": ("ETH", "USDT", 8, "0.1"),
            "USDTTRY": ("USDT", "TRY", 2, "0.01"),
        }
        one = symbols["BTCTRY"]
        assert (one["nameNormalized"], one["status"]) == ("BTC_TRY", "TRADING")
        assert one["orderMethods"] == ["MARKET", "LIMIT", "STOP_MARKET", "STOP_LIMIT"]
        assert one["filters"][0]["filterType"] == "PRICE_FILTER"
        assert one["filters"][0]["minExchangeValue"] == "100"

    stopped(use)


def test_server_time_has_no_envelope() -> None:
    """Milliseconds and the same as text."""

    async def use(simulator: Simulator) -> None:
        document = (await get(simulator, "/api/v2/server/time")).json()
        assert set(document) == {"serverTime", "serverTime2"}
        assert 0 <= simulator.now_ms() - document["serverTime"] < 5_000
        assert document["serverTime2"].endswith("Z")
        assert (await get(simulator, "/api/v2/server/ping")).status_code == 200

    stopped(use)


def test_tickers_are_numbers() -> None:
    """All pairs, or one in either spelling; figures of the trades that happened."""

    async def use(simulator: Simulator) -> None:
        assert len(await data(simulator, "/api/v2/ticker")) == 4
        one = await data(simulator, "/api/v2/ticker", pairSymbol="ETHUSDT")
        other = await data(simulator, "/api/v2/ticker", pairSymbol="ETH_USDT")
        assert [row["pair"] for row in one + other] == ["ETHUSDT", "ETHUSDT"]
        prices = [float(trade.price) for trade in simulator.trades("ETHUSDT")]
        row = one[0]
        assert (row["open"], row["high"], row["low"], row["last"]) == (
            prices[0],
            max(prices),
            min(prices),
            prices[-1],
        )
        assert row["bid"] < row["ask"]
        numbers = ("timestamp", "volume", "average", "daily", "dailyPercent")
        assert all(isinstance(row[name], int | float) for name in numbers)

    stopped(use)


def test_order_book_has_texts_best_first() -> None:
    """Bids fall, asks rise, as many as asked for."""

    async def use(simulator: Simulator) -> None:
        book = await data(simulator, "/api/v2/orderbook", pairSymbol="BTCUSDT", limit=5)
        assert set(book) == {"timestamp", "bids", "asks"}
        bids, asks = ([Decimal(price) for price, _ in book[side]] for side in ("bids", "asks"))
        assert (len(bids), len(asks)) == (5, 5)
        assert bids == sorted(bids, reverse=True)
        assert asks == sorted(asks)
        assert bids[0] < asks[0]

    stopped(use)


@pytest.mark.parametrize(("query", "count"), [({}, 50), ({"last": 7}, 7), ({"last": 1000}, 50)])
def test_trades_are_the_newest_first_and_at_most_50(query: dict[str, int], count: int) -> None:
    """The documented fields, with the side in words."""

    async def use(simulator: Simulator) -> None:
        rows = await data(simulator, "/api/v2/trades", pairSymbol="BTC_TRY", **query)
        assert [(int(row["tid"]), row["date"], row["side"], row["price"], row["amount"]) for row in rows] == [
            tuple(trade) for trade in simulator.trades("BTCTRY")[-count:][::-1]
        ]
        assert set(rows[0]) == {"date", "tid", "price", "amount", "side"}
        assert isinstance(rows[0]["tid"], str)

    stopped(use)


def test_all_trades_come_in_pages() -> None:
    """Pages of the truth equal what the simulator holds."""

    async def use(simulator: Simulator) -> None:
        everything = await truth(simulator)
        assert len(everything) > 2000
        names = ("trade_id", "time_ms", "side", "price", "amount")
        assert [(int(row["trade_id"]), *(row[name] for name in names[1:])) for row in everything] == [
            tuple(trade) for trade in simulator.trades("ETHUSDT")
        ]

    stopped(use)


@pytest.mark.parametrize("resolution", ["1", "15", "60", "1 d", "D"])
def test_candles_equal_a_recomputation_from_all_trades(resolution: str) -> None:
    """First, highest, lowest, last price and the exact sum of amounts; no bar without a trade."""

    async def use(simulator: Simulator) -> None:
        seconds = {"1 d": 86_400, "D": 86_400}.get(resolution) or int(resolution) * 60
        groups: dict[int, list[dict[str, str]]] = defaultdict(list)
        for trade in await truth(simulator):
            groups[int(trade["time_ms"]) // 1000 // seconds * seconds].append(trade)
        answer = await get(simulator, KLINES, symbol="ETHUSDT", resolution=resolution, **{"from": 0, "to": 10**10})
        candles = exact.decode(answer.content)
        assert candles == {
            "s": "ok",
            "t": list(groups),
            "o": [Decimal(group[0]["price"]) for group in groups.values()],
            "h": [max(Decimal(one["price"]) for one in group) for group in groups.values()],
            "l": [min(Decimal(one["price"]) for one in group) for group in groups.values()],
            "c": [Decimal(group[-1]["price"]) for group in groups.values()],
            "v": [sum(Decimal(one["amount"]) for one in group) for group in groups.values()],
        }

    stopped(use)


def test_candles_of_a_window_and_none_outside() -> None:
    """Both ends are opens of bars; where there is no bar, no_data."""

    async def use(simulator: Simulator) -> None:
        query = {"symbol": "ETHUSDT", "resolution": "15"}
        everything = (await get(simulator, KLINES, **query)).json()["t"]
        some = (await get(simulator, KLINES, **query, **{"from": everything[2], "to": everything[4]})).json()
        assert some["t"] == everything[2:5]
        none = await get(simulator, KLINES, **query, **{"from": 1, "to": 2})
        assert none.json() == {"s": "no_data"}

    stopped(use)


@pytest.mark.parametrize("flat", [True, False])
def test_minutes_without_a_trade_are_left_out_or_flat(flat: bool) -> None:
    """One trade in five minutes: either holes, or bars at the close before with volume 0."""

    async def use(simulator: Simulator) -> None:
        candles = (await get(simulator, KLINES, symbol="USDTTRY", resolution="1")).json()
        steps = {later - earlier for earlier, later in zip(candles["t"], candles["t"][1:], strict=False)}
        if flat:
            assert steps == {60}
            empty = [place for place, volume in enumerate(candles["v"]) if volume == 0]
            assert empty
            assert all(candles["o"][place] == candles["h"][place] == candles["c"][place - 1] for place in empty)
        else:
            assert max(steps) > 60
            assert min(candles["v"]) > 0

    stopped(use, SimulatorSettings(trades_per_second=1 / 300, history_seconds=6 * 3600, flat_bars=flat))


def test_a_big_answer_arrives_whole() -> None:
    """Half a megabyte in one answer."""

    async def use(simulator: Simulator) -> None:
        answer = await get(simulator, "/simulator/trades", pair="ETHUSDT", limit=10_000)
        assert len(answer.content) > 500_000
        assert len(answer.json()["trades"]) == min(10_000, len(simulator.trades("ETHUSDT")))

    stopped(use, SimulatorSettings(trades_per_second=5.0, history_seconds=2000, pairs=("ETHUSDT",)))


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/api/v2/nothing", {}, 404),
        ("/api/v2/trades", {}, 400),
        ("/api/v2/trades", {"pairSymbol": "NOPE"}, 400),
        ("/api/v2/trades", {"pairSymbol": "ETHUSDT", "last": "x"}, 400),
        ("/api/v2/orderbook", {"pairSymbol": "ETHUSDT", "limit": "0"}, 400),
        (KLINES, {"symbol": "ETHUSDT", "resolution": "7"}, 400),
        (KLINES, {"symbol": "NOPE", "resolution": "1"}, 400),
        ("/simulator/nothing", {}, 404),
        ("/simulator/trades", {"pair": "ETHUSDT", "after": "x"}, 400),
    ],
)
def test_bad_requests_get_the_envelope_of_an_error(path: str, query: dict[str, str], status: int) -> None:
    """success false, a message, a code."""

    async def use(simulator: Simulator) -> None:
        answer = await get(simulator, path, **query)
        assert answer.status_code == status
        document = answer.json()
        assert set(document) == {"success", "message", "code"}
        assert document["success"] is False
        assert isinstance(document["code"], int)

    stopped(use, SimulatorSettings())


def test_the_rate_of_requests_is_limited_when_asked_for() -> None:
    """The second request within 100 ms is refused with 429."""

    async def use(simulator: Simulator) -> None:
        import httpx

        async with httpx.AsyncClient() as http:
            codes = [(await http.get(f"{simulator.url}/api/v2/server/ping")).status_code for _ in range(20)]
        assert codes[0] == 200
        assert 429 in codes

    run(SimulatorSettings(rest_limit=True), use)


def test_ten_tickers_but_one_of_anything_else_in_100_ms() -> None:
    """The documented limits, with time as an argument."""
    limit = RestLimit()
    assert [limit.allows("/api/v2/ticker", 0.05) for _ in range(12)] == [True] * 10 + [False] * 2
    assert [limit.allows("/api/v2/trades", at) for at in (0.0, 0.05, 0.11, 0.12)] == [True, False, True, False]
