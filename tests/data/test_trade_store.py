"""Live trades on disk: what goes in comes out once, in order, on its own grid; days, kinds of writers, ranges."""

import os
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from workbench.data.trade_store import TRADE, TradeStore
from workbench.model.candle import Origin
from workbench.model.errors import ContradictionError, DamagedFileError, InputError, NotFoundError
from workbench.model.instrument import Instrument
from workbench.model.market_trade import MarketTrade

DAY = 86_400 * 10**9
NOON = 20_000 * DAY + DAY // 2
LIVE = Origin("a feed")
COARSE = Instrument("ETHUSDT", Decimal("0.05"), Decimal("0.001"))
FINE = Instrument("ETHUSDT", Decimal("0.01"), Decimal("0.001"))


def trade(trade_id: int, time_ns: int, ticks: int = 100, side: int = 1) -> MarketTrade:
    return MarketTrade("ETHUSDT", trade_id, time_ns, side, ticks, 7)


def write(
    root: Path, trades: Sequence[MarketTrade], instrument: Instrument = COARSE, origin: Origin = LIVE, **way: int
):
    with TradeStore(root).writer(instrument, origin) as writer:
        writer.append(trades, **way)


def names(root: Path) -> list[str]:
    return sorted(path.name for path in root.glob("trades/ETHUSDT/*.seg"))


OFFSETS = st.lists(st.lists(st.integers(-2 * 24, 3 * 24), max_size=4), min_size=1, max_size=12)


@settings(max_examples=60)
@given(batches=OFFSETS, count=st.integers(0, 12), span=st.tuples(st.integers(-60, 80), st.integers(0, 60)))
def test_reading_agrees_with_a_list(batches, count, span, tmp_path_factory):
    """Batches over several days, late trades among them: load, range, newest and raw order equal a plain list's."""
    root, every = tmp_path_factory.mktemp("trades"), []
    for hours in batches:
        fresh = [trade(len(every) + k, NOON + hour * DAY // 24) for k, hour in enumerate(hours)]
        write(root, fresh)
        every += fresh
    store = TradeStore(root)
    by_time = sorted((each.time_ns, each.trade_id) for each in every)
    newest = store.last("ETHUSDT", count)
    assert (
        list(zip(newest["time_ns"], newest["trade_id"], strict=True))
        == by_time[len(by_time) - min(count, len(by_time)) :]
    )
    if every:
        assert store.records("ETHUSDT")["trade_id"].tolist() == list(range(len(every)))
    start, end = NOON + span[0] * DAY // 24, NOON + (span[0] + span[1]) * DAY // 24
    inside = [each for each in by_time if start <= each[0] < end]
    if inside:
        loaded = store.load("ETHUSDT", start, end)
        assert list(zip(loaded.time_ns, loaded.trade_id, strict=True)) == inside
    else:
        with pytest.raises(NotFoundError, match="ETHUSDT"):
            store.load("ETHUSDT", start, end)


def test_a_new_day_is_a_new_file_and_files_go_on(tmp_path):
    """A day's files are continued by the next writer; a late trade goes where writing is, not back."""
    write(tmp_path, [trade(1, NOON)])
    write(tmp_path, [trade(2, NOON + 1)])
    write(tmp_path, [trade(3, NOON + DAY)])
    write(tmp_path, [trade(4, NOON + 2)], source=1, received_ns=99)
    assert names(tmp_path) == ["2024-10-04-1.seg", "2024-10-05-1.seg"]
    records = TradeStore(tmp_path).records("ETHUSDT")
    assert records["source"].tolist() == [0, 0, 0, 1]
    assert records["received_ns"].tolist() == [0, 0, 0, 99]
    assert TradeStore(tmp_path).load("ETHUSDT").trade_id.tolist() == [1, 2, 4, 3]


def test_each_file_is_read_by_its_own_grid(tmp_path):
    """Another tick size or origin begins a file; prices are the floats nearest to the decimals on either side."""
    write(tmp_path, [trade(1, NOON, 21)])
    write(tmp_path, [trade(2, NOON + 1, 107, side=-1)], FINE)
    write(tmp_path, [trade(3, NOON + 2, 107)], FINE, Origin("a simulator", simulated=True))
    store = TradeStore(tmp_path)
    assert names(tmp_path) == [f"2024-10-04-{k}.seg" for k in (1, 2, 3)]
    loaded = store.load("ETHUSDT")
    assert loaded.price.tolist() == [1.05, 1.07, 1.07]
    assert loaded.quantity.tolist() == [0.007] * 3
    assert loaded.side.tolist() == [1, -1, 1]
    assert (store.instrument("ETHUSDT"), store.origin("ETHUSDT")) == (FINE, Origin("a simulator", simulated=True))
    assert store.pairs() == ["ETHUSDT"]


def test_a_trade_twice_counts_once_unless_it_differs(tmp_path):
    """Equal content of one id is merged, also from another grid; different content is told with the id."""
    write(tmp_path, [trade(1, NOON, 20), trade(2, NOON, 21)])
    write(tmp_path, [trade(1, NOON, 100)], FINE)
    assert TradeStore(tmp_path).load("ETHUSDT").price.tolist() == [1.0, 1.05]
    write(tmp_path, [trade(2, NOON, 106)], FINE)
    with pytest.raises(ContradictionError, match=r"trade 2 is stored twice, price 1\.05 and 1\.06"):
        TradeStore(tmp_path).load("ETHUSDT")


def test_a_pair_has_one_writer(tmp_path):
    """A second one is refused whatever its grid, also before anything is written; after closing it may."""
    store = TradeStore(tmp_path)
    with store.writer(COARSE, LIVE) as writer, pytest.raises(InputError, match="no other feed"):
        store.writer(FINE, LIVE)
    with pytest.raises(InputError, match="closed"):
        writer.append([trade(1, NOON)])
    store.writer(FINE, LIVE).close()


def test_other_pairs_and_unknown_names(tmp_path):
    """A trade of another pair is not written here; what is not stored is told with what is."""
    store = TradeStore(tmp_path)
    with store.writer(COARSE, LIVE) as writer, pytest.raises(InputError, match="BTCUSDT"):
        writer.append([trade(1, NOON), MarketTrade("BTCUSDT", 2, NOON, 1, 1, 1)])
    assert len(store.last("ETHUSDT", 5)) == 0
    write(tmp_path, [trade(1, NOON)])
    for ask in (store.load, store.records, store.instrument, store.origin):
        with pytest.raises(NotFoundError, match="there are: ETHUSDT"):
            ask("BTCUSDT")
    with pytest.raises(InputError, match="pair"):
        store.load("../x")
    assert store.gaps("ETHUSDT").read() == []


def test_torn_files_are_read_and_continued(tmp_path):
    """A block torn at the end and a file torn at birth lose nothing else and stop nobody."""
    write(tmp_path, [trade(1, NOON)])
    path = tmp_path / "trades" / "ETHUSDT" / "2024-10-04-1.seg"
    write(tmp_path, [trade(2, NOON)])
    os.truncate(path, path.stat().st_size - 1)
    (path.parent / "2024-10-05-1.seg").write_bytes(b'{"format"')
    assert TradeStore(tmp_path).load("ETHUSDT").trade_id.tolist() == [1]
    write(tmp_path, [trade(3, NOON + 1)])
    write(tmp_path, [trade(4, NOON + DAY)])
    assert TradeStore(tmp_path).load("ETHUSDT").trade_id.tolist() == [1, 3, 4]


def test_the_newest_are_read_without_the_older_days(tmp_path):
    """Asked for what the last day holds, a spoiled older day is not even opened for its records."""
    write(tmp_path, [trade(1, NOON)])
    write(tmp_path, [trade(2, NOON)])
    write(tmp_path, [trade(k, NOON + DAY) for k in range(3, 9)])
    path = tmp_path / "trades" / "ETHUSDT" / "2024-10-04-1.seg"
    data = bytearray(path.read_bytes())
    data[-80 - TRADE.itemsize] ^= 1
    path.write_bytes(data)
    assert TradeStore(tmp_path).last("ETHUSDT", 6)["trade_id"].tolist() == [3, 4, 5, 6, 7, 8]
    assert len(TradeStore(tmp_path).load("ETHUSDT", NOON + DAY)) == 6
    assert np.all(TradeStore(tmp_path).last("ETHUSDT", 2)["time_ns"] == NOON + DAY)
    with pytest.raises(DamagedFileError, match="2024-10-04-1"):
        TradeStore(tmp_path).records("ETHUSDT")
