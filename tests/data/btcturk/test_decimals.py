"""Decimal texts of the wire become whole units exactly, or are refused."""

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from tests import naive_feed
from workbench.data.btcturk.decimals import OffGridError, whole_units
from workbench.model.instrument import Grid

SIZES = [Decimal(size) for size in ("10", "1", "0.5", "0.1", "0.05", "0.01", "0.00000001", "0.0000000001", "2500")]


def units(text, size=Decimal("0.01")):
    """The result as the twin says it."""
    try:
        return whole_units(text, Grid.of("size", size))
    except OffGridError:
        return "off grid"
    except ValueError:
        return "bad"


@pytest.mark.parametrize(
    ("text", "size", "expected"),
    [
        ("3765490.0000000000", "10", 376549),
        ("3765490", "10", 376549),
        ("0.0127318800", "0.00000001", 1273188),
        ("0.1", "0.1", 1),
        ("0.15", "0.05", 3),
        ("0", "10", 0),
        ("0.0000000000", "0.1", 0),
        ("00012.50", "0.5", 25),
        ("1E-8", "0.00000001", 1),
        ("1e2", "0.5", 200),
        ("1.5E+3", "10", 150),
        ("0E-10", "0.01", 0),
        ("9007199254740992", "1", 2**53),
    ],
)
def test_numbers_are_exact(text, size, expected):
    """Values written by hand, the facts' spellings among them."""
    assert units(text, Decimal(size)) == expected


@pytest.mark.parametrize(("text", "size"), [("3765491", "10"), ("0.001", "0.01"), ("0.07", "0.05"), ("1E-9", "0.1")])
def test_a_number_between_two_units_is_off_the_grid(text, size):
    """It is told apart from what is no number."""
    assert units(text, Decimal(size)) == "off grid"


UNSIGNED = ["", " ", ".5", "5.", "1,5", "0x10", "1_000", " 1", "1\n", "1e", "e5", "1e5.0", '"1"', "true", "[1]", "null"]
SIGNED = ["-1", "+1", "-0", "NaN", "sNaN", "Infinity", "-Infinity"]
TOO_MUCH = ["1e999999999", "1e-999999999", "9" * 19, "0." + "1" * 19, "9007199254740993", "1" * 5000]
OTHER_SCRIPTS = ["\u0661\u0662", "\uff11", "1\u00b2", "1e\u0665"]


@pytest.mark.parametrize("text", [*UNSIGNED, *SIGNED, *TOO_MUCH, *OTHER_SCRIPTS])
def test_what_is_no_plain_number_is_refused(text):
    """Neither Decimal's own liberties (underscores, blanks, other scripts' digits) nor numbers beyond the limits."""
    assert units(text, Decimal(1)) == "bad"


NUMBERS = st.from_regex(r"\A[0-9]{1,20}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?\Z")
NEARLY = st.text(alphabet="0123456789.eE+-_ \u0661\uff12n", max_size=24)


@given(text=NUMBERS | NEARLY | st.text(max_size=8), size=st.sampled_from(SIZES))
def test_any_text_as_the_twin_reads_it(text, size):
    """The same units, or the same kind of error."""
    assert units(text, size) == naive_feed.whole_units(text, size)


@given(count=st.integers(0, 2**53), size=st.sampled_from(SIZES))
def test_units_come_back(count, size):
    """What is written from whole units, in at most 18 digits, is read as the same units."""
    count %= min(2**53 + 1, int(10**18 / size))
    assert units(f"{count * size:f}", size) == count
