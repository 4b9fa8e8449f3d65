"""The one form of a version's content: equal content has one digest, everything else another."""

import hashlib
from typing import Any

import pytest
from hypothesis import given, strategies as st

from workbench.guardrails.content import canonical, digest, limits_content, params_content
from workbench.guardrails.limits import RiskLimits
from workbench.guardrails.scope import LIMITS, Scope
from workbench.model.errors import InputError

SMA = Scope.of("smaCross", "ETHUSDT")
RSI = Scope.of("rsi", "ETHUSDT")


def test_pinned() -> None:
    """The bytes by hand, and their digest: neither may ever change, or old versions no longer match theirs."""
    content = params_content(SMA, "1h", {"fast": 5})
    expected = (
        b'{"content":{"params":{"direction":"long","fast":5,"slow":21},"timeframe":"1h"},"scope":"smaCross/ETHUSDT"}'
    )
    assert canonical(SMA, content) == expected
    assert digest(SMA, content) == "sha256:" + hashlib.sha256(expected).hexdigest()
    assert digest(SMA, content) == "sha256:4ab4c684369e5c2eecf1288c315dec614c80e05abed02f1dbe7f96ee7e80290f"


def test_defaults_are_filled_in() -> None:
    """Saying a default and leaving it out are the same."""
    said = params_content(SMA, "1h", {"fast": 9, "slow": 21, "direction": "long"})
    assert params_content(SMA, "1h", {}) == said


@given(st.permutations([("fast", 5), ("slow", 50), ("direction", "short")]))
def test_order_is_irrelevant(params: list[tuple[str, Any]]) -> None:
    """Of parameters, and of the fields themselves."""
    content = params_content(SMA, "1h", dict(params))
    turned = dict(reversed(content.items()))
    straight = params_content(SMA, "1h", {"fast": 5, "slow": 50, "direction": "short"})
    assert digest(SMA, content) == digest(SMA, turned) == digest(SMA, straight)


@pytest.mark.parametrize(("one", "other"), [("60m", "1h"), ("24h", "1d"), ("240m", "4h")])
def test_timeframes_have_one_name(one: str, other: str) -> None:
    """As the candles do."""
    assert params_content(SMA, one, {}) == params_content(SMA, other, {})


def test_texts_and_numbers_are_one() -> None:
    """A parameter from a command line is the one from JSON; a whole number fits where a fraction does."""
    assert params_content(SMA, "1h", {"fast": "5"}) == params_content(SMA, "1h", {"fast": 5})
    assert canonical(RSI, params_content(RSI, "1h", {"lower": 25})) == canonical(
        RSI, params_content(RSI, "1h", {"lower": "25.0"})
    )


def test_what_differs_has_another_digest() -> None:
    """Scope, timeframe and each parameter count."""
    btc = Scope.of("smaCross", "BTCUSDT")
    all_of_them = [
        digest(SMA, params_content(SMA, "1h", {})),
        digest(btc, params_content(btc, "1h", {})),
        digest(SMA, params_content(SMA, "4h", {})),
        digest(SMA, params_content(SMA, "1h", {"fast": 8})),
        digest(SMA, params_content(SMA, "1h", {"direction": "both"})),
        digest(LIMITS, limits_content({}, RiskLimits())),
    ]
    assert len(set(all_of_them)) == len(all_of_them)


@pytest.mark.parametrize(
    ("timeframe", "params", "field"),
    [
        ("1h", {"period": 5}, "params.period"),
        ("1h", {"fast": "five"}, "params.fast"),
        ("1h", {"fast": 0}, "params.fast"),
        ("1h", {"fast": True}, "params.fast"),
        ("1h", {"fast": 5.0}, "params.fast"),
        ("1h", {"fast": 30, "slow": 10}, "params.fast"),
        ("1h", {"direction": "up"}, "params.direction"),
        ("1 hour", {}, "timeframe"),
        ("", {}, "timeframe"),
    ],
)
def test_what_does_not_fit_is_named(timeframe: str, params: dict[str, Any], field: str) -> None:
    """The field is told, never a version made of it."""
    with pytest.raises(InputError) as caught:
        params_content(SMA, timeframe, params)
    assert caught.value.field == field


def test_limits_are_whole() -> None:
    """A version of the limits says all of them, the ones not named as they are now."""
    now = RiskLimits().changed({"max_feed_age": 5})
    content = limits_content({"price_collar": "0.010"}, now)
    assert content == {**RiskLimits().to_dict(), "max_feed_age": "5", "price_collar": "0.01"}
    with pytest.raises(InputError, match=r"values\.max_fun"):
        limits_content({"max_fun": 1}, now)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 2**53 + 1])
def test_numbers_that_json_cannot_hold(number: float) -> None:
    """They have no canonical form."""
    with pytest.raises(InputError, match="numbers that JSON can hold"):
        canonical(SMA, {"timeframe": "1h", "params": {"fast": number}})


@pytest.mark.parametrize("text", ["limits", "smaCross/ETHUSDT", "rsi/BTCTRY", "buyAndHold/ETHUSDT"])
def test_scope_and_back(text: str) -> None:
    """A scope's text is the scope."""
    assert str(Scope.parse(text)) == text
    assert Scope.parse(text).is_limits is (text == "limits")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "scope"),
        ("Limits", "scope"),
        ("smaCross", "scope"),
        ("smaCross/ETHUSDT/1h", "scope"),
        ("../ETHUSDT", "scope"),
        ("smaCross/ETHUSDT\n", "scope"),
        ("limits/ETHUSDT", "strategy"),
        ("smacross/ETHUSDT", "strategy"),
        ("smaCross/E", "pair"),
    ],
)
def test_no_scope(text: str, field: str) -> None:
    """What is neither the limits nor a strategy on a pair."""
    with pytest.raises(InputError) as caught:
        Scope.parse(text)
    assert caught.value.field == field
