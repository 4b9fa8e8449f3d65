"""Stored candles as the data commands show them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.model.candle import Candles


def summary(candles: "Candles") -> dict[str, object]:
    """For ``--json``."""
    return {
        "pair": candles.pair,
        "timeframe": str(candles.interval),
        "bars": len(candles),
        "start": candles.start.isoformat(),
        "end": candles.end.isoformat(),
        "tick_size": f"{candles.instrument.tick_size:f}",
        "source": candles.origin.source,
        "simulated": candles.origin.simulated,
        "fingerprint": candles.fingerprint,
    }


def details(candles: "Candles") -> object:
    """Everything about stored candles, a line each."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, value in (
        ("stored", f"{candles.pair} {candles.interval}, {len(candles):,} bars"),
        ("from", f"{candles.start:%Y-%m-%d %H:%M} UTC"),
        ("to", f"{candles.end:%Y-%m-%d %H:%M} UTC"),
        ("tick size", f"{candles.instrument.tick_size:f}"),
        ("origin", escape(str(candles.origin))),
        ("fingerprint", candles.fingerprint[:19]),
    ):
        table.add_row(name, value)
    return table


def table(held: "list[Candles]") -> object:
    """One line for each, narrow enough for 80 columns."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("candles", "bars", "from", "to", "fingerprint"):
        table.add_column(name, justify="right" if name == "bars" else "left", no_wrap=True)
    table.add_column("origin", overflow="fold")
    for candles in held:
        table.add_row(
            f"{candles.pair} {candles.interval}",
            f"{len(candles):,}",
            f"{candles.start:%Y-%m-%d}",
            f"{candles.end:%Y-%m-%d}",
            candles.fingerprint[7:15],
            escape(str(candles.origin)),
        )
    return table
