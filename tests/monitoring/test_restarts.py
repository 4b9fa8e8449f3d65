"""Counting with several workers, and across a restart."""

from pathlib import Path

import httpx
import psutil

from tests.api.jobs import ended, held, metric, start, wait_for_end, workers
from tests.monitoring.serving import TOKEN, ask, command, end, prometheus, wait_for
from tests.serving import Server, serving
from workbench.client import Client

WORKERS = 3
NO_RULES = "groups: []\n"
GAUGES = {
    "bt_jobs_waiting": 0,
    "bt_queue_size": 50,
    "bt_workers": WORKERS,
    "ledger_up": 1,
    "param_proposals_pending": 1,
    'risk_gate_state{state="halted"}': 1,
    'risk_gate_state{state="active"}': 0,
}
"""What a server that was just started says at once, of what an earlier one left."""


def test_every_job_counts_once_whichever_worker_had_it(tmp_path: Path) -> None:
    """Done, failed, cancelled and killed ones, on three workers at once; a killed worker takes no count with it."""
    with serving(tmp_path, workers=WORKERS) as server:
        with held(server) as still:
            assert len(still) == WORKERS
            urls = [start(server) for _ in range(8)] + [start(server, pair="NOSUCH") for _ in range(4)]
            assert metric(server, "bt_jobs_running") == WORKERS
            assert metric(server, "bt_jobs_waiting") == len(urls) - WORKERS
            cancelled = urls.pop(7)
            server.client("researcher").post(f"{cancelled}/cancel").raise_for_status()
            still[0].kill()
            wait_for_end(still[0])
        statuses = sorted(ended(server, url)["status"] for url in urls)
        assert statuses == ["done"] * 6 + ["failed"] * 5
        done = 6 + 1  # and the one by which the workers were held
        assert counted(server) == {"bt_runs_total": done + 5 + 1, "bt_fail_total": 5, "bt_done_total": done}
        assert metric(server, "bt_latency_ms_count") == done
        assert metric(server, 'bt_latency_ms_bucket{le="+Inf"}') == done
        one = next(url for url in urls if ended(server, url)["status"] == "done")
        trades = server.client().get(f"{one}/trades", params={"limit": 1}).json()["total"]
        assert metric(server, "bt_trades_total") == done * trades
        assert metric(server, "bt_workers_replaced_total") == 1
        wait_for("the killed worker's successor", lambda: metric(server, "bt_workers") == WORKERS)
        told, found = metric(server, "bt_workers_memory_bytes"), resident_bytes(workers(server))
        assert 0.7 * found < told < 1.3 * found


def counted(server: Server) -> dict[str, float]:
    return {name: metric(server, name) for name in ("bt_runs_total", "bt_fail_total", "bt_done_total")}


def resident_bytes(processes: list[psutil.Process]) -> int:
    return sum(process.memory_info().rss for process in processes)


def test_a_restart_is_a_counter_reset_and_gauges_are_right_at_once(tmp_path: Path) -> None:
    """Prometheus loses no job of it and takes it for no fall; what the ledger knows is told by the first scrape."""
    words = ("serve", "--no-feed", "--workers", str(WORKERS), "--port")
    with command(tmp_path, *words, "0", queue_size=50) as server, prometheus(tmp_path, server.url, NO_RULES) as address:
        wait_until_scraped(address, runs=0)
        with Client(server.url, admin_token=TOKEN) as client:
            run_jobs(client, 4)
            client.propose_limits({"max_order_notional": "5000"})
            client.halt("a test of the metrics")
            entries = client.audit(limit=1).entries[0].seq
        wait_until_scraped(address, runs=4)
        end(server.process)
        port = server.url.rpartition(":")[2]
        with command(tmp_path, *words, port, queue_size=50) as again:
            told = scraped(again.url)
            assert {name: told[name] for name in GAUGES} == GAUGES
            assert told["audit_entries_total"] >= entries
            counts = (
                "bt_runs_total",
                "bt_done_total",
                "bt_trades_total",
                "bt_latency_ms_count",
                "param_proposals_total",
            )
            assert {told[name] for name in counts} == {0.0}
            assert abs(told["process_start_time_seconds"] - psutil.Process(again.process.pid).create_time()) < 2
            wait_until_scraped(address, runs=0)
            with Client(again.url, admin_token=TOKEN) as client:
                run_jobs(client, 3)
            wait_until_scraped(address, runs=3)
            asked = {name: ask(address, f"{name}(bt_runs_total[5m])")[0]["value"][1] for name in ("resets", "increase")}
            assert asked["resets"] == "1"
            assert 4 + 3 <= float(asked["increase"]) < 4 + 3 + 2  # it guesses a little beyond the first and last scrape


def run_jobs(client: Client, count: int) -> None:
    wanted = {"pair": "ETHUSDT", "timeframe": "1h", "strategy": "smaCross"}
    ids = [client.start_backtest(**wanted).id for _ in range(count)]
    assert [client.wait(each).status for each in ids] == ["done"] * count


def scraped(url: str) -> dict[str, float]:
    """Every sample of one scrape, by its name with its labels."""
    lines = httpx.get(f"{url}/metrics", trust_env=False).text.splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def wait_until_scraped(address: str, *, runs: int) -> None:
    """Prometheus knows this count."""

    def known() -> bool:
        return [each["value"][1] for each in ask(address, "bt_runs_total")] == [str(runs)]

    wait_for(f"{runs} runs in Prometheus", known, 30)
