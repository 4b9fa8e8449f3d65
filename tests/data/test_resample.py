"""Market trades to candles and candles to longer ones, against plain Python, pandas and real data."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tests.candles import walk
from tests.conftest import shared_data
from workbench.data.market_trade import MarketTrades, read_market_trades
from workbench.data.resample import candles_from_trades, resample
from workbench.model.errors import InputError

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
    st.tuples(st.integers(0, 20 * MINUTE_NS), st.integers(1, 500), st.integers(1, 1000)), min_size=1, max_size=60
)


@given(rows=trade_rows)
def test_trades_become_the_naive_bars(rows):
    """Open, high, low, close and volume of each minute in which something was traded."""
    rows.sort(key=lambda row: row[0])
    times, ticks, lots = (np.array(column) for column in zip(*rows, strict=True))
    trades = MarketTrades(times, ticks / 100, lots / 8, np.ones(len(rows), dtype=np.int8))
    candles = candles_from_trades(trades, "ETHUSDT", "1m")
    expected = naive_bars(zip(times.tolist(), (ticks / 100).tolist(), (lots / 8).tolist(), strict=True), MINUTE_NS)
    assert {bar.open_time_ns: [bar.open, bar.high, bar.low, bar.close, bar.volume] for bar in candles} == expected
    filled = candles_from_trades(trades, "ETHUSDT", "1m", fill_gaps=True)
    assert np.all(np.diff(filled.open_time_ns) == MINUTE_NS)
    assert filled.volume.sum() == pytest.approx(candles.volume.sum())
    assert np.count_nonzero(filled.volume) == len(candles)


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


def test_bad_trade_rows_are_named(tmp_path):
    """File, line, column, expected and received."""
    path = tmp_path / "trades.csv"
    path.write_text("time_ms,side,price,quantity\n1,buy,2.5,1\n2,hold,2.5,1\n")
    with pytest.raises(InputError, match=r"trades.csv, line 3, side: expected buy or sell, received 'hold'"):
        read_market_trades(path)
