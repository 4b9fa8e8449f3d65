"""Where a result's profit came from and went to: returns by month, and what costs took.

The forms have the fields of ``workbench.wire.Breakdown``; msgspec writes them as JSON.
"""

import msgspec

from workbench.engine.result import BacktestResult
from workbench.evidence.cost_parts import cost_parts
from workbench.evidence.form import EvidenceReport
from workbench.evidence.month_returns import MonthReturn, month_returns

MEANINGS = {
    "fees": "paid to the exchange, on the value of every fill",
    "slippage": "what prices moved against takers while their orders went through",
    "half_spread": "what takers paid for crossing from the middle to the other side of the book",
}


class CostItem(msgspec.Struct, frozen=True):
    name: str
    amount: float
    meaning: str


class Breakdown(msgspec.Struct, frozen=True):
    """``profit_before_costs`` is ``profit`` with all ``costs`` added back."""

    evidence_id: str
    simulated: bool
    months: list[MonthReturn]
    costs: list[CostItem]
    turnover: float
    profit: float
    profit_before_costs: float


def build_breakdown(report: EvidenceReport, result: BacktestResult) -> Breakdown:
    """The breakdown of a report's result; see ``cost_parts`` and ``month_returns`` for the formulas."""
    cash, equity = result.inputs.initial_cash, result.equity_curve
    parts = cost_parts(result)
    profit = float(equity[-1]) - cash
    amounts = {name: getattr(parts, name) for name in MEANINGS}
    return Breakdown(
        evidence_id=report.id,
        simulated=report.inputs.candles.simulated,
        months=month_returns(result.candles.open_time_ns, equity, cash),
        costs=[CostItem(name, amount, MEANINGS[name]) for name, amount in amounts.items()],
        turnover=parts.turnover,
        profit=profit,
        profit_before_costs=profit + sum(amounts.values()),
    )
