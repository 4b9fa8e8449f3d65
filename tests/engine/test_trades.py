"""Round trips from fills equal a slow, obvious twin: partial exits, increases, reversals that split a fee."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from workbench.engine.costs import FREE
from workbench.engine.records import FILL, TRADE
from workbench.engine.sizing import fraction_of_equity
from workbench.engine.terms import make_terms
from workbench.engine.trades import trades_from_fills
from workbench.model.instrument import Instrument
from workbench.model.interval import Interval

TICK, LOT = Fraction(1, 20), Fraction(1, 8)
TERMS = make_terms(
    Instrument("ETHUSDT", Decimal("0.05"), Decimal("0.125")),
    Interval(3_600_000_000_000),
    FREE,
    fraction_of_equity(),
    allow_short=True,
)


def naive_trades(fills, last_close, last_bar):
    """Splits every fill into single lots and pairs them up from flat to flat, in fractions."""
    trades, position, parts = [], 0, []
    for bar, side, lots, ticks, fee in fills:
        for _ in range(lots):
            parts.append((bar, side, ticks * TICK, fee / lots))
            position += side
            if position == 0:
                trades.append(naive_trade(parts, None, None))
                parts = []
    if parts:
        trades.append(naive_trade(parts, last_close, last_bar))
    return trades


def naive_trade(parts, last_close, last_bar):
    side = parts[0][1]
    entries = [price for _, s, price, _ in parts if s == side]
    leaves = [price for _, s, price, _ in parts if s != side]
    leaves += [last_close] * (len(entries) - len(leaves))
    fees = sum(fee for *_, fee in parts)
    return {
        "entry_bar": parts[0][0],
        "exit_bar": parts[-1][0] if last_bar is None else last_bar,
        "lots": len(entries),
        "entry_price": sum(entries) / len(entries),
        "exit_price": sum(leaves) / len(leaves),
        "fees": fees,
        "profit": side * LOT * (sum(leaves) - sum(entries)) - fees,
        "side": side,
        "is_open": int(last_bar is not None),
    }


def table_of(fills):
    table = np.zeros(len(fills), FILL)
    for row, (bar, side, lots, ticks, fee) in zip(table, fills, strict=True):
        row["bar"], row["side"], row["lots"], row["price_ticks"], row["fee"] = bar, side, lots, ticks, float(fee)
    return table


fill_rows = st.lists(
    st.tuples(
        st.integers(0, 3),  # bars since the fill before
        st.sampled_from([1, -1]),
        st.integers(1, 7),
        st.integers(1, 5_000),
        st.fractions(0, 3, max_denominator=1000),
    ),
    max_size=30,
)


@settings(max_examples=200)
@given(rows=fill_rows, last=st.integers(1, 5_000))
def test_trades_equal_the_twin(rows, last):
    """Bars, lots, sides and openness are equal; prices, fees and profit to 1e-9; totals are sums over the fills."""
    bars = np.cumsum([row[0] for row in rows]).tolist()
    fills = [(bar, *row[1:]) for bar, row in zip(bars, rows, strict=True)]
    last_bar = (bars[-1] if bars else 0) + 2
    trades, notional, fees = trades_from_fills(table_of(fills), float(last * TICK), last_bar, TERMS)
    expected = naive_trades(fills, last * TICK, last_bar)
    assert len(trades) == len(expected)
    for trade, twin in zip(trades, expected, strict=True):
        for name in TRADE.names:
            if name in ("entry_price", "exit_price", "fees", "profit"):
                assert trade[name] == pytest.approx(float(twin[name]), rel=1e-9, abs=1e-9), name
            else:
                assert trade[name] == twin[name], name
    assert notional == pytest.approx(float(sum(lots * LOT * ticks * TICK for _, _, lots, ticks, _ in fills)))
    assert fees == pytest.approx(float(sum(fill[-1] for fill in fills)))


def trades_of(*fills, last_close=10.0, last_bar=9):
    return trades_from_fills(table_of(fills), last_close, last_bar, TERMS)[0]


def test_reversal_splits_its_fee_by_quantity():
    """Long 2, then a sale of 8: a quarter of its fee ends the long trade, the rest opens the short one."""
    first, second = trades_of((1, 1, 2, 100, 0.5), (4, -1, 8, 120, 4.0), (6, 1, 6, 120, 0.25))
    assert (first["fees"], second["fees"]) == (1.5, 3.25)
    assert (first["exit_bar"], second["entry_bar"], second["exit_bar"]) == (4, 4, 6)
    assert (first["side"], second["side"]) == (1, -1)
    assert first["profit"] == pytest.approx(2 * 0.125 * 1.0 - 1.5)


def test_partial_exit_stays_one_trade():
    """4 in at 5.00, 1 out at 6.00, 3 out at 7.00: one trade with the average exit."""
    (trade,) = trades_of((0, 1, 4, 100, 0), (2, -1, 1, 120, 0), (5, -1, 3, 140, 0))
    assert (trade["lots"], trade["entry_bar"], trade["exit_bar"], trade["is_open"]) == (4, 0, 5, 0)
    assert trade["exit_price"] == pytest.approx(6.75)
    assert trade["profit"] == pytest.approx(4 * 0.125 * 1.75)


def test_increase_after_a_partial_exit():
    """2 in, 1 out, 3 more in: the trade has entered 5 in all, and what is held is valued at the last close."""
    (trade,) = trades_of((0, -1, 2, 200, 0), (1, 1, 1, 180, 0), (2, -1, 3, 220, 0), last_close=10.5)
    assert (trade["lots"], trade["side"], trade["is_open"], trade["exit_bar"]) == (5, -1, 1, 9)
    assert trade["entry_price"] == pytest.approx((2 * 10 + 3 * 11) / 5)
    assert trade["exit_price"] == pytest.approx((1 * 9 + 4 * 10.5) / 5)


def test_no_fill_no_trade():
    """An empty table gives an empty one."""
    trades, notional, fees = trades_from_fills(np.zeros(0, FILL), 1.0, 0, TERMS)
    assert (len(trades), notional, fees) == (0, 0.0, 0.0)
