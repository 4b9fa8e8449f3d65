"""The sample as files: a CSV that people can open, and a sidecar that says what it is."""

import json
from pathlib import Path

from workbench.atomic import write_atomically
from workbench.data import sample
from workbench.model.candle import Candles


def csv_bytes(candles: Candles) -> bytes:
    """``open_time_ms,open,high,low,close,volume`` with two decimals for prices and four for volume."""
    lines = ["open_time_ms,open,high,low,close,volume"]
    lines += [
        f"{row.open_time_ns // 1_000_000},{row.open:.2f},{row.high:.2f},{row.low:.2f},{row.close:.2f},{row.volume:.4f}"
        for row in candles
    ]
    return ("\n".join(lines) + "\n").encode()


def sidecar_bytes(candles: Candles, seed: int) -> bytes:
    """What the CSV beside it is: synthetic, by which generator, with which fingerprint."""
    about = {
        "simulated": True,
        "what": "Synthetic candles made by a seeded generator. Not market data.",
        "pair": candles.pair,
        "timeframe": str(candles.interval),
        "tick_size": str(candles.instrument.tick_size),
        "lot_size": str(candles.instrument.lot_size),
        "minimum_notional": str(candles.instrument.minimum_notional),
        "bars": len(candles),
        "source": candles.origin.source,
        "generator": "workbench.data.sample.synthetic_candles",
        "seed": seed,
        "params": sample.PARAMS,
        "fingerprint": candles.fingerprint,
    }
    return (json.dumps(about, indent=2) + "\n").encode()


def write_sample(folder: Path, *, seed: int = sample.SAMPLE_SEED, bars: int = sample.SAMPLE_BARS) -> Path:
    """Write CSV and sidecar; the path of the CSV."""
    candles = sample.synthetic_candles(seed, bars)
    path = folder / f"{candles.pair}-{candles.interval}.csv"
    write_atomically(path, csv_bytes(candles))
    write_atomically(path.with_suffix(".json"), sidecar_bytes(candles, seed))
    return path
