"""Stored candles as an answer."""

from workbench.api.arrow_answer import arrow_stream
from workbench.api.parts import Parts
from workbench.data.store import CandleStore, join
from workbench.model.candle import Candles
from workbench.model.interval import Interval
from workbench.research.candles import in_range, load_candles
from workbench.wire import CandleColumns

MINUTE = Interval.parse("1m")
NAMES = ("open_time_ns", "open", "high", "low", "close", "volume")


def candles(
    parts: Parts, pair: str, timeframe: str, start: str | None, end: str | None, limit: int, is_arrow: bool
) -> bytes:
    """Raises:
    NotFoundError: there are none. InputError: a malformed time, or none in the range.
    """
    held = in_range(_find(parts, pair, timeframe), start, end)
    newest = held[max(0, len(held) - limit) :]
    origin, columns = held.origin, {name: getattr(newest, name) for name in NAMES}
    if is_arrow:
        note = {"pair": pair, "timeframe": str(held.interval), "source": origin.source}
        return arrow_stream(columns, {**note, "simulated": str(origin.simulated).lower()})
    answer = CandleColumns(
        pair=pair,
        timeframe=str(held.interval),
        source=origin.source,
        simulated=origin.simulated,
        **{name: column.tolist() for name, column in columns.items()},
    )
    return answer.model_dump_json().encode()


def _find(parts: Parts, pair: str, timeframe: str) -> Candles:
    """The feed's own, with the minutes that are still on their way into the store; else what the home has."""
    interval = Interval.parse(timeframe)
    stored = CandleStore(parts.feed.folder).find(pair, interval)
    fresh = parts.feed.minutes(pair) if interval == MINUTE else None
    if stored is not None and fresh is not None:
        return join(stored, fresh)[0]
    return stored or fresh or load_candles(pair, timeframe, home=parts.home)
