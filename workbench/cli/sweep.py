"""``workbench sweep``."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli import options as opt
from workbench.cli.output import print_json, say
from workbench.engine.costs import Costs
from workbench.home import Home
from workbench.model.errors import InputError

if TYPE_CHECKING:
    from workbench.research.sweep import Sweep

DEFAULTS = Costs()
SHOWN = ("total_return", "sharpe", "max_drawdown", "trade_count", "win_rate", "profit_factor")


def sweep_command(
    strategy: Annotated[str, typer.Option(help="smaCross, rsi or buyAndHold.")],
    grid: Annotated[
        list[str],
        typer.Option("--grid", "-g", help="name=5:50:5 (from, up to but without, step) or name=a,b,c; repeat."),
    ],
    pair: opt.Pair = None,
    timeframe: opt.Timeframe = None,
    csv: opt.Csv = None,
    start: opt.Start = None,
    end: opt.End = None,
    by: Annotated[str, typer.Option(help="Metric that ranks the combinations.")] = "sharpe",
    top: Annotated[int, typer.Option(help="Rows to show.", min=1)] = 10,
    taker_fee: opt.TakerFee = DEFAULTS.taker_fee_rate,
    slippage_bps: opt.SlippageBps = DEFAULTS.slippage_bps,
    threads: Annotated[int | None, typer.Option(help="Default: one per processor.", min=1)] = None,
    as_json: opt.AsJson = False,
) -> None:
    """Backtest every combination of parameters and rank them; the result does not depend on the threads.

    Example: workbench sweep --strategy smaCross --grid fast=5:50 --grid slow=20:200:10
    """
    from workbench.research.candles import find_candles
    from workbench.research.sweep import sweep
    from workbench.strategy.catalog import find_strategy

    kind = find_strategy(strategy)
    values: dict[str, Any] = {name: parse_grid(name, text, strategy) for name, text in opt.parse_params(grid).items()}
    candles = find_candles(pair, timeframe, file=csv, start=start, end=end, home=Home.find())
    costs = Costs(taker_fee_rate=taker_fee, slippage_bps=slippage_bps)
    done = sweep(candles, kind, costs=costs, threads=threads, **values)
    done.best(by)
    frame = done.frame.sort_values(by, ascending=by == "max_drawdown_bars", kind="stable", na_position="last")
    if as_json:
        rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
        print_json({"points": rows, "skipped": [{**params, "reason": text} for params, text in done.skipped]})
    else:
        _show(done, frame.head(top), by)


def parse_grid(name: str, text: str, strategy: str) -> list[Any]:
    """``"5:50:5"`` or ``"14,21"`` -> values of the parameter's type.

    Raises:
        InputError: not a range and not a list.
    """
    from workbench.strategy.catalog import find_strategy, make_strategy

    if ":" in text:
        try:
            bounds = [int(part) for part in text.split(":")]
            values: list[Any] = list(range(*bounds))
        except (ValueError, TypeError):
            raise InputError(f"--grid {name}", "first:end or first:end:step, whole numbers", text) from None
    else:
        values = text.split(",")
    if not values:
        raise InputError(f"--grid {name}", "at least one value", text)
    fields = find_strategy(strategy).__dataclass_fields__
    if name not in fields:
        make_strategy(strategy, {name: values[0]})  # says what the parameters are
    kind: type[Any] = type(fields[name].default)
    try:
        return [kind(value) for value in values]
    except ValueError:
        raise InputError(f"--grid {name}", f"values of type {kind.__name__}", text) from None


def _show(done: "Sweep", frame: Any, by: str) -> None:
    from rich.table import Table

    params = list(done.points[0].params)
    table = Table(title=f"{done!r}\nbest by {by}")
    columns = [*params, *(name for name in (by, *SHOWN) if name in frame.columns)]
    columns = list(dict.fromkeys(columns))
    for name in columns:
        table.add_column(name, justify="right")
    for row in frame[columns].itertuples(index=False):
        table.add_row(*(f"{value:.4g}" if isinstance(value, float) else str(value) for value in row))
    say(table)
