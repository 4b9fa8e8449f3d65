"""A new backtest: what to run it on, the strategy with its parameters, costs, range, cash.

Nothing is checked here: the server does, and what it says stands next to the field that it names. Who may start one is
the server's to decide, too: a form that is off is a courtesy, a forged click is answered by the server's refusal.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import ipywidgets as widgets

from workbench.client import ApiError, Client
from workbench.model.errors import WorkbenchError
from workbench.widgets.act import refusal
from workbench.widgets.markup import SIMULATED, empty, note, say
from workbench.widgets.poll import spawn
from workbench.widgets.report_cost_fields import CostFields
from workbench.widgets.report_field import Field, filled, param_field, text_field
from workbench.widgets.report_job import JobProgress
from workbench.widgets.report_parts import passes
from workbench.widgets.report_run import Run
from workbench.widgets.report_words import count, day
from workbench.wire import BacktestStatus, StoredCandles, StrategyView

CASH = "10000"
NO_CANDLES = empty(
    "No candles to run on.", "<code>workbench data fetch ETHUSDT 1h --since 2024-01-01</code> brings some."
)


class BacktestForm(widgets.VBox):
    """``done`` takes the finished run's evidence id. ``why_not``: why this visitor may not start one."""

    def __init__(self, client: Client, why_not: str, done: Callable[[str], None]) -> None:
        self._client, self._off, self._busy = client, bool(why_not), False
        self._stored: Sequence[StoredCandles] = ()
        self._strategies: Mapping[str, StrategyView] = {}
        self.market = Field(widgets.Dropdown(description="Market", options=[], disabled=self._off))
        self.strategy = Field(widgets.Dropdown(description="Strategy", options=[], disabled=self._off))
        self.held, self.meaning = widgets.HTML(), widgets.HTML()
        self.params: dict[str, Field] = {}
        self.param_box = widgets.VBox().add_class("wb-fields")
        self.start = text_field("From", hint="the first bar", off=self._off)
        self.end = text_field("To", hint="the last bar", meaning="Exclusive", off=self._off)
        self.cash = text_field("Cash", hint=CASH, meaning="In quote currency", off=self._off)
        self.costs = CostFields(off=self._off)
        self.run = widgets.Button(description="Run backtest", disabled=self._off, tooltip=why_not)
        self.run.add_class("wb-primary")
        self.run.on_click(lambda _: self.press())
        self.answer = widgets.HTML()
        self.job = JobProgress(client, done)
        self.market.box.observe(lambda _: self._hint_range(), names="value")
        self.strategy.box.observe(lambda _: self._show_params(), names="value")
        super().__init__(self._rows(why_not))
        self.add_class("wb-form")

    def _rows(self, why_not: str) -> list[widgets.Widget]:
        reason = [widgets.HTML(f'<p class="wb-why">{why_not}</p>')] if why_not else []
        about = widgets.VBox([self.market, self.held, self.strategy, self.meaning, self.param_box]).add_class(
            "wb-fields"
        )
        span = widgets.VBox([self.start, self.end, self.cash]).add_class("wb-fields")
        return [about, span, self.costs, self.run, *reason, self.answer, self.job]

    @property
    def fields(self) -> dict[str, Field]:
        """By the names that the server's answers have for them."""
        return {
            "pair": self.market,
            "timeframe": self.market,
            "strategy": self.strategy,
            **{f"params.{name}": each for name, each in self.params.items()},
            **{f"costs.{name}": each for name, each in self.costs.fields.items()},
            "range.start": self.start,
            "range.end": self.end,
            "start": self.start,
            "end": self.end,
            "initial_cash": self.cash,
        }

    # What can be chosen ---------------------------------------------------------------------------------------------

    def ask(self) -> Callable[[], None]:
        """In a thread; what it gives back shows the answers."""
        try:
            stored, strategies = self._client.stored().stored, self._client.strategies().strategies
        except ApiError as error:
            if passes(error):
                raise
            refused = say("bad", "Nothing can be chosen.", escape(error.detail))
            return lambda: setattr(self.answer, "value", refused)
        return lambda: self.offer(stored, strategies)

    def offer(self, stored: Sequence[StoredCandles], strategies: Sequence[StrategyView]) -> None:
        """What was chosen before stays chosen."""
        self._stored, self._strategies = stored, {each.name: each for each in strategies}
        _options(self.market.box, [(f"{each.pair} {each.timeframe}", (each.pair, each.timeframe)) for each in stored])
        _options(self.strategy.box, [(each.name, each.name) for each in strategies])
        if not stored:
            self.answer.value = NO_CANDLES

    def _show_params(self) -> None:
        view = self._strategies.get(self.strategy.box.value or "")
        self.params = {each.name: param_field(each, off=self._off) for each in view.params} if view else {}
        self.param_box.children = tuple(self.params.values())
        self.meaning.value = note(_first_sentence(view.meaning)) if view else ""

    def _hint_range(self) -> None:
        chosen = next((each for each in self._stored if (each.pair, each.timeframe) == self.market.box.value), None)
        self.held.value = note(_held(chosen)) if chosen else ""
        self.start.box.placeholder = day(chosen.start_ns) if chosen else "the first bar"
        self.end.box.placeholder = day(chosen.end_ns) if chosen else "the last bar"

    def like(self, run: Run) -> None:
        """Fill in what a run was given, as far as it can be chosen here."""
        values = [value for _, value in self.market.box.options]
        if (run.pair, run.timeframe) in values:
            self.market.box.value = (run.pair, run.timeframe)
        if run.strategy in self._strategies:
            self.strategy.box.value = run.strategy
            for name, field in self.params.items():
                if name in run.params:
                    field.box.value = filled(field, run.params[name])
        self.costs.like(run.inputs["costs"])
        self.start.box.value, self.end.box.value = (run.inputs["range"][name] for name in ("start", "end"))
        self.cash.box.value = filled(self.cash, run.cash)

    # What is asked --------------------------------------------------------------------------------------------------

    def request(self) -> dict[str, Any]:
        """Empty fields are left out: the server has their defaults."""
        pair, timeframe = self.market.box.value or ("", "")
        return {
            "pair": pair,
            "timeframe": timeframe,
            "strategy": self.strategy.box.value or "",
            "params": {name: each.value for name, each in self.params.items() if each.value is not None},
            "costs": self.costs.values(),
            "start": self.start.box.value.strip() or None,
            "end": self.end.box.value.strip() or None,
            "initial_cash": self.cash.value,
        }

    def press(self) -> None:
        """As a click does; also a forged one."""
        if not self._busy:
            self._busy = True
            spawn(self._run(), self._failed)

    async def _run(self) -> None:
        for field in self.fields.values():
            field.tell("")
        self.answer.value, self.job.line.value = say("wait", "Asking the server\u2026"), ""
        try:
            asked = self.request()
            started = await asyncio.to_thread(lambda: self._client.start_backtest(**asked))
            self.answer.value = ""
            self._told(await self.job.follow(started.id))
        except ApiError as error:
            self._refused(error)
        except WorkbenchError as error:
            self.answer.value = refusal(error)
        finally:
            self._busy = False

    def _refused(self, error: ApiError) -> None:
        """Each field's own problem next to it; what belongs to none below the form."""
        known = self.fields
        for name, problem in error.fields.items():
            if name in known:
                known[name].tell(_readable(name, problem))
        if error.status == 422 and error.fields and set(error.fields) <= set(known):
            self.costs.show(error.fields)
            self.answer.value = say("bad", "Not started.", "A value does not fit; see above.")
        else:
            self.answer.value = refusal(error)

    def _told(self, told: BacktestStatus) -> None:
        if told.error and told.error.field in self.fields:
            self.fields[told.error.field].tell(told.error.text)

    def _failed(self, error: Exception) -> None:
        self.answer.value = say("bad", "It went wrong here.", type(error).__name__)


def _readable(name: str, problem: str) -> str:
    """A pattern is for machines."""
    if not problem.startswith("String should match pattern"):
        return problem
    is_time = name.rpartition(".")[2] in ("start", "end")
    return "expected a date such as 2024-01-31, or a date and a time in UTC" if is_time else "not a name that fits"


def _held(each: StoredCandles) -> str:
    data = SIMULATED if each.simulated else ""
    return f"{count(each.bars, 'bar')}, {escape(each.source)}{data}"


def _first_sentence(text: str) -> str:
    return escape(text.split(". ", maxsplit=1)[0].rstrip("."))


def _options(box: widgets.Dropdown, options: list[tuple[str, Any]]) -> None:
    if tuple(options) != tuple(box.options):
        chosen = box.value
        box.options = options
        values = [value for _, value in options]
        box.value = chosen if chosen in values else next(iter(values), None)
