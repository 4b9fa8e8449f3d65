"""The naive engine against the hand-written rule table."""

import pytest

from tests.engine.rule_case import RuleCase
from tests.engine.rule_cases import CASES
from tests.naive import run, run_signals
from tests.naive_values import NaiveResult


def run_case(case: RuleCase) -> NaiveResult:
    account = (case.market, case.costs, case.sizing, case.cash, case.allow_short)
    if case.exposure is not None:
        return run_signals(*account, case.exposure, case.stop_loss, case.take_profit, case.trailing_stop)
    return run(*account, lambda bar, _view: list(case.requests.get(bar, ())))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: RuleCase) -> None:
    """Fills, ends of orders and money are those worked out by hand."""
    result = run_case(case)
    assert [(f.bar, f.side, f.price_ticks, f.lots, f.liquidity) for f in result.fills] == list(case.fills)
    assert [(o.status, o.end_reason) for o in result.orders] == list(case.orders)
    assert result.ruined_bar == case.ruined_bar
    if case.reasons is not None:
        assert [o.reason for o in result.orders] == list(case.reasons)
    if case.final_cash is not None:
        assert result.cash == pytest.approx(case.final_cash, abs=1e-9)
    if case.final_equity is not None:
        assert result.equity[-1] == pytest.approx(case.final_equity, abs=1e-9)


def test_names_are_unique_and_every_rule_has_a_case() -> None:
    """A case is found by its name, and no rule goes untested."""
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
    assert {int(name[5:7]) for name in names} == set(range(1, 25))
