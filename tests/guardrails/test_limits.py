"""The limits: what each may be, and that their text is exact."""

from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from workbench.guardrails.limits import WHOLE, RiskLimits, describe
from workbench.model.errors import InputError

FIELDS = {each.name: each.metadata for each in fields(RiskLimits)}
STEP = Decimal("0.000000000001")


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("end", ["low", "high"])
def test_its_ends_fit(name: str, end: str) -> None:
    """The lowest and the highest value are allowed."""
    bound = FIELDS[name][end]
    assert getattr(RiskLimits(**{name: bound}), name) == bound


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize(("end", "beyond"), [("low", -STEP), ("high", STEP)])
def test_beyond_its_ends(name: str, end: str, beyond: Decimal) -> None:
    """The smallest step beyond is refused: field, range, unit and value are told."""
    value = FIELDS[name][end] + beyond
    with pytest.raises(InputError) as caught:
        RiskLimits(**{name: value})
    assert caught.value.field == name
    assert caught.value.received == value
    assert FIELDS[name]["unit"] in caught.value.expected


@pytest.mark.parametrize("name", WHOLE)
def test_whole_numbers(name: str) -> None:
    """What is counted has no fraction, however it is written."""
    assert getattr(RiskLimits(**{name: Decimal("1.00")}), name) == 1
    with pytest.raises(InputError, match="whole number"):
        RiskLimits(**{name: Decimal("0.5")})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "-Infinity", "sNaN", "a lot", ""])
def test_no_number(value: Any) -> None:
    """What is no finite number is refused."""
    with pytest.raises(InputError, match=r"max_order_notional: expected a (finite )?number"):
        RiskLimits().changed({"max_order_notional": value})


@pytest.mark.parametrize("value", [True, False, None, [1], {"a": 1}])
def test_no_number_in_json(value: Any) -> None:
    """JSON's other values are no numbers, true and false included."""
    with pytest.raises(InputError, match=r"values\.price_collar: expected a number"):
        RiskLimits().changed({"price_collar": value})


def test_unknown_limit() -> None:
    """It is named, and so is every limit there is."""
    with pytest.raises(InputError) as caught:
        RiskLimits().changed({"price_collar": "0.1", "max_fun": 1})
    assert caught.value.field == "values.max_fun"
    assert all(name in caught.value.expected for name in FIELDS)


def test_changed() -> None:
    """What is not named stays; the old limits stay as they were."""
    before = RiskLimits(max_drawdown=Decimal("0.1"))
    after = before.changed({"price_collar": 0.1, "max_order_notional": "2.50"})
    assert before.price_collar == Decimal("0.02")
    assert (after.price_collar, after.max_order_notional) == (Decimal("0.1"), Decimal("2.5"))
    assert after.max_drawdown == Decimal("0.1")


@pytest.mark.parametrize("text", ["1e-13", "1E-900000", "1e-999999999", "0." + "1" * 40])
def test_digits_without_end(text: str) -> None:
    """A number that would have to be rounded, or would fill pages, is refused."""
    with pytest.raises(InputError, match="max_feed_age: expected at most 12 digits after the point"):
        RiskLimits().changed({"max_feed_age": text})


@pytest.mark.parametrize("text", ["-0", "0.000", "0e5", "-0e-20"])
def test_nothing_has_one_text(text: str) -> None:
    """Also a 0 below 0."""
    assert RiskLimits().changed({"max_feed_age": text}).to_dict()["max_feed_age"] == "0"


@given(st.decimals("0", "1e15", places=12), st.integers(0, 4))
def test_text_is_exact(number: Decimal, zeros: int) -> None:
    """Every number comes back from its text as it was, in one form, without trailing zeros or an exponent."""
    text = RiskLimits(max_order_notional=number).to_dict()["max_order_notional"]
    assert Decimal(text) == number
    assert set(text) <= set("0123456789.")
    assert not text.endswith(".")
    assert "." not in text or not text.endswith("0")
    longer = f"{number:f}" + "0" * zeros
    assert RiskLimits().changed({"max_order_notional": longer}).to_dict()["max_order_notional"] == text


def test_to_dict_and_back() -> None:
    """Every limit is in it."""
    limits = RiskLimits(max_feed_age=Decimal("2.5"))
    assert set(limits.to_dict()) == set(FIELDS)
    assert RiskLimits().changed(limits.to_dict()) == limits


def test_described() -> None:
    """Each has a unit and a sentence."""
    told = describe()
    assert list(told) == list(FIELDS)
    assert all(unit and sentence.endswith(".") for unit, sentence in told.values())
