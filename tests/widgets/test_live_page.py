"""The live page with a simulated exchange: it updates by itself, faults are seen, and their end too."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.exchange import Exchange, exchanging
from tests.serving import Server, serving
from tests.widgets.acting import live, run, text, until, visit
from workbench.widgets.live import LivePage

PAIRS = "ETHUSDT"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Exchange]]:
    home = tmp_path_factory.mktemp("live")
    with exchanging(home) as exchange, serving(home, feed=True, feed_pairs=PAIRS, exchange=exchange.url) as server:
        yield server, exchange


def fault(exchange: Exchange, **asked: str) -> None:
    httpx.get(f"{exchange.url}/simulator/fault", params=asked, trust_env=False).raise_for_status()


def tile(page: LivePage, name: str) -> str:
    """One value of the feed's box."""
    said = text(page.state)
    return said.split(f"{name} ")[1].split()[0]


async def follows(page: LivePage) -> None:
    """Prices come. Whether a hole is being healed meanwhile depends on the clock: candles are of whole minutes."""
    await until(lambda: "Feed up" in text(page.state) or "Feed healing" in text(page.state), lambda: text(page))
    await until(lambda: "Last word now" in text(page.cards["ETHUSDT"]), lambda: text(page))


def test_prices_and_lag_by_themselves(world: tuple[Server, Exchange]) -> None:
    """A viewer sees price, bid, ask, spread, lag, the clock; the numbers change without a reload; a chart follows."""

    async def story() -> None:
        page = live(world[0])
        await follows(page)
        card = page.cards["ETHUSDT"]
        await until(lambda: "Lag p95 –" not in text(card), lambda: text(card))
        said = text(card)
        for name in ("Bid", "Ask", "Spread", "Lag p50", "Lag p95", "Trades kept", "Gaps found", "Gaps filled"):
            assert f"{name} –" not in said
            assert name in said
        assert "SIMULATED" in text(page.state)
        await until(lambda: "Clock offset unknown" not in text(page.state), lambda: text(page.state))
        before, clock = card.value, page.connection.line.value
        await until(lambda: card.value != before)
        await until(lambda: page.connection.line.value != clock)
        await until(lambda: page.chart is not None, lambda: text(page))
        assert page.chart
        price, p50, _p95 = page.chart.widget.data
        await until(lambda: len(price.x) >= 2)
        assert price.y[-1] > 0
        assert p50.name == "Lag p50"
        assert "ETHUSDT" in page.first_paint()

    run(story())


def test_a_drop_is_seen_and_heals(world: tuple[Server, Exchange]) -> None:
    """The connection breaks: one reconnect more, and the feed is up again."""

    async def story() -> None:
        page = live(world[0])
        await follows(page)
        before = int(tile(page, "Reconnects"))
        fault(world[1], kind="drop")
        await until(lambda: int(tile(page, "Reconnects")) > before, lambda: text(page.state))
        await follows(page)

    run(story())


def test_no_feed(tmp_path: Path) -> None:
    """A server that was told to run none: what that means, and what helps; no empty chart."""

    async def story(server: Server) -> None:
        page = live(server)
        await until(lambda: "Live" in text(page.connection), lambda: text(page))
        assert "The server runs no feed" in text(page.state)
        assert "workbench serve" in text(page.state)
        assert "No pair yet." in text(page.state)
        assert page.chart_card.layout.display == "none"
        assert "No pair yet." in page.first_paint()

    with serving(tmp_path) as server:
        run(story(server))


def test_while_nothing_answers() -> None:
    """Painted with what is wrong, and nothing else."""
    page = LivePage(visit("http://127.0.0.1:9"))
    assert "The server does not answer." in page.first_paint()
    assert "wb-card" not in page.first_paint().split("</style>")[1]


def test_an_outage_is_seen_and_its_gap_too(world: tuple[Server, Exchange]) -> None:
    """Everything of the exchange is gone for a while: down with a reason, then healing, and the gap is told.

    Last in this file: whether candles cover the gap is known within a minute, and nobody waits for it here.
    """

    async def story() -> None:
        page = live(world[0])
        await follows(page)
        gaps = int(tile(page, "Gaps found"))
        fault(world[1], kind="restart", seconds="3")
        await until(lambda: "Feed down" in text(page.state), lambda: text(page.state))
        assert "It reconnects by itself" in text(page.state)
        assert "✕ down" in text(page.cards["ETHUSDT"])
        await until(lambda: "Feed healing" in text(page.state), lambda: text(page.state))
        await until(lambda: int(tile(page, "Gaps found")) > gaps, lambda: text(page.state))
        assert "Trades missing" in text(page.cards["ETHUSDT"])

    run(story())
