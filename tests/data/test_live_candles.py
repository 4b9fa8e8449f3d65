"""Settled minutes on their way into the candle store: folding twice is folding once, whatever happens in between."""

from dataclasses import replace
from decimal import Decimal

import pytest

from workbench.data.live_candles import LiveCandles
from workbench.data.segment import SegmentWriter
from workbench.data.store import CandleStore
from workbench.model.candle import Origin
from workbench.model.errors import ContradictionError
from workbench.model.instrument import Instrument
from workbench.model.interval import Interval

MINUTE = 60 * 10**9
ETH = Instrument("ETHUSDT", Decimal("0.01"), Decimal("0.0001"))
LIVE = Origin("a feed")


def minute(number: int, lots: int = 3) -> tuple[int, ...]:
    return (number * MINUTE, 105, 107, 101, 103, lots)


def test_minutes_are_kept_until_they_are_folded(tmp_path):
    """Floats are the decimals nearest to whole ticks and lots; after folding the store has them, and more may come."""
    live = LiveCandles(tmp_path)
    assert live.candles(ETH, LIVE) is None
    live.append(ETH, [minute(1), minute(2)], 3 * MINUTE)
    live.append(ETH, [minute(3)], 4 * MINUTE)
    waiting = live.candles(ETH, LIVE)
    assert (waiting.open[0], waiting.high[0], waiting.low[0], waiting.close[0]) == (1.05, 1.07, 1.01, 1.03)
    assert waiting.volume.tolist() == [0.0003] * 3
    live.fold(ETH, LIVE)
    live.fold(ETH, LIVE)
    assert live.candles(ETH, LIVE) is None
    live.append(ETH, [minute(4)], 5 * MINUTE)
    live.fold(ETH, LIVE)
    assert (CandleStore(tmp_path).load("ETHUSDT", Interval.parse("1m")).open_time_ns // MINUTE).tolist() == [1, 2, 3, 4]
    assert live.settled_to_ns("ETHUSDT") == 5 * MINUTE


def test_a_crash_between_store_and_clearing_changes_nothing(tmp_path, monkeypatch):
    """The minutes are in both then; folding again leaves each once."""
    live = LiveCandles(tmp_path)
    live.append(ETH, [minute(1), minute(2)], 3 * MINUTE)
    with monkeypatch.context() as patch:
        patch.setattr(SegmentWriter, "clear", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            live.fold(ETH, LIVE)
    assert len(live.candles(ETH, LIVE)) == 2
    live.append(ETH, [minute(2)], 3 * MINUTE)
    live.fold(ETH, LIVE)
    assert len(CandleStore(tmp_path).load("ETHUSDT", Interval.parse("1m"))) == 2
    assert live.candles(ETH, LIVE) is None


def test_contradictions_keep_the_minutes(tmp_path):
    """A stored candle that differs, a minute twice with two contents: told, and nothing is thrown away."""
    live = LiveCandles(tmp_path)
    live.append(ETH, [minute(1)], 2 * MINUTE)
    live.fold(ETH, LIVE)
    live.append(ETH, [minute(1, lots=9)], 2 * MINUTE)
    with pytest.raises(ContradictionError, match="volume"):
        live.fold(ETH, LIVE)
    assert len(live.candles(ETH, LIVE)) == 1
    live.append(ETH, [minute(1, lots=8)], 2 * MINUTE)
    with pytest.raises(ContradictionError, match="twice"):
        live.candles(ETH, LIVE)


def test_minutes_are_never_read_by_another_grid(tmp_path):
    """A tick size that changed while minutes waited is told instead of misplacing prices."""
    live = LiveCandles(tmp_path)
    live.append(ETH, [minute(1)], 2 * MINUTE)
    with pytest.raises(ContradictionError, match="another grid"):
        live.fold(replace(ETH, tick_size=Decimal("0.1")), LIVE)
    assert live.candles(ETH, LIVE).close.tolist() == [1.03]
