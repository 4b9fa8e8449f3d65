"""Candles by name, as a notebook asks for them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from workbench.data.load import load_file as read_file
from workbench.data.sample import SAMPLE_INTERVAL, SAMPLE_PAIR, sample_candles
from workbench.data.store import CandleStore
from workbench.home import Home
from workbench.model.candle import Candles
from workbench.model.errors import InputError, NotFoundError
from workbench.model.instrument import parse_pair
from workbench.model.interval import Interval


def load_candles(
    pair: str,
    timeframe: str,
    *,
    start: str | datetime | None = None,
    end: str | datetime | None = None,
    home: Home | None = None,
) -> Candles:
    """Candles from the store, or the bundled synthetic sample (ETHUSDT 1h) where the store has none.

    Args:
        start, end: first open time (inclusive) and last (exclusive), ISO dates or datetimes, UTC unless they say.

    Raises:
        NotFoundError: neither the store nor the sample has them.
        InputError: malformed names or times, or no candle in the range.
    """
    name, interval = parse_pair(pair), Interval.parse(timeframe)
    store = CandleStore((home or Home.find()).data)
    try:
        candles = store.load(name, interval)
    except NotFoundError:
        if (name, interval) != (SAMPLE_PAIR, SAMPLE_INTERVAL):
            raise
        candles = sample_candles()
    return in_range(candles, start, end)


def load_file(
    path: str | Path,
    pair: str | None = None,
    timeframe: str | None = None,
    *,
    tick_size: str | None = None,
    repairs: Sequence[str] = (),
) -> Candles:
    """Candles of a CSV, Parquet or Arrow file; see ``workbench.data.load.load_file``."""
    return read_file(Path(path), pair, timeframe, tick_size=tick_size, repairs=repairs).candles


def find_candles(
    pair: str | None,
    timeframe: str | None,
    *,
    file: Path | None = None,
    start: str | None = None,
    end: str | None = None,
    home: Home,
) -> Candles:
    """Candles of a file where one is given, else by name (default: the sample's); see :func:`load_candles`."""
    if file is None:
        name, interval = pair or SAMPLE_PAIR, timeframe or str(SAMPLE_INTERVAL)
        return load_candles(name, interval, start=start, end=end, home=home)
    return in_range(read_file(file, pair, timeframe).candles, start, end)


def in_range(candles: Candles, start: str | datetime | None, end: str | datetime | None) -> Candles:
    """The candles whose open times lie in [start, end).

    Raises:
        InputError: a malformed time, or no candle in the range.
    """
    first = 0 if start is None else int(np.searchsorted(candles.open_time_ns, parse_time("start", start)))
    last = len(candles) if end is None else int(np.searchsorted(candles.open_time_ns, parse_time("end", end)))
    if first >= last:
        held = f"a range within {candles.start:%Y-%m-%d} and {candles.end:%Y-%m-%d}"
        raise InputError("range", held, f"{start or 'the first'} to {end or 'the last'}")
    return candles[first:last] if (first, last) != (0, len(candles)) else candles


def parse_time(field: str, value: str | datetime) -> int:
    """Nanoseconds since 1970, UTC unless it says.

    Raises:
        InputError: no ISO date or time.
    """
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise InputError(field, "an ISO date or time such as 2024-01-31", value) from None
    return int(np.datetime64(_as_utc(moment).replace(tzinfo=None), "ns").astype(np.int64))


def _as_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
