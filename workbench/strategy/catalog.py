"""Strategies by the name they have on the wire, in evidence and on the command line."""

from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from workbench.model.errors import InputError
from workbench.strategy.base import DIRECTIONS, Strategy
from workbench.strategy.buy_and_hold import BuyAndHold
from workbench.strategy.rsi import SMOOTHINGS, Rsi
from workbench.strategy.sma_cross import SmaCross

STRATEGIES: dict[str, type[Strategy]] = {kind.name: kind for kind in (SmaCross, Rsi, BuyAndHold)}

CHOICES: dict[str, tuple[str, ...]] = {"direction": DIRECTIONS, "smoothing": SMOOTHINGS}
"""All that a text parameter of that name may be."""


def find_strategy(name: str) -> type[Strategy]:
    """The class behind a name.

    Raises:
        InputError: unknown; the text lists the names and the nearest one.
    """
    if name in STRATEGIES:
        return STRATEGIES[name]
    near = get_close_matches(name, STRATEGIES, n=1, cutoff=0.5)
    hint = f" (did you mean {near[0]}?)" if near else ""
    raise InputError("strategy", f"one of {', '.join(STRATEGIES)}{hint}", name)


def make_strategy(name: str, params: Mapping[str, Any]) -> Strategy:
    """A strategy from its name and parameters; texts such as "9" are read as the parameter's type.

    Raises:
        InputError: unknown strategy or parameter, or a value that does not fit.
    """
    kind = find_strategy(name)
    defaults = {field.name: field.default for field in fields(kind)}
    for key in params:
        if key not in defaults:
            raise InputError(f"params.{key}", f"a parameter of {name}: {', '.join(defaults) or 'none'}", params[key])
    values = {key: _read(key, value, type(defaults[key])) for key, value in params.items()}
    try:
        return kind(**values)
    except InputError as error:  # a class names its own field; here it stands below params
        raise InputError(f"params.{error.field}", error.expected, error.received) from None


def _read(field: str, value: Any, kind: type) -> Any:
    if kind is str or not isinstance(value, str):
        return float(value) if kind is float and isinstance(value, int) and not isinstance(value, bool) else value
    try:
        return kind(value)
    except ValueError:
        raise InputError(f"params.{field}", "a whole number" if kind is int else "a number", value) from None
