"""One observed system for all tests of this folder: starting it takes seconds."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.monitoring.serving import RULES, TOKEN, Running, command, prometheus, wait_for
from workbench.client import Client


@dataclass(frozen=True)
class Observed:
    """The parts that are asked."""

    simulator: Running
    server: Running
    prometheus: str


@pytest.fixture(scope="session")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    """Everything at work: the feed streams, a backtest was done, one failed, an order was asked about."""
    home = tmp_path_factory.mktemp("observed")
    words = ("serve", "--port", "0", "--workers", "1")
    with (
        command(home, "feed", "simulate", "--port", "0", "--rate", "5") as simulator,
        command(home, *words, "--exchange", simulator.url) as server,
        prometheus(home, server.url, shortened(RULES.read_text())) as address,
    ):
        _use(server.url)
        yield Observed(simulator, server, address)


def shortened(rules: str) -> str:
    """The same rules in a hurry: minutes of ``for`` are seconds; nothing else is touched."""
    return (
        rules.replace("for: 15m", "for: 15s")
        .replace("for: 10m", "for: 10s")
        .replace("for: 5m", "for: 5s")
        .replace("for: 2m", "for: 2s")
        .replace("for: 1m", "for: 1s")
    )


def _use(url: str) -> None:
    with Client(url, admin_token=TOKEN) as client:
        done = client.start_backtest(
            pair="ETHUSDT", timeframe="1h", strategy="smaCross", params={"fast": 5, "slow": 50}
        )
        failed = client.start_backtest(pair="NOSUCH", timeframe="1h", strategy="smaCross")
        assert [client.wait(each.id).status for each in (done, failed)] == ["done", "failed"]
        account = {"equity": "1000", "day_start_equity": "1000", "peak_equity": "1000"}
        wait_for("the gate opens", lambda: client.status().gate.open)
        assert client.check(pair="ETHUSDT", side="buy", quantity="0.01", account=account).accepted
        assert not client.check(pair="ETHUSDT", side="buy", quantity="10000", account=account).accepted
