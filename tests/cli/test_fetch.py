"""``workbench data fetch`` as a user calls it, against a small exchange and against the simulator."""

import asyncio
import json
import os
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime

import pytest

from tests.cli.command import COMMAND, content, environment, refuses, succeeds, workbench
from tests.cli.test_interrupted import INTERRUPT, assert_one_line, workbench_after
from tests.data.btcturk.scripted_exchange import START, Reply, scripted_exchange
from workbench.data.store import CandleStore
from workbench.model.interval import Interval
from workbench.simulator.faults import Fault
from workbench.simulator.server import Simulator, SimulatorSettings

SINCE = ("--since", "2024-01-01")


def fetch(exchange, *arguments):
    return ("data", "fetch", "ETHUSDT", "1h", *SINCE, "--until", "2024-01-03", "--exchange", exchange.url, *arguments)


def test_fetching_twice(home):
    """Stored under a folder of its own and labelled; again adds nothing and asks for no candles."""
    with scripted_exchange(missing={START + 3600 * 5, START + 3600 * 6}) as exchange:
        first = succeeds(home, *fetch(exchange, "--json")).json
        exchange.asked.clear()
        again = succeeds(home, *fetch(exchange, "--json")).json
        assert exchange.windows == []
    assert (first["added"], first["bars"], first["in_range"], first["simulated"]) == (46, 46, 46, True)
    assert first["gaps"] == [{"before": "2024-01-01 07:00:00", "rule": "gap: 2 bars missing before it"}]
    assert (again["added"], again["fingerprint"]) == (0, first["fingerprint"])
    assert first["path"] == str(home / "data" / "simulated" / "candles" / "ETHUSDT-1h.arrow")
    assert sorted(content(home)) == [
        "data/simulated/candles/ETHUSDT-1h.arrow",
        "data/simulated/fetched/ETHUSDT-1h.json",
    ]


def test_what_a_person_reads(home):
    """How many were added, the gaps, and that it is simulated; no drawing in a pipe."""
    with scripted_exchange(missing={START + 3600 * 5}) as exchange:
        shown = succeeds(home, *fetch(exchange)).stdout
    for text in ("ETHUSDT 1h, 47 bars", "2024-01-01 00:00 UTC", "SIMULATED", "added 47 candles", "1 gaps among them"):
        assert text in shown
    assert "2024-01-01 06:00:00 UTC: gap: 1 bar missing before it" in shown
    assert "\x1b" not in shown


def test_what_was_fetched_can_be_backtested(home):
    """By its file, and the report says that the market was simulated."""
    with scripted_exchange() as exchange:
        path = succeeds(home, *fetch(exchange, "--json")).json["path"]
    params = ("-p", "fast=2", "-p", "slow=5", "--csv", path)
    assert "SIMULATED" in succeeds(home, "backtest", "--strategy", "smaCross", *params).stdout


def test_the_exchange_of_the_environment(home):
    """WORKBENCH_EXCHANGE stands for --exchange, also for a pair spelled otherwise."""
    command = [*COMMAND, "data", "fetch", "eth_usdt", "4h", *SINCE, "--until", "2024-01-02", "--json"]
    with scripted_exchange() as exchange:
        shell = {**environment(home), "WORKBENCH_EXCHANGE": exchange.url}
        done = subprocess.run(command, env=shell, cwd=home.parent, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["bars"] == 6


def test_tries_are_told_on_stderr(home):
    """A fault that passes: stdout holds the JSON alone, stderr says why it took longer."""
    with scripted_exchange(replies={"": [Reply("busy", 503)]}) as exchange:
        done = workbench(home, *fetch(exchange, "--json"))
    assert (done.status, done.json["added"]) == (0, 48)
    assert "status 503" in done.stderr
    assert "asking again" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("ETHUSD", "1h", *SINCE), "ETHUSD: the exchange has no such pair; the nearest are ETHUSDT"),
        (("../x", "1h", *SINCE), "no such pair"),
        (("ETHUSDT", "5m", *SINCE), "1m, 15m, 30m, 1h, 4h, 1d, 1w (fetch 1m and resample it), received 5m"),
        (("ETHUSDT", "fast", *SINCE), "timeframe: expected a number and a unit"),
        (("ETHUSDT", "1h", "--since", "2999-01-01"), "--since: expected a time that has passed, received '2999-01-01'"),
        (("ETHUSDT", "1h", "--since", "yesterday"), "--since: expected an ISO date or time such as 2024-01-31"),
        (("ETHUSDT", "1h", "--since", "1815-06-18"), "--since: expected a time since 1970"),
        (("ETHUSDT", "1h", *SINCE, "--until", "2024-01-01"), "--until: expected a time after --since 2024-01-01"),
        (("ETHUSDT", "1h", *SINCE, "--tick-size", "0"), "tick_size"),
        (("ETHUSDT", "1h"), "--since"),
    ],
)
def test_refusals_are_one_line(home, arguments, told):
    """Status 2, what was expected and what came; nothing is written."""
    with scripted_exchange() as exchange:
        assert told in refuses(home, "data", "fetch", *arguments, "--exchange", exchange.url)
    assert not home.exists()


def test_an_address_that_is_none(home):
    """Named before anything else happens."""
    assert "--exchange" in refuses(home, "data", "fetch", "ETHUSDT", "1h", *SINCE, "--exchange", "ftp://x")


def test_another_tick_size(home):
    """Older prices on a finer grid: refused by name, taken where a tick size is given, and that one stays."""
    rows = {name: [2000.05] for name in "ohlc"}
    old = Reply(json.dumps({"s": "ok", "t": [START], **rows, "v": [1]}))
    path = "/v1/klines/history"
    with scripted_exchange(replies={path: [old]}) as exchange:
        assert "open: expected a multiple of 0.1 above 0, received 2000.05" in refuses(home, *fetch(exchange))
        exchange.replies[path] = [old]
        assert succeeds(home, *fetch(exchange, "--tick-size", "0.01", "--json")).json["tick_size"] == "0.01"
        assert "that of the stored candles, 0.01" in refuses(home, *fetch(exchange, "--tick-size", "0.1"))
        assert succeeds(home, *fetch(exchange, "--json")).json["added"] == 0


def test_nothing_there(home):
    """Before the pair was listed: said plainly, status 0."""
    with scripted_exchange(first=START * 2) as exchange:
        assert "no candles of that range" in succeeds(home, *fetch(exchange)).stdout
        done = succeeds(home, *fetch(exchange, "--json")).json
    assert (done["added"], done["bars"]) == (0, 0)


def test_ctrl_c_keeps_what_came(home):
    """Two of five pages, one line on stderr, status 130; the next call brings the rest."""
    stop = """
import workbench.data.btcturk.history as history
history.LARGEST_PAGE = 10
ask, pages = history.RestClient.candles, []
async def candles(*arguments):
    pages.append(None)
    if len(pages) == 3:
        interrupt()
    return await ask(*arguments)
history.RestClient.candles = candles
"""
    with scripted_exchange() as exchange:
        done = workbench_after(home, INTERRUPT + stop, *fetch(exchange))
        assert_one_line(done, 130, "stopped")
        assert succeeds(home, *fetch(exchange, "--json")).json["added"] == 28


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal")
def test_a_terminal_shows_a_bar(home):
    """Drawn on stderr, and gone at the end."""
    import pty

    leader, follower = pty.openpty()
    with scripted_exchange() as exchange, os.fdopen(leader, "rb", buffering=0) as screen:
        command = [*COMMAND, *fetch(exchange, "--json")]
        shell = {**environment(home), "TERM": "xterm"}
        done = subprocess.run(
            command, env=shell, cwd=home.parent, stdout=subprocess.PIPE, stderr=follower, check=True, timeout=60
        )
        os.close(follower)
        drawn = screen.read(60_000).decode()
    assert json.loads(done.stdout)["added"] == 48
    assert "ETHUSDT 1h to 2024-01-03" in drawn


def test_the_simulator_end_to_end(home):
    """Its minutes, by its own limit on requests and with faults on the way, are those that its trades make."""
    settings = SimulatorSettings(seed=5, pairs=("ETHUSDT",), history_seconds=3 * 3600, rest_limit=True)

    async def fetching():
        async with Simulator(settings) as simulator:
            await simulator.stop_trading()  # what is due has happened, and nothing more does
            trades = simulator.trades("ETHUSDT")
            for kind in ("html", "half", "http500"):
                await simulator.inject(Fault(kind, count=1))
            begin = datetime.fromtimestamp(trades[0].time_ms // 60_000 * 60, UTC)
            arguments = ("fetch", "ETHUSDT", "1m", "--since", begin.isoformat(), "--exchange", simulator.url, "--json")
            return await asyncio.to_thread(workbench, home, "data", *arguments), trades

    done, trades = asyncio.run(fetching())
    assert done.status == 0, done
    assert done.json["simulated"]
    minutes = defaultdict(list)
    for trade in trades:
        minutes[trade.time_ms // 60_000 * 60_000_000_000].append(float(trade.price))
    held = list(CandleStore(home / "data" / "simulated").load("ETHUSDT", Interval.parse("1m")))
    expected = [(time, prices[0], max(prices), min(prices), prices[-1]) for time, prices in minutes.items()]
    found = [(each.open_time_ns, each.open, each.high, each.low, each.close) for each in held]
    assert len(found) >= 170
    assert found == expected[: len(found)]
