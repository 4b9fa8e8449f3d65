"""The candles that every benchmark runs on: a seeded walk on a 0.01 grid."""

import numpy as np

from workbench.model.candle import Candles, Origin

HOUR_NS = 3_600_000_000_000
COST = {"fee_rate": 0.001, "slippage": 0.0002}
CASH = 10_000.0


def make_candles(n_bars: int, seed: int = 7) -> Candles:
    """Hourly candles of a lognormal walk, 0.2 % a bar, rounded to 0.01."""
    random = np.random.default_rng(seed)
    steps = random.standard_normal(n_bars)
    steps -= steps.mean()  # no drift, so that ten million bars stay in a believable range
    close = np.rint(2_000_00 * np.exp(np.cumsum(steps) * 0.002 * min(1.0, (1e5 / n_bars) ** 0.5)))
    open_ = np.concatenate([close[:1], close[:-1]])
    high = np.maximum(open_, close) + random.integers(0, 50, n_bars)
    low = np.maximum(np.minimum(open_, close) - random.integers(0, 50, n_bars), 1)
    return Candles.build(
        pair="ETHUSDT",
        interval="1h" if n_bars <= 1_000_000 else "1m",  # ten million hours end after the year 2262
        open_time_ns=np.arange(n_bars, dtype=np.int64) * (HOUR_NS if n_bars <= 1_000_000 else HOUR_NS // 60),
        open=open_ / 100,
        high=high / 100,
        low=low / 100,
        close=close / 100,
        volume=random.uniform(1, 10, n_bars).round(3),
        origin=Origin("benchmark walk", simulated=True),
    )
