"""What of a backtest request can be judged without its candles, so that it is refused at once and by field."""

from workbench.engine.costs import Costs
from workbench.model.errors import InputError
from workbench.model.interval import Interval
from workbench.research.candles import parse_time
from workbench.strategy.catalog import make_strategy
from workbench.wire import BacktestRequest


def check(asked: BacktestRequest) -> None:
    """Raises:
    InputError: names the field.
    """
    Interval.parse(asked.timeframe)
    make_strategy(asked.strategy, asked.params)
    if asked.costs is not None:
        Costs(**asked.costs.model_dump(exclude_none=True))
    if asked.range is not None:
        start, end = (
            None if text is None else parse_time(name, text)
            for name, text in (("range.start", asked.range.start), ("range.end", asked.range.end))
        )
        if start is not None and end is not None and start >= end:
            raise InputError("range", "a start before its end", f"{asked.range.start} to {asked.range.end}")
