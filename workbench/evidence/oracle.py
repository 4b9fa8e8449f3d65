"""A second opinion: the same fills, accounted for by vectorbt."""

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.engine.result import BacktestResult

if TYPE_CHECKING:
    import vectorbt as vbt

TOLERANCE = 1e-9
"""Largest relative difference that still counts as agreement."""


def to_vectorbt(result: BacktestResult) -> "vbt.Portfolio":
    """A ``vectorbt.Portfolio`` made of this result's fills, with all of vectorbt's statistics and plots.

    One vectorbt order per fill, at the fill's price and fee; nothing is simulated again. vectorbt forgets a rest of
    cash below 1e-9 of the payment that leaves it, so after thousands of fills its value may fall short by some 1e-7.
    """
    return _portfolio(result, result.inputs.initial_cash)


def _portfolio(result: BacktestResult, initial_cash: float) -> "vbt.Portfolio":
    import pandas as pd
    import vectorbt as vbt
    from vectorbt.portfolio.enums import OrderSide, log_dt, order_dt

    candles, fills = result.candles, result.fill_table
    instrument = candles.instrument
    records = np.zeros(len(fills), dtype=order_dt)
    records["id"] = np.arange(len(fills))
    records["idx"] = fills["bar"]
    records["size"] = instrument.quantity_grid.floats(fills["lots"])
    records["price"] = instrument.price_grid.floats(fills["price_ticks"])
    records["fees"] = fills["fee"]
    records["side"] = np.where(fills["side"] > 0, OrderSide.Buy, OrderSide.Sell)
    frequency = pd.Timedelta(candles.interval.nanoseconds, unit="ns")
    close = candles.to_frame()["close"].rename(candles.pair)
    wrapper = vbt.ArrayWrapper.from_obj(close, freq=frequency)
    cash = np.array([initial_cash])
    return vbt.Portfolio(wrapper, close, records, np.zeros(0, dtype=log_dt), cash, cash_sharing=False)


def disagreements(result: BacktestResult) -> list[str]:
    """Where vectorbt's accounts of the same fills differ by more than 1e-9; empty when they agree.

    Compares the equity curve at every bar and each round trip's entry and exit bar, quantity,
    average prices, fees and profit.
    """
    cash = result.inputs.initial_cash
    portfolio = _portfolio(result, 2 * cash)  # cash that stays far from zero: vectorbt forgets none of it
    found = _different("equity", result.equity_curve, portfolio.value().to_numpy() - cash, cash)
    trips = portfolio.positions.records
    trades = result.trade_table
    if len(trips) != len(trades):
        return [*found, f"trades: expected {len(trips)} as in vectorbt, received {len(trades)}"]
    quantity = result.candles.instrument.quantity_grid.floats(trades["lots"])
    fees = trips["entry_fees"].to_numpy() + trips["exit_fees"].to_numpy()
    for name, ours, theirs, scale in (
        ("entry_bar", trades["entry_bar"], trips["entry_idx"], 1.0),
        ("exit_bar", trades["exit_bar"], trips["exit_idx"], 1.0),
        ("quantity", quantity, trips["size"], 0.0),
        ("entry_price", trades["entry_price"], trips["entry_price"], 0.0),
        ("exit_price", trades["exit_price"], trips["exit_price"], 0.0),
        ("fees", trades["fees"], fees, 0.0),
        ("profit", trades["profit"], trips["pnl"], cash),
    ):
        found += _different(f"trades.{name}", ours, np.asarray(theirs), scale)
    return found


def _different(name: str, ours: Any, theirs: Any, scale: float) -> list[str]:
    allowed = TOLERANCE * np.maximum(np.abs(theirs), scale)
    wrong = np.flatnonzero(~(np.abs(ours - theirs) <= allowed))
    if not wrong.size:
        return []
    row = int(wrong[0])
    return [f"{name}[{row}]: expected {theirs[row]} as in vectorbt, received {ours[row]} ({wrong.size} rows differ)"]
