"""What a client sees on the WebSocket, held against the published facts with literal expectations."""

import json
import re
from decimal import Decimal

import pytest

from tests.simulator.client import Client, connected, ids_of, joined, run
from workbench.simulator.server import Simulator, SimulatorSettings

FAST = SimulatorSettings(trades_per_second=200.0, heartbeat_seconds=0.05)
TRADE_KEYS = {"D", "I", "A", "P", "S"}
TICKER_KEYS = {"B", "A", "BA", "AA", "PS", "H", "L", "O", "V", "AV", "D", "DP", "DS", "NS", "PId"}


def check_trade(item: dict[str, object]) -> None:
    assert re.fullmatch(r"\d{13}", str(item["D"]))
    assert isinstance(item["D"], str)
    assert isinstance(item["I"], str)
    assert item["I"].startswith(item["D"])
    assert re.fullmatch(r"\d+\.\d{10}", str(item["A"]))
    assert re.fullmatch(r"\d+\.\d{10}", str(item["P"]))
    assert item["S"] in (0, 1)


def test_the_first_frame_is_the_greeting() -> None:
    """991 comes unasked, in the documented bytes."""

    async def use(simulator: Simulator) -> None:
        from websockets.asyncio.client import connect

        async with connect(simulator.url.replace("http", "ws")) as socket:
            assert await socket.recv() == '[991,{"type":991,"current":"6.0.0","min":"2.3.0"}]'

    run(FAST, use)


def test_join_is_answered_then_the_trades_come_as_list_and_single() -> None:
    """100, the list of recent trades, then 422 as well as 421."""

    async def use(simulator: Simulator) -> None:
        async with connected(simulator) as client:
            await client.ask("trade", "BTCTRY")
            assert await client.text() == '[100,{"type":100,"ok":true,"message":"join|trade:BTCTRY"}]'
            first = json.loads(await client.text())
            assert first[0] == 421
            single = await client.next(422)
            listed = await client.next(421)
        assert set(single) == TRADE_KEYS | {"PS", "channel", "event", "type"}
        assert (single["PS"], single["channel"], single["event"]) == ("BTCTRY", "trade", "BTCTRY")
        check_trade(single)
        assert set(listed) == {"symbol", "items", "channel", "event", "type"}
        assert (listed["symbol"], listed["channel"], listed["event"]) == ("BTCTRY", "trade", "BTCTRY")
        assert set(listed["items"][0]) == TRADE_KEYS
        check_trade(listed["items"][0])

    run(FAST, use)


def test_sides_are_0_for_sell_and_1_for_buy() -> None:
    """Each frame's S agrees with the side in the list of everything that happened."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator) as client:
            seen = [await client.next(422) for _ in range(20)]
        sides = {trade_id: side for trade_id, _, side, _, _ in simulator.trades("ETHUSDT")}
        assert {(body["S"], sides[int(body["I"])]) for body in seen} == {(0, "sell"), (1, "buy")}

    run(FAST, use)


@pytest.mark.parametrize(("form", "codes"), [("single", {422}), ("list", {421})])
def test_the_form_of_trade_frames_can_be_chosen(form: str, codes: set[int]) -> None:
    """Only 422, or only 421, after the first list."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator) as client:
            await client.next(421)
            assert {json.loads(await client.text())[0] for _ in range(20)} == codes

    run(SimulatorSettings(trades_per_second=200.0, trade_frames=form, pairs=("ETHUSDT",)), use)  # type: ignore[arg-type]


def test_the_list_after_joining_and_what_follows_miss_no_trade_and_repeat_none() -> None:
    """Joining in full flow: the last 50, then exactly the following ones."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator) as client:
            first = await client.next(421)
            listed = sorted(int(item["I"]) for item in first["items"])
            while len(simulator.trades("ETHUSDT")) < 400:
                listed += ids_of(await client.text())
            await simulator.stop_trading()
            listed += [one for text in await client.rest() for one in ids_of(text)]
        assert len(first["items"]) == 50
        everything = [trade[0] for trade in simulator.trades("ETHUSDT")]
        assert listed == everything[everything.index(listed[0]) :]

    run(SimulatorSettings(trades_per_second=300.0, history_seconds=2.0), use)


def test_tickers_are_texts_and_spell_last_in_two_ways() -> None:
    """402 with the documented fields; LA or La."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator, "ticker", "USDTTRY") as client:
            bodies = [await client.next(402) for _ in range(20)]
        names = set()
        for body in bodies:
            names |= set(body) & {"LA", "La"}
            assert set(body) - {"LA", "La"} == TICKER_KEYS | {"channel", "event", "type"}
            assert (body["PS"], body["NS"], body["DS"]) == ("USDTTRY", "USDT", "TRY")
            assert isinstance(body["PId"], int)
            assert all(isinstance(body[key], str) for key in TICKER_KEYS - {"PId"})
            assert Decimal(body["B"]) < Decimal(body["A"])
        assert names == {"LA", "La"}

    run(FAST, use)


def test_all_tickers_come_in_one_frame() -> None:
    """401 lists every pair."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator, "ticker", "all") as client:
            body = await client.next(401)
        assert [item["PS"] for item in body["items"]] == ["ETHUSDT", "BTCUSDT", "BTCTRY", "USDTTRY"]

    run(FAST, use)


def test_order_books_come_whole_and_keep_coming_without_trades() -> None:
    """431 at each heartbeat, though nothing is traded; rows are A and P as text."""

    async def use(simulator: Simulator) -> None:
        await simulator.stop_trading()
        async with joined(simulator, "orderbook") as client:
            books = [await client.next(431) for _ in range(3)]
        assert [book["CS"] - books[0]["CS"] for book in books] == [0, 1, 2]
        assert set(books[0]) == {"CS", "PS", "AO", "BO", "channel", "event", "type"}
        assert set(books[0]["AO"][0]) == {"A", "P"}
        assert all(isinstance(value, str) for row in books[0]["BO"] for value in row.values())

    run(FAST, use)


def test_order_book_changes_lead_from_one_whole_book_to_the_next() -> None:
    """431, then 432 whose CS follows on by one; amount 0 removes; the result is what `orderbook` says."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator, "obdiff") as client:
            await client.ask("orderbook", "ETHUSDT")
            whole = await client.next(431)
            assert whole["channel"] == "obdiff"
            sides = {name: {row["P"]: row["A"] for row in whole[name]} for name in ("AO", "BO")}
            books, compared = await _follow(client, whole["CS"], sides)
        assert compared >= 5
        assert books

    run(FAST, use)


async def _follow(client: Client, change_set: int, sides: dict[str, dict[str, str]]) -> tuple[int, int]:
    books, compared = {}, 0
    while compared < 5:
        body = await client.next(431, 432)
        if body["type"] == 431:
            assert body["channel"] == "orderbook"
            books[body["CS"]] = {name: {row["P"]: row["A"] for row in body[name]} for name in ("AO", "BO")}
        else:
            assert body["CS"] == change_set + 1
            change_set = body["CS"]
            for name in ("AO", "BO"):
                for row in body[name]:
                    assert set(row) == {"A", "P", "CP"}
                    if row["A"] == "0":
                        del sides[name][row["P"]]
                    else:
                        sides[name][row["P"]] = row["A"]
            if change_set in books:
                assert books[change_set] == sides
                compared += 1
    return len(books), compared


def test_candles_come_for_a_resolution() -> None:
    """428 on tradeview with the bar under way."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator, "tradeview", "BTCTRY_60") as client:
            body = await client.next(428)
        assert (body["channel"], body["event"]) == ("tradeview", "BTCTRY_60")
        assert Decimal(body["L"]) <= Decimal(body["O"]) <= Decimal(body["H"])

    run(FAST, use)


@pytest.mark.parametrize(
    ("channel", "event"), [("trade", "NOPE"), ("weather", "ETHUSDT"), ("tradeview", "ETHUSDT_7"), ("trade", "all")]
)
def test_what_does_not_exist_is_refused(channel: str, event: str) -> None:
    """100 with ok false and the text that was asked for."""

    async def use(simulator: Simulator) -> None:
        async with connected(simulator) as client:
            await client.ask(channel, event)
            assert await client.next(100) == {"type": 100, "ok": False, "message": f"join|{channel}:{event}"}

    run(FAST, use)


def test_after_leaving_nothing_more_comes() -> None:
    """Leave is answered, and no trade follows the answer."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator) as client:
            await client.next(422)
            await client.ask("trade", "ETHUSDT", join=False)
            assert (await client.next(100))["message"] == "leave|trade:ETHUSDT"
            happened = len(simulator.trades("ETHUSDT"))
            await client.ask("ticker", "ETHUSDT")
            while len(simulator.trades("ETHUSDT")) < happened + 20:
                await client.next(402)
            assert not [one for text in await client.rest() for one in ids_of(text)]

    run(FAST, use)


@pytest.mark.parametrize("text", ["hello", "[]", "[151]", '{"type":151}', "[151,[]]", '["151",{}]'])
def test_a_client_that_sends_nonsense_is_ignored(text: str) -> None:
    """No answer, and the connection goes on."""

    async def use(simulator: Simulator) -> None:
        async with connected(simulator) as client:
            await client.socket.send(text)
            assert await client.rest() == []

    run(FAST, use)
