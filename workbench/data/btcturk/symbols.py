"""The exchange's list of pairs -> symbols with their grids and limits. Pure."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workbench.model.errors import InputError, NotFoundError
from workbench.model.instrument import Instrument, parse_decimal

NEAREST = 5


@dataclass(frozen=True)
class Symbol:
    """One pair as the exchange trades it; limits are None where the exchange names none."""

    instrument: Instrument
    trading: bool
    minimum_price: Decimal | None = None
    maximum_price: Decimal | None = None
    minimum_amount: Decimal | None = None
    maximum_amount: Decimal | None = None

    @property
    def pair(self) -> str:
        return self.instrument.pair


@dataclass(frozen=True)
class Symbols:
    """All pairs; ``left_out`` says which entries could not be read, and why."""

    by_pair: Mapping[str, Symbol]
    left_out: tuple[str, ...] = ()

    def find(self, pair: str) -> Symbol:
        """By name, whatever the case, with or without an underscore.

        Raises:
            NotFoundError: no such pair; names the nearest.
        """
        name = pair.upper().replace("_", "")
        symbol = self.by_pair.get(name)
        if symbol is None:
            near = difflib.get_close_matches(name, self.by_pair, NEAREST, 0.4) or sorted(self.by_pair)[:NEAREST]
            raise NotFoundError(f"{pair}: the exchange has no such pair; nearest are {', '.join(near) or 'none'}")
        return symbol


def read_symbols(document: object) -> Symbols:
    """The ``data`` of exchangeinfo, numbers as text, int or Decimal.

    Raises:
        InputError: not a document with symbols at all; a single bad symbol is only left out.
    """
    entries = document.get("symbols") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise InputError("exchangeinfo", "an object with symbols", type(document).__name__)
    by_pair: dict[str, Symbol] = {}
    left_out = []
    for entry in entries:
        try:
            symbol = _symbol(entry)
            by_pair[symbol.pair] = symbol
        except (InputError, KeyError, TypeError, ValueError) as error:
            name = entry.get("name") if isinstance(entry, dict) else entry
            left_out.append(f"{str(name)[:20]}: {type(error).__name__}: {error}"[:200])
    return Symbols(by_pair, tuple(left_out))


def _symbol(entry: dict[str, Any]) -> Symbol:
    filters = entry.get("filters") or []
    limits: dict[str, Any] = next((each for each in filters if each.get("filterType") == "PRICE_FILTER"), {})
    tick_size = _optional(limits, "tickSize") or _step(entry, "denominatorScale")
    instrument = Instrument(
        str(entry["name"]),
        tick_size=tick_size,
        lot_size=_step(entry, "numeratorScale"),
        minimum_notional=_optional(limits, "minExchangeValue") or Decimal(0),
    )
    return Symbol(
        instrument,
        entry.get("status") == "TRADING",
        _optional(limits, "minPrice"),
        _optional(limits, "maxPrice"),
        _optional(limits, "minAmount"),
        _optional(limits, "maxAmount"),
    )


def _step(entry: dict[str, Any], name: str) -> Decimal:
    scale = int(entry[name])
    if not 0 <= scale <= 10:
        raise InputError(name, "a number of decimals from 0 to 10", scale)
    return Decimal(1).scaleb(-scale)


def _optional(limits: dict[str, Any], name: str) -> Decimal | None:
    value = limits.get(name)
    if value is None or value == "":
        return None
    number = parse_decimal(name, value)
    if number < 0:
        raise InputError(name, "a number of at least 0", value)
    return number
