"""The exchange's list of pairs -> symbols with their grids and limits. Pure."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workbench.data.btcturk.json_values import decimal_of, list_of, object_of, text_of, whole_of
from workbench.model.errors import InputError, NotFoundError
from workbench.model.instrument import MAX_DECIMALS, Instrument

NEAREST = 5
LEAST_LIKENESS = 0.4
PRICE_FILTER, TRADING = "PRICE_FILTER", "TRADING"


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
        """By name, whatever the case, also as ``ETH_USDT``, ``ETH/USDT`` or ``ETH-USDT``.

        Raises:
            NotFoundError: no such pair, naming the nearest; or one that was left out, with the reason.
        """
        name = pair.upper().translate(str.maketrans("", "", "_-/"))
        symbol = self.by_pair.get(name)
        if symbol is None:
            for text in self.left_out:
                if text.startswith(f"{name}: "):
                    raise NotFoundError(f"the exchange's entry of a pair cannot be read: {text}")
            near = difflib.get_close_matches(name, self.by_pair, NEAREST, LEAST_LIKENESS)
            names = ", ".join(near or sorted(self.by_pair)[:NEAREST]) or "none"
            raise NotFoundError(f"{pair[:40]}: the exchange has no such pair; the nearest are {names}")
        return symbol


def read_symbols(document: object) -> Symbols:
    """The ``data`` of exchangeinfo; its numbers may be text, int or Decimal.

    Raises:
        InputError: not an object with a list of symbols. A single bad symbol is only left out, and told.
    """
    by_pair: dict[str, Symbol] = {}
    left_out = []
    for row, entry in enumerate(list_of("symbols", object_of("exchangeinfo", document).get("symbols"))):
        try:
            symbol = _symbol(object_of("symbol", entry))
        except InputError as error:
            left_out.append(f"{_name(row, entry)}: {error}")
            continue
        if by_pair.setdefault(symbol.pair, symbol) is not symbol:
            left_out.append(f"{symbol.pair}: listed again")
    return Symbols(by_pair, tuple(left_out))


def _name(row: int, entry: object) -> str:
    name = entry.get("name") if isinstance(entry, dict) else None
    return name[:20] if isinstance(name, str) else f"symbol {row}"


def _symbol(entry: dict[str, Any]) -> Symbol:
    limits = _price_filter(list_of("filters", entry.get("filters", [])))
    return Symbol(
        Instrument(
            text_of("name", entry.get("name")),
            tick_size=_limit(limits, "tickSize") or _step(entry, "denominatorScale"),
            lot_size=_step(entry, "numeratorScale"),
            minimum_notional=_limit(limits, "minExchangeValue") or Decimal(0),
        ),
        entry.get("status") == TRADING,
        _limit(limits, "minPrice"),
        _limit(limits, "maxPrice"),
        _limit(limits, "minAmount"),
        _limit(limits, "maxAmount"),
    )


def _price_filter(filters: list[Any]) -> dict[str, Any]:
    for each in filters:
        if object_of("filter", each).get("filterType") == PRICE_FILTER:
            return object_of("filter", each)
    return {}


def _step(entry: dict[str, Any], name: str) -> Decimal:
    scale = whole_of(name, entry.get(name))
    if not 0 <= scale <= MAX_DECIMALS:
        raise InputError(name, f"a number of decimals from 0 to {MAX_DECIMALS}", scale)
    return Decimal(1).scaleb(-scale)


def _limit(limits: dict[str, Any], name: str) -> Decimal | None:
    """A limit of at least 0; None where it is not given."""
    value = limits.get(name)
    if value is None or value == "":
        return None
    number = decimal_of(name, value)
    if number < 0:
        raise InputError(name, "a number of at least 0", value)
    return number
