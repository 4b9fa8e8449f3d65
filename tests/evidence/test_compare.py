"""Two reports side by side."""

import msgspec
import pytest

from tests.evidence.runs import RUN, dearer, few_trades, many_trades
from workbench.evidence.compare import compare, differences, first_difference
from workbench.evidence.report import build_report


def test_what_differs_is_told():
    """Another fee: one input differs, and the metrics stand side by side."""
    first, second = build_report(few_trades(), RUN), build_report(dearer(few_trades()), RUN)
    comparison = compare(first, second)
    assert [str(difference) for difference in comparison.inputs] == [
        "inputs.costs.taker_fee_rate: expected 0.001, received 0.002"
    ]
    assert ("fees_paid", first.metrics.fees_paid, second.metrics.fees_paid) in comparison.metrics
    assert not comparison.same_digest


def test_equal_reports_have_no_difference():
    """Times of the run are not compared."""
    later = msgspec.structs.replace(RUN, seconds=9.0)
    assert first_difference(build_report(few_trades(), RUN), build_report(few_trades(), later)) is None


def test_a_metric_is_named_by_its_path():
    """The path, the expected and the received value."""
    report = build_report(many_trades(), RUN)
    other = msgspec.structs.replace(report, metrics=msgspec.structs.replace(report.metrics, sharpe=None))
    assert str(first_difference(report, other)) == f"metrics.sharpe: expected {report.metrics.sharpe}, received null"


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ([1, 2], [1, 3], ["x[1]: expected 2, received 3"]),
        ([1, 2], [1], ["x.rows: expected 2, received 1"]),
        ({"a": 1}, {"b": 1}, ["x.a: expected 1, received nothing", "x.b: expected nothing, received 1"]),
        ([1], {"rows": 1}, ["x: expected [1], received {'rows': 1}"]),
    ],
)
def test_trees_are_walked(one, other, told):
    """Lists by row, dicts by name, and a change of kind as one difference."""
    assert [str(difference) for difference in differences(one, other, "x")] == told
