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
        ticks = np.maximum(1, np.rint(np.exp(walk) / float(market.tick_size))).astype(np.int64)
        large = random.random(CHUNK) < LARGE_SHARE
        sizes = np.where(large, random.integers(LARGE_LEAST, LARGE_MOST + 1, CHUNK), 1)
        buys = random.random(CHUNK) < 0.5
        rows = zip((times * 1000).astype(np.int64).tolist(), ticks.tolist(), sizes.tolist(), buys.tolist(), strict=True)
        for elapsed_ms, tick, size, buy in rows:
            yield from _order(market, random, elapsed_ms, tick, burst or size, buy)


def _order(
    market: Market, random: np.random.Generator, elapsed_ms: int, tick: int, size: int, buy: bool
) -> Iterator[Happening]:
    """The trades of one order, each at the same price or worse for the taker than the one before."""
    values = np.exp(random.normal(size=size)) * market.typical_value
    steps = random.integers(1, ID_STEP, size)
    unit = 10**market.amount_decimals
    tick_units = int(market.tick_size.scaleb(market.price_decimals))
    for k, (value, id_step) in enumerate(zip(values.tolist(), steps.tolist(), strict=True)):
        ticks = max(1, tick + 1 + k // 2 if buy else tick - k // 2)
        least = math.ceil(float(market.minimum_value) * unit / (ticks * float(market.tick_size)))
        lots = max(1, least, round(value * unit / (ticks * float(market.tick_size))))
        price = decimal_text(ticks * tick_units, market.price_decimals)
        yield Happening(
            elapsed_ms, "buy" if buy else "sell", price, decimal_text(lots, market.amount_decimals), id_step
        )


def decimal_text(units: int, decimals: int) -> str:
    """``decimal_text(31501, 1)`` is ``3150.1``."""
    if not decimals:
        return str(units)
    whole, part = divmod(units, 10**decimals)
    return f"{whole}.{part:0{decimals}d}"
