"""The guardrails page: what is decided in one session is seen in another; who may not act is refused and told why."""

from collections.abc import Iterator

import pytest

from tests.serving import Server, serving
from tests.widgets.acting import as_, card_of, forge, guardrails, propose, run, shown, text, until
from workbench.widgets.act import ActForm
from workbench.widgets.guardrails import GuardrailsPage
from workbench.wire import GuardrailsStatus, VersionView


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Without parameters in force at first; the tests below leave what they leave."""
    with serving(tmp_path_factory.mktemp("pages")) as running:
        yield running


def status(server: Server) -> GuardrailsStatus:
    with as_(server, "viewer") as client:
        return client.status()


def is_pending(server: Server, number: int) -> bool:
    return number in {each.id for each in status(server).pending}


def two_versions(server: Server, fast: int) -> VersionView:
    """The one in force, after an older one to go back to."""
    with as_(server, "admin", "bob") as client:
        older = propose(server, fast)
        client.approve(older.id, digest=older.digest)
        newer = propose(server, fast + 1)
        return client.approve(newer.id, digest=newer.digest)


def press(form: ActForm, name: str, reason: str = "") -> None:
    """Type, and click."""
    form.reason.value = reason
    form.buttons[name].click()


async def answer(form: ActForm, *parts: str) -> str:
    """What it says when it says all of that."""
    await until(lambda: all(part in text(form.answer) for part in parts), lambda: text(form.answer))
    return text(form.answer)


async def loaded(page: GuardrailsPage) -> GuardrailsPage:
    await until(lambda: page.body.layout.display != "none", lambda: text(page))
    return page


def test_nothing_yet(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A new home: every part says what is missing and what then helps."""

    async def story(server: Server) -> None:
        page = await loaded(guardrails(server, "admin", "bob"))
        await until(lambda: "Nothing was done yet" in text(page.audit), lambda: text(page.audit))
        said = text(page)
        assert "Nothing waits for a decision." in said
        assert "No parameters in force yet." in said
        assert "No version yet." in said
        assert "As they come: none was approved yet" in said
        assert page.history.back.layout.display == "none"
        first = page.first_paint()
        assert "Nothing waits for a decision." in first
        assert "<script" not in first

    with serving(tmp_path_factory.mktemp("new")) as server:
        run(story(server))


def test_an_approval_is_seen_in_another_session(server: Server) -> None:
    """The diff, the evidence and its metrics; a click in the admin's page; the viewer's page shows it by itself."""

    async def story() -> None:
        admin, viewer = guardrails(server, "admin", "bob"), guardrails(server, "viewer", "vera")
        made = propose(server, 9, "a first try")
        card, seen = await card_of(admin, made.id), await card_of(viewer, made.id)
        for shows in (card, seen):
            said = text(shows)
            assert "a first try" in said
            assert "By alice" in said
            assert made.evidence
            assert made.evidence.id in said
            assert "SIMULATED" in said
            assert "+ 9" in said
            assert "Total return" in said
        assert "for a decision." in viewer.first_paint()
        press(card.form, "Approve", "looks fine")
        said = await answer(card.form, "of smaCross/ETHUSDT is in force.")
        version = status(server).active[-1].version
        assert f"Approved: version {version} " in said
        await until(lambda: "approved by bob" in text(seen), lambda: text(seen))
        await until(lambda: f"version {version}" in text(viewer.force), lambda: text(viewer.force))
        await until(lambda: "looks fine" in text(viewer.history), lambda: text(viewer.history))
        assert "approved by bob" in text(viewer.force)
        await until(lambda: card.form.row.layout.display == "none")
        assert seen.form.row.layout.display == "none"
        assert card.form.reason.value == ""

        other = propose(server, 12)
        said = text(await card_of(viewer, other.id))
        assert "\N{MINUS SIGN} 9 + 12" in said
        assert "better" in said
        assert "worse" in said

    run(story())


def test_a_rejection_needs_a_reason(server: Server) -> None:
    """Without one nothing is asked; with one everybody reads it."""

    async def story() -> None:
        admin, viewer = guardrails(server, "admin", "bob"), guardrails(server)
        number = propose(server, 13).id
        card, seen = await card_of(admin, number), await card_of(viewer, number)
        press(card.form, "Reject", "   ")
        await answer(card.form, "Say why first")
        assert is_pending(server, number)
        press(card.form, "Reject", "the drawdown is too deep")
        await until(lambda: "rejected by bob" in text(seen), lambda: text(seen))
        assert "the drawdown is too deep" in text(seen)
        assert not is_pending(server, number)

    run(story())


def test_what_was_looked_at_is_what_is_approved(server: Server) -> None:
    """Another content under the same number is refused with the reason, and so is what was decided meanwhile."""

    async def story() -> None:
        page = guardrails(server, "admin", "bob")
        one, other = propose(server, 14), propose(server, 15)
        card, late = await card_of(page, one.id), await card_of(page, other.id)
        card.held = card.held.model_copy(update={"digest": other.digest})
        press(card.form, "Approve")
        said = await answer(card.form, "Nothing was changed.")
        assert one.digest in said or other.digest in said
        assert is_pending(server, one.id)
        card.held = one
        press(card.form, "Approve")
        await answer(card.form, "Approved")
        press(late.form, "Approve")
        await answer(late.form, "Nothing was changed.", "another version came into force")

    run(story())


@pytest.mark.parametrize("role", ["viewer", "researcher"])
def test_whoever_may_not_act_is_refused_by_the_server(server: Server, role: str) -> None:
    """Every button is off and says why; forged clicks reach the kernel, are refused by the API, and change nothing."""

    async def story() -> None:
        first = 16 if role == "viewer" else 18
        two_versions(server, first)
        page = await loaded(guardrails(server, role, "mallory"))
        number = propose(server, first + 10).id
        card = await card_of(page, number)
        before = status(server)
        await until(lambda: page.history.choice.options)
        for form in (card.form, page.gate.form, page.history.form):
            assert all(button.disabled for button in form.buttons.values())
            assert form.reason.disabled
            assert f"You are signed in as {role}: an admin decides here." in text(form)
            for name, button in form.buttons.items():
                forge(button)
                if name == "Roll back":
                    forge(form.yes)
                await answer(form, "Nothing was changed.", "admin")
                form.answer.value = ""
                press(form, name, "a forged reason")
                if name == "Roll back":
                    form.yes.click()
                await answer(form, "Nothing was changed.", "admin")
                form.answer.value = ""
        after = status(server)
        assert (after.active, after.pending, after.gate.state) == (before.active, before.pending, before.gate.state)
        await until(lambda: "The audit trail is for admins." in text(page.audit), lambda: text(page.audit))
        assert page.audit.row not in list(shown(page.audit))
        with as_(server, "admin") as client:
            refused = [each.subject for each in client.audit().entries if each.role == role]
        assert not [each for each in refused if "audit" in each], "looking is not an attempt"

    run(story())


def test_a_viewer_may_not_ask_the_gate(server: Server) -> None:
    """A researcher may: rule by rule, and nothing is counted."""

    async def story() -> None:
        viewer = await loaded(guardrails(server, "viewer", "vera"))
        assert "researchers and admins ask" in text(viewer.order)
        assert viewer.order.quantity.disabled
        forge(viewer.order.form.buttons["Ask the gate"])
        await answer(viewer.order.form, "Nothing was changed.", "researcher")
        researcher = await loaded(guardrails(server, "researcher", "rita"))
        order = researcher.order
        order.form.buttons["Ask the gate"].click()
        await answer(order.form, "would be refused", "only a question")
        assert "Price collar" in text(order.rules)
        assert "broken" in text(order.rules)
        order.quantity.value = "minus one"
        order.form.buttons["Ask the gate"].click()
        await answer(order.form, "Nothing was changed.", "quantity")
        assert text(order.rules) == ""

    run(story())


def test_halting_and_resuming(server: Server) -> None:
    """With a reason only; the other session reads who and why, and rule by rule what the gate says."""

    async def story() -> None:
        admin, viewer = await loaded(guardrails(server, "admin", "bob")), await loaded(guardrails(server))
        form = admin.gate.form
        assert form.buttons["Resume"].layout.display == "none"
        press(form, "Halt")
        await answer(form, "Say why first")
        assert status(server).gate.state == "active"
        press(form, "Halt", "an outage")
        await answer(form, "Halted: no order passes.")
        await until(lambda: "Switch halted" in text(viewer.gate), lambda: text(viewer.gate))
        assert "Set by bob" in text(viewer.gate)
        assert "an outage" in text(viewer.gate)
        assert "Kill switch halted" in text(viewer.gate)
        await until(lambda: form.buttons["Halt"].layout.display == "none")
        assert "Closed" in viewer.first_paint()
        press(form, "Reduce only", "slowly")
        await answer(form, "Reducing")
        await until(lambda: "Switch reducing" in text(viewer.gate), lambda: text(viewer.gate))
        press(form, "Resume", "it is over")
        await answer(form, "Resumed")
        await until(lambda: "Switch active" in text(viewer.gate), lambda: text(viewer.gate))
        assert "Age of the feed's last word" in text(viewer.gate)

    run(story())


def test_rolling_back(server: Server) -> None:
    """The chosen version, after a question and with a reason; No leaves everything as it is."""

    async def story() -> None:
        version = two_versions(server, 31)
        admin, viewer = await loaded(guardrails(server, "admin", "dora")), await loaded(guardrails(server))
        history = admin.history
        older = (version.scope, version.version - 1)
        await until(lambda: older in [value for _, value in history.choice.options])
        history.choice.value = older
        form = history.form
        press(form, "Roll back")
        await answer(form, "Say why first")
        press(form, "Roll back", "the new one trades too much")
        assert form.sure.layout.display is None
        form.no.click()
        assert form.sure.layout.display == "none"
        assert version.version in {each.version for each in status(server).active}
        press(form, "Roll back", "the new one trades too much")
        form.yes.click()
        await answer(form, f"repeats version {older[1]} and is in force")
        await until(lambda: f"version {version.version + 1}" in text(viewer.force), lambda: text(viewer.force))
        await until(lambda: f"(repeats {older[1]})" in text(viewer.history), lambda: text(viewer.history))
        assert "approved by dora" in text(viewer.force)

    run(story())


def test_nobody_approves_what_they_proposed(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where a second person is required: the refusal is shown, and another admin may."""

    async def story(server: Server) -> None:
        own, other = guardrails(server, "admin", "bob"), guardrails(server, "admin", "dora")
        number = propose(server, 9, user="bob", role="admin").id
        card, seen = await card_of(own, number), await card_of(other, number)
        press(card.form, "Approve", "I like it")
        await answer(card.form, "Nothing was changed.", "a second person is required")
        assert card.form.reason.value == "I like it"
        assert is_pending(server, number)
        press(seen.form, "Approve")
        await until(lambda: "approved by dora" in text(card), lambda: text(card))

    with serving(tmp_path_factory.mktemp("second"), require_second_person=1) as server:
        run(story(server))


def test_a_second_press_is_not_a_second_act(server: Server) -> None:
    """What is pressed while the server is asked does nothing; the button is not switched off, so it keeps the focus."""

    async def story() -> None:
        page = guardrails(server, "admin", "bob")
        card = await card_of(page, propose(server, 41).id)
        button = card.form.buttons["Approve"]
        button.click()
        assert not button.disabled
        button.click()
        press(card.form, "Reject", "a slip of the hand")
        await answer(card.form, "Approved")
        with as_(server, "admin") as client:
            log = [each for each in client.audit(limit=20).entries if each.subject.endswith(f"proposal {card.held.id}")]
        assert [(each.action, each.outcome) for each in log] == [("approve", "done"), ("propose", "done")]

    run(story())


def test_limits_are_proposed_and_read_with_their_units(server: Server) -> None:
    """Fractions in percent, and only what changes."""

    async def story() -> None:
        admin = await loaded(guardrails(server, "admin", "bob"))
        with as_(server, "researcher", "alice") as client:
            made = client.propose_limits({"max_daily_loss": "0.035", "max_feed_age": "20"}, "calmer")
        card = await card_of(admin, made.id)
        said = text(card)
        assert "Max daily loss \N{MINUS SIGN} 5 % + 3.5 %" in said
        assert "+ 20 seconds" in said
        press(card.form, "Approve")
        await until(lambda: "Version 1" in text(admin.limits), lambda: text(admin.limits))
        await until(lambda: "limits 1 " in text(admin.history), lambda: text(admin.history))
        assert "Max daily loss 3.5 %; Max feed age 20 seconds" in text(admin.history)

    run(story())
