"""One pair's trade gaps: holes that are looked into, and gaps that stay. Pure.

A hole is written down as soon as it is found, so that no crash hides it. Its first minute that does not equal the
exchange's candle makes it a gap that stays, with candles from the exchange; when all its minutes are settled and equal,
nothing was missing (``resolved``).

Known limit: a minute does not tell where in it trades are missing. Of two holes in a bad minute both stay; and trades
that vanish without any sign (no break, no silence, no jump of the book) in a minute with a hole count as the hole's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from workbench.data.btcturk.minute_candles import MINUTE_NS, Settled, Verdict
from workbench.data.btcturk.trade_record import Hole
from workbench.data.trade_gap import TradeGap

BAD = (Verdict.TRADES_MISSING, Verdict.DIFFERENT)


class GapAccount:
    """All gaps of one pair."""

    def __init__(self, pair: str, known: Iterable[TradeGap] = ()) -> None:
        """``known``: what is on file, the newest word on each."""
        self.pair = pair
        self.resolved = 0
        self.gaps: list[TradeGap] = []
        self.pending: list[TradeGap] = []
        for gap in known:
            if gap.resolved:
                self.resolved += 1
            else:
                (self.gaps if gap.candles_filled else self.pending).append(gap)

    @property
    def found(self) -> int:
        """Holes found since the record began, whatever came of them."""
        return self.resolved + len(self.gaps) + len(self.pending)

    def open(self, hole: Hole, now_ns: int) -> TradeGap:
        """A hole was found; the entry to write down."""
        gap = TradeGap(self.pair, hole.from_ns, hole.to_ns, hole.reason, now_ns, candles_filled=False, resolved=False)
        self.pending.append(gap)
        return gap

    def judge(self, settled: Sequence[Settled], settled_to_ns: int, now_ns: int) -> list[TradeGap]:
        """What the verdicts on minutes mean for the gaps; the entries to write down.

        Args:
            settled: in order of time. settled_to_ns: all minutes before it are settled now.
        """
        news = []
        for minute in settled:
            if minute.verdict in BAD:
                news += self._bad(minute, now_ns)
        for gap in [gap for gap in self.pending if gap.to_ns <= settled_to_ns]:
            self.pending.remove(gap)
            self.resolved += 1
            news.append(replace(gap, resolved=True))
        return news

    def _bad(self, minute: Settled, now_ns: int) -> list[TradeGap]:
        """The holes in a bad minute become gaps; without any, the minute itself is one where trades are missing."""
        start, end = minute.open_time_ns, minute.open_time_ns + MINUTE_NS
        found = [replace(gap, candles_filled=True) for gap in self.pending if _touches(gap, start, end)]
        self.pending = [gap for gap in self.pending if not _touches(gap, start, end)]
        told = any(_touches(gap, start, end) for gap in self.gaps)
        if not found and not told and minute.verdict is Verdict.TRADES_MISSING:
            reason = "fewer trades than the exchange's candle"
            found = [TradeGap(self.pair, start, end, reason, now_ns, candles_filled=True, resolved=False)]
        self.gaps += found
        return found


def _touches(gap: TradeGap, start: int, end: int) -> bool:
    return gap.from_ns < end and gap.to_ns > start
