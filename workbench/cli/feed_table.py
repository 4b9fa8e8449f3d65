"""A feed's health as a table, as plain lines, and as the account at its end."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from workbench.data.btcturk.health import FeedHealth, PairHealth

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

STYLES = {"up": "green", "healing": "yellow", "down": "bold red"}
SHOWN_GAPS = 3
SPREAD_BPS = 1e4


def console(*, stderr: bool = False) -> "Console":
    from rich.console import Console

    return Console(stderr=stderr)


def feed_table(health: FeedHealth) -> "RenderableType":
    """Prices, spread, lag and reconnects; 80 columns are enough."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for name in ("pair", "status"):
        table.add_column(name, no_wrap=True)
    for name in ("last", "bid", "ask", "spread", "lag p50/p95", "trades", "gaps"):
        table.add_column(name, justify="right", no_wrap=True)
    for pair in health.pairs:
        table.add_row(
            pair.pair,
            Text(pair.status, STYLES[pair.status]),
            _price(pair.last),
            _price(pair.bid),
            _price(pair.ask),
            _spread(pair),
            _lag(pair),
            f"{pair.trades_stored:,}",
            _gaps(pair),
        )
    return Group(*_head(health), table, *(_notes(health)))


def _head(health: FeedHealth) -> "list[RenderableType]":
    """Whose data, and how the connection is."""
    from rich.text import Text

    whose = Text(health.exchange, "bold")
    if health.simulated:
        whose.append("  SIMULATED, not market data", "bold yellow")
    state = Text(health.state, STYLES["up" if health.state == "live" else "down"])
    state.append(f"  reconnects {health.reconnects}", "dim" if not health.reconnects else "not dim")
    if health.clock_offset_ms is not None:
        bound = "" if health.clock_offset_bound_ms is None else f" ± {health.clock_offset_bound_ms:.1f}"
        state.append(f"  clock offset {health.clock_offset_ms:+,.1f}{bound} ms", "dim")
    return [whose, state]


def _notes(health: FeedHealth) -> "list[RenderableType]":
    """What an operator should know, a line each."""
    from rich.text import Text

    texts = [(health.problem, "red"), (f"disk: {health.storage_problem}" if health.storage_problem else "", "bold red")]
    for pair in health.pairs:
        if pair.status != "up":
            texts.append((f"{pair.pair}: {pair.status_reason}", STYLES[pair.status]))
        for gap in pair.gaps[-SHOWN_GAPS:]:
            what = "may be missing, being looked into" if gap.pending else "are missing for good"
            filled = "; candles are from the exchange" if gap.candles_filled else ""
            span = f"{_moment(gap.from_ns)} to {_moment(gap.to_ns)}"
            texts.append((f"{pair.pair}: trades {what}, {span} ({gap.reason}){filled}", "yellow"))
        if pair.candle_differences:
            texts.append((f"{pair.pair}: {pair.candle_differences} candles differ; {pair.last_candle_difference}", ""))
    if health.refused_subscriptions:
        texts.append((f"the exchange does not send {', '.join(health.refused_subscriptions)}", "yellow"))
    if health.refused:
        counts = ", ".join(f"{reason} {count:,}" for reason, count in health.refused.items())
        texts.append((f"refused frames: {counts}", "dim"))
    return [Text(text, style) for text, style in texts if text]


def lines(health: FeedHealth) -> str:
    """One line for each pair, for logs and pipes."""
    label = " SIMULATED" if health.simulated else ""
    head = f"{_moment(health.updated_ns)}{label}"
    if not health.pairs:
        return f"{head} {health.problem or health.state}"
    return "\n".join(f"{head} {_line(pair)} reconnects {health.reconnects}" for pair in health.pairs)


def _line(pair: PairHealth) -> str:
    return (
        f"{pair.pair} {pair.status} last {_price(pair.last)} spread {_spread(pair)} lag {_lag(pair)}"
        f" trades {pair.trades_stored:,} gaps {_gaps(pair)}"
    )


def account(health: FeedHealth) -> "RenderableType":
    """What was stored, at the end."""
    from rich.console import Group
    from rich.text import Text

    label = " (SIMULATED, not market data)" if health.simulated else ""
    texts = [
        f"{pair.pair}: stored {pair.trades_stored:,} market trades{label}, {pair.trades_healed:,} of them by REST;"
        f" {pair.candles_settled:,} candles; {pair.gaps_found} gaps found, {_lasting(pair)} of them lasting"
        for pair in health.pairs
    ]
    return Group(*(Text(text) for text in texts or [health.problem]))


def _lasting(pair: PairHealth) -> int:
    return sum(not gap.pending for gap in pair.gaps)


def _price(value: float | None) -> str:
    return "–" if value is None else f"{value:,.10f}".rstrip("0").rstrip(".")


def _spread(pair: PairHealth) -> str:
    if pair.bid is None or pair.ask is None:
        return "–"
    return f"{(pair.ask - pair.bid) / ((pair.ask + pair.bid) / 2) * SPREAD_BPS:.1f} bps"


def _lag(pair: PairHealth) -> str:
    if pair.lag_p50_ms is None or pair.lag_p95_ms is None:
        return "–"
    return f"{pair.lag_p50_ms:.0f}/{pair.lag_p95_ms:.0f} ms"


def _gaps(pair: PairHealth) -> str:
    pending = sum(gap.pending for gap in pair.gaps)
    return f"{_lasting(pair)}" + (f" (+{pending}?)" if pending else "")


def _moment(time_ns: int) -> str:
    return f"{datetime.fromtimestamp(time_ns / 1e9, tz=UTC):%H:%M:%S}"
