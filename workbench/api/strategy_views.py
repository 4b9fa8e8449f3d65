"""Strategies as they go over the wire, made of their classes: fields, defaults, and what their docstrings say."""

import inspect
import re
from dataclasses import Field, fields
from typing import Any, Literal

from workbench.strategy.base import Strategy
from workbench.strategy.catalog import CHOICES, STRATEGIES
from workbench.wire import ParamField, StrategyView

ATTRIBUTES = "Attributes:\n"
KINDS: dict[type, Literal["int", "float", "bool", "text"]] = {int: "int", float: "float", bool: "bool", str: "text"}


def strategy_views() -> list[StrategyView]:
    """All of the catalog, in its order."""
    return [strategy_view(kind) for kind in STRATEGIES.values()]


def strategy_view(kind: type[Strategy]) -> StrategyView:
    about, _, attributes = (inspect.getdoc(kind) or "").partition(ATTRIBUTES)
    meanings = read_attributes(attributes)
    return StrategyView(
        name=kind.name,
        meaning=_plain(about),
        params=[_param(each, meanings.get(each.name, "")) for each in fields(kind)],
    )


def read_attributes(text: str) -> dict[str, str]:
    """Meanings by name, of lines such as ``fast, slow: periods in bars``; a line that is further in goes on."""
    found: dict[str, str] = {}
    for entry in re.split(r"^ {4}(?=\S)", text, flags=re.MULTILINE)[1:]:
        names, _, meaning = entry.partition(":")
        found.update({name.strip(): _plain(meaning) for name in names.split(",")})
    return found


def _param(field: "Field[Any]", meaning: str) -> ParamField:
    default: Any = field.default  # every parameter of a strategy of the catalog has one
    kind = KINDS[type(default)]
    choices = list(CHOICES[field.name]) if kind == "text" else []
    return ParamField(name=field.name, kind=kind, default=default, choices=choices, meaning=meaning)


def _plain(text: str) -> str:
    """One line, without the marks of code."""
    return " ".join(text.replace("``", "").split())
