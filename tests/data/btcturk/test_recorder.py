"""What a feed writes when the disk refuses: nothing is lost while it fits the memory, and what does not is a gap."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from workbench.data.btcturk import recorder as recorder_module
from workbench.data.btcturk.minute_candles import MINUTE_NS, MinuteCandle
from workbench.data.btcturk.pair_feed import PairFeed
from workbench.data.btcturk.recorder import Recorder
from workbench.data.btcturk.symbols import Symbol
from workbench.data.btcturk.values import MarketTradeList
from workbench.model.candle import Origin
from workbench.model.instrument import Instrument
from workbench.model.market_trade import MarketTrade

INSTRUMENT = Instrument("ETHUSDT", Decimal("0.01"))
START = 1_700_000_040 * 10**9


def trade(number: int) -> MarketTrade:
    return MarketTrade("ETHUSDT", number, START + number * 10**9, 1, 100, 1)


def opened(folder: Path) -> tuple[Recorder, PairFeed]:
    """A recorder that has written its first trade, and a pair that uses it."""
    recorder = Recorder(folder, Origin("a test", simulated=True))
    recorder.open(INSTRUMENT)
    feed = PairFeed(Symbol(INSTRUMENT, trading=True), recorder)
    came(feed, 0)
    recorder.flush()
    return recorder, feed


def came(feed: PairFeed, number: int) -> None:
    feed.streamed(MarketTradeList("ETHUSDT", (trade(number),), False), START)


@contextmanager
def refusing_disk(recorder: Recorder) -> Iterator[None]:
    """The open file is taken away, so that the system itself refuses to write, and given back."""
    writer = recorder._writers["ETHUSDT"]._writer
    assert writer is not None
    file = writer._file
    kept = os.dup(file)
    os.close(file)
    try:
        yield
    finally:
        os.dup2(kept, file)
        os.close(kept)


def numbers(recorder: Recorder) -> list[int]:
    return recorder.store.records("ETHUSDT")["trade_id"].tolist()


def test_trades_wait_for_the_disk(tmp_path: Path) -> None:
    """Refused, told, tried again, written: each once, in order."""
    recorder, feed = opened(tmp_path)
    with refusing_disk(recorder):
        for number in range(1, 5):
            came(feed, number)
            recorder.flush()
        assert "descriptor" in recorder.problem
        assert numbers(recorder) == [0]
    recorder.flush()
    recorder.flush()
    assert recorder.problem == ""
    assert numbers(recorder) == [0, 1, 2, 3, 4]
    assert feed.gaps.pending == []
    recorder.close()


def test_what_memory_does_not_hold_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit trades are refused, and the exchange's candle does not make them come true."""
    monkeypatch.setattr(recorder_module, "MOST_WAITING", 2)
    recorder, feed = opened(tmp_path)
    with refusing_disk(recorder):
        for number in range(1, 6):
            came(feed, number)
            recorder.flush()
    assert [gap.reason for gap in feed.gaps.pending] == ["the disk refuses"] * 3
    recorder.flush()
    feed._partial_ns = None  # the minute is whole but for what the disk refused
    theirs = {START: MinuteCandle(START, 100, 100, 100, 100, 6)}
    feed.settle(theirs, START + MINUTE_NS, START)
    recorder.close()
    assert numbers(recorder) == [0, 1, 2]
    lasting = [gap for gap in recorder.store.gaps("ETHUSDT").read() if not gap.resolved and gap.candles_filled]
    assert [(gap.from_ns - START) // 10**9 for gap in lasting] == [3, 4, 5]


def test_minutes_wait_too(tmp_path: Path) -> None:
    """A minute that could not be written comes with the next."""
    recorder, _ = opened(tmp_path)
    minutes = [MinuteCandle(START + number * MINUTE_NS, 100, 100, 100, 100, 6) for number in range(2)]
    (tmp_path / "live").write_text("in the way of the folder")
    recorder.write_candles(INSTRUMENT, minutes[:1], START + MINUTE_NS)
    assert recorder.problem
    (tmp_path / "live").unlink()
    recorder.write_candles(INSTRUMENT, minutes[1:], START + 2 * MINUTE_NS)
    candles = recorder.live.candles(INSTRUMENT, recorder.origin)
    assert candles is not None
    assert candles.open_time_ns.tolist() == [START, START + MINUTE_NS]
    assert recorder.settled_to_ns("ETHUSDT") == START + 2 * MINUTE_NS
    recorder.close()


def test_minutes_on_their_way_into_the_store_can_be_read(tmp_path: Path) -> None:
    """None before the first, all until they are folded, then none: the store has them."""
    recorder, _ = opened(tmp_path)
    assert recorder.minutes("ETHUSDT") is None
    assert recorder.minutes("BTCUSDT") is None
    minute = MinuteCandle(START, 100, 100, 100, 100, 6)
    recorder.write_candles(INSTRUMENT, [minute], START + MINUTE_NS)
    held = recorder.minutes("ETHUSDT")
    assert held is not None
    assert (held.close.tolist(), held.origin.simulated) == ([1.0], True)
    recorder.fold_all()
    assert recorder.minutes("ETHUSDT") is None
    recorder.close()
