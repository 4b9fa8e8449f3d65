"""A new backtest from the page, and its parameters on their way into force: what is refused, and where it says so."""

from tests.api.jobs import held
from tests.widgets.acting import as_, forge, run, text, until
from tests.widgets.reports import Seeded, report, shows, told
from workbench.engine.costs import Costs
from workbench.widgets.report import ReportPage
from workbench.widgets.report_cost_fields import COSTS


async def ready(page: ReportPage) -> ReportPage:
    """With something to choose in its form."""
    await until(lambda: page.form.market.box.options and page.form.params, lambda: text(page.form))
    return page


def fill(page: ReportPage, **values: str) -> None:
    """Type into fields, by their names on the wire; two underscores stand for the dot."""
    for name, value in values.items():
        page.form.fields[name.replace("__", ".")].box.value = value


def wrong(page: ReportPage) -> dict[str, str]:
    """Fields that are told to be wrong."""
    return {name: text(each.problem) for name, each in page.form.fields.items() if each.problem.value}


def test_from_the_form_to_the_finished_run(seeded: Seeded) -> None:
    """What was typed is what was run, and the run is shown when it is done; costs of nothing are costs, too."""

    async def story() -> None:
        page = await ready(report(seeded.server, "researcher", "rosa"))
        fill(page, params__fast="12", params__slow="40", range__start="2024-03-01", range__end="2024-05-01")
        fill(page, initial_cash="2500.5", costs__taker_fee_rate="0", costs__slippage_bps="1.5")
        page.form.run.click()
        await until(lambda: page.run and page.run.params.get("slow") == 40, lambda: text(page.form))
        assert page.run
        await shows(page, page.run.id)
        assert page.run.params == {"fast": 12, "slow": 40, "direction": "long"}
        assert page.run.cash == 2500.5
        assert page.run.inputs["costs"]["taker_fee_rate"] == 0
        assert page.run.inputs["costs"]["slippage_bps"] == 1.5
        assert page.run.inputs["costs"]["maker_fee_rate"] == Costs().maker_fee_rate
        assert page.run.inputs["range"]["bars"] == 61 * 24
        assert "Done." in text(page.form)
        assert page.list.chosen == page.run.id
        assert not wrong(page)

    run(story())


def test_a_value_that_does_not_fit_is_told_next_to_its_field(seeded: Seeded) -> None:
    """In the server's words, at every field at once; it is gone at the next try."""

    async def story() -> None:
        page = await ready(report(seeded.server, "researcher"))
        fill(page, costs__taker_fee_rate="2", range__start="yesterday", initial_cash="much", costs__latency_bars="-1")
        page.form.run.click()
        await until(lambda: wrong(page), lambda: text(page.form))
        problems = wrong(page)
        assert set(problems) >= {"costs.taker_fee_rate", "range.start", "initial_cash", "costs.latency_bars"}
        assert "less than 1" in problems["costs.taker_fee_rate"]
        assert "expected a date such as" in problems["range.start"]
        assert page.form.costs.rare.layout.display is None
        assert "Not started." in text(page.form)
        fill(page, costs__taker_fee_rate="", range__start="", initial_cash="", costs__latency_bars="")
        fill(page, params__fast="30", params__slow="20")
        page.form.run.click()
        await until(lambda: "params.fast" in wrong(page), lambda: text(page.form))
        assert wrong(page) == {"params.fast": "\u2715 expected a period shorter than slow (20)"}
        fill(page, params__fast="nine")
        page.form.run.click()
        await until(lambda: "whole number" in wrong(page).get("params.fast", ""), lambda: text(page.form))

    run(story())


def test_a_backtest_is_cancelled(seeded: Seeded) -> None:
    """Its bar is there while it is on its way; afterwards the page says so and shows what it showed."""

    async def story() -> None:
        page = await ready(report(seeded.server, "researcher"))
        before = page.run
        with held(seeded.server):
            fill(page, params__fast="3", params__slow="4")
            page.form.run.click()
            await until(lambda: "progress" in page.form.job.line.value, lambda: text(page.form))
            assert page.form.job.stop.layout.display is None
            page.form.job.stop.click()
            await until(lambda: "Cancelled." in text(page.form), lambda: text(page.form))
        assert page.form.job.stop.layout.display == "none"
        assert page.run == before

    run(story())


def test_a_shown_run_s_values_are_filled_in(seeded: Seeded) -> None:
    """Running them again gives the same evidence."""

    async def story() -> None:
        page = await ready(await shows(report(seeded.server, "researcher", id=seeded.rsi), seeded.rsi))
        page.use.click()
        assert page.form.strategy.box.value == "rsi"
        assert page.form.params["period"].box.value == "7"
        assert page.form.costs.fields["slippage_bps"].box.value == "2"
        page.form.run.click()
        await until(lambda: "Done." in text(page.form), lambda: text(page.form))
        await shows(page, seeded.rsi)

    run(story())


def test_a_viewer_s_forged_click_is_refused_by_the_api_and_told(seeded: Seeded) -> None:
    """Nothing runs; every button that asks for something is off and says why."""

    async def story() -> None:
        page = await ready(await shows(report(seeded.server, "viewer", id=seeded.cross), seeded.cross))
        with as_(seeded.server, "viewer") as client:
            before = client.backtests(limit=1).backtests[0].id
        assert page.form.run.disabled
        assert all(each.box.disabled for each in page.form.fields.values())
        assert "researchers and admins start backtests" in text(page.form)
        assert "researchers and admins propose" in text(page.cards.propose)
        forge(page.form.run)
        await until(lambda: "This role may not do that" in text(page.form.answer), lambda: text(page.form))
        propose = page.cards.propose.form
        forge(propose.buttons["Propose these parameters"])
        await until(lambda: "This role may not do that" in text(propose.answer), lambda: text(propose))
        with as_(seeded.server, "viewer") as client:
            assert client.backtests(limit=1).backtests[0].id == before
            assert not client.status().pending

    run(story())


def test_a_viewer_s_forged_cancel_is_refused(seeded: Seeded) -> None:
    """The job goes on."""

    async def story() -> None:
        with as_(seeded.server, "researcher") as client, held(seeded.server):
            asked = client.start_backtest(pair="ETHUSDT", timeframe="1h", strategy="rsi", params={"period": 3})
            page = report(seeded.server, "viewer", id=asked.id)
            await until(lambda: page.job.stop.layout.display is None, lambda: text(page))
            forge(page.job.stop)
            await until(lambda: "This role may not do that" in text(page.job), lambda: text(page))
            assert client.backtest(asked.id).status in ("queued", "running")
        await until(lambda: page.run is not None, lambda: text(page))

    run(story())


def test_parameters_are_proposed_with_a_note(seeded: Seeded) -> None:
    """With the shown report as evidence; the answer leads to the guardrails page."""

    async def story() -> None:
        page = await shows(report(seeded.server, "researcher", "rosa", id=seeded.cross), seeded.cross)
        form = page.cards.propose.form
        form.reason.value = "better <b>than</b> before"
        form.buttons["Propose these parameters"].click()
        await until(lambda: "Proposed: number" in text(form.answer), lambda: text(form.answer))
        assert 'href="guardrails.ipynb"' in form.answer.value
        with as_(seeded.server, "admin", "adam") as client:
            made = client.status().pending[0]
            assert (made.proposer, made.note) == ("rosa", "better <b>than</b> before")
            assert made.content["params"] == {"fast": 9, "slow": 21, "direction": "long"}
            assert made.evidence
            assert made.evidence.id == seeded.cross
            client.reject(made.id, note="only a test")
        told(page, chosen=seeded.rsi)
        await shows(page, seeded.rsi)
        assert "Proposed" not in text(form.answer)
        assert "Period 7" in text(page.cards.propose)

    run(story())


def test_empty_fields_stand_for_the_costs_that_the_engine_has() -> None:
    """What is written in grey is what an empty field means."""
    default = Costs()
    for name, _, shown, _ in COSTS:
        value = getattr(default, name)
        assert shown == "no limit" if value is None else float(shown) == value
