"""Past candles into the store: pages, resuming, holes, contradictions; and the arithmetic of ranges behind it."""

import asyncio
import json
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
import stamina
from hypothesis import given, strategies as st

from tests.cli.command import content
from tests.data.btcturk.scripted_exchange import ETHUSDT, START, Reply, scripted_exchange
from workbench.data.btcturk import history
from workbench.data.btcturk.addresses import find_addresses
from workbench.data.btcturk.ranges import outside, pages, runs, union
from workbench.data.btcturk.rest import RestClient
from workbench.data.btcturk.symbols import read_symbols
from workbench.data.store import CandleStore, read_candles, write_candles
from workbench.model.candle import Candles, Origin
from workbench.model.errors import ContradictionError, DamagedFileError, ExchangeError, InputError
from workbench.model.interval import Interval

SECOND = 10**9
HOUR = Interval.parse("1h")
SYMBOL = read_symbols({"symbols": [ETHUSDT]}).find("ETHUSDT")


@pytest.fixture(autouse=True)
def without_waiting():
    with stamina.set_testing(True, attempts=2, cap=True):
        yield


@pytest.fixture
def store(tmp_path):
    return CandleStore(tmp_path)


def hour(count):
    """The open time of the bar so many hours after the start, seconds."""
    return START + count * 3600


def fetch(exchange, store, first, last, *, interval=HOUR, progress=None, symbol=SYMBOL):
    """The bars [first, last), hours after the start."""

    async def fetching():
        async with RestClient(find_addresses(exchange.url), pace_seconds=0) as client:
            span = hour(first) * SECOND, hour(last) * SECOND
            return await history.fetch(client, store, symbol, interval, *span, progress=progress)

    exchange.asked.clear()
    return asyncio.run(fetching())


def stored_hours(store):
    return ((store.load("ETHUSDT", HOUR).open_time_ns // SECOND - START) // 3600).tolist()


def small_pages(monkeypatch, bars):
    monkeypatch.setattr(history, "LARGEST_PAGE", bars)


@pytest.mark.parametrize(("bars", "questions"), [(99, 1), (100, 1), (101, 2), (200, 2), (250, 3)])
def test_pages_meet_without_overlap(store, monkeypatch, bars, questions):
    """Each bar is asked for once, whether or not the last page is full; none is lost at a boundary."""
    small_pages(monkeypatch, 100)
    with scripted_exchange() as exchange:
        done = fetch(exchange, store, 0, bars)
        assert exchange.windows == [
            (hour(first), min(hour(first + 100), hour(bars)) - 1) for first in range(0, bars, 100)
        ]
    assert (done.added, done.questions) == (bars, questions)
    assert stored_hours(store) == list(range(bars))
    assert done.candles.origin.simulated


def test_doing_it_twice_changes_nothing(store):
    """No question for candles the second time, and every file stays byte for byte."""
    with scripted_exchange(missing={hour(3), hour(4), hour(20)}) as exchange:
        first = fetch(exchange, store, 0, 50)
        before = content(store.root)
        again = fetch(exchange, store, 0, 50)
        assert exchange.windows == []
    assert (first.added, again.added) == (47, 0)
    assert content(store.root) == before
    assert again.in_range.fingerprint == first.in_range.fingerprint


def test_a_later_call_asks_only_for_what_is_new(store):
    """Before, after, and between what is stored."""
    with scripted_exchange() as exchange:
        fetch(exchange, store, 10, 20)
        fetch(exchange, store, 30, 40)
        fetch(exchange, store, 0, 50)
        assert exchange.windows == [(hour(0), hour(50) - 1)]
        fetch(exchange, store, 5, 60)
        assert exchange.windows == [(hour(50), hour(60) - 1)]
    assert stored_hours(store) == list(range(60))


def test_holes_are_remembered_until_the_candles_are_gone(store):
    """What the exchange lacks is not asked for again; what somebody deleted is."""
    with scripted_exchange(missing={hour(k) for k in range(10, 30)}, first=hour(5)) as exchange:
        done = fetch(exchange, store, 0, 50)
        assert done.added == 25
        fetch(exchange, store, 0, 50)
        assert exchange.windows == []
        store.path("ETHUSDT", HOUR).unlink()
        assert fetch(exchange, store, 0, 50).added == 25


def test_a_range_without_any_candle(store):
    """Before the pair was listed: nothing stored, nothing asked again."""
    with scripted_exchange(first=hour(500)) as exchange:
        done = fetch(exchange, store, 0, 50)
        assert (done.candles, done.in_range, done.added) == (None, None, 0)
        fetch(exchange, store, 0, 50)
        assert exchange.windows == []


def test_young_holes_are_asked_for_again(store):
    """The chart service may be late: only holes older than a day are believed."""
    with scripted_exchange(now=hour(100) + 60, missing={hour(k) for k in (50, 90, 99)}) as exchange:
        assert fetch(exchange, store, 0, 200).added == 97
        exchange.missing.clear()
        assert fetch(exchange, store, 0, 200).added == 2
    assert sorted(set(range(100)) - set(stored_hours(store))) == [50]


@pytest.mark.parametrize(("seconds", "closed"), [(0, 9), (9, 9), (10, 10), (11, 10), (3599, 10)])
def test_the_forming_candle_is_never_stored(store, seconds, closed):
    """By the exchange's clock, and only when it is settled; the exchange would have given it."""
    with scripted_exchange(now=hour(10) + seconds) as exchange:
        fetch(exchange, store, 0, 10_000)
        assert exchange.windows == [(hour(0), hour(closed) - 1)]
    assert stored_hours(store) == list(range(closed))


def test_only_a_range_with_closed_candles_is_a_question(store):
    """The future, and the hour that is not over, are refused."""
    with scripted_exchange(now=hour(10) + 60) as exchange:
        for first, last in ((10, 11), (5000, 6000)):
            with pytest.raises(InputError, match=r"at least one closed candle of 1h \(they end at 2024-01-01T10:00"):
                fetch(exchange, store, first, last)
    assert content(store.root) == {}


def test_an_exchange_that_cuts_long_answers(store):
    """A hole at an edge is asked for alone, until it is filled or confirmed."""
    with scripted_exchange(most=30, missing={hour(99)}) as exchange:
        assert fetch(exchange, store, 0, 100).added == 99
    assert stored_hours(store) == list(range(99))


def test_what_came_before_an_error_stays(store, monkeypatch):
    """The third page fails for good: two are stored, and the next call goes on there."""
    small_pages(monkeypatch, 10)
    with scripted_exchange() as exchange:
        answers = [Reply(json.dumps(exchange._candles(3600, hour(k), hour(k + 9)))) for k in (0, 10)]
        exchange.replies["/v1/klines/history"] = [*answers, Reply("no", 404)]
        with pytest.raises(ExchangeError, match="status 404"):
            fetch(exchange, store, 0, 40)
        assert stored_hours(store) == list(range(20))
        assert fetch(exchange, store, 0, 40).added == 20
        assert exchange.windows[0][0] == hour(20)


def test_cancelled_work_stays(store, monkeypatch):
    """As Ctrl-C does it: finished pages are on the disk, the rest follows with the next call."""
    small_pages(monkeypatch, 10)

    def cancel_after_two(progress):
        if progress.done_bars == 20:
            asyncio.current_task().cancel()

    with scripted_exchange() as exchange:
        with pytest.raises(asyncio.CancelledError):
            fetch(exchange, store, 0, 50, progress=cancel_after_two)
        assert stored_hours(store) == list(range(20))
        assert fetch(exchange, store, 0, 50).added == 30
        assert exchange.windows[0][0] == hour(20)


@pytest.mark.parametrize("limit", ["FLUSH_CANDLES", "FLUSH_SECONDS"])
def test_pages_are_written_while_others_come(store, monkeypatch, limit):
    """Neither a long time nor many candles wait in memory: a killed process loses little."""
    small_pages(monkeypatch, 10)
    monkeypatch.setattr(history, limit, 0)
    held = []
    with scripted_exchange() as exchange:
        fetch(exchange, store, 0, 30, progress=lambda _: held.append(len(store.load("ETHUSDT", HOUR))))
    assert held == [10, 20, 30]


def test_candles_written_without_their_note(store):
    """A process killed between the two: the holes are asked for again, and all is well."""
    with scripted_exchange(missing={hour(7)}) as exchange:
        fetch(exchange, store, 0, 20)
        (store.root / "fetched" / "ETHUSDT-1h.json").unlink()
        assert fetch(exchange, store, 0, 20).added == 0
        assert exchange.windows == [(hour(7), hour(8) - 1)]


def test_contradictions_change_nothing(store):
    """A stored candle that the exchange now tells otherwise: refused, and no file changes."""
    with scripted_exchange(missing={hour(7)}) as exchange:
        fetch(exchange, store, 0, 20)
        (store.root / "fetched" / "ETHUSDT-1h.json").unlink()
        spoiled = store.load("ETHUSDT", HOUR)
        volume = spoiled.volume.copy()
        volume[3] += 1
        names = ("open_time_ns", "open", "high", "low", "close")
        columns = {name: getattr(spoiled, name)[[0, 3, 9]] for name in names}
        altered = Candles.build(
            pair="ETHUSDT", interval=HOUR, instrument=spoiled.instrument, origin=spoiled.origin,
            volume=volume[[0, 3, 9]], **columns,
        )  # fmt: skip
        write_candles(store.path("ETHUSDT", HOUR), altered)
        before = content(store.root)
        with pytest.raises(ContradictionError, match="2024-01-01T03:00:00 UTC, volume"):
            fetch(exchange, store, 0, 20)
    assert content(store.root) == before


def own_candles(simulated, tick="0.1"):
    instrument = read_symbols(
        {"symbols": [{**ETHUSDT, "filters": [{"filterType": "PRICE_FILTER", "tickSize": tick}]}]}
    ).find("ETHUSDT").instrument  # fmt: skip
    times = np.array([hour(0), hour(1)]) * SECOND
    flat = np.full(2, 2000.0)
    return Candles.build(
        pair="ETHUSDT", interval=HOUR, instrument=instrument, origin=Origin("a file", simulated=simulated),
        open_time_ns=times, open=flat, high=flat, low=flat, close=flat, volume=flat,
    )  # fmt: skip


def test_real_and_simulated_candles_never_meet(store):
    """Refused before anything is asked for."""
    store.append(own_candles(simulated=False))
    with scripted_exchange() as exchange:
        with pytest.raises(ContradictionError, match=r"stored candles are of a file, these of .*SIMULATED"):
            fetch(exchange, store, 0, 20)
        assert exchange.windows == []


def test_candles_join_the_stored_ones_on_their_grid(store):
    """An exchange that changed its tick size or least order does not split a store; stored rows are not asked for."""
    store.append(own_candles(simulated=True, tick="0.01"))
    with scripted_exchange() as exchange:
        done = fetch(exchange, store, 0, 20)
        assert exchange.windows == [(hour(2), hour(20) - 1)]
    assert (done.added, done.candles.instrument.tick_size) == (18, Decimal("0.01"))
    assert done.candles.origin.source.startswith("a file + exchange at 127.0.0.1:")
    assert read_candles(store.path("ETHUSDT", HOUR)).fingerprint == done.candles.fingerprint


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format":"other","ranges":[]}', '{"format":"workbench.fetched/1","ranges":[{"from":1}]}']
)
def test_a_spoiled_note_is_named(store, text):
    """One line that says which file, and that deleting it does no harm."""
    note = store.root / "fetched" / "ETHUSDT-1h.json"
    note.parent.mkdir()
    note.write_text(text)
    with scripted_exchange() as exchange, pytest.raises(DamagedFileError, match=r"ETHUSDT-1h\.json: "):
        fetch(exchange, store, 0, 20)


def test_progress_ends_at_the_whole(store, monkeypatch):
    """Bars rise to the total, candles to what came."""
    small_pages(monkeypatch, 10)
    seen = []
    with scripted_exchange(missing={hour(5)}) as exchange:
        fetch(exchange, store, 0, 35, progress=seen.append)
    assert [each.done_bars for each in seen] == [10, 20, 30, 35]
    assert (seen[-1].total_bars, seen[-1].candles, seen[-1].at_ns) == (35, 34, hour(35) * SECOND)


def test_minutes_go_into_a_file_of_their_own(store):
    """Another interval is another name, with another note."""
    with scripted_exchange() as exchange:
        assert fetch(exchange, store, 0, 2, interval=Interval.parse("1m")).added == 120
    assert [path.name for path in sorted(store.root.rglob("*-*"))] == ["ETHUSDT-1m.arrow", "ETHUSDT-1m.json"]


points = st.integers(0, 40)
ranges = st.lists(st.tuples(points, points), max_size=6)


def covered(some):
    return {point for begin, end in some for point in range(begin, end)}


@given(ranges)
def test_unions_are_sorted_and_disjoint(some):
    """They cover what their parts cover, with room between them."""
    joined = union(some)
    assert covered(joined) == covered(some)
    assert all(one[1] < other[0] for one, other in pairwise(joined))


@given(st.tuples(points, points), ranges)
def test_what_is_outside(whole, known):
    assert covered(outside(whole, known)) == covered([whole]) - covered(known)


@given(ranges, st.integers(1, 15))
def test_pages_cover_all_that_is_wanted(wanted, longest):
    """In order, none too long or overlapping, beginning and ending at something wanted."""
    found = list(pages(wanted, longest))
    points = covered(wanted)
    assert covered(found) >= points
    assert all(begin in points and end - 1 in points and 0 < end - begin <= longest for begin, end in found)
    assert all(one[1] <= other[0] for one, other in pairwise(found))


@given(st.sets(points))
def test_runs_cover_the_times(times):
    """Open times of bars of length 1."""
    found = runs(np.array(sorted(times), dtype=np.int64), 1)
    assert covered(found) == times
    assert found == union(found)
