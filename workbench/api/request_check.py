"""What of a backtest request can be judged without its candles, so that it is refused at once and by field."""

from workbench.engine.costs import Costs
from workbench.model.errors import InputError
from workbench.model.interval import Interval
from workbench.research.candles import parse_time
from workbench.strategy.catalog import make_strategy
from workbench.wire import BacktestRequest, CostRequest


def check(asked: BacktestRequest) -> None:
    """Raises:
    InputError: names the field.
    """
    Interval.parse(asked.timeframe)
    make_strategy(asked.strategy, asked.params)
    if asked.costs is not None:
        _check_costs(asked.costs)
    if asked.range is not None:
        start, end = (
            None if text is None else parse_time(name, text)
            for name, text in (("range.start", asked.range.start), ("range.end", asked.range.end))
        )
        if start is not None and end is not None and start >= end:
            raise InputError("range", "a start before its end", f"{asked.range.start} to {asked.range.end}")


def _check_costs(asked: CostRequest) -> None:
    try:
        Costs(**asked.model_dump(exclude_none=True))
    except InputError as error:
        raise InputError(f"costs.{error.field}", error.expected, error.received) from None
