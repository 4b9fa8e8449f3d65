"""What changes between versions, field by field."""

from typing import Any

from hypothesis import given, strategies as st

from workbench.guardrails.diff import FieldChange, MetricChange, diff, metric_diff

VALUES = st.integers(0, 2) | st.sampled_from(["long", "short"])
CONTENTS = st.fixed_dictionaries(
    {"timeframe": st.sampled_from(["1h", "4h"]), "params": st.dictionaries(st.sampled_from("abc"), VALUES)}
)


def test_one_parameter() -> None:
    """Only what differs, by its full name, before and after."""
    before = {"timeframe": "1h", "params": {"fast": 9, "slow": 21}}
    after = {"timeframe": "1h", "params": {"fast": 5, "slow": 21}}
    assert diff(before, after) == [FieldChange("params.fast", 9, 5)]


def test_the_first_version() -> None:
    """Everything is new, in the order of the names."""
    after = {"timeframe": "1h", "params": {"slow": 21, "fast": 9}}
    assert diff(None, after) == [
        FieldChange("params.fast", None, 9),
        FieldChange("params.slow", None, 21),
        FieldChange("timeframe", None, "1h"),
    ]


def test_fields_that_come_and_go() -> None:
    """A field that one side lacks is None there."""
    before, after = {"params": {"old": 1}}, {"params": {"new": 2}}
    assert diff(before, after) == [FieldChange("params.new", None, 2), FieldChange("params.old", 1, None)]


def flat(content: dict[str, Any]) -> dict[str, Any]:
    return {"timeframe": content["timeframe"], **{f"params.{name}": value for name, value in content["params"].items()}}


@given(CONTENTS, CONTENTS)
def test_applying_it_gives_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    """The changes lead from one to the other, and back when turned round."""
    changed = flat(before)
    for change in diff(before, after):
        assert changed.get(change.field) == change.before
        changed[change.field] = change.after
    assert {name: value for name, value in changed.items() if value is not None} == flat(after)
    assert [FieldChange(each.field, each.after, each.before) for each in diff(after, before)] == diff(before, after)
    assert diff(before, before) == []


def test_metrics() -> None:
    """Every metric of either, in the evidence's order; without a number on one side there is no change to tell."""
    before, after = {"sharpe": 1.0, "gone": 3}, {"total_return": 0.5, "sharpe": 1.5, "calmar": None}
    changes = metric_diff(before, after)
    assert changes == [
        MetricChange("total_return", None, 0.5),
        MetricChange("sharpe", 1.0, 1.5),
        MetricChange("calmar", None, None),
        MetricChange("gone", 3, None),
    ]
    assert [change.change for change in changes] == [None, 0.5, None, None]
