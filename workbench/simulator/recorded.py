"""A recorded tape: real trades from a file, their times shifted to the simulator's start."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np

from workbench.data.market_trade import MarketTrades
from workbench.data.market_trade_file import read_market_trades
from workbench.model.instrument import infer_tick_size, parse_decimal, parse_pair
from workbench.simulator.market import Market, split_pair
from workbench.simulator.tape import ID_STEP, Happening, decimal_text


def read_tape(path: Path, *, pair: str | None, tick_size: str | None, seed: int) -> tuple[Market, Iterator[Happening]]:
    """The market and tape of a file such as ``XRPETH-trades.csv``; it ends with the file.

    Args:
        pair: None: the file's name up to the first hyphen or point. tick_size: None: the largest that fits all prices.

    Raises:
        NotFoundError: no such file. InputError: names what does not fit.
    """
    trades = read_market_trades(path)
    name = parse_pair(pair or path.name.partition(".")[0].partition("-")[0])
    base, quote = split_pair(name)
    tick = infer_tick_size(trades.price) if tick_size is None else parse_decimal("tick_size", tick_size)
    lot = infer_tick_size(trades.quantity)
    market = Market(
        pair=name,
        base=base,
        quote=quote,
        number=99,
        tick_size=tick,
        amount_decimals=_decimals(lot),
        first_price=Decimal(repr(float(trades.price[0]))),
        minimum_value=Decimal(0),
        typical_value=float(np.median(trades.price * trades.quantity)),
        daily_volatility=0.0,
    )
    return market, _replay(trades, market, seed)


def _replay(trades: MarketTrades, market: Market, seed: int) -> Iterator[Happening]:
    """The file's own numbers are left out: the exchange gives new ones, as it gives new times."""
    steps = np.random.default_rng(seed).integers(1, ID_STEP, len(trades)).tolist()
    elapsed = ((trades.time_ns - trades.time_ns[0]) // 1_000_000).tolist()
    sides, prices, amounts = (column.tolist() for column in (trades.side, trades.price, trades.quantity))
    for time, side, price, amount, step in zip(elapsed, sides, prices, amounts, steps, strict=True):
        yield Happening(
            time,
            "buy" if side > 0 else "sell",
            _text(price, market.price_decimals),
            _text(amount, market.amount_decimals),
            step,
        )


def _text(number: float, decimals: int) -> str:
    return decimal_text(round(number * 10**decimals), decimals)


def _decimals(size: Decimal) -> int:
    return max(0, -int(size.normalize().as_tuple().exponent))
