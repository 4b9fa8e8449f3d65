"""What a worker process is asked, and what it says: one JSON document a line."""

from typing import Any

import msgspec


class Job(msgspec.Struct, frozen=True, kw_only=True, tag="backtest"):
    """One backtest to run."""

    id: str
    pair: str
    timeframe: str
    strategy: str
    params: dict[str, Any] = {}
    costs: dict[str, Any] = {}
    start: str | None = None
    end: str | None = None
    initial_cash: float | None = None


class Verify(msgspec.Struct, frozen=True, tag="verify"):
    """Run the inputs of some evidence again, and compare."""

    evidence_id: str


class Curve(msgspec.Struct, frozen=True, tag="curve"):
    """The equity curve of some evidence, run again and written to an Arrow file."""

    evidence_id: str
    path: str
    points: int | None = None


class Draw(msgspec.Struct, frozen=True, tag="draw"):
    """The chart of some evidence between two times, run again and written to a JSON file."""

    evidence_id: str
    path: str
    start_ns: int | None
    end_ns: int | None
    points: int


class Explain(msgspec.Struct, frozen=True, tag="explain"):
    """The breakdown of some evidence by months and costs, run again and written to a JSON file."""

    evidence_id: str
    path: str


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The compiled code is loaded."""

    process: int


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """How far a job is, from 0 to 1, and what is being done."""

    fraction: float
    step: str


class Done(msgspec.Struct, frozen=True, tag="done"):
    """The evidence is on the disk."""

    evidence_id: str
    digest: str
    metrics: dict[str, Any]
    simulated: bool
    trades: int


class Verified(msgspec.Struct, frozen=True, tag="verified"):
    """``problem`` says what differs; empty: the digest came out again."""

    problem: str


class Drawn(msgspec.Struct, frozen=True, tag="drawn"):
    """The file is there; ``bars`` counts the whole run's."""

    bars: int


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The job cannot be done; ``kind`` is one of input, missing, contradiction, damaged, disk, memory, internal."""

    kind: str
    text: str
    field: str | None = None


Work = Job | Verify | Curve | Draw | Explain
Outcome = Done | Verified | Drawn | Failed
Said = Ready | Progress | Outcome
decode_work = msgspec.json.Decoder(Work).decode
decode_said = msgspec.json.Decoder(Said).decode
encode = msgspec.json.Encoder().encode
