"""Frames as the protocol facts show them become the values written here by hand; all else is refused with a reason."""

import json
from decimal import Decimal

import pytest

from tests.data.btcturk.frames import (
    BOOK,
    CANDLE,
    CHANGE,
    NOW,
    PARSER,
    RESULT,
    TICKER,
    TRADE,
    TRADE_LIST,
    WELCOME,
    frame,
    parse,
    refused,
    trade,
)
from workbench.data.btcturk.messages import FUTURE_LIMIT_NS, MAX_FRAME_BYTES, PRIVATE, FrameError, subscription
from workbench.data.btcturk.values import (
    ExchangeCandle,
    Ignored,
    MarketTick,
    MarketTradeList,
    OrderBookChange,
    OrderBookSnapshot,
    Result,
    Welcome,
)
from workbench.model.market_trade import MarketTrade

TIME_NS = 1_787_692_476_996 * 10**6
SOLD = MarketTrade("BTCTRY", 100163842129199947, TIME_NS, -1, 3765490, 1273188)
BOUGHT = MarketTrade("BTCTRY", 100163842129199947, TIME_NS, 1, 3765490, 1273188)
TICK = MarketTick("BTCTRY", 3779950, 3781912, 92482, 2976469, 3780291, Decimal("31.53834999"))
ETH_CANDLE = ExchangeCandle("ETHUSDT", 1, 1787692440 * 10**9, 25001, 25009, 24998, 25003, Decimal("12.5"))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (WELCOME, Welcome("6.0.0", "2.3.0")),
        (RESULT, Result(True, "join|ticker:BTCTRY")),
        (TICKER, TICK),
        (TRADE_LIST, MarketTradeList("BTCTRY", (SOLD,), True)),
        (TRADE, MarketTradeList("BTCTRY", (BOUGHT,), False)),
        (
            BOOK,
            OrderBookSnapshot("ETHUSDT", 7, ((25001, 2 * 10**8),), ((25003, 5 * 10**7), (25004, 125 * 10**6)), True),
        ),
        (CHANGE, OrderBookChange("ETHUSDT", 8, ((25002, 75 * 10**6),), ((25003, 0),))),
        (CANDLE, ETH_CANDLE),
    ],
    ids=["welcome", "result", "ticker", "trade list", "single trade", "book", "change", "candle"],
)
def test_documented_frames(data, expected):
    """Each example of the facts, exactly."""
    assert parse(data) == expected


def test_side_0_is_a_seller_and_1_a_buyer():
    """As seen live in 2026 by ids matched with REST; older clients say the opposite."""
    assert [parse(trade(S=side)).trades[0].side for side in (0, 1, "0", "1")] == [-1, 1, -1, 1]


@pytest.mark.parametrize("side", [2, -1, "buy", "", "01", 10**30])
def test_any_other_side_is_refused(side):
    """No side is guessed."""
    assert refused(trade(S=side)).reason == "wrong_type"


def test_the_last_price_has_two_spellings():
    """LA, and La where one source has it; LA counts where both are there; neither is a mistake."""
    assert parse(TICKER.replace(b'"LA"', b'"La"')) == TICK
    assert parse(TICKER.replace(b'"LA"', b'"La":"1","LA"')) == TICK
    assert parse(TICKER.replace(b'"LA"', b'"LA":"3780291","La"').replace(b'"La":"3780291"', b'"La":"1"')) == TICK
    error = refused(TICKER.replace(b'"LA"', b'"LX"'))
    assert (error.reason, error.pair) == ("wrong_type", "BTCTRY")


@pytest.mark.parametrize(
    ("price", "amount"),
    [("2500.1", "0.5"), ("2500.1000000000", "0.5000000000"), (2500.1, 0.5), ("25001E-1", "5e-1"), ("02500.1", "00.50")],
)
def test_numbers_come_as_text_or_as_numbers(price, amount):
    """Read by their digits, exponents included."""
    assert parse(trade(P=price, A=amount)).trades[0] == MarketTrade("ETHUSDT", 5, TIME_NS, 1, 25001, 5 * 10**7)


@pytest.mark.parametrize("spelled", [b"2.5001E3", b"2500.100000000000000", b"25001e-1", b'"2.5001e+3"'])
def test_json_numbers_keep_their_digits(spelled):
    """Spellings that a float would not keep."""
    assert parse(trade().replace(b'"2500.1"', spelled)).trades[0].price_ticks == 25001


def test_a_json_number_is_not_read_as_a_float():
    """17 digits, of which a float holds 16 here: the difference is seen."""
    off = trade(A="1").replace(b'"1"', b"90071992.547409929", 1)
    assert refused(off).reason == "off_grid"
    assert parse(off.replace(b"90071992.547409929", b"90071992.54740991")).trades[0].quantity_lots == 2**53 - 1


@pytest.mark.parametrize(("field", "texts"), [("D", ("1787692476996", 1787692476996)), ("I", ("5", 5))])
def test_times_and_ids_come_as_text_or_as_numbers(field, texts):
    """Both give the same trade."""
    assert {parse(trade(**{field: text})).trades[0] for text in texts} == {parse(trade()).trades[0]}


@pytest.mark.parametrize("names", [{"PS": "ETHUSDT"}, {"symbol": "ETHUSDT"}, {"event": "ETHUSDT"}])
def test_the_pair_has_three_names(names):
    """PS, symbol or, where a body names none, the event."""
    assert parse(trade(**({"PS": None} | names))).pair == "ETHUSDT"


def test_lists_and_single_trades_may_come_at_any_time():
    """A list under 421 is told from a trade under 422, both with all their fields."""
    items = [{"D": str(1787692476996 - age), "I": str(9 - age), "A": "1", "P": "2500.1", "S": 0} for age in (0, 2, 1)]
    value = parse(frame(421, symbol="ETHUSDT", items=items, channel="trade", event="ETHUSDT"))
    assert value.is_list
    assert [each.trade_id for each in value.trades] == [7, 8, 9], "oldest first, whatever the order of the wire"
    assert parse(frame(421, symbol="ETHUSDT", items=[])) == MarketTradeList("ETHUSDT", (), True)


def test_a_ticker_of_an_empty_side_has_no_best_price():
    """A zero price or an absent one means that the side is empty."""
    for side, name in (("B", "bid_ticks"), ("A", "ask_ticks")):
        for fields in ({side: "0"}, {}):
            other = {"B": "2500.0", "A": "2500.1"} | fields
            if not fields:
                del other[side]
            tick = parse(frame(402, PS="ETHUSDT", LA="2500.1", **other))
            assert getattr(tick, name) is None
            assert None not in {tick.bid_ticks, tick.ask_ticks} - {getattr(tick, name)}


def test_a_book_of_the_channel_orderbook_is_whole_every_time():
    """Changes follow only where it came by obdiff; the change set may be text."""
    value = parse(BOOK.replace(b'"obdiff"', b'"orderbook"').replace(b'"CS":7', b'"CS":"7"'))
    assert (value.diffs_follow, value.change_set) == (False, 7)


def test_a_candle_s_time_is_seconds_or_milliseconds():
    """A number below 10**11 is taken as seconds; the resolution may be text."""
    for moment in (b"1787692440", b'"1787692440"', b"1787692440000", b'"1787692440000"'):
        assert parse(CANDLE.replace(b"1787692440", moment)) == ETH_CANDLE
    assert parse(CANDLE.replace(b'"R":1', b'"R":"1"')) == ETH_CANDLE


@pytest.mark.parametrize(
    "change", [(b'"H":"2500.9"', b'"H":"2500.2"'), (b'"L":"2499.8"', b'"L":"2500.2"')], ids=["high", "low"]
)
def test_a_candle_whose_range_leaves_out_its_body_is_absurd(change):
    """High and low hold open and close."""
    assert refused(CANDLE.replace(*change)).reason == "absurd_price"


def test_private_and_unknown_codes_are_values():
    """The protocol may grow; whether a code is known is told."""
    assert [parse(frame(code)) for code in sorted(PRIVATE)] == [Ignored(code, True) for code in sorted(PRIVATE)]
    assert parse(b"[777,[1,2]]") == Ignored(777, False)


@pytest.mark.parametrize(
    ("data", "reason", "pair"),
    [
        (b"", "not_json", None),
        (b"hello", "not_json", None),
        (b"<html>", "not_json", None),
        (TRADE[:-9], "not_json", None),
        (TRADE + b"]", "not_json", None),
        (b"\xff\xfe", "not_json", None),
        (b"[" * 100_000, "wrong_type", None),
        (b"[422," + b"[" * 100_000 + b"]" * 100_000 + b"]", "not_json", None),
        (b"{}", "wrong_type", None),
        (b"[]", "wrong_type", None),
        (b"[422]", "wrong_type", None),
        (b"[422,{},1]", "wrong_type", None),
        (b'["422",{}]', "wrong_type", None),
        (b"[422,null]", "wrong_type", None),
        (b"[" + b"9" * 5000 + b",{}]", "wrong_type", None),
        (trade(P=None), "wrong_type", None),
        (trade(D=None), "wrong_type", None),
        (trade(PS=7), "wrong_type", None),
        (trade(S=True), "wrong_type", None),
        (trade(I=1.5), "wrong_type", None),
        (trade(PS="ETHUSDX"), "unknown_pair", None),
        (trade(PS="ethusdt"), "unknown_pair", None),
        (trade(PS=None), "unknown_pair", None),
        (trade(P="2500.11"), "off_grid", "ETHUSDT"),
        (trade(A="0.000000001"), "off_grid", "ETHUSDT"),
        (trade(P="-2500.1"), "bad_number", "ETHUSDT"),
        (trade(P="2500,1"), "bad_number", "ETHUSDT"),
        (trade(P=""), "bad_number", "ETHUSDT"),
        (trade(P="NaN"), "bad_number", "ETHUSDT"),
        (trade(P="1e999999999"), "bad_number", "ETHUSDT"),
        (trade(P="\u0662500.1"), "bad_number", "ETHUSDT"),
        (trade(P={"value": "2500.1"}), "bad_number", "ETHUSDT"),
        (trade(P=True), "bad_number", "ETHUSDT"),
        (trade(P="9" * 15), "bad_number", "ETHUSDT"),
        (trade(A="0"), "bad_number", "ETHUSDT"),
        (trade(I="-5"), "bad_number", "ETHUSDT"),
        (trade(I="\u0665"), "bad_number", "ETHUSDT"),
        (trade(I=2**63), "bad_number", "ETHUSDT"),
        (trade(I="9" * 5000), "bad_number", "ETHUSDT"),
        (trade(D="-1"), "bad_number", "ETHUSDT"),
        (trade(P="0"), "zero_price", "ETHUSDT"),
        (trade(P="0.0000000000"), "zero_price", "ETHUSDT"),
        (trade(D=str(2**62)), "far_future", "ETHUSDT"),
        (trade().replace(b'"2500.1"', b"NaN"), "not_json", None),
        (trade().replace(b'"2500.1"', b"-Infinity"), "not_json", None),
        (trade().replace(b"ETHUSDT", rb"\ud800"), "not_json", None),
        (BOOK.replace(b'"2500.4"', b'"0"'), "zero_price", "ETHUSDT"),
        (BOOK.replace(b'"CS":7', b'"CS":-7'), "bad_number", "ETHUSDT"),
        (TICKER.replace(b"3780291", b"0"), "zero_price", "BTCTRY"),
        (TICKER.replace(b"31.53834999", b"-1"), "bad_number", "BTCTRY"),
        (TICKER.replace(b"31.53834999", b"1E+999999999"), "bad_number", "BTCTRY"),
        (CANDLE.replace(b"1787692440", b"9" * 18), "far_future", "ETHUSDT"),
    ],
)
def test_what_is_no_frame_is_refused_with_its_reason(data, reason, pair):
    """The pair is named where it could be read."""
    error = refused(data)
    assert (error.reason, error.pair) == (reason, pair)


def test_a_list_with_one_bad_trade_is_refused_whole():
    """No part of a frame is believed that is wrong elsewhere."""
    code, body = json.loads(TRADE_LIST)
    body["items"] *= 2
    body["items"][1] = body["items"][1] | {"P": "0"}
    error = refused(frame(code, **body))
    assert (error.reason, error.pair) == ("zero_price", "BTCTRY")


def test_a_trade_may_be_ahead_of_the_known_time_by_the_limit_and_no_more():
    """Up to the limit, in whole milliseconds."""
    latest = (NOW + FUTURE_LIMIT_NS) // 10**6
    assert parse(trade(D=latest)).trades[0].time_ns == latest * 10**6
    assert refused(trade(D=latest + 1)).reason == "far_future"


def test_a_frame_may_be_as_large_as_the_limit_and_no_larger():
    """Blanks at its end do not change a frame; one byte more than the limit does."""
    assert PARSER.parse(WELCOME.ljust(MAX_FRAME_BYTES), NOW) == Welcome("6.0.0", "2.3.0")
    assert refused(WELCOME.ljust(MAX_FRAME_BYTES + 1)).reason == "too_large"


def test_of_a_repeated_key_the_last_counts():
    """As JSON decoders do; named here so that a change is noticed."""
    assert parse(trade().replace(b'"S": 1', b'"S": 0, "S": 1')).trades[0].side == 1


def test_the_error_quotes_the_frame_s_start():
    """80 bytes at most, whatever they are; the text names reason and quote."""
    error = refused(b"\xf0\x9f" + b"x" * 1000)
    assert len(error.quote) <= 80
    assert "xxx" in error.quote
    assert str(error).startswith("not_json: ")
    assert repr(error.quote) in str(error)
    assert FrameError("not_json", b"abc").quote == "abc"


def test_subscriptions_are_spelled_as_the_facts_have_them():
    """Joining and leaving."""
    text = subscription("trade", "BTCTRY", join=True)
    assert json.loads(text) == [151, {"type": 151, "channel": "trade", "event": "BTCTRY", "join": True}]
    assert json.loads(subscription("obdiff", "ETHUSDT", join=False))[1]["join"] is False
