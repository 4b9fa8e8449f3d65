"""The feed's numbers as people read them, and what the chart keeps."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tests.widgets.acting import read
from workbench.widgets.live_chart import KEPT_MINUTES, MINUTE_NS, STEP_NS, LiveChart, Point, Track
from workbench.widgets.live_table import SHOWN_GAPS, age, feed_state, lag, number, pair_card, price, spread
from workbench.widgets.plotly_light import figure_widget
from workbench.widgets.words import GAP, MINUS
from workbench.wire import CandleColumns, FeedView, GapView, PairHealthView

NONE = "\N{EN DASH}"
SECOND_NS = 1_000_000_000
NOW_NS = 1_790_000_000 * SECOND_NS


def pair(**changes: Any) -> PairHealthView:
    """All is well."""
    told = {
        "pair": "ETHUSDT", "status": "up", "status_reason": "", "bid": 3141.5, "ask": 3142.0, "last": 3142.0,
        "last_trade_ns": NOW_NS, "last_frame_age_seconds": 0.1, "lag_p50_ms": 9.04, "lag_p95_ms": 12.0,
        "trades_stored": 12345, "gaps_found": 1, "gaps_filled": 1, "gaps": [],
    }  # fmt: skip
    return PairHealthView(**{**told, **changes})


def feed(**changes: Any) -> FeedView:
    told = {
        "running": True, "status": "up", "problem": "", "exchange": "http://127.0.0.1:9", "simulated": True,
        "reconnects": 2, "clock_offset_ms": -3.25, "updated_ns": NOW_NS, "pairs": [pair(), pair(pair="BTCUSDT")],
    }  # fmt: skip
    return FeedView(**{**told, **changes})


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        (price(None), NONE),
        (price(3142.0), f"3{GAP}142"),
        (price(3142.05), f"3{GAP}142.05"),
        (price(1e-08), "0.00000001"),
        (price(1234567.125), f"1{GAP}234{GAP}567.125"),
        (spread(99.5, 100.5), f"100.0{GAP}bp"),
        (spread(None, 100.5), NONE),
        (spread(0.0, 100.5), NONE),
        (lag(None), NONE),
        (lag(9.04), f"9.0{GAP}ms"),
        (lag(-0.5), f"{MINUS}0.5{GAP}ms"),
        (lag(123.4), f"123{GAP}ms"),
        (age(None), "never"),
        (age(1.9), "now"),
        (age(42.4), f"42{GAP}s ago"),
        (age(600.0), f"10{GAP}min ago"),
        (number(-1234.56, 1), f"{MINUS}1{GAP}234.6"),
    ],
)
def test_numbers(made: str, shown: str) -> None:
    """With units, thin gaps and a true minus; nothing that is not known is a number."""
    assert made == shown


def test_what_is_slow_is_marked() -> None:
    """By a sign and a word's colour."""
    assert read(lag(1000.0)) == "! 1 000 ms"
    assert "wb-worse" in lag(1000.0)


@given(st.floats(1e-8, 1e12))
def test_no_digit_of_a_price_is_lost(value: float) -> None:
    """Whatever the exchange's tick size."""
    assert float(price(value).replace(GAP, "")) == value


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({}, ["● Feed up", "SIMULATED", "Reconnects 2", f"Clock offset {MINUS}3.2 ms", "Gaps found 2"]),
        ({"simulated": False, "clock_offset_ms": None}, ["Clock offset unknown"]),
        ({"status": "healing", "problem": "asked again"}, ["◐ Feed healing", "asked again"]),
        ({"status": "down", "problem": "silence"}, ["✕ Feed down", "silence. It reconnects by itself"]),
        ({"status": "down"}, ["Nothing arrives. It reconnects"]),
        ({"running": False, "pairs": []}, ["✕ Feed down", "it was told to run none", "--no-feed"]),
        ({"updated_ns": 0}, ["Told at, UTC never"]),
    ],
)
def test_the_feed_as_a_whole(changes: dict[str, Any], parts: list[str]) -> None:
    """A sign, a word, why, and what then helps."""
    said = read(feed_state(feed(**changes)))
    assert [part for part in parts if part not in said] == []
    assert ("SIMULATED" in said) is feed(**changes).simulated


def gap(number_: int, **changes: bool) -> GapView:
    told = {"reason": f"gap {number_}", "candles_filled": False, "pending": False, **changes}
    return GapView(from_ns=NOW_NS, to_ns=NOW_NS + SECOND_NS, **told)


def test_a_pair() -> None:
    """All of it; the newest gaps with what became of them."""
    assert "12 345" in read(pair_card(pair()))
    quiet = read(pair_card(pair(bid=None, last=None, lag_p50_ms=None, status="down", status_reason="no frames")))
    assert "✕ down" in quiet
    assert "no frames" in quiet
    gaps = [gap(each) for each in range(SHOWN_GAPS)] + [gap(7, pending=True), gap(8, candles_filled=True)]
    said = read(pair_card(pair(gaps=gaps)))
    assert "gap 8: candles filled" in said
    assert "gap 7: being looked into" in said
    assert "gap 4: for good" in said
    assert "gap 1" not in said


def candles(*closes: float) -> CandleColumns:
    """Of the last minutes."""
    times = [NOW_NS - (len(closes) - index) * MINUTE_NS for index in range(len(closes))]
    columns = {name: list(closes) for name in ("open", "high", "low", "close", "volume")}
    return CandleColumns(pair="ETHUSDT", timeframe="1m", source="test", simulated=True, open_time_ns=times, **columns)


def test_what_the_chart_keeps() -> None:
    """Closes of earlier minutes, then what is seen, not too often; what is older than a quarter of an hour goes."""
    track = Track()
    assert track.add(pair(), NOW_NS + 1)
    track.begin(candles(1.0, 2.0))
    assert [each.last for each in track.points] == [1.0, 2.0, 3142.0]
    assert not track.add(pair(), NOW_NS + STEP_NS)
    assert track.add(pair(last=None), NOW_NS + STEP_NS + 1)
    assert [each.time_ns for each in track.points] == sorted(each.time_ns for each in track.points)
    assert track.add(pair(), NOW_NS + (KEPT_MINUTES + 1) * MINUTE_NS)
    assert len(track.points) == 1
    late = Track()
    late.begin(candles(1.0))
    assert late.add(pair(), NOW_NS + 10 * STEP_NS)
    assert len(late.points) == 2


def test_while_a_pair_is_down_nothing_is_drawn() -> None:
    """Its last price is not the price of now."""
    track = Track()
    track.add(pair(status="down"), NOW_NS)
    assert track.points[0] == Point(NOW_NS, None)


def test_the_chart_is_made_with_what_it_shows_and_changes_in_place() -> None:
    """Unknown values are gaps of the lines."""
    chart = LiveChart(figure_widget(), [Point(NOW_NS, 1.0, 5.0, None)])
    assert [trace.name for trace in chart.widget.data] == ["Price", "Lag p50", "Lag p95"]
    assert np.isnan(chart.widget.data[2].y).all()
    same = chart.widget
    chart.draw([Point(NOW_NS, 1.0), Point(NOW_NS + SECOND_NS, 2.0, 6.0, 7.0)])
    assert chart.widget is same
    assert list(chart.widget.data[0].y) == [1.0, 2.0]
    assert chart.widget.data[2].y[1] == 7.0
