"""One observed system for all tests of this folder that change nothing of it: starting it takes seconds."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.monitoring.serving import RULES, TOKEN, Running, ask, command, in_a_hurry, prometheus, wait_for
from workbench.client import Client

ACCOUNT = {"equity": "1000", "day_start_equity": "1000", "peak_equity": "1000"}


@dataclass(frozen=True)
class Observed:
    """The parts that are asked."""

    simulator: Running
    server: Running
    prometheus: str
    token: str = TOKEN

    def client(self) -> Client:
        """An admin."""
        return Client(self.server.url, admin_token=self.token)


@pytest.fixture(scope="session")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    """The feed streams, the gate is open."""
    home = tmp_path_factory.mktemp("observed")
    words = ("serve", "--port", "0", "--workers", "1")
    with (
        command(home, "feed", "simulate", "--port", "0", "--rate", "5") as simulator,
        command(home, *words, "--exchange", simulator.url) as server,
        prometheus(home, server.url, in_a_hurry(RULES.read_text())) as address,
    ):
        wait_for("the first scrape", lambda: ask(address, "bt_runs_total"))  # what comes before it is no increase
        yield Observed(simulator, server, address)


def use(client: Client) -> None:
    """A bit of everything: a backtest is done, one fails, limits are changed, orders are asked about."""
    done = client.start_backtest(pair="ETHUSDT", timeframe="1h", strategy="smaCross", params={"fast": 5, "slow": 50})
    failed = client.start_backtest(pair="NOSUCH", timeframe="1h", strategy="smaCross")
    assert [client.wait(each.id).status for each in (done, failed)] == ["done", "failed"]
    client.approve(client.propose_limits({"max_order_notional": "5000"}).id)
    wait_for("the gate opens", lambda: client.status().gate.open)
    assert client.check(pair="ETHUSDT", side="buy", quantity="0.01", account=ACCOUNT).accepted
    assert not client.check(pair="ETHUSDT", side="buy", quantity="10000", account=ACCOUNT).accepted
