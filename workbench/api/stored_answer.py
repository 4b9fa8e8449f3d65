"""What candles there are to backtest on: those of the store, and the bundled sample where the store has none of it."""

from workbench.data.sample import sample_candles
from workbench.data.store import read_candles
from workbench.home import Home
from workbench.model.candle import Candles
from workbench.model.errors import DamagedFileError
from workbench.wire import StoredCandles, StoredList


def stored(home: Home) -> StoredList:
    """By name; a file that cannot be opened is named and breaks nothing else."""
    held: dict[tuple[str, str], StoredCandles] = {}
    damaged: list[str] = []
    sample = _view(sample_candles())
    for path in sorted((home.data / "candles").glob("[!.]*.arrow")):
        try:
            view = _view(read_candles(path))
        except DamagedFileError:
            damaged.append(path.name)
            continue
        held[view.pair, view.timeframe] = view
    held.setdefault((sample.pair, sample.timeframe), sample)
    return StoredList(stored=[held[name] for name in sorted(held)], damaged=damaged)


def _view(candles: Candles) -> StoredCandles:
    origin, times = candles.origin, candles.open_time_ns
    return StoredCandles(
        pair=candles.pair,
        timeframe=str(candles.interval),
        bars=len(candles),
        start_ns=int(times[0]),
        end_ns=int(times[-1]) + candles.interval.nanoseconds,
        source=origin.source,
        simulated=origin.simulated,
    )
