"""The list of pairs: exact grids, bad entries left out, unknown names told with the nearest."""

from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from tests.data.btcturk.scripted_exchange import ETHUSDT
from workbench.data.btcturk.symbols import Symbols, read_symbols
from workbench.model.errors import InputError, NotFoundError


def price_filter(**limits):
    return {**ETHUSDT, "filters": [{"filterType": "PRICE_FILTER", **limits}]}


@pytest.mark.parametrize("tick", ["0.05", Decimal("0.05")])
def test_grids_are_exact(tick):
    """Tick size from the filter, lot size from the amount's decimals, limits as given, text or number."""
    entry = price_filter(tickSize=tick, minExchangeValue="99.91", minPrice="1", maxPrice=Decimal("1E+6"), minAmount="")
    symbol = read_symbols({"symbols": [entry]}).by_pair["ETHUSDT"]
    assert (symbol.instrument.tick_size, symbol.instrument.lot_size) == (Decimal("0.05"), Decimal("1E-8"))
    assert symbol.instrument.minimum_notional == Decimal("99.91")
    limits = (symbol.minimum_price, symbol.maximum_price, symbol.minimum_amount, symbol.maximum_amount)
    assert limits == (1, 1_000_000, None, None)
    assert symbol.trading


@pytest.mark.parametrize("filters", [[], [{"filterType": "OTHER"}], [{"filterType": "PRICE_FILTER", "tickSize": "0"}]])
def test_without_a_tick_size_the_price_decimals_tell_it(filters):
    """``denominatorScale`` 1 is a tick of 0.1."""
    symbols = read_symbols({"symbols": [{**ETHUSDT, "filters": filters, "status": "HALTED"}]})
    assert symbols.by_pair["ETHUSDT"].instrument.tick_size == Decimal("0.1")
    assert not symbols.by_pair["ETHUSDT"].trading


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (7, "symbol 0: symbol: expected an object"),
        ({}, "symbol 0: name"),
        ({**ETHUSDT, "name": "../x"}, "../x: pair"),
        ({**ETHUSDT, "numeratorScale": 99}, "ETHUSDT: numeratorScale: expected a number of decimals from 0 to 10"),
        ({**ETHUSDT, "numeratorScale": None}, "ETHUSDT: numeratorScale: expected a number"),
        (price_filter(tickSize="-1"), "ETHUSDT: tickSize: expected a number of at least 0"),
        (price_filter(tickSize=Decimal("1E+999999999")), "ETHUSDT: tickSize: expected a number below"),
        (price_filter(maxAmount="NaN"), "ETHUSDT: maxAmount: expected a finite number"),
        ({**ETHUSDT, "filters": "none"}, "ETHUSDT: filters: expected a list"),
    ],
)
def test_one_bad_symbol_does_not_spoil_the_others(entry, told):
    """It is left out, with the reason; the other one is there."""
    symbols = read_symbols({"symbols": [entry, {**ETHUSDT, "name": "BTCUSDT"}]})
    assert list(symbols.by_pair) == ["BTCUSDT"]
    assert len(symbols.left_out) == 1
    assert symbols.left_out[0].startswith(told)


def test_a_pair_listed_twice():
    """The first entry stands."""
    symbols = read_symbols({"symbols": [ETHUSDT, {**ETHUSDT, "status": "HALTED"}]})
    assert symbols.find("ETHUSDT").trading
    assert symbols.left_out == ("ETHUSDT: listed again",)


@pytest.mark.parametrize("name", ["ETHUSDT", "ethusdt", "ETH_USDT", "eth/usdt", "ETH-USDT"])
def test_names_are_found_however_they_are_spelled(name):
    assert read_symbols({"symbols": [ETHUSDT]}).find(name).pair == "ETHUSDT"


def test_unknown_pairs_name_the_nearest():
    """A slip of the finger is answered with what was meant."""
    symbols = read_symbols({"symbols": [ETHUSDT, {**ETHUSDT, "name": "BTCTRY"}]})
    with pytest.raises(NotFoundError, match=r"ETHUSD: the exchange has no such pair; the nearest are ETHUSDT$"):
        symbols.find("ETHUSD")
    with pytest.raises(NotFoundError, match="the nearest are BTCTRY, ETHUSDT"):
        symbols.find("QQQ")
    with pytest.raises(NotFoundError, match="none"):
        Symbols({}).find("ETHUSDT")


def test_a_pair_that_was_left_out_says_why():
    """It is there, only not readable: no nearest names."""
    symbols = read_symbols({"symbols": [{**ETHUSDT, "numeratorScale": 99}]})
    with pytest.raises(NotFoundError, match=r"cannot be read: ETHUSDT: numeratorScale: .* received 99$"):
        symbols.find("eth_usdt")


scalars = st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=8) | st.sampled_from(
    ["ETHUSDT", "PRICE_FILTER", "TRADING", "1E+999999999", Decimal("1E-999999999"), 10**40]
)  # fmt: skip
keys = st.sampled_from(
    ["symbols", "name", "status", "numeratorScale", "denominatorScale", "filters", "filterType", "tickSize", "minPrice"]
)
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5), max_leaves=20
)
entries = st.fixed_dictionaries({}, optional=dict.fromkeys(("name", "filters", "numeratorScale"), documents))


@settings(max_examples=300)
@given(documents | st.builds(lambda changes: {"symbols": [ETHUSDT | changes]}, entries))
def test_no_document_does_worse_than_an_input_error(document):
    """Whatever comes: symbols, or the one error that says what was expected."""
    try:
        symbols = read_symbols(document)
    except InputError:
        return
    assert all(pair == symbol.pair for pair, symbol in symbols.by_pair.items())
