"""What a version says, in one form only: so that equal content has equal bytes and one digest.

Parameters: ``{"timeframe": "1h", "params": {every parameter, defaults filled in}}``. Limits: every limit by name.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

from workbench.guardrails.limits import RiskLimits
from workbench.guardrails.scope import Scope
from workbench.model.errors import InputError
from workbench.model.interval import Interval
from workbench.strategy.catalog import make_strategy

Content = dict[str, Any]


def params_content(scope: Scope, timeframe: str, params: Mapping[str, Any]) -> Content:
    """Raises:
    InputError: an unknown parameter, a value that does not fit, a malformed timeframe.
    """
    return {"timeframe": str(Interval.parse(timeframe)), "params": make_strategy(scope.strategy, params).params}


def limits_content(changes: Mapping[str, Any], current: RiskLimits) -> Content:
    """The current limits with some changed.

    Raises:
        InputError: an unknown limit or a value that does not fit.
    """
    return current.changed(changes).to_dict()


def canonical(scope: Scope, content: Content) -> bytes:
    """RFC 8785 over the scope and what it is to say.

    Raises:
        InputError: a number that JSON cannot hold.
    """
    try:
        return bytes(rfc8785.dumps({"scope": str(scope), "content": content}))
    except rfc8785.CanonicalizationError as error:
        raise InputError("values", "numbers that JSON can hold", error) from None


def digest(scope: Scope, content: Content) -> str:
    return "sha256:" + hashlib.sha256(canonical(scope, content)).hexdigest()
