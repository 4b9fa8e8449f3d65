"""Compare what a feed stored with everything that the simulator says happened."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from workbench.data.trade_gap import TradeGap
from workbench.data.trade_store import TradeStore

MINUTE_MS = 60_000
MOST_SERVED = 50

Truth = list[tuple[int, int, str, str, str]]
"""Trade id, time in ms, side, price, amount."""


@dataclass
class Account:
    """One pair's books; ``errors`` is empty where they balance."""

    happened: int = 0
    stored: int = 0
    missing_in_gaps: int = 0
    gaps: int = 0
    resolved: int = 0
    late_answers: int = 0
    """Gaps of breaks that lost few trades, but the exchange's REST answered too late to serve them."""
    errors: list[str] = field(default_factory=list)


def account_for(truth: Truth, root: Path, pair: str, rest_failed_ms: Sequence[int] = ()) -> Account:
    """Each trade since the record's first whole minute is stored exactly once, as it was, or lies inside a gap.

    Args:
        rest_failed_ms: moments, by the exchange's clock, at which its REST interface did not answer.
    """
    store = TradeStore(root)
    records = store.records(pair)
    book = Account(stored=len(records))
    ids = records["trade_id"].tolist()
    if len(set(ids)) != len(ids):
        book.errors.append(f"{len(ids) - len(set(ids))} trades are stored twice")
    stored = dict(zip(ids, records, strict=True))
    since = (int(records["time_ns"].min()) // 10**6 // MINUTE_MS + 1) * MINUTE_MS
    for trade_id, time_ms, *_ in truth:
        if time_ms < since:
            stored.pop(trade_id, None)
    expected = [trade for trade in truth if trade[1] >= since]
    book.happened = len(expected)
    grid = store.instrument(pair)
    gaps = {gap.from_ns: gap for gap in store.gaps(pair).read()}
    lasting = [gap for gap in gaps.values() if not gap.resolved]
    book.gaps, book.resolved = len(lasting), len(gaps) - len(lasting)
    missing: dict[int, int] = {}
    for trade_id, time_ms, side, price, amount in expected:
        record = stored.pop(trade_id, None)
        if record is None:
            inside = [gap for gap in lasting if gap.from_ns <= time_ms * 10**6 < gap.to_ns]
            if not inside:
                book.errors.append(f"trade {trade_id} at {time_ms} is neither stored nor inside a gap")
            for gap in inside:
                missing[gap.from_ns] = missing.get(gap.from_ns, 0) + 1
            book.missing_in_gaps += 1
            continue
        seen = (int(record["time_ns"]), int(record["side"]))
        if seen != (time_ms * 10**6, 1 if side == "buy" else -1):
            book.errors.append(f"trade {trade_id} has another time or side: {seen}")
        ticks = grid.price_grid.floats(record["price_ticks"]), grid.quantity_grid.floats(record["quantity_lots"])
        if (float(ticks[0]), float(ticks[1])) != (float(price), float(amount)):
            book.errors.append(f"trade {trade_id} has another price or amount: {ticks}")
    if stored:
        book.errors.append(f"{len(stored)} stored trades never happened")
    guilty = [gap for gap in lasting if gap.from_ns in missing]
    book.errors += [  # a minute that lacks trades does not tell which of its holes they fell into
        f"gap {gap} hides nothing"
        for gap in lasting
        if not any(
            _minute(gap.from_ns) <= _minute(other.to_ns) and _minute(other.from_ns) <= _minute(gap.to_ns)
            for other in guilty
        )
    ]
    for gap in lasting:
        lost = missing.get(gap.from_ns, 0) + _healed_after(records, gap.to_ns)
        if gap.from_ns not in missing or lost > MOST_SERVED:
            continue
        served_ms = _served_until_ms(records, gap.to_ns)
        if any(gap.from_ns <= moment * 10**6 and moment <= served_ms for moment in rest_failed_ms):
            book.late_answers += 1
        else:
            book.errors.append(f"gap {gap}: the break lost only {lost} trades")
    return book


def _healed_after(records: np.ndarray, to_ns: int) -> int:
    """How many trades in a row, from the end of a gap on, did not come by the stream."""
    later = np.sort(records[records["time_ns"] >= to_ns - 1], order=["time_ns", "trade_id"])
    streamed = np.flatnonzero(later["source"] == 0)
    return int(streamed[0]) if streamed.size else len(later)


def _share_a_minute(one: TradeGap, other: TradeGap) -> bool:
    return _minute(one.from_ns) <= _minute(other.to_ns) and _minute(other.from_ns) <= _minute(one.to_ns)


def _minute(time_ns: int) -> int:
    return time_ns // 10**6 // MINUTE_MS


def _served_until_ms(records: np.ndarray, to_ns: int) -> int:
    """The time of the last of the 50 trades that were served after a gap."""
    later = np.sort(records["time_ns"][records["time_ns"] >= to_ns - 1])
    return int(later[min(MOST_SERVED, len(later) - 1)]) // 10**6 + 1_000


def minutes_of(truth: Truth, first_ms: int, last_ms: int) -> dict[int, tuple[str, str, str, str]]:
    """Minute -> open, high, low, close as text prices, from the truth alone, for whole minutes in [first, last)."""
    minutes: dict[int, list[tuple[int, int, str]]] = {}
    for trade_id, time_ms, _, price, _ in truth:
        start = time_ms // MINUTE_MS * MINUTE_MS
        if first_ms <= start and start + MINUTE_MS <= last_ms:
            minutes.setdefault(start, []).append((time_ms, trade_id, price))
    candles = {}
    for start, trades in minutes.items():
        prices = [price for *_, price in sorted(trades)]
        candles[start] = (prices[0], max(prices, key=float), min(prices, key=float), prices[-1])
    return candles
