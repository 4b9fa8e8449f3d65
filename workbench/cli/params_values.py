"""Texts of the command line as parameters of a strategy."""

from collections.abc import Mapping
from typing import Any


def typed_params(strategy: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """Every parameter, defaults filled in.

    Raises:
        InputError: unknown strategy or parameter, or a value that does not fit.
    """
    from workbench.strategy.catalog import make_strategy

    return make_strategy(strategy, texts).params
