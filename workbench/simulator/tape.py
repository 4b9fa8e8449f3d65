"""What happens on the simulated exchange, in order: made by a seed or read from a file, one trade at a time.

The synthetic tape is a geometric random walk on the tick grid. Orders arrive as a Poisson process; one of ten is large
and meets several resting orders at once, so that trades of one millisecond occur. A seller hits the walk's price, a
buyer pays a tick more.
"""

import math
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.simulator.market import Market

CHUNK = 256
"""Orders drawn at a time; part of what makes a seed's tape, so not to be changed lightly."""
LARGE_SHARE, LARGE_LEAST, LARGE_MOST = 0.1, 2, 8
DAY_SECONDS = 86_400.0
ID_STEP = 40
"""Trade numbers rise by less than so much, when they rise within a millisecond."""


class Happening(NamedTuple):
    """One trade before it has a date: ``elapsed_ms`` is counted from the tape's start."""

    elapsed_ms: int
    side: str
    price: str
    amount: str
    id_step: int


def synthetic_tape(market: Market, *, seed: int, trades_per_second: float, burst: int = 0) -> Iterator[Happening]:
    """Trades without end; the same arguments give the same tape.

    Args:
        burst: every order meets exactly so many others; 0: most meet one.
    """
    random = np.random.default_rng([seed, zlib.crc32(market.pair.encode())])
    mean_size = burst or 1 - LARGE_SHARE + LARGE_SHARE * (LARGE_LEAST + LARGE_MOST) / 2
    seconds, log_price = 0.0, math.log(float(market.first_price))
    volatility = market.daily_volatility / math.sqrt(DAY_SECONDS)
    while True:
        gaps = random.exponential(mean_size / trades_per_second, CHUNK)
        times = seconds + np.cumsum(gaps)
        walk = log_price + np.cumsum(random.normal(size=CHUNK) * volatility * np.sqrt(gaps))
        seconds, log_price = float(times[-1]), float(walk[-1])
        ticks = np.rint(np.exp(walk) / float(market.tick_size)).astype(np.int64)
        sizes = _sizes(random, burst)
        yield from _orders(market, random, (times * 1000).astype(np.int64), ticks, sizes)


def faster(tape: Iterator[Happening], speed: float) -> Iterator[Happening]:
    """The same trades, so many times as fast."""
    return (happening._replace(elapsed_ms=int(happening.elapsed_ms / speed)) for happening in tape)


def _sizes(random: np.random.Generator, burst: int) -> NDArray[np.int64]:
    """How many resting orders each order meets."""
    large = random.random(CHUNK) < LARGE_SHARE
    sizes = np.where(large, random.integers(LARGE_LEAST, LARGE_MOST + 1, CHUNK), 1)
    return np.full(CHUNK, burst) if burst else sizes


def _orders(
    market: Market,
    random: np.random.Generator,
    elapsed_ms: NDArray[np.int64],
    ticks: NDArray[np.int64],
    sizes: NDArray[np.int64],
) -> Iterator[Happening]:
    """The trades of a chunk of orders; within one, each is at the same price or worse for the taker than the last."""
    count = int(sizes.sum())
    buys = np.repeat(random.random(CHUNK) < 0.5, sizes)
    deep = (np.arange(count) - np.repeat(np.cumsum(sizes) - sizes, sizes)) // 2
    ticks = np.maximum(1, np.repeat(ticks, sizes) + np.where(buys, 1 + deep, -deep))
    prices = ticks * float(market.tick_size)
    unit = 10**market.amount_decimals
    values = np.exp(random.normal(size=count)) * market.typical_value
    least = np.ceil(float(market.minimum_value) * unit / prices)
    lots = np.maximum(1, np.maximum(least, np.rint(values * unit / prices))).astype(np.int64)
    price_units = ticks * int(market.tick_size.scaleb(market.price_decimals))
    steps = random.integers(1, ID_STEP, count)
    columns = (np.repeat(elapsed_ms, sizes), buys, price_units, lots, steps)
    price_decimals, amount_decimals = market.price_decimals, market.amount_decimals
    for time, buy, price, amount, step in zip(*(column.tolist() for column in columns), strict=True):
        side = "buy" if buy else "sell"
        yield Happening(time, side, decimal_text(price, price_decimals), decimal_text(amount, amount_decimals), step)


def decimal_text(units: int, decimals: int) -> str:
    """``decimal_text(31501, 1)`` is ``3150.1``."""
    if not decimals:
        return str(units)
    whole, part = divmod(units, 10**decimals)
    return f"{whole}.{part:0{decimals}d}"
