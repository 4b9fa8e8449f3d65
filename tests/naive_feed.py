"""Slow, obvious twins of the feed's pure parts, written from their docstrings; nothing here is meant to be fast."""

from decimal import Decimal
from fractions import Fraction
from statistics import median

from workbench.data.btcturk.trade_record import Hole
from workbench.model.market_trade import MarketTrade

MOST_DIGITS = 18
MOST_UNITS = 2**53
DIGITS = "0123456789"


def whole_units(text: str, unit: Decimal) -> int | str:
    """Whole units, or what is wrong: ``"bad"`` or ``"off grid"``."""
    value = exact(text)
    if value is None:
        return "bad"
    units = value / Fraction(unit)
    if units.denominator != 1:
        return "off grid"
    return int(units) if units <= MOST_UNITS else "bad"


def exact(text: str) -> Fraction | None:
    """A decimal number, perhaps with an exponent, of at most 18 digits before and after its point."""
    digits, _, power = text.replace("E", "e").partition("e")
    if "e" in text.lower() and not _is_power(power):
        return None
    whole, point, fraction = digits.partition(".")
    if not _are_digits(whole) or (point and not _are_digits(fraction)) or (power and len(text) > 2 * MOST_DIGITS):
        return None
    value = Decimal(text)
    plain = f"{value:f}"  # neither a sign nor an exponent
    before, _, after = plain.partition(".")
    return Fraction(value) if len(before) <= MOST_DIGITS and len(after) <= MOST_DIGITS else None


def _is_power(text: str) -> bool:
    return _are_digits(text[1:] if text[:1] in ("+", "-") else text) and abs(int(text)) < 1000


def _are_digits(text: str) -> bool:
    return bool(text) and all(sign in DIGITS for sign in text)


Levels = tuple[tuple[int, int], ...]


class NaiveBook:
    """A book as the full list of what was ever said of it since it was whole; the last word on a price counts."""

    def __init__(self) -> None:
        self.number: int | None = None
        self.said: list[tuple[str, int, int]] = []

    def replace(self, number: int, bids: Levels, asks: Levels) -> None:
        self.number, self.said = number, []
        self._say(bids, asks)

    def change(self, number: int, bids: Levels, asks: Levels) -> bool:
        if self.number is None or number > self.number + 1:
            self.forget()
            return False
        if number == self.number + 1:
            self.number = number
            self._say(bids, asks)
        return True

    def forget(self) -> None:
        self.number, self.said = None, []

    def levels(self, side: str) -> list[tuple[int, int]]:
        """(ticks, lots) of a side, by price, without the amounts of 0."""
        last = {ticks: lots for which, ticks, lots in self.said if which == side}
        return [(ticks, last[ticks]) for ticks in sorted(last) if last[ticks] > 0]

    def _say(self, bids: Levels, asks: Levels) -> None:
        self.said += [("bid", *level) for level in bids] + [("ask", *level) for level in asks]


def first_of_each(trades: list[MarketTrade]) -> list[MarketTrade]:
    """Trades without those whose id was there before."""
    ids = [trade.trade_id for trade in trades]
    return [trade for number, trade in enumerate(trades) if trade.trade_id not in ids[:number]]


def unaccounted(tape: list[MarketTrade], accepted: list[MarketTrade], holes: list[Hole]) -> list[MarketTrade]:
    """Trades that happened, are not in the record, and lie in no hole; and those in it that never happened."""
    held, happened = set(accepted), set(tape)
    missing = [trade for trade in tape if trade not in held]
    lost = [trade for trade in missing if not any(hole.from_ns <= trade.time_ns < hole.to_ns for hole in holes)]
    first = tape[0].trade_id if tape else 0
    return lost + [trade for trade in accepted if trade.trade_id >= first and trade not in happened]


class NaiveOffset:
    """All evidence kept; each estimate weighs everything in the window anew. For clocks that do not step."""

    def __init__(self, window_ns: int) -> None:
        self.window_ns = window_ns
        self.answers: list[tuple[int, Fraction, Fraction]] = []
        self.trades: list[tuple[int, int]] = []

    def answered(self, sent_ns: int, received_ns: int, server_ns: int) -> None:
        """The offset lies in [server - received, server + 1 ms - sent]."""
        low, high = server_ns - received_ns, server_ns + 10**6 - sent_ns
        self.answers.append((received_ns, Fraction(low + high, 2), Fraction(high - low, 2)))

    def traded(self, received_ns: int, time_ns: int) -> None:
        self.trades.append((received_ns, time_ns - received_ns))

    def offset(self) -> tuple[int, int | None]:
        """Estimate and bound: the median of the five tightest answers, raised by trades up to the bound."""
        asked = self.answers[-1][0] if self.answers else 0
        traded = self.trades[-1][0] if self.trades else 0
        floors = [floor for at, floor in self.trades if at >= traded - self.window_ns]
        if not self.answers:
            return max(floors), None
        inside = [each for each in self.answers if each[0] >= asked - self.window_ns]
        best = sorted(inside, key=lambda each: each[2])[:5]
        middle, bound = round(median(each[1] for each in best)), int(best[len(best) // 2][2])
        return min(max([middle, *floors]), middle + bound), bound
