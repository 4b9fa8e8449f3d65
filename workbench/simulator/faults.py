"""What can be made to go wrong, as values that are read from text: ``delay 2 10`` or ``delay seconds=2 lasting=10``."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from workbench.model.errors import InputError

CORRUPTIONS = ("truncate", "garbage", "types", "text", "huge")
ALL = "all"


@dataclass(frozen=True)
class Kind:
    """One kind of fault: what it does, and the arguments that it takes, in order, with their defaults."""

    does: str
    count: int | None = None
    seconds: float | None = None
    lasting: float | None = None
    how: str | None = None

    @property
    def takes(self) -> tuple[str, ...]:
        return tuple(name for name in ("count", "seconds", "lasting", "how") if getattr(self, name) is not None)


KINDS: Mapping[str, Kind] = {
    "drop": Kind("break every WebSocket's TCP connection, no close frame"),
    "close": Kind("close every WebSocket cleanly"),
    "silent": Kind("keep the sockets open and send nothing; what happens meanwhile is lost", seconds=5.0),
    "delay": Kind("deliver frames so much later, for so long", seconds=2.0, lasting=10.0),
    "duplicate": Kind("send the next trade frames twice", count=10),
    "reorder": Kind("send the next trade frames in reverse order", count=5),
    "corrupt": Kind(f"spoil the next frames: {', '.join(CORRUPTIONS)}, or {ALL} in turn", count=5, how=ALL),
    "lose": Kind("never send the next trade frames", count=10),
    "restart": Kind("everything down, REST too, then back on the same port", seconds=3.0),
    "clock": Kind("put the exchange's clock forward (below 0: back)", seconds=30.0),
    "burst": Kind("so many trades of each pair happen at once", count=100),
    "http429": Kind("the next REST calls are over the limit", count=3),
    "http500": Kind("the next REST calls fail", count=3),
    "html": Kind("the next REST calls answer HTML with status 200", count=3),
    "half": Kind("the next REST answers break off in the middle", count=3),
    "slow": Kind("the next REST answers take so long", count=3, seconds=5.0),
}


@dataclass(frozen=True)
class Fault:
    """A fault with its arguments; those left out take the kind's defaults.

    Raises:
        InputError: no such kind, an argument that the kind does not take, or a value that does not fit.
    """

    kind: str
    count: int = -1
    seconds: float = math.nan
    lasting: float = math.nan
    how: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError("fault", f"one of {', '.join(KINDS)}", self.kind)
        kind, missing = KINDS[self.kind], Fault.__dataclass_fields__
        for name in ("count", "seconds", "lasting", "how"):
            given, default = getattr(self, name), getattr(kind, name)
            left_out = given is missing[name].default or given == missing[name].default
            if default is None and not left_out:
                raise InputError(name, f"nothing ({self.kind} takes {', '.join(kind.takes) or 'no arguments'})", given)
            if default is not None and left_out:
                object.__setattr__(self, name, default)
        _check(self, kind)

    def __str__(self) -> str:
        return " ".join([self.kind, *(f"{name}={getattr(self, name)}" for name in KINDS[self.kind].takes)])


def _check(fault: Fault, kind: Kind) -> None:
    if kind.count is not None and not 0 < fault.count <= 1_000_000:
        raise InputError("count", "1 to 1,000,000", fault.count)
    for name in ("seconds", "lasting"):
        value = getattr(fault, name)
        lowest = -math.inf if fault.kind == "clock" else 0.0
        if getattr(kind, name) is not None and not (math.isfinite(value) and value >= lowest):
            raise InputError(name, "a finite number of seconds", value)
    if kind.how is not None and fault.how not in (*CORRUPTIONS, ALL):
        raise InputError("how", f"one of {', '.join(CORRUPTIONS)}, {ALL}", fault.how)


def parse_fault(text: str) -> Fault:
    """``kind``, then its arguments in order or as ``name=value``; see KINDS.

    Raises:
        InputError: names what does not fit.
    """
    kind, *words = text.split() or [""]
    names = iter(KINDS[kind].takes if kind in KINDS else ())
    arguments: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            name, value = next(names, "arguments"), word
        arguments[name] = value
    return fault_from(kind, arguments)


def fault_from(kind: str, arguments: Mapping[str, str]) -> Fault:
    """A fault from the texts of a query or a typed line.

    Raises:
        InputError: names what does not fit.
    """
    fault = Fault(kind)
    known = {"count": int, "seconds": float, "lasting": float, "how": str}
    for name, text in arguments.items():
        if name not in KINDS[kind].takes:
            raise InputError(name, f"an argument of {kind}: {', '.join(KINDS[kind].takes) or 'it takes none'}", text)
        try:
            fault = replace(fault, **{name: known[name](text)})
        except ValueError:
            raise InputError(name, "a number", text) from None
    return fault
