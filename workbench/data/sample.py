"""A synthetic market for first steps, tests and demos. Always labelled simulated.

Returns follow a GARCH(1,1) (Bollerslev, Journal of Econometrics 31, 1986): the variance of a bar depends on the last
move and the last variance, so calm and wild times cluster. Shocks are sums of uniform numbers, scaled up by 2.5 in one
bar of 33, so tails are fat. Every price is rounded to a tick before the next is drawn, and only sums, products and
square roots are used: no function whose last bit differs between machines, so the bytes are the same on all of them.
"""

import math
from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from workbench.model.candle import Candles, Origin
from workbench.model.instrument import Instrument
from workbench.model.interval import UNIT_NS, Interval

SAMPLE_PAIR = "ETHUSDT"
SAMPLE_INTERVAL = Interval(UNIT_NS["h"])
SAMPLE_SEED = 20_240_101
SAMPLE_BARS = 731 * 24
START_NS = 1_704_067_200_000_000_000  # 2024-01-01T00:00:00Z
FIRST_PRICE_TICKS = 230_000
TICKS = 100  # per unit of quote currency

OMEGA, ALPHA, BETA = 0.03, 0.06, 0.91
"""Of the variance relative to its long-run mean: OMEGA + ALPHA + BETA = 1."""
VOLATILITY = 0.0055
MEAN_VARIANCE = VOLATILITY * VOLATILITY
DRIFT = 0.00002
RARE, RARE_SCALE = 0.03, 2.5
BUSY_HOURS = (7, 6, 6, 6, 6, 7, 8, 10, 11, 11, 11, 11, 12, 13, 15, 16, 15, 14, 13, 12, 11, 10, 9, 8)
"""Share of a day's volume by hour, UTC."""
PARAMS = {
    "model": "GARCH(1,1)",
    "start": "2024-01-01T00:00:00Z",
    "first_price": f"{FIRST_PRICE_TICKS / TICKS:.2f}",
    "omega": OMEGA,
    "alpha": ALPHA,
    "beta": BETA,
    "volatility_per_bar": VOLATILITY,
    "drift_per_bar": DRIFT,
    "rare_share": RARE,
    "rare_scale": RARE_SCALE,
}
"""What a reader of the sidecar wants to know; the code above is what counts."""


@cache
def sample_candles() -> Candles:
    """The bundled sample: two years of ETHUSDT 1h."""
    return synthetic_candles(SAMPLE_SEED, SAMPLE_BARS)


def synthetic_candles(seed: int, n_bars: int) -> Candles:
    """``n_bars`` hourly candles from 2024-01-01; the same seed gives the same bytes, a longer run the same start."""
    open_ticks, high, low, close, volume = _walk(np.random.Generator(np.random.PCG64(seed)), n_bars)
    instrument = Instrument(SAMPLE_PAIR, "0.01", "0.0001", "10")  # type: ignore[arg-type]  # texts are read
    return Candles.build(
        pair=SAMPLE_PAIR,
        interval=SAMPLE_INTERVAL,
        open_time_ns=START_NS + np.arange(n_bars, dtype=np.int64) * SAMPLE_INTERVAL.nanoseconds,
        open=open_ticks / TICKS,
        high=high / TICKS,
        low=low / TICKS,
        close=close / TICKS,
        volume=volume,
        instrument=instrument,
        origin=Origin(f"synthetic generator, seed {seed}", simulated=True),
    )


def _walk(random: np.random.Generator, n_bars: int) -> tuple[NDArray[np.float64], ...]:
    rows: list[tuple[float, float, float, float, float]] = []
    relative_variance, close = 1.0, float(FIRST_PRICE_TICKS)
    for shock, jump, up, down, calm, burst, busy in _draws(random.random((n_bars, 18))):
        sigma = math.sqrt(relative_variance * MEAN_VARIANCE)
        open_ = max(1.0, close + jump)
        move = max(-0.5, DRIFT + sigma * shock)
        close = max(1.0, float(round(close * (1.0 + move))))
        reach = sigma * close
        high = max(open_, close) + round(reach * up * up)
        low = max(1.0, min(open_, close) - round(reach * down * down))
        activity = calm + 60.0 * abs(move) + burst
        rows.append((open_, high, low, close, round(busy * activity, 4)))
        relative_variance = OMEGA + ALPHA * min((move * move) / MEAN_VARIANCE, 60.0) + BETA * relative_variance
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def _draws(uniform: NDArray[np.float64]) -> Iterator[tuple[float, ...]]:
    """Per bar: shock, jump of the open, reach up, reach down, calm and bursting volume, the hour's share."""
    total = uniform[:, 0].copy()
    for k in range(1, 12):  # one by one: Python's `sum` rounds in another way from 3.12 on
        total += uniform[:, k]
    shock = (total - 6.0) * np.where(uniform[:, 12] < RARE, RARE_SCALE, 1.0)  # mean 0, variance 1 but for rare bars
    jump = np.rint((uniform[:, 13] - 0.5) * 6)
    busy = np.resize(np.array(BUSY_HOURS) * 90.0, len(uniform))
    up, down, calm, burst = uniform[:, 14], uniform[:, 15], 0.4 + uniform[:, 16], uniform[:, 17] * uniform[:, 17] * 2.0
    return zip(*(column.tolist() for column in (shock, jump, up, down, calm, burst, busy)), strict=True)
