"""What commands print: results on stdout, everything else on stderr."""

import json
import sys
from typing import Any


def print_json(value: Any) -> None:
    """One JSON document; NaN never occurs in it."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def say(what: Any) -> None:
    """Text as it is, anything else (tables) by rich."""
    if isinstance(what, str):
        sys.stdout.write(what + "\n")
        return
    from rich.console import Console

    Console().print(what)
