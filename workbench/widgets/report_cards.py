"""The cards of one run: what it is, the chart, months, costs, trades, the way into force. All of one run at a time."""

from collections.abc import Callable
from html import escape

import ipywidgets as widgets

from workbench.client import Client
from workbench.widgets import report_badge
from workbench.widgets.markup import empty, note
from workbench.widgets.report_chart import ReportChart
from workbench.widgets.report_costs import cost_table
from workbench.widgets.report_metrics import all_metrics, downloads, run_head, tiles
from workbench.widgets.report_months import month_table
from workbench.widgets.report_parts import Part, Parts, passes, why
from workbench.widgets.report_propose import ProposePanel
from workbench.widgets.report_run import Run
from workbench.widgets.style import section
from workbench.widgets.trade_table import MOST, TradeGrid
from workbench.wire import Breakdown, TradeTable, Verification

LOADING = note("Loading\u2026")


class RunCards:
    """Attributes:
    head: what stands in the first card; ``cards``: all the others, top to bottom.
    """

    def __init__(self, client: Client, why_not: str, ended: Callable[[Exception], None]) -> None:
        self.name, self.badge, self.numbers = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.head = widgets.VBox([self.name, self.badge, self.numbers])
        self.chart = ReportChart(client, ended)
        self.months, self.costs = widgets.HTML(), widgets.HTML()
        self.trades, self.no_trades = TradeGrid(), widgets.HTML()
        self.propose = ProposePanel(client, why_not)
        self.chart_card = section(3, "Price, equity, drawdown", self.chart)
        self.rest = [
            section(5, "Returns by month", self.months),
            section(6, "Costs", self.costs),
            section(7, "Propose these parameters", self.propose),
            section(9, "Trades", widgets.VBox([self.no_trades, self.trades])),
        ]
        self.trades.observe(lambda change: self._zoom(change["new"]), names="focus")
        self._parts = Parts(
            [
                Part(client.verification, self._show_verdict, self._no_verdict, self._wait_verdict),
                Part(client.breakdown, self._show_breakdown, self._no_breakdown, self._wait_breakdown),
                Part(
                    lambda name: client.report_trades(name, limit=MOST), self._show_trades, self._no_trades, self._wait
                ),
                Part(self.chart.ask, self.chart.show, self.chart.fail, self.chart.wait),
            ],
            ended,
        )

    def say(self, run: Run) -> None:
        """What is known at once."""
        self.name.value, self.badge.value = run_head(run), report_badge.WAITING
        self.numbers.value = tiles(run) + all_metrics(run) + downloads(run)
        self.propose.show(run)

    def load(self, run: Run | None) -> None:
        """Ask for the slow parts; None: what is on its way is of no interest any more."""
        self._parts.load(run.id if run else "")

    def again(self) -> None:
        self._parts.again()

    def still(self) -> str:
        """The first card without a widget."""
        return "".join(each.value for each in self.head.children)

    # The parts ------------------------------------------------------------------------------------------------------

    def _wait_verdict(self) -> None:
        self.badge.value = report_badge.WAITING

    def _show_verdict(self, told: Verification) -> None:
        self.badge.value = report_badge.verdict(told)

    def _no_verdict(self, error: Exception) -> None:
        self.badge.value = report_badge.unknown(why(error), follows=passes(error))

    def _wait_breakdown(self) -> None:
        self.months.value = self.costs.value = LOADING

    def _show_breakdown(self, told: Breakdown) -> None:
        self.months.value, self.costs.value = month_table(told.months), cost_table(told)

    def _no_breakdown(self, error: Exception) -> None:
        self.months.value = self.costs.value = _not_there(error)

    def _wait(self) -> None:
        self.no_trades.value, self.trades.layout.display = LOADING, "none"

    def _show_trades(self, told: TradeTable) -> None:
        self.trades.show(told)
        self.no_trades.value, self.trades.layout.display = "", None

    def _no_trades(self, error: Exception) -> None:
        self.no_trades.value = _not_there(error)

    def _zoom(self, number: int) -> None:
        span = self.trades.span(number)
        if span:
            self.chart.look_at(*span)
            self.trades.focus = -1  # the same trade can be clicked again


def _not_there(error: Exception) -> str:
    later = " It follows when it is back." if passes(error) else ""
    return empty("Not there.", escape(why(error)) + later)
