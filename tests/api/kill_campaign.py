"""A server that is killed again and again, and what it had acknowledged.

``python -m tests.api.kill_campaign --seed 1 --moments 100`` runs it by hand and prints the accounts. What is asked for
and when the server dies is drawn from the seed; how far it is by then is up to the machine.
"""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import httpx
import psutil

from tests.api.acknowledged import Answer, Book, check_jobs, check_proposals, check_versions
from tests.api.kill_clients import ADMIN, RESEARCHER, Client, client_for
from tests.bench.market import make_candles
from workbench.data.store import CandleStore
from workbench.evidence.store import EvidenceStore
from workbench.home import Home
from workbench.research.evidence import verify

ENVIRONMENT = {
    "WORKBENCH_ADMIN_TOKEN": ADMIN,
    "WORKBENCH_RESEARCHER_TOKEN": RESEARCHER,
    "WORKBENCH_RATE_LIMIT": "1000000/minute",
}
SCOPES = ("smaCross/ETHUSDT", "rsi/ETHUSDT", "smaCross/BTCUSDT", "rsi/BTCUSDT", "limits")
CLIENTS = 6
RUN_UP_SECONDS, LONGEST_SECONDS = 0.2, 0.4
BARS = 300_000
"""Of the BTCUSDT candles: enough that a kill finds a job at work."""


@dataclass
class Outcome:
    """What a campaign saw."""

    moments: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    in_flight: Counter[str] = field(default_factory=Counter)
    arrived: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    verified: int = 0
    audit_entries: int = 0
    killed_starting: int = 0
    start_seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Server:
    """A real one, in a process of its own, on any free port."""

    def __init__(self, root: Path) -> None:
        command = [
            sys.executable,
            "-m",
            "workbench.cli",
            "serve",
            "--port",
            "0",
            "--no-feed",
            "--workers",
            "1",
            "--json",
        ]
        environment = {**os.environ, **ENVIRONMENT, "WORKBENCH_HOME": str(root)}
        self.log = (root / "server.log").open("ab")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, env=environment)
        self.url = ""

    def wait_until_ready(self) -> None:
        """Its address is known after this.

        Raises:
            RuntimeError: it ended instead.
        """
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server ended with status {self.process.wait()} before it was ready")
        self.url = json.loads(line)["url"]

    def kill(self) -> list[psutil.Process]:
        """End it without warning; its workers, which are left to themselves."""
        workers = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGKILL)
        self.close()
        return workers

    def close(self) -> None:
        """Wait for its end."""
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.log.close()


async def burst(server: Server, book: Book, chance: Random) -> list[psutil.Process]:
    """Some clients at once, and the kill amidst them; the workers that were left."""
    book.in_flight.clear()
    async with client_for(server.url) as http:
        seeds = [chance.random() for _ in range(CLIENTS)]
        clients = [Client(http, book, Random(seed)) for seed in seeds]  # noqa: S311 - seeded on purpose
        tasks = [asyncio.create_task(each.run()) for each in clients]
        await asyncio.sleep(RUN_UP_SECONDS + chance.uniform(0.0, LONGEST_SECONDS))
        workers = server.kill()
        await asyncio.gather(*tasks)
    return workers


async def look_after(server: Server, book: Book, home: Home, outcome: Outcome) -> None:
    """Everything acknowledged is there; what was interrupted can be done again."""
    outcome.in_flight += Counter(act for act, _ in book.in_flight)
    async with client_for(server.url) as http:
        verdict = await _read(http, "/api/audit/verify")
        if not verdict["intact"] or verdict["entries"] < book.audit_entries + book.writes:
            outcome.wrong.append(f"audit: {verdict}, {book.audit_entries} and {book.writes} more were acknowledged")
        before = Counter(jobs=len(book.jobs), proposals=len(book.proposals), versions=len(book.versions))
        jobs = await _ended_jobs(http)
        outcome.wrong += check_jobs(book, jobs)
        outcome.wrong += await _check_history(http, book)
        after = Counter(jobs=len(book.jobs), proposals=len(book.proposals), versions=len(book.versions))
        outcome.arrived += after - before
        await _take_ends(http, book, jobs, outcome)
        book.audit_entries, book.writes = (await _read(http, "/api/audit/verify"))["entries"], 0
    outcome.audit_entries = book.audit_entries
    outcome.wrong += _verify_evidence(book, home, outcome)


async def _read(http: httpx.AsyncClient, path: str, **params: Any) -> Answer:
    answer = await http.get(path, params=params)
    return dict(answer.raise_for_status().json())


async def _ended_jobs(http: httpx.AsyncClient) -> list[Answer]:
    """All jobs there are, once all have ended."""
    async with asyncio.timeout(60):
        while True:
            jobs: list[Answer] = []
            before: dict[str, int] = {}
            while True:
                page = await _read(http, "/api/backtest", limit=500, **before)
                jobs += page["backtests"]
                if page["next_before"] is None:
                    break
                before = {"before": page["next_before"]}
            if all(each["status"] not in ("queued", "running") for each in jobs):
                return jobs
            await asyncio.sleep(0.02)


async def _check_history(http: httpx.AsyncClient, book: Book) -> list[str]:
    state = await _read(http, "/api/guardrails/status")
    active = {each["scope"]: each["version"] for each in state["active"]}
    wrong = check_proposals(book, (await _read(http, "/api/guardrails/history", limit=500))["proposals"])
    for scope in SCOPES:
        told = await _read(http, "/api/guardrails/history", limit=500, scope=scope)
        wrong += check_versions(book, scope, told["versions"], active.get(scope, 0))
    return wrong


async def _take_ends(http: httpx.AsyncClient, book: Book, jobs: list[Answer], outcome: Outcome) -> None:
    """How each job ended; an interrupted one is tried again."""
    for each in jobs:
        if each["id"] in book.ends:
            if book.ends[each["id"]] != each["status"]:
                outcome.wrong.append(f"job {each['id']} was {book.ends[each['id']]}, and now {each['status']}")
            continue
        book.ends[each["id"]] = each["status"]
        outcome.ends[each["status"]] += 1
        if each["status"] == "done":
            book.done[each["id"]] = each
        elif each["status"] == "interrupted":
            await _retry(http, book, each, outcome)
        else:
            outcome.wrong.append(f"job {each['id']} ended {each['status']}: {each['error']}")


async def _retry(http: httpx.AsyncClient, book: Book, held: Answer, outcome: Outcome) -> None:
    made = (await http.post(f"/api/backtest/{held['id']}/retry")).raise_for_status().json()
    book.jobs[made["id"]] = {}
    again = next(each for each in await _ended_jobs(http) if each["id"] == made["id"])
    if again["status"] != "done" or again["request"] != held["request"]:
        outcome.wrong.append(f"job {held['id']} tried again: {again}")
    book.ends[made["id"]] = again["status"]
    book.done[made["id"]] = again


def _verify_evidence(book: Book, home: Home, outcome: Outcome) -> list[str]:
    """Every report in the folder is whole; those of finished jobs come out again, each once."""
    wrong = [f"{each.id}: {each.problem}" for each in EvidenceStore(home.evidence).list() if each.problem]
    for each in book.done.values():
        name, digest = each["evidence_id"], each["digest"]
        if book.verified.get(name) == digest:
            continue
        verdict = verify(name, home=home)
        if not verdict.verified or verdict.expected_digest != digest:
            wrong.append(f"{verdict}, job {each['id']} has {digest}")
        book.verified[name] = digest
        outcome.verified += 1
    return wrong


def start(home: Home, chance: Random, outcome: Outcome) -> Server:
    """A server that is ready; one start in ten is killed before it is."""
    if chance.random() < 0.1:
        server = Server(home.root)
        time.sleep(chance.uniform(0.0, 4.0))  # the moment is what is tested
        outcome.killed_starting += 1
        outcome.wrong += workers_left(server.kill())
    began = time.perf_counter()
    server = Server(home.root)
    server.wait_until_ready()
    outcome.start_seconds.append(time.perf_counter() - began)
    return server


def workers_left(workers: list[psutil.Process]) -> list[str]:
    """Nobody ends them: they end because nobody speaks to them any more."""
    _, alive = psutil.wait_procs(workers, timeout=20)
    for each in alive:
        each.kill()
    return [f"worker {each.pid} outlived its server" for each in alive]


def run(seed: int, moments: int, folder: Path, say: Any = lambda _: None) -> Outcome:
    """So many lives of one home."""
    chance, book, outcome, home = Random(seed), Book(), Outcome(), Home.at(folder)  # noqa: S311 - seeded on purpose
    walk = make_candles(BARS)
    CandleStore(home.data).append(replace(walk, instrument=replace(walk.instrument, pair="BTCUSDT")))
    server = start(home, chance, outcome)
    try:
        for _ in range(moments):
            workers = asyncio.run(burst(server, book, chance))
            outcome.wrong += workers_left(workers)
            server = start(home, chance, outcome)
            asyncio.run(look_after(server, book, home, outcome))
            outcome.moments += 1
            outcome.acts = book.acts
            say(outcome)
    finally:
        server.kill()
    return outcome


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--moments", type=int, default=100)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(asked.seed, asked.moments, Path(folder), lambda now: sys.stderr.write(f"{now}\n"))
    seconds = sorted(outcome.start_seconds)
    sys.stdout.write(f"seed {asked.seed}: {outcome}\nstart: median {seconds[len(seconds) // 2]:.2f} s\n")
    sys.exit(1 if outcome.wrong else 0)


if __name__ == "__main__":
    main()
