"""Options that several commands share, and how their texts become values."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.engine.sizing import Sizing, fixed_quantity, fixed_quote, fraction_of_equity, volatility_target
from workbench.model.errors import InputError

Pair = Annotated[str | None, typer.Option(help="The pair; default ETHUSDT, or as the file is named.")]
Timeframe = Annotated[
    str | None, typer.Option(help="Length of a candle: 1m, 5m, 1h, 1d ...; default 1h, or as the file is named.")
]
Csv = Annotated[Path | None, typer.Option(help="Candles from this file (CSV, Parquet or Arrow) instead of the store.")]
Start = Annotated[str | None, typer.Option(help="First open time, ISO, UTC.")]
End = Annotated[str | None, typer.Option(help="End, exclusive, ISO, UTC.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout and nothing else.")]
Param = Annotated[
    list[str] | None,
    typer.Option("--param", "-p", help="A parameter as name=value; may be given several times."),
]
TakerFee = Annotated[float, typer.Option(help="Taker's fee as a fraction of the notional (0.001 is 0.1 %).")]
MakerFee = Annotated[float, typer.Option(help="Maker's fee as a fraction of the notional.")]
SlippageBps = Annotated[float, typer.Option(help="Basis points by which a taker's price is worse.")]
HalfSpreadBps = Annotated[float, typer.Option(help="Half of the bid-ask spread in basis points.")]
LatencyBars = Annotated[int, typer.Option(help="Bars an order is late, beyond the next bar.")]
MaxVolumeShare = Annotated[float | None, typer.Option(help="Fill at most this fraction of a bar's volume.")]
StopLoss = Annotated[float | None, typer.Option(help="Stop-loss as a fraction of the entry price.")]
TakeProfit = Annotated[float | None, typer.Option(help="Take-profit as a fraction of the entry price.")]
TrailingStop = Annotated[float | None, typer.Option(help="Trailing stop as a fraction of the best price.")]
Cash = Annotated[float, typer.Option(help="Quote currency at the start.")]
SizingText = Annotated[
    str,
    typer.Option("--sizing", help="fraction:0.5, quote:1000, quantity:2 or volatility:0.4:20 (annual, window)."),
]


def parse_params(texts: list[str] | None) -> dict[str, str]:
    """``["fast=9", "slow=21"]`` -> names and texts.

    Raises:
        InputError: no equals sign, or a name given twice.
    """
    params: dict[str, str] = {}
    for text in texts or []:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InputError("--param", "name=value such as fast=9", text)
        if name in params:
            raise InputError("--param", f"{name} once", text)
        params[name] = value
    return params


def parse_sizing(text: str) -> Sizing:
    """``"volatility:0.4:20"`` and the like.

    Raises:
        InputError: an unknown kind or a value that is not a number.
    """
    makers: dict[str, Callable[..., Sizing]] = {
        "fraction": fraction_of_equity,
        "quote": fixed_quote,
        "quantity": fixed_quantity,
        "volatility": volatility_target,
    }
    kind, *values = text.split(":")
    if kind not in makers or not 1 <= len(values) <= (2 if kind == "volatility" else 1):
        raise InputError("--sizing", "fraction:0.5, quote:1000, quantity:2 or volatility:0.4:20", text)
    try:
        numbers: list[Any] = [float(values[0]), *(int(value) for value in values[1:])]
    except ValueError:
        raise InputError("--sizing", "numbers after the colon", text) from None
    return makers[kind](*numbers)
