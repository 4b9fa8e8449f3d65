"""What a signal strategy is: frozen parameters, and a target exposure for every bar."""

import ast
import inspect
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from workbench.model.candle import Candles
from workbench.model.errors import InputError

DIRECTIONS = ("long", "short", "both")

Exposure = NDArray[np.int8] | NDArray[np.float64]


@dataclass(frozen=True)
class Strategy(ABC):
    """Base of signal strategies. Subclass it as a frozen dataclass whose fields are the parameters.

    ``exposure(candles)[i]`` is the target at the close of bar i, from bars 0 to i only: 1 is fully long, -1 fully
    short, 0 flat; what "fully" means is the sizing's business. The order for a changed target acts on the next bar.
    """

    name: ClassVar[str] = ""

    @abstractmethod
    def exposure(self, candles: Candles) -> Exposure:
        """Targets per bar, (n_bars,), int8 or float64, each from -1 to 1."""

    @property
    def warm_up(self) -> int:
        """Bars that must be over before the first decision."""
        return 0

    @property
    def params(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def label(self) -> str:
        """Name on the wire and in evidence; a class without one is known by its own name."""
        return self.name or type(self).__name__

    def source(self) -> str:
        """The code of a strategy that is not in the catalog, for its evidence."""
        try:
            return inspect.getsource(type(self))
        except (OSError, TypeError):
            return _source_in_cell(type(self))


def _source_in_cell(kind: type[Strategy]) -> str:
    """A class made in a notebook cell has no file before Python 3.13, but its functions know their cell."""
    try:
        lines, _ = inspect.findsource(kind.exposure)
        classes = [node for node in ast.walk(ast.parse("".join(lines))) if isinstance(node, ast.ClassDef)]
    except (OSError, TypeError, SyntaxError):
        return ""
    for node in classes:
        if node.name == kind.__name__:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            return "".join(lines[first - 1 : node.end_lineno])
    return ""


def targets(direction: str) -> tuple[int, int]:
    """The exposures for "want up" and "want down".

    Raises:
        InputError: not one of long, short, both.
    """
    if direction not in DIRECTIONS:
        raise InputError("direction", "one of long, short, both", direction)
    return (0 if direction == "short" else 1), (0 if direction == "long" else -1)


def check_period(field: str, value: object, minimum: int = 1, maximum: int = 1_000_000) -> None:
    """Refuse anything but a whole number of bars in range.

    Raises:
        InputError: names the field.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not minimum <= value <= maximum:
        raise InputError(field, f"a whole number from {minimum} to {maximum}", value)
