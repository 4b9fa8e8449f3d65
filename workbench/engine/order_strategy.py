"""An order function with its parameters, ready for ``backtest``."""

import inspect
from collections import namedtuple
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from workbench.model.errors import InputError


@dataclass(frozen=True)
class OrderStrategy:
    """A strategy that places its own orders.

    Attributes:
        decide: made by ``@order_function``.
        values: parameters by name, numbers or booleans; ``params.<name>`` inside ``decide``.
        memory_size: length of the float64 array that ``decide`` keeps from bar to bar, zeros at the start.
        allow_short: whether sales may go beyond the long position.
    """

    decide: Callable[..., None]
    values: Mapping[str, float] = field(default_factory=dict)
    memory_size: int = 16
    allow_short: bool = False

    def __post_init__(self) -> None:
        if not hasattr(self.decide, "py_func"):
            raise InputError("decide", "a function decorated with @order_function", self.decide)
        for name, value in self.values.items():
            if not isinstance(value, bool | int | float | np.number):
                raise InputError(f"params.{name}", "a number", value)

    @property
    def label(self) -> str:
        return str(self.decide.__name__)

    @property
    def params(self) -> dict[str, Any]:
        return dict(self.values)

    @property
    def compiled_params(self) -> tuple[Any, ...]:
        """The parameters as a named tuple, whose type is the same for the same names."""
        names = tuple(self.values) or ("none",)
        return tuple.__new__(_tuple_type(names), tuple(self.values.values()) or (0,))

    def source(self) -> str:
        """The function's code, for evidence."""
        try:
            return inspect.getsource(self.decide.py_func)  # type: ignore[attr-defined]  # numba's dispatcher
        except (OSError, TypeError):
            return ""


@cache
def _tuple_type(names: tuple[str, ...]) -> type[tuple[Any, ...]]:
    return namedtuple("Params", names)  # the names are known only at run time
