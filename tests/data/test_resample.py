"""Market trades to candles and candles to longer ones, against plain Python, pandas and real data."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tests.candles import walk
from tests.conftest import shared_data
from workbench.data.flat_bars import MOST_BARS
from workbench.data.market_trade import MarketTrades
from workbench.data.market_trade_file import read_market_trades
from workbench.data.resample import candles_from_trades, resample
from workbench.model.errors import InputError, NotFoundError

MINUTE_NS = 60_000_000_000


def naive_bars(rows, step):
    """(time, price, quantity) rows into bars, one row at a time."""
    bars = {}
    for time, price, quantity in rows:
        start = time // step * step
        if start not in bars:
            bars[start] = [price, price, price, price, 0.0]
        bar = bars[start]
        bar[1], bar[2], bar[3] = max(bar[1], price), min(bar[2], price), price
        bar[4] += quantity
    return bars


trade_rows = st.lists(
    st.tuples(st.integers(0, 6 * MINUTE_NS), st.integers(1, 500), st.integers(1, 1000)), min_size=1, max_size=120
)


def trades_of(rows) -> MarketTrades:
    """Rows of (time, ticks of 0.01, lots of 0.1): tenths have no exact float, so the order of a sum shows."""
    times, ticks, lots = (np.array(column) for column in zip(*rows, strict=True))
    count = len(rows)
    return MarketTrades(times, np.arange(count), np.ones(count, dtype=np.int8), ticks / 100, lots / 10)


@given(rows=trade_rows)
def test_trades_become_the_naive_bars(rows):
    """Open, high, low, close and volume of each minute in which something was traded, to the last bit."""
    rows.sort(key=lambda row: row[0])
    trades = trades_of(rows)
    candles = candles_from_trades(trades, "ETHUSDT", "1m")
    columns = (trades.time_ns, trades.price, trades.quantity)
    expected = naive_bars(zip(*(column.tolist() for column in columns), strict=True), MINUTE_NS)
    assert {bar.open_time_ns: [bar.open, bar.high, bar.low, bar.close, bar.volume] for bar in candles} == expected


@given(rows=trade_rows)
def test_filled_gaps_are_flat(rows):
    """Bars without a trade stand at the last close, volume 0; the others are untouched."""
    rows.sort(key=lambda row: row[0])
    candles = candles_from_trades(trades_of(rows), "ETHUSDT", "1m")
    traded, close = {bar.open_time_ns: bar for bar in candles}, candles.open[0]
    filled = candles_from_trades(trades_of(rows), "ETHUSDT", "1m", fill_gaps=True)
    assert np.all(np.diff(filled.open_time_ns) == MINUTE_NS)
    assert set(traded) <= set(filled.open_time_ns.tolist())
    for bar in filled:
        if bar.open_time_ns in traded:
            assert bar == traded[bar.open_time_ns]
        else:
            assert (bar.open, bar.high, bar.low, bar.close, bar.volume) == (close, close, close, close, 0.0)
        close = bar.close


def test_one_wrong_time_does_not_fill_the_memory():
    """Thousands of years of flat bars are refused before they are made."""
    with pytest.raises(InputError, match=f"gaps: expected at most {MOST_BARS:,} bars"):
        candles_from_trades(trades_of([(0, 1, 1), (2**62, 1, 1)]), "ETHUSDT", "1s", fill_gaps=True)


@given(seed=st.integers(0, 1000), bars=st.integers(1, 200), hours=st.sampled_from([1, 2, 3, 24]))
def test_longer_candles_are_the_naive_ones(seed, bars, hours):
    """Highs, lows and volumes in order, to the last bit; every time is kept."""
    candles = walk(seed, bars)
    step = hours * 60 * MINUTE_NS
    expected = {}
    for bar in candles:
        start = bar.open_time_ns // step * step
        so_far = expected.setdefault(start, [bar.open, bar.high, bar.low, bar.close, 0.0])
        so_far[1:4] = max(so_far[1], bar.high), min(so_far[2], bar.low), bar.close
        so_far[4] += bar.volume
    longer = resample(candles, f"{hours}h")
    assert {bar.open_time_ns: [bar.open, bar.high, bar.low, bar.close, bar.volume] for bar in longer} == expected


def test_real_trades_agree_with_pandas():
    """XRPETH prints into 5-minute candles."""
    import pandas as pd

    trades = read_market_trades(shared_data("XRPETH-trades.csv"))
    candles = candles_from_trades(trades, "XRPETH", "5m")
    index = pd.DatetimeIndex(trades.time_ns.view("datetime64[ns]"), tz="UTC")
    bars = pd.Series(trades.price, index).resample("5min").ohlc().dropna()
    volume = pd.Series(trades.quantity, index).resample("5min").sum()[bars.index]
    ours = candles.to_frame()
    assert ours.index.equals(bars.index.as_unit("ns"))
    for name in ("open", "high", "low", "close"):
        assert (ours[name].to_numpy() == bars[name].to_numpy()).all()
    np.testing.assert_allclose(ours["volume"].to_numpy(), volume.to_numpy(), rtol=1e-12)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("interval", ["2h", "4h", "1d"])
def test_longer_candles_agree_with_pandas(seed, interval):
    """Hourly candles into longer ones."""
    candles = walk(seed, 500)
    frame = (
        candles.to_frame()
        .resample(interval.replace("d", "D"))
        .agg({"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"})
    )
    ours = resample(candles, interval).to_frame()
    assert ours.index.equals(frame.index)
    for name in ("open", "high", "low", "close"):
        assert (ours[name].to_numpy() == frame[name].to_numpy()).all()
    np.testing.assert_allclose(ours["volume"].to_numpy(), frame["volume"].to_numpy(), rtol=1e-12)


@pytest.mark.parametrize("interval", ["30m", "90m"])
def test_only_multiples(interval):
    """Shorter or crooked intervals are refused."""
    with pytest.raises(InputError, match="a whole multiple of 1h"):
        resample(walk(0, 10), interval)


GOOD = "1,7,buy,2.5,1"
BROKEN = {
    "side": ("1,8,hold,2.5,1", "line 3, side: expected buy or sell, received 'hold'"),
    "text": ("1,8,buy,2.5,much", "line 3, quantity: expected a finite number above 0, received 'much'"),
    "nan": ("1,8,buy,nan,1", "line 3, price: expected a finite number above 0, received 'nan'"),
    "infinite": ("1,8,buy,2.5,inf", "line 3, quantity: expected a finite number above 0, received 'inf'"),
    "zero": ("1,8,buy,0,1", "line 3, price: expected a finite number above 0, received '0'"),
    "far time": ("9223372036855,8,buy,2.5,1", "line 3, time_ms: expected a whole number below"),
    "no time": (",8,buy,2.5,1", "line 3, time_ms: expected a whole number below"),
    "ragged": ("1,8,buy,2.5", "line 3: expected 5 columns, received 4"),
    "earlier": ("0,8,buy,2.5,1", "time_ns in row 1: expected a time not before the row above"),
    "twice": (GOOD, "trade_id in row 1: expected a number of its own, received 7"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_bad_trade_rows_are_named(case, tmp_path):
    """File, line, column, expected and received."""
    row, text = BROKEN[case]
    path = tmp_path / "trades.csv"
    path.write_text(f"time_ms,trade_id,side,price,quantity\n{GOOD}\n{row}\n")
    with pytest.raises(InputError, match=rf"trades\.csv, {text}"):
        read_market_trades(path)


def test_files_that_hold_no_trades(tmp_path):
    """None at all, empty, a header only, a wrong header, and no text."""
    path = tmp_path / "trades.csv"
    with pytest.raises(NotFoundError, match=r"trades\.csv: no such file"):
        read_market_trades(path)
    for data, text in {
        b"": "one for time_ms, trade_id, side, price, quantity",
        b"time_ms,trade_id,side,price,quantity\n": "at least one market trade",
        b"time_ms,side,price\n": "one for trade_id, quantity",
        b"time_ms,\xff\n": "a CSV text",
    }.items():
        path.write_bytes(data)
        with pytest.raises(InputError, match=text):
            read_market_trades(path)


def test_columns_are_checked_and_frozen():
    """Lengths, kinds and signs; nobody changes a column afterwards."""
    good = {"time_ns": [1, 2], "trade_id": [5, 4], "side": [1, -1], "price": [1.0, 2.0], "quantity": [1.0, 0.5]}
    trades = MarketTrades(**good)
    with pytest.raises(ValueError, match="read-only"):
        trades.price[0] = 3.0
    for name, column, text in (
        ("price", [1.0], "columns of one length"),
        ("side", [1, 257], "side in row 1: expected a number that fits int8, received 257"),
        ("side", [1, 0], "side in row 1: expected 1 or -1, received 0"),
        ("time_ns", [0.5, 1.5], "time_ns: expected a column of int64, received 'float64"),
        ("quantity", [1.0, -2.0], "quantity in row 1: expected a finite number above 0, received -2.0"),
    ):
        with pytest.raises(InputError, match=text):
            MarketTrades(**good | {name: column})
