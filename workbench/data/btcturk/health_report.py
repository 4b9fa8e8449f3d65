"""A feed's state -> what it says of itself."""

import asyncio
import os
from typing import TYPE_CHECKING

from workbench.data.btcturk.health import FeedHealth, Gap, PairHealth, Status
from workbench.data.btcturk.pair_feed import PairFeed

if TYPE_CHECKING:
    from workbench.data.btcturk.feed import Feed

SHOWN_GAPS = 50
WORST_FIRST: tuple[Status, ...] = ("down", "healing", "up")


def report(feed: "Feed") -> FeedHealth:
    """Everything at once; a feed is as well as its worst pair."""
    pairs = tuple(_pair(feed, each) for each in feed.by_pair.values())
    known = feed.offset.offset
    drift_ns = feed.clock.monotonic_ns() - feed.clock.wall_ns()
    statuses = {each.status for each in pairs} or {"down"}
    return FeedHealth(
        exchange=feed.addresses.api,
        simulated=feed.addresses.simulated,
        status=next(status for status in WORST_FIRST if status in statuses),
        state=feed.protocol.state.value,
        updated_ns=feed.clock.wall_ns(),
        started_ns=feed.started_ns,
        process=os.getpid(),
        reconnects=feed.connection.reconnects,
        last_break=feed.connection.last_break,
        frames=feed.protocol.frames,
        clock_offset_ms=None if known is None else (known.offset_ns + drift_ns) / 1e6,
        clock_offset_bound_ms=None if known is None or known.bound_ns is None else known.bound_ns / 1e6,
        clock_offset_source="none" if known is None else known.source,
        refused=dict(sorted(feed.protocol.bad.counts.items())),
        refused_subscriptions=tuple(feed.protocol.refused_subscriptions()),
        dropped_events=feed.dropped_events,
        rest_requests=feed.rest.requests_total if feed.rest else 0,
        rest_errors=feed.healer.errors if feed.healer else 0,
        rate_limited=feed.rest.rate_limited_total if feed.rest else 0,
        storage_problem=feed.recorder.problem,
        problem=feed.problem or (feed.healer.problem if feed.healer else ""),
        pairs=pairs,
    )


def _pair(feed: "Feed", each: PairFeed) -> PairHealth:
    prices, tick, book = each.symbol.instrument.price_grid, each.tick, feed.protocol.books[each.pair]
    status, reason = _status(feed, each)

    def price(ticks: int | None) -> float | None:
        return None if ticks is None else float(prices.floats(ticks))

    gaps = [Gap(gap.from_ns, gap.to_ns, gap.reason, gap.candles_filled, False) for gap in each.gaps.gaps]
    gaps += [Gap(gap.from_ns, gap.to_ns, gap.reason, gap.candles_filled, True) for gap in each.gaps.pending]
    return PairHealth(
        pair=each.pair,
        status=status,
        status_reason=reason,
        bid=price(book.best_bid_ticks if book.is_known else tick.bid_ticks if tick else None),
        ask=price(book.best_ask_ticks if book.is_known else tick.ask_ticks if tick else None),
        last=price(each.record.last.price_ticks if each.record.last else tick.last_ticks if tick else None),
        last_trade_ns=each.record.last.time_ns if each.record.last else None,
        last_frame_age_seconds=None if each.heard is None else asyncio.get_running_loop().time() - each.heard,
        lag_p50_ms=each.lag.percentile(0.5),
        lag_p95_ms=each.lag.percentile(0.95),
        trades_stored=feed.recorder.stored.get(each.pair, 0),
        trades_healed=each.record.healed,
        duplicates=each.record.duplicates,
        gaps_found=each.gaps.found,
        gaps_filled=each.gaps.resolved + sum(gap.candles_filled for gap in each.gaps.gaps),
        gaps=tuple(gaps[-SHOWN_GAPS:]),
        candles_settled=each.candles_settled,
        candle_differences=each.differences,
        last_candle_difference=each.last_difference,
        side_disagreements=each.side_disagreements,
        book_rebuilds=book.rebuilds,
    )


def _status(feed: "Feed", each: PairFeed) -> tuple[Status, str]:
    if feed.problem:
        return "down", feed.problem
    if not feed.protocol.is_live(each.pair):
        return "down", feed.connection.last_break or f"the connection is {feed.protocol.state.value}"
    if each.record.suspicion:
        return "healing", each.record.suspicion.reason
    if each.gaps.pending:
        return "healing", f"{len(each.gaps.pending)} holes are being compared with candles"
    return "up", ""
