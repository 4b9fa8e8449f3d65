"""The page of backtest reports: a list of runs, one of them in full, another beside it, a form for a new one.

It asks the API alone. What is quick (the list, the report) is asked for before the page is first shown; what the server
has to run again for (chart, months, costs, verification) follows in tasks. Runs that others finish appear in the list
by themselves; what is looked at stays.
"""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import ipywidgets as widgets

from workbench.model.errors import WorkbenchError
from workbench.widgets.first_paint import FirstPaint
from workbench.widgets.markup import card, empty, page
from workbench.widgets.page_head import Connection, page_head
from workbench.widgets.poll import ask_first, poll, spawn
from workbench.widgets.report_cards import RunCards
from workbench.widgets.report_find import Found, find_run
from workbench.widgets.report_form import BacktestForm
from workbench.widgets.report_job import JobProgress
from workbench.widgets.report_list import RunList, static_list
from workbench.widgets.report_other import OtherRun, can_be_compared
from workbench.widgets.report_run import Run
from workbench.widgets.report_style import REPORT_STYLE
from workbench.widgets.style import STYLE, section
from workbench.wire import EvidenceList

if TYPE_CHECKING:
    from workbench.widgets.session import Session

LIST_SECONDS = 2.0
CHOICES_SECONDS = 30.0
"""How often the form asks what can be backtested."""
LOADING = empty("Loading the report\u2026")


class ReportPage(FirstPaint, widgets.VBox):
    """``run`` is the one that is looked at. Only researchers' and admins' buttons are on."""

    def __init__(self, session: "Session") -> None:
        self._client, self._head = session.client, page_head(session, "Report")
        self.run: Run | None = None
        self.wanted = session.query.get("id", "").strip()
        self._settled = self._started = False
        self._listed = EvidenceList(reports=[], total=0)
        self._choices_asked = float("-inf")
        self.connection = Connection("reports")
        self.list = RunList()
        self.form = BacktestForm(self._client, _why_not(session.role, "start backtests"), self.choose)
        self.cards = RunCards(self._client, _why_not(session.role, "propose"), self.connection.ended)
        self.other = OtherRun(self._client, self.cards.chart.compare, self._stop_comparing)
        self.instead, self.job = widgets.HTML(LOADING), JobProgress(self._client, lambda _: None)
        self._arrange()
        super().__init__([widgets.HTML(STYLE + REPORT_STYLE), widgets.HTML(self._head), self.connection, self.body])
        self.add_class("wb-page")
        self.list.observe(lambda change: self._picked(change["new"]), names="chosen")
        self.list.observe(lambda change: self._against(change["new"]), names="against")
        self.list.observe(lambda _: self._ask_now(), names=["query", "limit"])
        ask_first(self.ask, self.connection.fail)

    def _arrange(self) -> None:
        """The list and the form at the side where there is room, else between the cards of the run."""
        self.use = (
            widgets.Button(description="Fill in the shown run's values").add_class("wb-plain").add_class("wb-copy")
        )
        self.use.on_click(lambda _: self._like())
        form = widgets.VBox([self.use, self.form])
        side = [section(1, "Runs", self.list), section(8, "New backtest", form)]
        self.first = widgets.VBox([self.cards.head]).add_class("wb-card")
        self.first.layout.order = "2"
        self.missing = widgets.VBox([self.instead, self.job]).add_class("wb-card")
        self.missing.layout.order = "2"
        self.other_card = section(4, "Compared", self.other)
        self.run_cards = [self.first, self.cards.chart_card, *self.cards.rest]
        main = [self.missing, self.first, self.cards.chart_card, self.other_card, *self.cards.rest]
        self.body = widgets.VBox([widgets.VBox(each).add_class("wb-stack") for each in (side, main)])
        self.body.add_class("wb-columns").add_class("wb-report").layout.display = "none"
        self._reveal(None)

    def first_paint(self) -> str:
        """The list and the headline of the run."""
        if self.body.layout.display == "none":
            return page(STYLE + REPORT_STYLE, self._head, self.connection.line.value)
        shown = self.cards.still() if self.run else self.instead.value
        side = card("Runs", static_list(self._listed, self.run.id if self.run else ""))
        main = f'<section class="wb-card">{shown}</section>'
        columns = f'<div class="wb-columns wb-report"><div class="wb-stack">{side}</div>'
        columns += f'<div class="wb-stack">{main}</div></div>'
        return page(STYLE + REPORT_STYLE, self._head, self.connection.line.value, columns)

    def start(self) -> "ReportPage":
        """Begin to watch the server, in a task of the running loop, and to load what is slow."""
        self._started = True
        if self.run:
            self.cards.load(self.run)
        spawn(poll(self.ask, self.connection.fail, LIST_SECONDS), self.connection.ended)
        return self

    # Questions in turn ----------------------------------------------------------------------------------------------

    def ask(self) -> Callable[[], None]:
        """One round of questions; what it gives back shows the answers. No widget is touched before."""
        query, limit, wanted = self.list.query, self.list.limit, self.wanted
        listed = self._client.reports(query, limit)
        found = None if self._settled else find_run(self._client, wanted, self._newest(query, listed))
        offer = self._ask_choices()

        def show() -> None:
            self.connection.answered(time.time_ns())
            self.body.layout.display = None
            if (query, limit) == (self.list.query, self.list.limit):
                self._listed = listed
                self.list.show(listed)
            if found and wanted == self.wanted:
                self._show(found)
            if offer:
                offer()
            if self._started:
                self.cards.again()
                self.other.again()

        return show

    def _newest(self, query: str, listed: EvidenceList) -> str:
        if query.strip() and not self.wanted:
            listed = self._client.reports(limit=1)
        return listed.reports[0].id if listed.reports else ""

    def _ask_choices(self) -> Callable[[], None] | None:
        now = time.monotonic()
        if not self._started or now - self._choices_asked < CHOICES_SECONDS:
            return None
        offer = self.form.ask()
        self._choices_asked = now
        return offer

    def _ask_now(self) -> None:
        """Somebody searches: the next round need not be waited for."""
        if self._started:
            spawn(self._round(), self.connection.ended)

    async def _round(self) -> None:
        try:
            show = await asyncio.to_thread(self.ask)
        except (WorkbenchError, ValueError) as error:
            self.connection.fail(error)
        else:
            show()

    # The run --------------------------------------------------------------------------------------------------------

    def choose(self, evidence_id: str) -> None:
        """Look at that run."""
        self.wanted, self._settled = evidence_id, False
        self.list.chosen = evidence_id
        self._ask_now()

    def _like(self) -> None:
        if self.run:
            self.form.like(self.run)

    def _picked(self, evidence_id: str) -> None:
        if evidence_id and evidence_id != self.wanted:
            self.choose(evidence_id)

    def _show(self, found: Found) -> None:
        if self._settled:
            return
        self._settled = bool(self.wanted or found.run)
        self.run, self.instead.value = found.run, found.instead
        self._reveal(found.run)
        self.other.show(found.run)
        if found.run:
            self.wanted = self.list.chosen = found.run.id
            self.cards.say(found.run)
            if self.list.against == found.run.id:
                self._stop_comparing()
        if self._started:
            self.cards.load(found.run)
        if found.job_id:
            spawn(self._follow(found.job_id), self.connection.ended)

    async def _follow(self, job_id: str) -> None:
        await self.job.follow(job_id)
        self.job.line.value = ""
        if self.wanted == job_id:
            self._settled = False  # asked for again, it is its report, or says what became of it
            self._ask_now()

    def _reveal(self, run: Run | None) -> None:
        for each in self.run_cards:
            each.layout.display = None if run else "none"
        self.missing.layout.display = "none" if run else None
        self.use.layout.display = None if run else "none"
        self.other_card.layout.display = None if run and self.list.against else "none"

    # The other run --------------------------------------------------------------------------------------------------

    def _against(self, evidence_id: str) -> None:
        wanted = evidence_id if self.run and can_be_compared(evidence_id, self.run.id) else ""
        if wanted != evidence_id:
            self.list.against = wanted
            return
        self.other_card.layout.display = None if wanted else "none"
        self.other.want(wanted)

    def _stop_comparing(self) -> None:
        self.list.against = ""


def _why_not(role: str, what: str) -> str:
    if role != "viewer":
        return ""
    return f"You are signed in as viewer: researchers and admins {what}. Sign in as one to act; to read needs nothing."
