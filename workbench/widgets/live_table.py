"""The feed as cards, one for each pair: price, bid and ask, lag, gaps; and the feed as a whole above them."""

from datetime import UTC, datetime
from decimal import Decimal
from html import escape

from workbench.widgets.markup import SIMULATED, facts, heading, note
from workbench.widgets.words import GAP, MINUS
from workbench.wire import FeedView, GapView, PairHealthView

STATUS = {
    "up": ("\u25cf", "up", "good"),
    "healing": ("\u25d0", "healing", "wait"),
    "down": ("\u2715", "down", "bad"),
}
SLOW_MS = 1_000.0
SHOWN_GAPS = 5


def feed_state(feed: FeedView) -> str:
    """One box: how the feed stands, and where it is down why, and what then helps."""
    mark, word, kind = STATUS[feed.status if feed.running else "down"]
    look = {"good": "good", "wait": "warn", "bad": "bad"}[kind]
    label = SIMULATED if feed.simulated else ""
    text = f"{label} {escape(feed.exchange)}{_why(feed)}"
    return f'<div class="wb-say wb-say-{look}" role="status"><b>{mark} Feed {word}</b>{text}</div>{_facts(feed)}'


def _why(feed: FeedView) -> str:
    if not feed.running:
        told = escape(feed.problem or "it was told to run none")
        return f"<br>The server runs no feed: {told}. Start it with <code>workbench serve</code> (without --no-feed)."
    if feed.status == "down":
        told = escape(feed.problem or "Nothing arrives")
        return f"<br>{told}. It reconnects by itself; what is missed meanwhile is asked for afterwards."
    if feed.status == "healing":
        return f"<br>Something may have been missed and is being asked for. {escape(feed.problem)}"
    return ""


def _facts(feed: FeedView) -> str:
    offset = "unknown" if feed.clock_offset_ms is None else f"{number(feed.clock_offset_ms, 1, sign='+')}{GAP}ms"
    at = datetime.fromtimestamp(feed.updated_ns / 1e9, UTC) if feed.updated_ns else None
    shown = {
        "Reconnects": number(feed.reconnects),
        "Clock offset": offset,
        "Gaps found": number(sum(pair.gaps_found for pair in feed.pairs)),
        "Gaps filled": number(sum(pair.gaps_filled for pair in feed.pairs)),
        "Told at, UTC": f"{at:%H:%M:%S}" if at else "never",
    }
    return facts(shown)


def pair_card(pair: PairHealthView) -> str:
    """One pair."""
    mark, word, kind = STATUS[pair.status]
    why = note(escape(pair.status_reason)) if pair.status_reason else ""
    shown = {
        "Bid": price(pair.bid),
        "Ask": price(pair.ask),
        "Spread": spread(pair.bid, pair.ask),
        "Lag p50": lag(pair.lag_p50_ms),
        "Lag p95": lag(pair.lag_p95_ms),
        "Last word": age(pair.last_frame_age_seconds),
        "Trades kept": number(pair.trades_stored),
        "Gaps found": number(pair.gaps_found),
        "Gaps filled": number(pair.gaps_filled),
    }
    head = heading(escape(pair.pair), f"{mark} {word}", kind)
    return f'{head}<div class="wb-price">{price(pair.last)}</div>{why}{facts(shown)}{_gaps(pair.gaps)}'


def _gaps(gaps: list[GapView]) -> str:
    if not gaps:
        return ""
    shown = "".join(f"<li>{_gap(each)}</li>" for each in gaps[-SHOWN_GAPS:][::-1])
    return f'{note("<b>Trades missing</b>")}<ul class="wb-gaps">{shown}</ul>'


def _gap(gap: GapView) -> str:
    start, end = (datetime.fromtimestamp(each / 1e9, UTC) for each in (gap.from_ns, gap.to_ns))
    state = "being looked into" if gap.pending else "candles filled" if gap.candles_filled else "for good"
    return f"{start:%H:%M:%S}\u2013{end:%H:%M:%S} UTC, {escape(gap.reason)}: {state}"


def number(value: float, places: int = 0, sign: str = "") -> str:
    return f"{value:{sign},.{places}f}".replace(",", GAP).replace("-", MINUS)


def price(value: float | None) -> str:
    """Every digit that the exchange gave; thin gaps between thousands."""
    if value is None:
        return "\u2013"
    return f"{Decimal(repr(value)):,f}".replace(",", GAP).removesuffix(".0")


def spread(bid: float | None, ask: float | None) -> str:
    """In basis points of the middle."""
    if not bid or not ask:
        return "\u2013"
    return f"{number((ask - bid) / (ask + bid) * 20_000, 1)}{GAP}bp"


def lag(value: float | None) -> str:
    """``!``: slow."""
    if value is None:
        return "\u2013"
    text = f"{number(value, 0 if abs(value) >= 100 else 1)}{GAP}ms"
    return f'<span class="wb-worse">! {text}</span>' if value >= SLOW_MS else text


def age(seconds: float | None) -> str:
    """Steps of a second, so that the card changes no more often than it must."""
    if seconds is None:
        return "never"
    if seconds < 2:
        return "now"
    return f"{number(seconds)}{GAP}s ago" if seconds < 120 else f"{number(seconds / 60)}{GAP}min ago"
