"""The REST client against a real server on a real socket."""

import asyncio
import contextlib
import json
import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
import stamina
from hypothesis import given, settings, strategies as st

from tests.data.btcturk.scripted_exchange import ETHUSDT, START, Reply, scripted_exchange
from tests.data.btcturk.test_symbols import documents
from workbench.data.btcturk import json_client
from workbench.data.btcturk.addresses import find_addresses
from workbench.data.btcturk.answers import Window, read_candles, read_trades
from workbench.data.btcturk.rest import RestClient
from workbench.data.btcturk.retrying import BadAnswer, pause_asked, worth_another_try
from workbench.data.btcturk.symbols import read_symbols
from workbench.model.candle import Origin
from workbench.model.errors import ExchangeError, InputError
from workbench.model.interval import Interval

HOUR = Interval.parse("1h")
SYMBOL = read_symbols({"symbols": [ETHUSDT]}).find("ETHUSDT")
HTML = Reply("<html>Bad gateway</html>", headers=(("content-type", "text/html"),))
KLINES = {"s": "ok", "t": [START, START + 3600], "o": [5, 5], "h": [6, 6.5], "l": [4, 4], "c": [5, 5], "v": [1, 2]}


@pytest.fixture(autouse=True)
def without_waiting():
    """Tries follow at once; how many there are stays as it is."""
    with stamina.set_testing(True, attempts=5, cap=True):
        yield


def ask(exchange, question, **settings):
    """One question by a fresh client: the answer, and the client."""

    async def asking():
        async with RestClient(find_addresses(exchange.url), pace_seconds=0, **settings) as client:
            try:
                return await question(client), client
            except ExchangeError as error:
                return error, client

    return asyncio.run(asking())


def ask_candles(client, bars=2):
    return client.candles(SYMBOL, HOUR, START * 10**9, (START + bars * 3600) * 10**9)


def answer_to(klines, bars=2):
    """What the client makes of an answer of the chart service."""
    with scripted_exchange(
        replies={"": [Reply(klines if isinstance(klines, str) else json.dumps(klines))]}
    ) as exchange:
        return ask(exchange, lambda client: ask_candles(client, bars))[0]


def test_server_time_is_bracketed_by_our_clock():
    """Milliseconds become nanoseconds; the client's own clock stands before and after."""
    ticks = iter([100, 250])
    with scripted_exchange(now=1_700_000_000.123) as exchange:
        time, _ = ask(exchange, lambda client: client.server_time(), clock_ns=lambda: next(ticks))
    assert (time.sent_ns, time.received_ns, time.server_ns) == (100, 250, 1_700_000_000_123_000_000)


def test_trades_come_oldest_first_in_whole_ticks():
    """The exchange lists the newest first; the side is the taker's."""
    rows = [
        {"date": 1_700_000_002_000, "tid": "12", "price": "2000.3", "amount": "0.5", "side": "sell"},
        {"date": 1_700_000_001_000, "tid": "11", "price": "2000.30000000", "amount": "0.00000001", "side": "buy"},
    ]
    with scripted_exchange(trades=rows) as exchange:
        trades, _ = ask(exchange, lambda client: client.trades(SYMBOL, 7))
        assert exchange.asked == [("/api/v2/trades", {"pairSymbol": "ETHUSDT", "last": "7"})]
    assert [(t.trade_id, t.side, t.price_ticks, t.quantity_lots) for t in trades] == [
        (11, 1, 20003, 1),
        (12, -1, 20003, 50_000_000),
    ]
    assert trades[0].time_ns == 1_700_000_001_000_000_000


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"price": "2000.35"}, "row 0, price: expected a multiple of 0.1"),
        ({"price": "0"}, "row 0, price"),
        ({"amount": "-1"}, "row 0, amount"),
        ({"side": "up"}, "row 0, side: expected buy or sell"),
        ({"tid": "x"}, "row 0, tid: expected a whole number"),
        ({"date": 10**18}, "row 0, date"),
        ({"date": True}, "row 0, date"),
    ],
)
def test_trades_that_do_not_fit(change, told):
    """Row, field and value are named."""
    row = {"date": 1_700_000_002_000, "tid": "12", "price": "2000.3", "amount": "0.5", "side": "sell", **change}
    with scripted_exchange(trades=[row]) as exchange:
        error, _ = ask(exchange, lambda client: client.trades(SYMBOL))
    assert isinstance(error, ExchangeError)
    assert f"trades of ETHUSDT: {told}" in str(error)


def test_candles_are_exact_and_labelled():
    """Prices are the floats nearest to their decimals, volumes too; what is not BTCTurk is simulated."""
    numbers = '"o":[0.3],"h":["0.7"],"l":[0.1],"c":[6E-1],"v":[0.1234567890123456789]'
    candles = answer_to(f'{{"s":"ok","t":[{START}],{numbers}}}')
    assert (candles.open[0], candles.high[0], candles.low[0], candles.close[0]) == (0.3, 0.7, 0.1, 0.6)
    assert candles.volume[0] == 0.1234567890123456789
    assert candles.origin.simulated
    assert candles.instrument == SYMBOL.instrument


def test_the_question_for_candles():
    """Seconds; the end is the last second inside."""
    with scripted_exchange() as exchange:
        ask(exchange, ask_candles)
        query = {"symbol": "ETHUSDT", "resolution": "60", "from": str(START), "to": str(START + 7199)}
        assert exchange.asked == [("/v1/klines/history", query)]


@pytest.mark.parametrize("klines", [{"s": "no_data"}, {"s": "ok", **{name: [] for name in "tohlcv"}}])
def test_no_candles(klines):
    assert answer_to(klines) is None


@pytest.mark.parametrize("offset", [-3600, 7200])
def test_a_bar_beside_the_window_is_left_out(offset):
    """Chart services like to add one."""
    extra = {**{name: [values[0]] for name, values in KLINES.items() if name != "s"}, "t": [START + offset]}
    pair = (extra, KLINES) if offset < 0 else (KLINES, extra)
    candles = answer_to({"s": "ok", **{name: pair[0][name] + pair[1][name] for name in extra}})
    assert candles.open_time_ns.tolist() == [START * 10**9, (START + 3600) * 10**9]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"v": [1]}, "lists: expected equal lengths"),
        ({"t": [START + 3600, START]}, "t in row 1: expected a time after the row before"),
        ({"t": [START, START]}, "t in row 1"),
        ({"t": [START, START + 10**9]}, "t: expected a time from"),
        ({"t": [START * 1000, (START + 3600) * 1000]}, "t: expected a time from"),
        ({"t": [START, START + 1800]}, "a multiple of the interval 1h"),
        ({"t": [START, 1e300]}, "t: expected a number below"),
        ({"o": [5, 5.04]}, "open: expected a multiple of 0.1 above 0, received 5.04"),
        ({"o": [5, 5.00000000001]}, "open: expected a multiple of 0.1 above 0"),
        ({"l": [0, 4]}, "low: expected a multiple of 0.1 above 0"),
        ({"h": [4, 6]}, "open in row 0: expected between low and high"),
        ({"c": [5, None]}, "close: expected a number"),
        ({"v": [1, -1]}, "volume in row 1"),
        ({"s": "error"}, "s: expected ok or no_data"),
        ({"t": {}}, "t: expected a list"),
    ],
)
def test_candles_that_break_the_rules(change, told):
    """Refused whole, with the pair, the field and what came."""
    error = answer_to({**KLINES, **change})
    assert isinstance(error, ExchangeError)
    assert str(error).startswith("candles of ETHUSDT 1h: ")
    assert told in str(error)


@pytest.mark.parametrize("interval", ["5m", "2h", "3d"])
def test_timeframes_that_the_exchange_lacks(interval):
    """All that it has are named, and what to fetch instead; nothing is asked."""
    with scripted_exchange() as exchange:
        with pytest.raises(InputError, match=r"1m, 15m, 30m, 1h, 4h, 1d, 1w \(fetch (1m|1h|1d) and resample"):
            ask(exchange, lambda client: client.candles(SYMBOL, Interval.parse(interval), 0, 10**18))
        assert exchange.asked == []


PASSING = {
    "server error": Reply("oops", 500),
    "overload": Reply("{}", 503),
    "limit": Reply("{}", 429),
    "HTML": HTML,
    "half a body": Reply('{"serverTime": 1700000000000}', sent=9),
    "half a document": Reply('{"serverTime": 17000'),
    "nothing": Reply(""),
}


@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_tried_again(name):
    """Twice the fault, then the answer."""
    with scripted_exchange(replies={"": [PASSING[name]] * 2}) as exchange:
        time, client = ask(exchange, lambda client: client.server_time())
    assert time.server_ns == exchange.now * 10**9
    assert (client.requests_total, client.retries_total) == (3, 2)
    assert client.rate_limited_total == (2 if name == "limit" else 0)


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (HTML, ["expected JSON", "status 200", "text/html", "<html>Bad gateway"]),
        (Reply("x" * 500, 502), ["status 502", "'" + "x" * 80 + "'"]),
    ],
)
def test_after_the_last_try_one_line_tells_all(reply, told):
    """The call, what came, and how often it was tried; asked no more than allowed."""
    with scripted_exchange(replies={"": [reply] * 9}) as exchange:
        error, client = ask(exchange, lambda client: client.server_time(), attempts=3)
    assert client.requests_total == 3
    for text in (*told, f"{exchange.url}/api/v2/server/time", "(tried 3 times)"):
        assert text in str(error)
    assert "\n" not in str(error)
    assert error.exit_status == 2


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (
            Reply('{"success":false,"message":"INVALID_PAIR","code":1023}'),
            "the exchange says 'INVALID_PAIR' (code 1023)",
        ),
        (Reply('{"success":false,"message":"NO","code":7}', 400), "status 400"),
        (Reply("gone", 404), "status 404"),
        (Reply("", 302, (("location", "http://127.0.0.1:1/elsewhere"),)), "status 302"),
        (Reply("[" * 100_000 + "]" * 100_000, 404), "status 404"),
    ],
)
def test_what_stays_is_told_at_once(reply, told):
    """Refusals, wrong questions and redirects are not asked again, nor followed."""
    with scripted_exchange(replies={"": [reply]}) as exchange:
        error, client = ask(exchange, lambda client: client.symbols())
    assert told in str(error)
    assert "(tried once)" in str(error)
    assert client.requests_total == 1


def test_an_answer_beyond_the_limit_is_refused_while_it_comes(monkeypatch):
    """Also one that only grows by unpacking; asked once."""
    monkeypatch.setattr(json_client, "LARGEST_ANSWER", 1000)
    with scripted_exchange(replies={"": [Reply(" " * 5000)]}) as exchange:
        error, client = ask(exchange, lambda client: client.symbols())
    assert "more than 1,000 bytes" in str(error)
    assert client.requests_total == 1


def test_nobody_answers():
    """A port without a server: tried as often as allowed, told in one line."""
    with scripted_exchange() as exchange:
        pass
    error, _ = ask(exchange, lambda client: client.server_time(), attempts=2)
    assert "ConnectError" in str(error)
    assert "(tried 2 times)" in str(error)


def test_a_pause_asked_for_is_kept_by_all():
    """After a 429 with Retry-After of a second, no request of the client is sent before; it is counted."""
    limit = Reply("{}", 429, (("retry-after", "1"),))
    with scripted_exchange(replies={"": [limit]}) as exchange:

        async def asking():
            loop = asyncio.get_running_loop()
            async with RestClient(find_addresses(exchange.url), pace_seconds=0) as client:
                began = loop.time()
                first = asyncio.create_task(client.server_time())
                while not client.rate_limited_total:
                    await asyncio.sleep(0.001)
                await client.symbols()
                await first
                return loop.time() - began, client

        seconds, client = asyncio.run(asking())
    assert seconds >= 1
    assert (client.requests_total, client.retries_total, client.rate_limited_total) == (3, 1, 1)


def test_requests_keep_the_pace():
    """Five at once take four paces."""
    with scripted_exchange() as exchange:

        async def asking():
            loop = asyncio.get_running_loop()
            async with RestClient(find_addresses(exchange.url), pace_seconds=0.03) as client:
                began = loop.time()
                await asyncio.gather(*(client.server_time() for _ in range(5)))
                return loop.time() - began

        assert asyncio.run(asking()) >= 0.12


def test_a_cancelled_question_ends_at_once():
    """Cancelling is not an error to try again after."""
    with scripted_exchange(replies={"": [Reply("x" * 100, sent=1)] * 9}) as exchange:

        async def asking():
            async with RestClient(find_addresses(exchange.url), pace_seconds=0.2) as client:
                task = asyncio.create_task(client.server_time())
                while client.requests_total < 2:
                    await asyncio.sleep(0.001)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                return client.requests_total

        assert asyncio.run(asking()) == 2


def test_tries_are_told_to_the_log_and_nowhere_else(caplog, capfd):
    """Not to stdout, where a command prints its result."""
    with caplog.at_level(logging.INFO, "workbench.rest"), scripted_exchange(replies={"": [HTML]}) as exchange:
        ask(exchange, lambda client: client.server_time())
    told = [record.message for record in caplog.records if record.name == "workbench.rest"]
    assert len(told) == 1
    assert told[0].endswith("asking again")
    assert capfd.readouterr() == ("", "")


NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        ("99999", 60),
        (format_datetime(NOW + timedelta(seconds=9), usegmt=True), 9),
        (format_datetime(NOW - timedelta(days=9), usegmt=True), 0),
        ("Mon, 99 Nov 2026 00:00:00 GMT", 0),
        ("-1", 0),
        ("soon", 0),
        ("", 0),
    ],
)
def test_how_long_the_exchange_asks_us_to_wait(text, seconds):
    """Seconds or a date by the exchange's own clock; capped; nonsense is no pause."""
    assert pause_asked({"retry-after": text, "date": format_datetime(NOW, usegmt=True)}) == seconds


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (httpx.ConnectError(""), True),
        (httpx.ReadTimeout(""), True),
        (httpx.RemoteProtocolError(""), True),
        (TimeoutError(), True),
        (httpx.UnsupportedProtocol(""), False),
        (httpx.InvalidURL(""), False),
        (KeyError("a mistake of ours"), False),
    ],
)
def test_which_errors_are_worth_another_try(error, again):
    assert worth_another_try(error) is again


klines = st.fixed_dictionaries(
    {"s": st.just("ok")}, optional={name: st.lists(documents, max_size=3) for name in "tohlcv"}
)


@settings(max_examples=300)
@given(
    documents
    | klines
    | st.lists(st.dictionaries(st.sampled_from(["tid", "date", "price", "amount", "side"]), documents))
)
def test_no_answer_does_worse_than_an_input_error(document):
    """Candles or trades, or the one error that says what was expected."""
    for read in (
        lambda: read_candles(SYMBOL, Window(HOUR, START * 10**9, (START + 7200) * 10**9), document, Origin("test")),
        lambda: read_trades(SYMBOL, document),
    ):
        with contextlib.suppress(InputError):
            read()


anything = st.binary(max_size=40) | documents.map(lambda document: json.dumps(document, default=str).encode())
refusal = st.builds(
    lambda message, code: json.dumps({"success": False, "message": message, "code": code}, default=str).encode(),
    documents,
    documents,
)


@settings(max_examples=300)
@given(st.sampled_from([200, 204, 302, 400, 429, 503]), anything | refusal)
def test_no_body_does_worse_than_a_bad_answer(status, body):
    """Whatever bytes come with whatever status: a document, or one line."""
    try:
        json_client._document(httpx.Response(status), body)
    except BadAnswer as error:
        told = str(error)
    else:
        told = ""
    assert told.isprintable()
    assert len(told) < 1000
    assert bool(told) or status == 200
