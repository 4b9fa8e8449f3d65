"""Values that several requests and answers have, with what they may be."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from workbench.guardrails.limits import describe

PAIR = r"^[A-Za-z0-9]{2,20}$"
DIGEST = r"^sha256:[0-9a-f]{64}$"
POSITIVE = r"^([0-9]{0,17}[1-9][0-9]{0,17}(\.[0-9]{1,18})?|0{1,18}\.[0-9]{0,17}[1-9][0-9]{0,17})$"
SIGNED = r"^-?[0-9]{1,18}(\.[0-9]{1,18})?$"

SCOPE = r"^(limits|[A-Za-z0-9_]{1,60}/[A-Za-z0-9]{2,20})$"
WHEN = (
    r"^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-5][0-9])?)?$"
)
"""ISO 8601: a date, or a date and a time, UTC unless it says."""
LIMIT = rf"^({'|'.join(describe())})$"

Value = bool | int | float | str
When = Annotated[str, StringConstraints(pattern=WHEN), Field(examples=["2024-01-01"])]
ScopeText = Annotated[str, StringConstraints(pattern=SCOPE), Field(examples=["smaCross/ETHUSDT"])]
LimitName = Annotated[str, StringConstraints(pattern=LIMIT)]
LimitValue = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,16}(\.[0-9]{1,12})?$")] | int | float
Note = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^[^\x00]*$")]
Pair = Annotated[str, StringConstraints(pattern=PAIR, to_upper=True), Field(examples=["ETHUSDT"])]
Timeframe = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,5}[smhdw]$"), Field(examples=["1h"])]
StrategyName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,60}$"), Field(examples=["smaCross"])]
EvidenceId = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_]{1,60}-[A-Z0-9]{2,20}-[0-9]{1,9}[smhdw]-[0-9a-f]{12}$"),
    Field(examples=["smaCross-ETHUSDT-1h-0123456789ab"]),
]
Params = Annotated[dict[str, Value], Field(max_length=50, examples=[{"fast": 9, "slow": 21}])]
DecimalText = Annotated[str, Field(examples=["0.25"])]


class Request(BaseModel):
    """What is not known is refused, so that a typing error is never silently ignored."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
