"""Values as people read them, and what people wrote, which is shown and never read as markup."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from tests.widgets.acting import Page, read
from workbench.guardrails.limits import RiskLimits, describe
from workbench.widgets.markup import SIMULATED, card, empty, facts, heading, note, page, row, say, table
from workbench.widgets.words import (
    GAP,
    HIGHER_IS_BETTER,
    LOWER_IS_BETTER,
    MINUS,
    content_line,
    judge,
    label,
    limit,
    limit_label,
    metric,
    plain,
    when,
)

NASTY = st.text() | st.sampled_from(
    ["<script>alert(1)</script>", "\"' onmouseover=alert(1) x='", "&lt;b&gt;", "</td></table><img src=x onerror=a>"]
)
VALUES = NASTY | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none()


def without_gaps(shown: str) -> str:
    return shown.replace(GAP, "").replace(MINUS, "-")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "none"),
        (True, "yes"),
        (False, "no"),
        (9, "9"),
        (-9, f"{MINUS}9"),
        (1000, "1000"),
        (10000, f"10{GAP}000"),
        ("1234567.8900", f"1{GAP}234{GAP}567.8900"),
        (0.001, "0.001"),
        (1e-05, f"1e{MINUS}05"),
        ("long", "long"),
        ("<b>", "&lt;b&gt;"),
        ("٣", "٣"),
    ],
)
def test_parameters(value: object, shown: str) -> None:
    """Digit by digit as they are."""
    assert plain(value) == shown


@given(st.integers() | st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_no_digit_is_lost(value: int | Decimal) -> None:
    """Without gaps and the typographic minus a parameter is what it was."""
    assert without_gaps(plain(value)) == str(value)


@pytest.mark.parametrize(
    ("name", "value", "signed", "shown"),
    [
        ("total_return", 0.1234, False, f"12.34{GAP}%"),
        ("total_return", -0.1234, True, f"{MINUS}12.34{GAP}pp"),
        ("total_return", 25.0, False, f"2{GAP}500.00{GAP}%"),
        ("sharpe", 1.234, True, "+1.23"),
        ("trade_count", 1234, False, f"1{GAP}234"),
        ("trade_count", -87, True, f"{MINUS}87"),
        ("fees_paid", 3057.756, False, f"3{GAP}057.76"),
        ("sharpe", None, False, "\N{EN DASH}"),
        ("final_equity", 1e300, False, None),
    ],
)
def test_metrics(name: str, value: float | None, signed: bool, shown: str | None) -> None:
    """With units; a difference of percents is in percentage points."""
    told = metric(name, value, signed=signed)
    assert told == shown if shown else told


@pytest.mark.parametrize("name", [*HIGHER_IS_BETTER, *LOWER_IS_BETTER])
def test_which_way_is_better(name: str) -> None:
    """Said in words, not by colour alone; nothing is said where neither way is."""
    up, down = judge(name, 0.1), judge(name, -0.1)
    assert (up, down) == (("better", "worse") if name in HIGHER_IS_BETTER else ("worse", "better"))
    assert judge(name, 0.0) == "same"
    assert judge(name, None) == judge("trade_count", 5) == ""


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("max_daily_loss", "0.05", f"5{GAP}%"),
        ("max_daily_loss", "0.0350", f"3.5{GAP}%"),
        ("min_evidence_return", "-1", f"{MINUS}100{GAP}%"),
        ("max_order_notional", "10000", f"10{GAP}000 quote"),
        ("max_feed_age", "10", "10 seconds"),
        ("simulated_evidence", "1", "yes"),
        ("simulated_evidence", "0", "no"),
        ("of_a_later_version", "7", "7"),
        ("max_feed_age", "<i>", "&lt;i&gt;"),
        ("max_feed_age", None, "None"),
    ],
)
def test_limits(name: str, value: object, shown: str) -> None:
    """With units; fractions in percent."""
    assert limit(name, value) == shown


def test_every_limit_has_a_unit_that_is_shown() -> None:
    """Also those to come."""
    for name, value in RiskLimits().to_dict().items():
        shown, (unit, _) = limit(name, value), describe()[name]
        assert shown in ("yes", "no") or shown.endswith((unit, "%"))
        assert "_" not in limit_label(name)


def test_names() -> None:
    """As a person says them; a limit is not the metric of the same name."""
    assert label("params.take_profit") == "Take profit"
    assert label("max_drawdown") == "Deepest drawdown"
    assert limit_label("max_drawdown") == "Max drawdown"
    assert label("<b>") == "&lt;b&gt;"
    assert label("") == ""


def test_moments() -> None:
    """UTC, with the second in the tip."""
    moment = int(datetime(2026, 11, 25, 17, 37, 9, tzinfo=UTC).timestamp()) * 10**9
    assert read(when(moment)) == "25 Nov 17:37 UTC"
    assert ("title", "2026-11-25 17:37:09 UTC") in Page(when(moment)).attributes
    assert when(None) == when(0) == "never"


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_time_of_the_ledger_can_be_shown(time_ns: int) -> None:
    """Whatever an altered log says."""
    assert Page(when(time_ns)).tags <= {"time"}


def test_what_a_version_of_the_limits_changed() -> None:
    """Against the one before, else against those that come with the workbench."""
    calm = {**RiskLimits().to_dict(), "max_daily_loss": "0.01"}
    assert content_line("limits", calm) == f"Max daily loss 1{GAP}%"
    assert content_line("limits", {**calm, "max_feed_age": "5"}, calm) == "Max feed age 5 seconds"
    assert content_line("limits", calm, calm) == "As before"


@given(st.dictionaries(NASTY, VALUES, max_size=4), NASTY)
def test_what_a_version_says_holds_no_markup(params: dict[str, object], timeframe: str) -> None:
    """Names and values of parameters come from people."""
    for scope, content in (("a/B", {"timeframe": timeframe, "params": params}), ("limits", params)):
        assert not Page(content_line(scope, content)).tags


@given(NASTY, VALUES)
def test_no_word_holds_markup(name: str, value: object) -> None:
    """What goes out is text, whatever goes in; and it is the same text."""
    for told in (label(name), limit_label(name), plain(value), limit("max_feed_age", value), limit(name, value)):
        found = Page(f"<p>{told}</p>")
        assert found.tags == {"p"}
        assert not found.attributes


@given(NASTY.filter(lambda text: not any(each.isdigit() for each in text)))
def test_a_text_is_shown_as_it_was_written(text: str) -> None:
    """Escaped, not taken away."""
    assert "".join(Page(f"<p>{plain(text)}</p>").texts) == text


def test_pieces() -> None:
    """Tables name their columns and rows, and what scrolls has a name and can be reached by keyboard."""
    made = table("Limits", ("Limit", "Value"), row("One", "1", names=("Limit", "Value")) + row("Two", "2"), "wb-wide")
    found = Page(made)
    assert {("scope", "col"), ("scope", "row"), ("tabindex", "0"), ("aria-label", "Limits")} <= set(found.attributes)
    assert ("data-name", "Value") in found.attributes
    assert read(made) == "Limits Limit Value One 1 Two 2"
    assert ("aria-label", "Limit") in Page(table("", ("Limit",), "")).attributes
    with pytest.raises(ValueError, match="argument 2 is longer"):
        row("One", "1", "2", names=("Limit", "Value"))
    assert read(facts({"Fast": "9"})) == "Fast 9"
    assert read(heading("One", "up", "good") + note("two") + empty("none", "yet")) == "One up two none yet"
    assert read(page("", card("One", SIMULATED))) == "One SIMULATED"


@pytest.mark.parametrize(
    ("kind", "aloud", "role"),
    [("good", False, "status"), ("good", True, "alert"), ("bad", False, "alert"), ("wait", False, "status")],
)
def test_what_is_read_out(kind: str, aloud: bool, role: str) -> None:
    """A sign beside the colour, and a role that a screen reader knows."""
    said = say(kind, "Done.", aloud=aloud)
    assert ("role", role) in Page(said).attributes
    assert read(said)[0] in "✓✕!…"
