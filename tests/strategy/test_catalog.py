"""Strategies by name: what is unknown or does not fit is refused by name, texts are read as the parameter's type."""

import pytest

from tests.candles import walk
from workbench.engine.backtest import backtest
from workbench.model.errors import InputError
from workbench.strategy.buy_and_hold import BuyAndHold
from workbench.strategy.catalog import STRATEGIES, find_strategy, make_strategy
from workbench.strategy.rsi import Rsi
from workbench.strategy.sma_cross import SmaCross


def test_names_on_the_wire():
    """The catalog holds these names, each leading to the class that carries it."""
    assert {"smaCross": SmaCross, "rsi": Rsi, "buyAndHold": BuyAndHold} == STRATEGIES


def test_defaults_and_texts():
    """No parameter gives the defaults; texts become whole numbers, numbers or stay texts."""
    assert make_strategy("smaCross", {}) == SmaCross()
    assert make_strategy("smaCross", {"fast": "5", "slow": "8", "direction": "both"}) == SmaCross(5, 8, "both")
    made = make_strategy("rsi", {"period": "7", "lower": "25", "upper": "70.5", "smoothing": "simple"})
    assert made == Rsi(7, 25.0, 70.5, "simple")
    assert isinstance(made.params["lower"], float)


def test_whole_numbers_for_levels_are_the_same_strategy():
    """30 and 30.0 are one level, so that evidence of both is the same."""
    made = make_strategy("rsi", {"lower": 25, "upper": 75})
    assert made.params == make_strategy("rsi", {"lower": 25.0, "upper": "75"}).params
    assert isinstance(made.params["lower"], float)


REFUSED = {
    "strategy: expected one of smaCross, rsi, buyAndHold (did you mean smaCross?), received 'smacross'": (
        "smacross",
        {},
    ),
    "strategy: expected one of smaCross, rsi, buyAndHold, received 'zzz'": ("zzz", {}),
    "params.quick: expected a parameter of smaCross: fast, slow, direction, received 9": ("smaCross", {"quick": 9}),
    "params.fast: expected a parameter of buyAndHold: none, received '9'": ("buyAndHold", {"fast": "9"}),
    "params.fast: expected a whole number, received 'nine'": ("smaCross", {"fast": "nine"}),
    "params.fast: expected a whole number, received '9.5'": ("smaCross", {"fast": "9.5"}),
    "params.lower: expected a number, received 'low'": ("rsi", {"lower": "low"}),
    "params.fast: expected a whole number from 1 to 1000000, received 0": ("smaCross", {"fast": 0}),
}


@pytest.mark.parametrize("text", REFUSED)
def test_refusals_name_field_expected_and_received(text):
    """Each is one line that names the three."""
    with pytest.raises(InputError) as refusal:
        make_strategy(*REFUSED[text])
    assert str(refusal.value) == text


@pytest.mark.parametrize("name", ["../../x", "", "SmaCross\n"])
def test_strange_names_are_refused(name):
    """Whatever stands there, the answer names the field."""
    with pytest.raises(InputError, match=r"^strategy: expected one of smaCross"):
        find_strategy(name)


BAD = {
    "fast: expected a period shorter than slow (9), received 21": lambda: SmaCross(21, 9),
    "fast: expected a period shorter than slow (9), received 9": lambda: SmaCross(9, 9),
    "fast: expected a whole number from 1 to 1000000, received 0": lambda: SmaCross(0, 9),
    "fast: expected a whole number from 1 to 1000000, received True": lambda: SmaCross(True, 9),
    "slow: expected a whole number from 1 to 1000000, received 9.0": lambda: SmaCross(3, 9.0),
    "slow: expected a whole number from 1 to 1000000, received 1000001": lambda: SmaCross(3, 1_000_001),
    "direction: expected one of long, short, both, received 'up'": lambda: SmaCross(3, 9, "up"),
    "period: expected a whole number from 1 to 1000000, received -1": lambda: Rsi(-1),
    "lower: expected a level below upper (20), received 30": lambda: Rsi(14, 30, 20),
    "lower: expected a level below upper (30.0), received 30.0": lambda: Rsi(14, 30.0, 30.0),
    "lower: expected a number from 0 to 100 with at most 4 decimals, received -1": lambda: Rsi(14, -1),
    "upper: expected a number from 0 to 100 with at most 4 decimals, received 100.5": lambda: Rsi(14, 30, 100.5),
    "lower: expected a number from 0 to 100 with at most 4 decimals, received 30.00001": lambda: Rsi(14, 30.00001),
    "upper: expected a finite number, received nan": lambda: Rsi(14, 30, float("nan")),
    "smoothing: expected one of wilder, simple, received 'ewm'": lambda: Rsi(smoothing="ewm"),
    "direction: expected one of long, short, both, received None": lambda: Rsi(direction=None),
}


@pytest.mark.parametrize("text", BAD)
def test_parameters_that_do_not_fit(text):
    """A strategy with such a parameter cannot be made."""
    with pytest.raises(InputError) as refusal:
        BAD[text]()
    assert str(refusal.value) == text


@pytest.mark.parametrize(("strategy", "bars"), [(SmaCross(5, 20), 20), (Rsi(14), 15)])
def test_period_longer_than_the_candles(strategy, bars):
    """As many bars as the warm-up run; one fewer is refused with both counts."""
    backtest(walk(1, bars), strategy)
    with pytest.raises(InputError, match=rf"^candles: expected at least {bars} bars for .*, received .{bars - 1} bars"):
        backtest(walk(1, bars - 1), strategy)
