"""One pair of a feed: its record, minutes, gaps, lag and what its health says. Pure but for the recorder it is given.

It joins the parts and decides nothing that they do not: see trade_record, minute_candles and gap_account.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from workbench.data.btcturk.gap_account import GapAccount
from workbench.data.btcturk.lag import LagWindow
from workbench.data.btcturk.minute_candles import MinuteCandle, MinuteCandles, Settled, Verdict
from workbench.data.btcturk.recorder import HEALED, LISTED, LIVE, Recorder
from workbench.data.btcturk.symbols import Symbol
from workbench.data.btcturk.trade_record import Hole, TradeRecord
from workbench.data.btcturk.values import MarketTick, MarketTradeList
from workbench.model.market_trade import MarketTrade

TOO_OLD_NS = 5 * 10**9
"""A trade of REST this old that the stream never brought was lost, not merely on its way."""


class PairFeed:
    """The state of one pair."""

    def __init__(
        self,
        symbol: Symbol,
        recorder: Recorder,
        known: Sequence[MarketTrade] = (),
        gaps: GapAccount | None = None,
        settled_to_ns: int | None = None,
    ) -> None:
        """Args:
        known: the newest trades of the store, oldest first, at least those not settled yet.
        settled_to_ns: the end of the last minute that the store has; None where it has none.
        """
        self.symbol = symbol
        self.pair = symbol.instrument.pair
        self.record = TradeRecord(self.pair, known)
        self.minutes = MinuteCandles()
        self.gaps = gaps or GapAccount(self.pair)
        self.lag = LagWindow()
        self.tick: MarketTick | None = None
        self.heard: float | None = None
        self.awaits_list = True
        self.side_disagreements = 0
        self.candles_settled = 0
        self.differences = 0
        self.last_difference = ""
        self._recorder = recorder
        self._partial_ns: int | None = None
        """The minute in which the record began: trades before its beginning are not missing."""
        if settled_to_ns is not None:
            self.minutes.begin(settled_to_ns, is_whole=True)
        for trade in known:
            self._count(trade)

    def streamed(self, value: MarketTradeList, received_ns: int) -> list[MarketTrade]:
        """A frame of market trades; the ones that are new. ``received_ns`` is the wall's time."""
        is_join_list = value.is_list and self.awaits_list
        self.awaits_list = self.awaits_list and not value.is_list
        fresh = self.record.offer(value.trades)
        self._keep(fresh, LISTED if is_join_list else LIVE, received_ns)
        return [] if is_join_list else fresh

    def suspect(self, since: float, reason: str, exchange_now_ns: int) -> None:
        self.record.suspect(since, reason, exchange_now_ns)

    def answered(
        self, trades: Sequence[MarketTrade], asked: float, exchange_now_ns: int, wall_ns: int, *, is_live: bool
    ) -> int:
        """The exchange's last trades by REST, oldest first; how many of them the stream had not brought."""
        for trade in trades:
            known = self.record.find(trade.trade_id)
            self.side_disagreements += known is not None and known.side != trade.side
        late = [trade for trade in trades if trade.time_ns < exchange_now_ns - TOO_OLD_NS]
        if self.record.suspicion is None and any(self.record.find(trade.trade_id) is None for trade in late):
            self.record.suspect(asked, "REST knows trades that the stream did not bring", exchange_now_ns)
        healed = self.record.answer(trades, asked, is_live=is_live)
        self._keep(healed.fresh, HEALED, wall_ns)
        if healed.hole:
            self._recorder.write_gaps([self.gaps.open(healed.hole, wall_ns)])
        return len(healed.fresh)

    def due(self, exchange_now_ns: int) -> tuple[int, int] | None:
        """Closed minutes to settle, [from, to); while something is suspect only those that are complete."""
        complete = self.record.complete_to_ns
        if self.record.suspicion and complete is None:
            return None
        return self.minutes.due(exchange_now_ns if complete is None else min(complete, exchange_now_ns))

    def settle(self, theirs: dict[int, MinuteCandle], until_ns: int, wall_ns: int) -> bool:
        """Settle minutes beside the exchange's candles; True where trades are to be asked for again."""
        settled = self.minutes.settle(theirs, until_ns)
        again = bool(settled) and settled[-1].verdict is Verdict.AGAIN
        if again:
            settled.pop()
        candles = [each.candle for each in settled if each.candle]
        self._recorder.write_candles(self.symbol.instrument, candles, self.minutes.settled_to_ns or 0)
        self.candles_settled += sum(each.candle is not None for each in settled)
        promised = [each for each in settled if each.open_time_ns != self._partial_ns]
        for each in promised:
            if each.verdict is Verdict.DIFFERENT:
                self.differences += 1
                self.last_difference = _difference(each)
        self._recorder.write_gaps(self.gaps.judge(promised, self.minutes.settled_to_ns or 0, wall_ns))
        return again

    def _keep(self, trades: list[MarketTrade], source: int, received_ns: int) -> None:
        if not trades:
            return
        if self._recorder.add(self.pair, trades, source, received_ns):
            for trade in trades:
                self._count(trade)
            return
        times = [trade.time_ns for trade in trades]  # not counted for their minutes: so the hole stays a gap
        hole = Hole(min(times), max(times) + 1, "the disk refuses")
        self._recorder.write_gaps([self.gaps.open(hole, received_ns)])

    def _count(self, trade: MarketTrade) -> None:
        """One more trade for its minute; the first one of all begins the record."""
        if self.minutes.settled_to_ns is None:
            self.minutes.begin(trade.time_ns, is_whole=False)
            self._partial_ns = self.minutes.settled_to_ns
        self.minutes.add(trade)


def _difference(settled: Settled) -> str:
    moment = datetime.fromtimestamp(settled.open_time_ns // 10**9, tz=UTC)
    return f"{moment:%Y-%m-%d %H:%M}: the exchange's candle is {settled.candle}, from its trades it is {settled.ours}"
