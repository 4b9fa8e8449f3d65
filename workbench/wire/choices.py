"""What can be backtested: strategies with their parameters, stored candles."""

from typing import Literal

from pydantic import BaseModel, Field

from workbench.wire.values import Value


class ParamField(BaseModel):
    """One parameter of a strategy. ``choices`` are all that a text may be; empty for numbers."""

    name: str
    kind: Literal["int", "float", "bool", "text"]
    default: Value
    choices: list[str] = []
    meaning: str = ""


class StrategyView(BaseModel):
    name: str = Field(examples=["smaCross"])
    meaning: str
    params: list[ParamField]


class StrategyList(BaseModel):
    strategies: list[StrategyView]


class StoredCandles(BaseModel):
    """Candles that a backtest can be run on; ``end_ns`` is exclusive."""

    pair: str
    timeframe: str
    bars: int
    start_ns: int
    end_ns: int
    source: str
    simulated: bool


class StoredList(BaseModel):
    """``damaged``: files that cannot be opened."""

    stored: list[StoredCandles]
    damaged: list[str] = []
