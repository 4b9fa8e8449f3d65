"""The guardrails page where something is wrong: the log, the server, the token, the number of questions."""

import asyncio
import contextlib
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import ADMIN, Server, environment, serving
from tests.widgets.acting import every, guardrails, html, run, text, until, visit
from workbench.client import ApiError
from workbench.widgets import poll as polling
from workbench.widgets.guardrails import GuardrailsPage
from workbench.widgets.live import LivePage
from workbench.wire import ProblemDocument

WRONG = "another-token-for-tests-0123456789abcdef"
LEDGER = "ledger.sqlite3"


def alter(server: Server, statement: str) -> None:
    """As somebody would who can write the ledger's file."""
    with contextlib.closing(sqlite3.connect(server.home / LEDGER)) as ledger, ledger:
        ledger.execute(statement)


def halt(server: Server, times: int) -> None:
    """So many entries in the audit log."""
    for number in range(times):
        answer = server.client("admin", "bob").post("/api/guardrails/gate/halt", json={"reason": f"reason {number}"})
        answer.raise_for_status()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as running:
        yield running


def test_a_broken_chain_is_shown(server: Server) -> None:
    """At which entry, on the page of an admin who asks; until then it was whole."""
    halt(server, 4)

    async def story() -> None:
        page = guardrails(server, "admin", "bob")
        await until(lambda: "Chain intact: 4 entries checked" in text(page.audit), lambda: text(page.audit))
        assert "reason 3" in text(page.audit)
        alter(server, "UPDATE audit SET who = 'eve' WHERE seq = 2")
        page.audit.check.click()
        await until(lambda: "Chain broken at entry 2" in text(page.audit), lambda: text(page.audit))
        assert 'role="alert"' in page.audit.chain.value
        await until(lambda: "eve" in page.audit.entries.value)

    run(story())


def test_an_entry_that_cannot_be_read_does_not_take_the_page_down(server: Server) -> None:
    """The audit trail says so in its place; the rest of the page lives on."""
    halt(server, 3)
    alter(server, "UPDATE audit SET details = 'no JSON' WHERE seq = 2")

    async def story() -> None:
        page = guardrails(server, "admin", "bob")
        await until(lambda: "Chain broken at entry 2" in text(page.audit), lambda: text(page.audit))
        await until(lambda: "The entries cannot be shown" in text(page.audit), lambda: text(page.audit))
        assert "Switch halted" in text(page.gate)
        assert "Live" in text(page.connection)

    run(story())


def test_older_entries_and_back(server: Server) -> None:
    """Page by page, also while new ones come."""
    halt(server, 30)

    async def story() -> None:
        page = guardrails(server, "admin", "bob")
        await until(lambda: "The last 25 entries" in text(page.audit), lambda: text(page.audit))
        assert page.audit.newest.layout.display == "none"
        page.audit.older.click()
        await until(lambda: "Entries 1 to 5" in text(page.audit), lambda: text(page.audit))
        assert page.audit.older.layout.display == "none"
        page.audit.newest.click()
        await until(lambda: "The last 25 entries" in text(page.audit), lambda: text(page.audit))

    run(story())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextlib.contextmanager
def serving_at(port: int, home: Path) -> Iterator[None]:
    """A server on a port that is known before; nobody waits until it answers."""
    command = [sys.executable, "-m", "workbench.cli", "serve", "--port", str(port)]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, env=environment(home))
    try:
        yield
    finally:
        process.terminate()
        process.wait(15)


def test_a_page_recovers_when_the_server_does(tmp_path: Path) -> None:
    """Opened while nothing answers, then the server comes, goes and comes again: the page follows by itself."""
    port = free_port()

    async def story() -> None:
        session = visit(f"http://127.0.0.1:{port}", "admin", "bob")
        page, live = GuardrailsPage(session).start(), LivePage(session).start()
        for each in (page, live):
            assert "The server does not answer." in text(each.connection)
            assert "recovers by itself" in text(each)
            assert "The server does not answer." in each.first_paint()
            assert each.body.layout.display == "none"
        with serving_at(port, tmp_path):
            for each in (page, live):
                await until(lambda each=each: "Live" in text(each.connection), lambda each=each: text(each.connection))
                assert each.body.layout.display is None
            await until(lambda: "The server runs no feed" in text(live.state), lambda: text(live.state))
        for each in (page, live):
            await until(lambda each=each: "does not answer" in text(each.connection))
            assert "What is shown below is of" in text(each.connection)
            assert each.body.layout.display is None
        page.gate.form.reason.value = "while it is down"
        page.gate.form.buttons["Halt"].click()
        await until(lambda: "Whether it was done is not known" in text(page.gate.form), lambda: text(page.gate.form))
        assert page.gate.form.reason.value == "while it is down"
        with serving_at(port, tmp_path):
            for each in (page, live):
                await until(lambda each=each: "does not answer" not in text(each.connection))
            page.gate.form.buttons["Halt"].click()
            await until(lambda: "Halted" in text(page.gate.form), lambda: text(page.gate.form))

    run(story())


def test_a_token_that_is_not_known(server: Server) -> None:
    """The page says so and asks seldom; the token is in no text."""

    async def story() -> None:
        page = GuardrailsPage(visit(server.url, "viewer", "bob", **{"x-admin-token": WRONG})).start()
        await until(lambda: "does not know this page's token" in text(page), lambda: text(page))
        assert "Sign in again" in text(page)
        assert WRONG not in html(page)

    run(story())


def test_too_many_questions(tmp_path: Path) -> None:
    """429 is told, with what then happens."""

    async def story(server: Server) -> None:
        page = guardrails(server, "admin", "bob")
        await until(lambda: "Too many requests" in text(page), lambda: text(page))
        assert "goes on more slowly by itself" in text(page)

    with serving(tmp_path, rate_limit="3/minute") as server:
        run(story(server))


def test_without_a_token() -> None:
    """A page of nobody known (as in JupyterLab) says where tokens come from."""
    page = GuardrailsPage(visit("http://127.0.0.1:9"))
    assert "No token came with this page" in text(page)
    assert "viewer: you may read everything but the audit trail" in text(page)
    assert page._repr_mimebundle_()["text/html"] == page.first_paint()
    assert "The server does not answer." in page.first_paint()


def test_what_is_not_our_server_is_told() -> None:
    """Something else answers at the address: no exception, and asking goes on."""

    async def story() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\n<b>hi")
            writer.close()

        async with await asyncio.start_server(answer, "127.0.0.1", 0) as other:
            url = f"http://127.0.0.1:{other.sockets[0].getsockname()[1]}"
            page = (await asyncio.to_thread(GuardrailsPage, visit(url))).start()
            await until(lambda: "The answer cannot be read" in text(page), lambda: text(page))
            assert page.body.layout.display == "none"

    run(story())


class Fake:
    """Questions whose answers are written down."""

    def __init__(self, *answers: Exception | str) -> None:
        self.answers, self.log = list(answers), list[str]()
        self.ended = asyncio.Event()

    def ask(self) -> "polling.Callable[[], None]":
        answer = self.answers.pop(0) if self.answers else "end"
        if isinstance(answer, Exception):
            raise answer
        return lambda: self.show(answer)

    def show(self, answer: str) -> None:
        self.log.append(answer)
        if answer == "bug":
            raise KeyError(answer)
        if answer == "end":
            self.ended.set()

    def fail(self, error: Exception) -> None:
        self.log.append(f"fail {type(error).__name__}")

    def stop(self, error: Exception) -> None:
        self.log.append(f"ended {type(error).__name__}")
        self.ended.set()


def refused(status: int) -> ApiError:
    return ApiError(ProblemDocument(title="no", status=status, detail="no"))


def test_asking_goes_on_after_an_error_and_ends_aloud_by_a_bug() -> None:
    """What the server says or does not say never ends it; an error of ours does, and is told."""

    async def story() -> None:
        fake = Fake("one", refused(429), ValueError("odd"), "two")
        polling.spawn(polling.poll(fake.ask, fake.fail, 0.0), fake.stop)
        await asyncio.wait_for(fake.ended.wait(), 10)
        assert fake.log[:5] == ["one", "fail ApiError", "fail ValueError", "two", "end"]
        fake = Fake("one", "bug")
        polling.spawn(polling.poll(fake.ask, fake.fail, 0.0), fake.stop)
        await asyncio.wait_for(fake.ended.wait(), 10)
        assert fake.log == ["one", "bug", "ended KeyError"]

    run(story())


@pytest.mark.parametrize(("status", "pause"), [(401, 5.0), (429, 5.0), (500, 0.5), (404, 0.5)])
def test_how_long_it_waits(monkeypatch: pytest.MonkeyPatch, status: int, pause: float) -> None:
    """Ten times as long after 401 and 429: every further question would be one too many."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            raise asyncio.CancelledError

    monkeypatch.setattr(polling.asyncio, "sleep", sleep)
    fake_answers = Fake(refused(status), "fine")
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(polling.poll(fake_answers.ask, fake_answers.fail))
    assert waited == [pause, polling.EVERY_SECONDS]


def test_a_slow_server_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page comes with a text that it is loading."""
    monkeypatch.setattr(polling, "FIRST_SECONDS", 0.01)
    go, log = threading.Event(), list[str]()

    def ask() -> "polling.Callable[[], None]":
        go.wait(10)
        return lambda: log.append("shown")

    polling.ask_first(ask, lambda error: log.append(type(error).__name__))
    go.set()
    assert log == []


def test_pages_hold_no_token(server: Server) -> None:
    """No widget's state, no text, no repr of a page that acts as an admin."""

    async def story() -> None:
        session = visit(server.url, "admin", "bob")
        page, live = GuardrailsPage(session).start(), LivePage(session).start()
        await until(lambda: "Chain intact" in text(page.audit), lambda: text(page.audit))
        page.gate.form.buttons["Resume"].click()
        page.history.form.buttons["Roll back"].click()
        for each in (*every(page), *every(live)):
            assert ADMIN not in str(each.get_state())
            assert ADMIN not in repr(each)
        assert ADMIN not in repr(session)
        assert ADMIN not in page.first_paint() + live.first_paint()

    run(story())
