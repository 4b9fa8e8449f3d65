"""``python -m tests.bench.api``: how fast the served backend is; writes api.json and API.md beside this file.

``python -m tests.bench.api evidence`` measures what the report pages ask for alone, and writes it to stdout.
"""

import asyncio
import itertools
import json
import multiprocessing
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from tests.bench.api_client import HEADERS, AsyncClient, Client, serving, simulating
from tests.bench.api_report import as_markdown
from tests.bench.market import make_candles
from workbench.data.store import CandleStore
from workbench.engine.backtest import backtest
from workbench.evidence.chart import build_chart
from workbench.evidence.environment import describe_run
from workbench.evidence.report import build_report
from workbench.evidence.store import EvidenceStore
from workbench.home import Home
from workbench.strategy.sma_cross import SmaCross

HERE = Path(__file__).parent
BARS = 100_000
WINDOWS = 3
REPORTS = 3_000
QUEUE = 200
"""Jobs that may wait, by default."""
Figures = dict[str, float]
_numbers = itertools.count()


def say(text: str) -> None:
    sys.stderr.write(text + "\n")


def request(number: int) -> dict[str, Any]:
    """The same work with another result every time, so that evidence is always written."""
    params = {"fast": 9, "slow": 21}
    return {
        "pair": "ETHUSDT", "timeframe": "1h", "strategy": "smaCross", "params": params, "initial_cash": 10_000 + number
    }  # fmt: skip


def percentiles(times: list[float]) -> Figures:
    """Of seconds, in milliseconds."""
    return {f"p{q}_ms": float(np.percentile(times, q)) * 1e3 for q in (50, 95, 99)}


def best(measure: Callable[[], Figures], by: str = "p95_ms") -> Figures:
    """The best of some windows, and the worst one's figure: other work may share the machine."""
    windows = [measure() for _ in range(WINDOWS)]
    chosen = min(windows, key=lambda window: window[by])
    return {**chosen, f"worst window, {by}": max(window[by] for window in windows)}


def timed(act: Callable[[], Any], count: int) -> list[float]:
    times = []
    for _ in range(count):
        began = time.perf_counter()
        act()
        times.append(time.perf_counter() - began)
    return times


def one_job(client: Client) -> dict[str, Any]:
    """From the request to its evidence."""
    made = client.ask("POST", "/api/backtest/start", request(next(_numbers)))
    last = client.wait(made["id"])
    if last["status"] != "done":
        raise RuntimeError(str(last))
    return last


def latency(url: str) -> Figures:
    """One at a time, told by server-sent events."""
    client = Client(url)
    timed(lambda: one_job(client), 10)
    result = best(lambda: percentiles(timed(lambda: one_job(client), 100)))
    say(f"one at a time: {result}")
    return result


async def _closed_loop(url: str, clients: int, seconds: float, first: int) -> int:
    """Jobs that ended: each client starts one, looks until it is done, starts the next."""
    until, numbers = time.perf_counter() + seconds, itertools.count(first)

    async def work() -> int:
        client, done = AsyncClient(url), 0
        while time.perf_counter() < until:
            body = json.dumps(request(next(numbers))).encode()
            status, _, told = await client.ask("POST", "/api/backtest/start", body)
            if status != 202:
                raise RuntimeError(f"{status} {told.decode()}")
            path = json.loads(told)["url"]
            while (held := json.loads((await client.ask("GET", path))[2]))["status"] != "done":
                if held["status"] not in ("queued", "running"):
                    raise RuntimeError(str(held))
                await asyncio.sleep(0.1)
            done += 1
        client.close()
        return done

    return sum(await asyncio.gather(*(work() for _ in range(clients))))


def throughput(url: str) -> Figures:
    """The most of some windows; every job is another one."""
    rates = []
    for window in range(WINDOWS):
        began = time.perf_counter()
        done = asyncio.run(_closed_loop(url, 16, 5.0, 10**6 * (window + 1)))
        rates.append(done / (time.perf_counter() - began))
    result = {"jobs a second": max(rates), "worst window": min(rates)}
    say(f"throughput: {result}")
    return result


async def _open_loop(url: str, rate: float, seconds: float) -> list[tuple[int, dict[str, str], bytes, float]]:
    """Requests at their times, whether or not the earlier ones were answered."""
    idle: list[AsyncClient] = []
    every: list[AsyncClient] = []

    async def ask(number: int) -> tuple[int, dict[str, str], bytes, float]:
        if idle:
            client = idle.pop()
        else:
            every.append(client := AsyncClient(url))
        began = time.perf_counter()
        status, headers, told = await client.ask("POST", "/api/backtest/start", json.dumps(request(number)).encode())
        idle.append(client)
        return status, headers, told, time.perf_counter() - began

    began, tasks = time.perf_counter(), []
    for number in range(round(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(ask(10**8 + number)))
    answers = await asyncio.gather(*tasks)
    for client in every:
        client.close()
    return answers


def overload(url: str, rate: float) -> Figures:
    """Ten times what is sustainable: accepted or refused, and everything accepted ends done."""
    began = time.perf_counter()
    answers = asyncio.run(_open_loop(url, rate, 10.0))
    seconds = time.perf_counter() - began
    counts = Counter(status for status, *_ in answers)
    accepted = [json.loads(told)["url"] for status, _, told, _ in answers if status == 202]
    unexplained = sum(status == 503 and "retry-after" not in headers for status, headers, _, _ in answers)
    client = Client(url)
    ends: Counter[str] = Counter()
    for path in reversed(accepted):  # the last one waits longest
        while (held := client.ask("GET", path))["status"] in ("queued", "running"):
            time.sleep(0.05)
        ends[held["status"]] += 1
    result = {
        "asked": float(len(answers)),
        "asked a second": len(answers) / seconds,
        "accepted": float(counts[202]),
        "refused with Retry-After": float(counts[503] - unexplained),
        "other answers": float(len(answers) - counts[202] - counts[503] + unexplained),
        "done": float(ends["done"]),
        "done meanwhile, a second": max(0.0, ends["done"] - QUEUE) / seconds,
        "lost": float(counts[202] - ends["done"]),
        **{f"answer {name}": value for name, value in percentiles([taken for *_, taken in answers]).items()},
    }
    say(f"overload: {result}")
    return result


def _load(url: str, seconds: float, first: int) -> None:
    asyncio.run(_closed_loop(url, 16, seconds, first))


@contextmanager
def busy(url: str, seconds: float) -> Iterator[None]:
    """All workers at work for so long, kept so by a process of its own."""
    process = multiprocessing.get_context("spawn").Process(
        target=_load, args=(url, seconds, 10**9 + 10**6 * next(_numbers))
    )
    process.start()
    try:
        client = Client(url)
        while client.ask("GET", "/api/backtest?limit=1")["backtests"][0]["request"]["initial_cash"] < 10**9:
            time.sleep(0.05)
        yield
    finally:
        process.join()


def reads(url: str, path: str) -> Figures:
    """A hundred times a second."""
    client = Client(url)

    def once() -> float:
        began = time.perf_counter()
        client.ask("GET", path)
        taken = time.perf_counter() - began
        time.sleep(max(0.0, 0.01 - taken))
        return taken

    return percentiles([once() for _ in range(300)])


def under_load(url: str) -> dict[str, Figures]:
    """Reading while idle, and while all workers are at work."""
    job = one_job(Client(url))["id"]
    paths = {"status": f"/api/backtest/{job}", "healthz": "/healthz"}
    result = {f"{name}, idle": best(lambda path=path: reads(url, path), "p99_ms") for name, path in paths.items()}
    for name, path in paths.items():
        with busy(url, 12.0):
            result[f"{name}, busy"] = best(lambda path=path: reads(url, path), "p99_ms")
        say(f"{name}: idle {result[f'{name}, idle']}, busy {result[f'{name}, busy']}")
    return result


def guardrails(url: str) -> dict[str, Figures]:
    """Proposals with evidence, and approving them: its backtest is run again for that."""
    client = Client(url)
    proposing, approving = [], []
    for number in range(40):
        costs = {"taker_fee_rate": 0.0, "slippage_bps": 0.0}  # the limits refuse evidence that lost all
        asked = {**request(number), "params": {"fast": 9 + number % 2, "slow": 30}, "costs": costs}
        job = client.wait(client.ask("POST", "/api/backtest/start", asked)["id"])
        wanted = {name: asked[name] for name in ("pair", "timeframe", "strategy", "params")}
        began = time.perf_counter()
        made = client.ask("POST", "/api/guardrails/params/propose", {**wanted, "evidence_id": job["evidence_id"]})
        proposing.append(time.perf_counter() - began)
        began = time.perf_counter()
        client.ask("POST", "/api/guardrails/params/approve", {"proposal_id": made["id"], "digest": made["digest"]})
        approving.append(time.perf_counter() - began)
    result = {"propose": percentiles(proposing), "approve": percentiles(approving)}
    say(f"guardrails: {result}")
    return result


def feed(home: Path) -> dict[str, Figures]:
    """A simulated exchange, two pairs, fifty trades a second of each; lags as the server itself tells them."""
    result = {}
    with simulating(50.0) as exchange:
        for name in ("idle", "busy"):
            with serving(home, "--exchange", exchange) as url:
                client = Client(url)
                while not _has_lags(client.ask("GET", "/api/feeds/health")):
                    time.sleep(0.1)
                with busy(url, 14.0) if name == "busy" else nullcontext():
                    time.sleep(12.0)
                    pairs = Client(url).ask("GET", "/api/feeds/health")["pairs"]  # idle connections are closed
            result[name] = {f"p{q}_ms": max(each[f"lag_p{q}_ms"] for each in pairs) for q in (50, 95)}
    say(f"feed: {result}")
    return result


def evidence(home: Path) -> dict[str, Figures]:
    """What the report pages ask for: the list among thousands, charts of 100,000 candles made and kept."""
    result = {"chart alone": _chart_alone()}
    _many_reports(home)
    with serving(home, "--no-feed") as url:
        client = Client(url)
        began = time.perf_counter()
        total = client.ask("GET", "/api/evidence")["total"]
        result["list, first"] = {"reports": float(total), "ms": (time.perf_counter() - began) * 1e3}
        job = one_job(client)["evidence_id"]
        paths = {
            "list": "/api/evidence",
            "list, two words": "/api/evidence?query=smacross%20fast=9",
            "chart, kept": f"/api/evidence/{job}/chart",
            "breakdown, kept": f"/api/evidence/{job}/breakdown",
        }
        for name, path in paths.items():
            client.ask("GET", path)
            result[name] = best(lambda path=path: percentiles(timed(lambda: fetch(client, path), 50)))
        points = itertools.count(1_001)  # another chart each time
        result["chart"] = best(
            lambda: percentiles(timed(lambda: fetch(client, f"/api/evidence/{job}/chart?points={next(points)}"), 50))
        )
        result["chart"]["bytes"] = float(len(fetch(client, f"/api/evidence/{job}/chart")))
    say(f"evidence: {result}")
    return result


def fetch(client: Client, path: str) -> bytes:
    """The answer as it comes; reading it as JSON would take longer than much of this."""
    client.http.request("GET", path, headers=HEADERS)
    answer = client.http.getresponse()
    told = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status} {told.decode()}")
    return told


def _chart_alone() -> Figures:
    """Of a run that is there: curves, thinning, JSON."""
    result = backtest(make_candles(BARS), SmaCross(9, 21))
    report = build_report(result, describe_run(datetime.now(UTC), datetime.now(UTC), 0.0))

    def once() -> None:
        msgspec.json.encode(build_chart(report, result))

    once()
    return best(lambda: percentiles(timed(once, 50)))


def _many_reports(home: Path) -> None:
    store, candles = EvidenceStore(Home.at(home).evidence), make_candles(2_000)
    run = describe_run(datetime.now(UTC), datetime.now(UTC), 0.0)
    for number in range(REPORTS):
        store.record(backtest(candles, SmaCross(9, 21), initial_cash=10_000 + number), run)


def _has_lags(health: dict[str, Any]) -> bool:
    pairs = health["pairs"]
    return bool(pairs) and all(each["lag_p95_ms"] is not None for each in pairs)


def main() -> None:
    if sys.argv[1:] == ["evidence"]:
        with tempfile.TemporaryDirectory() as name:
            CandleStore(Home.at(Path(name)).data).append(make_candles(BARS))
            sys.stdout.write(json.dumps(evidence(Path(name)), indent=2) + "\n")
        return
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        CandleStore(Home.at(home).data).append(make_candles(BARS))
        results: dict[str, Any] = {"machine": {"processors": os.cpu_count(), "python": platform.python_version()}}
        with serving(home, "--no-feed") as url:
            results["latency"] = latency(url)
            results["throughput"] = throughput(url)
            results["overload"] = overload(url, 10 * results["throughput"]["jobs a second"])
            results["reads"] = under_load(url)
            results["guardrails"] = guardrails(url)
        results["feed"] = feed(home)
        results["evidence"] = evidence(home)
    (HERE / "api.json").write_text(json.dumps(results, indent=2) + "\n")
    (HERE / "API.md").write_text(as_markdown(results))
    say(f"wrote {HERE / 'API.md'}")


if __name__ == "__main__":
    main()
