"""``make bench``: measure everything in one run, write results.json and RESULTS.md beside this file."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench import contestants
from tests.bench.market import make_candles
from tests.bench.report import as_markdown
from tests.bench.timing import measure
from workbench.data.load import load_file
from workbench.data.store import read_candles, write_candles
from workbench.engine.exits import Exits
from workbench.model.candle import Candles

HERE = Path(__file__).parent
os.environ["TQDM_DISABLE"] = "1"  # backtesting.py would draw a progress bar for every run
PERIODS = (9, 21)
PEERS = ("vectorbt", "vectorbt-rust", "raptorbt", "backtesting", "numba", "numpy", "pandas")


def say(text: str) -> None:
    sys.stderr.write(text + "\n")


def contest(candles: Candles) -> dict[str, dict[str, float]]:
    """The same job by everyone, milliseconds."""
    fast, slow = PERIODS
    exits = Exits(stop_loss=0.02, take_profit=0.04)
    jobs = {
        "workbench": contestants.ours(candles, fast, slow),
        "workbench, frames": contestants.ours(candles, fast, slow, frames=True),
        "workbench, general matcher": contestants.general(candles, fast, slow),
        "workbench, stop-loss and take-profit": contestants.ours(candles, fast, slow, exits=exits),
        "reading five columns": contestants.read_columns(candles),
        "raptorbt": contestants.raptorbt(candles, fast, slow),
        "vectorbt rust": contestants.vectorbt(candles, fast, slow, "rust"),
        "vectorbt numba": contestants.vectorbt(candles, fast, slow, "numba"),
    }
    results = {}
    for name, job in jobs.items():
        results[name] = measure(job, seconds=3.0)
        say(f"{name}: {results[name]['best_ms']:.3f} ms")
    return results


def backtesting_py(n_bars: int) -> dict[str, float]:
    """``backtesting`` is slow: fewer bars, one run each."""
    candles = make_candles(n_bars)
    ours = measure(contestants.ours(candles, *PERIODS), seconds=1.0)["best_ms"]
    theirs = measure(contestants.backtesting_py(candles, *PERIODS), seconds=1.0)["best_ms"]
    say(f"backtesting.py, {n_bars:,} bars: {theirs:.1f} ms, workbench {ours:.3f} ms")
    return {"bars": n_bars, "workbench_ms": ours, "backtesting_ms": theirs}


def files(candles: Candles, folder: Path) -> dict[str, float]:
    """From a file on a warm disk to metrics, milliseconds."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    store, parquet = folder / "candles.arrow", folder / "ETHUSDT-1h.parquet"
    write_candles(store, candles)
    names = ("open_time_ns", "open", "high", "low", "close", "volume")
    pq.write_table(pa.table({name: np.asarray(getattr(candles, name)) for name in names}), parquet)

    def run(loaded: Candles) -> Any:
        return contestants.ours(loaded, *PERIODS)()

    results = {
        "store": measure(lambda: run(read_candles(store)))["best_ms"],
        "store, opening alone": measure(lambda: read_candles(store))["best_ms"],
        "parquet": measure(lambda: run(load_file(parquet).candles))["best_ms"],
    }
    say(f"files: {results}")
    return results


def processes(candles: Candles, folder: Path) -> dict[str, float]:
    """Whole processes: the command on the sample, and 100,000 candles from the store to saved evidence; seconds."""
    environment = {**os.environ, "WORKBENCH_HOME": str(folder / "home")}
    write_candles(folder / "home" / "data" / "candles" / "BTCUSDT-1h.arrow", _renamed(candles))
    command = [sys.executable, "-m", "workbench.cli", "backtest", "--strategy", "smaCross", "--json"]
    sample = _seconds([*command, "--no-save"], environment)
    cold = _seconds([*command, "--pair", "BTCUSDT"], environment)
    bare = _seconds([sys.executable, "-c", "import numba"], environment)
    results = {"shell to metrics": sample, "cold process, 100k candles, evidence": cold, "import numba alone": bare}
    say(f"processes: {results}")
    return results


def _renamed(candles: Candles) -> Candles:
    return Candles.build(
        pair="BTCUSDT",
        interval=candles.interval,
        open_time_ns=candles.open_time_ns,
        open=candles.open,
        high=candles.high,
        low=candles.low,
        close=candles.close,
        volume=candles.volume,
        origin=candles.origin,
    )


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    import time

    times = []
    for _ in range(6):  # the first fills caches and does not count
        start = time.perf_counter()
        subprocess.run(command, env=environment, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return min(times[1:])


def ten_million() -> dict[str, dict[str, float]]:
    """Ten million bars, each engine in a process of its own."""
    results = {}
    for name in ("workbench", "vectorbt rust"):
        command = [sys.executable, "-m", "tests.bench.memory", name, "10000000", *map(str, PERIODS)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        results[name] = json.loads(done.stdout.splitlines()[-1])
        say(f"10M, {name}: {results[name]}")
    return results


def main() -> None:
    candles = make_candles(100_000)
    with tempfile.TemporaryDirectory() as folder:
        results = {
            "machine": {"processors": os.cpu_count(), "python": platform.python_version()},
            "versions": {name: metadata.version(name) for name in PEERS},
            "trades": len(contestants.ours(candles, *PERIODS)()[1]),
            "contest": contest(candles),
            "backtesting": backtesting_py(5_000),
            "files": files(candles, Path(folder)),
            "processes": processes(candles, Path(folder)),
            "ten_million": ten_million(),
        }
    (HERE / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    (HERE / "RESULTS.md").write_text(as_markdown(results))
    say(f"wrote {HERE / 'RESULTS.md'}")


if __name__ == "__main__":
    main()
