"""Values of decoded JSON, each checked to be what it should: a mistake there is an InputError and nothing else. Pure.

Numbers come as text, int or Decimal (never float: the decoder makes none).
"""

import re
from decimal import Decimal
from typing import Any

from workbench.model.errors import InputError
from workbench.model.instrument import parse_decimal

LARGEST_EXPONENT = 30
"""A number such as 1E+999999999 is small as text and fills the memory as an integer."""
_WHOLE = re.compile(r"-?[0-9]{1,19}", re.ASCII)


def object_of(field: str, value: object) -> dict[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise InputError(field, "an object", _told(value))
    return value


def list_of(field: str, value: object) -> list[Any]:
    """A JSON list."""
    if not isinstance(value, list):
        raise InputError(field, "a list", _told(value))
    return value


def text_of(field: str, value: object) -> str:
    """A JSON text."""
    if not isinstance(value, str):
        raise InputError(field, "a text", _told(value))
    return value


def decimal_of(field: str, value: object) -> Decimal:
    """A finite number of bearable size."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise InputError(field, "a number", _told(value))
    number = parse_decimal(field, value)
    if number and abs(number.adjusted()) > LARGEST_EXPONENT:
        raise InputError(field, f"a number below 10**{LARGEST_EXPONENT}", value)
    return number


def whole_of(field: str, value: object) -> int:
    """A whole number of at most 19 digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        text = str(value) if abs(value) < 10**19 else ""
    else:
        text = value if isinstance(value, str) else _plain(field, value)
    if _WHOLE.fullmatch(text) is None:
        raise InputError(field, "a whole number", value)
    return int(text)


def _plain(field: str, value: object) -> str:
    number = decimal_of(field, value)
    return f"{number:f}".partition(".")[0] if number == number.to_integral_value() else ""


def _told(value: object) -> str:
    """What came, briefly."""
    return repr(value)[:60] if isinstance(value, str | int | Decimal | None) else f"a {type(value).__name__}"
