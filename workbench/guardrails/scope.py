"""What a version is a version of: the parameters of one strategy on one pair, or the limits."""

import re
from dataclasses import dataclass

from workbench.model.errors import InputError
from workbench.model.instrument import parse_pair
from workbench.strategy.catalog import find_strategy


@dataclass(frozen=True)
class Scope:
    """``smaCross/ETHUSDT`` or ``limits``; both parts are empty for the limits."""

    strategy: str = ""
    pair: str = ""

    @classmethod
    def of(cls, strategy: str, pair: str) -> "Scope":
        """Raises:
        InputError: an unknown strategy or a malformed pair.
        """
        find_strategy(strategy)
        return cls(strategy, parse_pair(pair))

    @classmethod
    def parse(cls, text: str) -> "Scope":
        """Raises:
        InputError: neither ``limits`` nor ``<strategy>/<PAIR>``.
        """
        if text == "limits":
            return LIMITS
        if not re.fullmatch(r"[A-Za-z0-9_]+/[A-Za-z0-9]+", text):
            raise InputError("scope", "limits, or a strategy and a pair such as smaCross/ETHUSDT", text)
        return cls.of(*text.split("/"))

    @property
    def is_limits(self) -> bool:
        return not self.strategy

    def __str__(self) -> str:
        return "limits" if self.is_limits else f"{self.strategy}/{self.pair}"


LIMITS = Scope()
