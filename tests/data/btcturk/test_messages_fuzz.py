"""No bytes, however broken, raise anything but FrameError, and what is read obeys the ranges of its type."""

import json
from decimal import Decimal

from hypothesis import example, given, settings, strategies as st

from tests.data.btcturk.frames import DOCUMENTED, NOW, PARSER
from workbench.data.btcturk.messages import QUOTED, REASONS, FrameError
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
from workbench.model.instrument import MAX_UNITS

LARGEST = 2**63
PAIRS = set(PARSER.instruments)


def outcome(data):
    """The value, or the error of a frame that is none."""
    try:
        return PARSER.parse(data, NOW)
    except FrameError as error:
        return error


def check(data):
    """Parse; look at the value's ranges, or at the error."""
    value = outcome(data)
    match value:
        case FrameError():
            assert value.reason in REASONS
            assert len(value.quote) <= QUOTED == 80
            assert value.pair is None or value.pair in PAIRS
        case MarketTradeList(pair=pair, trades=trades):
            assert pair in PAIRS
            assert all(each.pair == pair and each.side in (-1, 1) for each in trades)
            assert all(0 <= each.trade_id < LARGEST and 0 <= each.time_ns < LARGEST for each in trades)
            assert all(0 < each.price_ticks <= MAX_UNITS and 0 < each.quantity_lots <= MAX_UNITS for each in trades)
            assert [each.time_ns for each in trades] == sorted(each.time_ns for each in trades)
        case OrderBookSnapshot() | OrderBookChange():
            assert value.pair in PAIRS
            assert 0 <= value.change_set < LARGEST
            assert all(0 < ticks <= MAX_UNITS and 0 <= lots <= MAX_UNITS for ticks, lots in value.bids + value.asks)
        case MarketTick():
            assert value.pair in PAIRS
            assert all(ticks is None or 0 < ticks <= MAX_UNITS for ticks in (value.bid_ticks, value.ask_ticks))
            assert 0 <= value.bid_lots <= MAX_UNITS
            assert 0 <= value.ask_lots <= MAX_UNITS
            assert 0 < value.last_ticks <= MAX_UNITS
            assert 0 <= value.volume < Decimal(10) ** 31
        case ExchangeCandle():
            assert value.pair in PAIRS
            assert 0 <= value.open_time_ns < LARGEST
            assert 0 <= value.minutes < LARGEST
            assert 0 < value.low_ticks <= min(value.open_ticks, value.close_ticks)
            assert max(value.open_ticks, value.close_ticks) <= value.high_ticks <= MAX_UNITS
            assert 0 <= value.volume < Decimal(10) ** 31
        case Ignored() | Welcome() | Result():
            pass
        case _:
            raise AssertionError(f"no value of the wire: {value!r}")
    return value


REAL = st.sampled_from(DOCUMENTED)
SPANS = st.tuples(st.integers(0, 400), st.integers(0, 400))
NO_JSON = [
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"-",
    b'"',
    b"\\",
    rb"\ud800",
    rb"\udc00\ud800",
    b"\xff",
    b"\xed\xa0\x80",
    b"\x00",
]
NUMBERS = [
    b"1e400",
    b"1E-999999999",
    b"9" * 400,
    b"0",
    b'"0"',
    b"-1",
    b'"-1"',
    b"1.5",
    "\u0663".encode(),
    "\uff11".encode(),
]
PIECES = [b"null", b"true", b"{}", b"[]", b"[" * 300, b'{"A":' * 300, b",", b":", b'"S":1,', b'"D":[],']
SPLINTERS = st.sampled_from([*NO_JSON, *NUMBERS, *PIECES])


@given(data=st.binary(max_size=200))
@example(b"")
def test_random_bytes(data):
    """Nothing is read from noise, or what is read is a value."""
    check(data)


@given(code=st.sampled_from([100, 402, 421, 422, 428, 431, 432, 991]), body=st.binary(max_size=60))
def test_random_bytes_in_a_frame_s_place(code, body):
    """A known code before noise."""
    check(b"[%d,%s]" % (code, body))


@given(data=REAL, cut=st.integers(0, 400))
def test_cut_frames(data, cut):
    """A frame without its end is none, wherever it is cut."""
    cut %= len(data)
    assert isinstance(check(data[:cut]), FrameError)


@settings(max_examples=300)
@given(data=REAL, spans=st.lists(SPANS, min_size=1, max_size=3), splinter=st.none() | SPLINTERS)
def test_swapped_and_replaced_bytes(data, spans, splinter):
    """Two stretches of a frame change places, or another thing stands where one was."""
    for at, other in spans:
        start, end = sorted((at % len(data), other % len(data)))
        if splinter is None:
            swapped = bytearray(data)
            swapped[start], swapped[end] = data[end], data[start]
            data = bytes(swapped)
        else:
            data = data[:start] + splinter + data[min(end, start + 12) :]
    check(data)


ODD_TEXTS = st.text(max_size=12) | st.from_regex(r"\A-?[0-9\u0660-\u0669\uff10-\uff19._eE+]{0,24}\Z")
ODD_NUMBERS = st.integers(-(2**70), 2**70) | st.floats() | st.just(10**400) | st.integers(-3, 3)
ODD = st.recursive(
    st.none() | st.booleans() | ODD_NUMBERS | ODD_TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("APSDI"), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=400)
@given(data=REAL, which=st.integers(0, 40), odd=ODD, again=st.booleans())
def test_fields_of_wrong_types_and_odd_numbers(data, which, odd, again):
    """One field of a real frame holds anything that Python's JSON can write, NaN and lone surrogates too."""
    code, body = json.loads(data)
    places = [(body, name) for name in body]
    places += [(row, name) for rows in body.values() if isinstance(rows, list) for row in rows for name in row]
    holder, name = places[which % len(places)]
    text = json.dumps([code, body])
    whole = json.dumps(holder)
    twice = f"{whole[:-1]}, {json.dumps(name)}: {json.dumps(odd)}}}"  # the field once more, after the first
    changed = twice if again else json.dumps(holder | {name: odd})
    check(text.replace(whole, changed, 1).encode())


@settings(max_examples=30)
@given(depth=st.integers(1, 60_000), opener=st.sampled_from([b"[", b'{"A":']), place=st.sampled_from([b'"0.5"', b"5"]))
def test_deep_nesting(depth, opener, place):
    """Neither the decoder's nor Python's stack ends the feed, closed or not."""
    real = b'[422,{"D":"1787692476996","I":5,"A":"0.5","P":"2500.1","PS":"ETHUSDT","S":1}]'
    closer = b"]" if opener == b"[" else b"}"
    for inside in (opener * depth, opener * depth + b"1" + closer * depth):
        assert isinstance(check(real.replace(place, inside, 1)), FrameError)
    check(real.replace(b'"S"', b'"X":' + opener * depth + b"1" + closer * depth + b',"S"'))


@given(data=st.lists(REAL, min_size=2, max_size=3), glue=st.sampled_from([b"", b",", b"\n", b" "]))
def test_frames_glued_together_are_none(data, glue):
    """One frame is one value."""
    error = check(glue.join(data))
    assert isinstance(error, FrameError)
    assert error.reason == "not_json"
