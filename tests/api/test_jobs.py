"""The queue: cancelling, limits, a full queue, retries, and a server that is killed.

Workers are held still where a job has to be at work for a while, so nothing depends on how fast it would be done.
"""

import contextlib
import signal
import time
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from tests.api.jobs import (
    SMOKE,
    ended,
    events,
    held,
    metric,
    start,
    status,
    wait_for_end,
    wait_until_running,
    workers,
)
from tests.serving import Server, serving

QUEUE_SIZE = 3


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One worker, a short queue."""
    with serving(tmp_path_factory.mktemp("small"), queue_size=QUEUE_SIZE) as server:
        yield server


def cancel(server: Server, url: str) -> httpx.Response:
    return server.client("researcher", "alice").post(f"{url}/cancel")


def audit(server: Server, url: str) -> list[tuple[str, str, Any]]:
    """What the audit log says of a job, oldest first: who, what, and how it ended."""
    told = server.client("admin").get("/api/audit", params={"limit": 1000}).json()["entries"]
    about = [each for each in reversed(told) if url.endswith(f"/{each['subject']}")]
    return [(each["who"], each["action"], each["details"].get("status")) for each in about]


def test_cancelling(small: Server) -> None:
    """A queued job never runs; the process of a running one is ended, and a fresh one does what comes next."""
    with held(small) as still:
        first, second, third = (start(small) for _ in range(3))
        wait_until_running(small, first)
        assert [status(small, url)["position"] for url in (first, second, third)] == [None, 0, 1]
        told = cancel(small, second).raise_for_status().json()
        assert (told["status"], told["started_ns"], told["error"]) == ("cancelled", None, None)
        assert status(small, third)["position"] == 0
        assert cancel(small, first).raise_for_status().json()["status"] == "cancelled"
        for worker in still:
            wait_for_end(worker)
    assert ended(small, third)["status"] == "done"
    assert not {each.pid for each in workers(small)} & {each.pid for each in still}
    assert audit(small, second) == [
        ("researcher", "backtest_start", None),
        ("alice", "backtest_finish", "cancelled"),
    ]
    assert audit(small, first)[-1] == ("alice", "backtest_finish", "cancelled")
    for url in (first, second, third):
        again = cancel(small, url)
        assert again.status_code == 409
        assert again.json()["reasons"] == [f"it is {status(small, url)['status']}"]


def test_a_stream_ends_when_its_job_is_cancelled(small: Server) -> None:
    """Those who follow are told."""
    with held(small):
        url = start(small)
        wait_until_running(small, url)
        told = events(small, url)
        assert next(told)["status"] == "running"
        cancel(small, url).raise_for_status()
        assert [each["status"] for each in told][-1] == "cancelled"


def test_a_full_queue_turns_away_and_loses_nothing(small: Server) -> None:
    """Many at once: as many are accepted as there is room for, and each of them is done."""
    before = metric(small, "bt_refused_total")
    with held(small), ThreadPoolExecutor(8) as threads:
        first = start(small)
        wait_until_running(small, first)
        client = small.client("researcher")
        answers = list(threads.map(lambda _: client.post("/api/backtest/start", json=SMOKE), range(16)))
        assert Counter(answer.status_code for answer in answers) == {202: QUEUE_SIZE, 503: 16 - QUEUE_SIZE}
        refused = [answer for answer in answers if answer.status_code == 503]
        assert all(1 <= int(answer.headers["retry-after"]) <= 60 for answer in refused)
        assert {answer.headers["content-type"] for answer in refused} == {"application/problem+json"}
        assert metric(small, "bt_refused_total") == before + len(refused)
        assert metric(small, "bt_jobs_waiting") == QUEUE_SIZE
        assert small.client().get("/readyz").status_code == 200
    accepted = [answer.json()["url"] for answer in answers if answer.status_code == 202]
    assert [ended(small, url)["status"] for url in (first, *accepted)] == ["done"] * (1 + QUEUE_SIZE)


def test_retrying(small: Server) -> None:
    """What did not come to an end is asked for again, as a new job; what is done is not."""
    with held(small):
        url = start(small, params={"fast": 5, "slow": 34})
        cancel(small, url).raise_for_status()
    answer = small.client("admin", "bob").post(f"{url}/retry")
    assert answer.status_code == 202
    assert answer.headers["location"] == answer.json()["url"]
    told = ended(small, answer.json()["url"])
    assert (told["status"], told["retry_of"], told["who"]) == ("done", url.rpartition("/")[2], "bob")
    assert told["request"] == status(small, url)["request"]
    again = small.client("admin").post(f"{answer.json()['url']}/retry")
    assert again.status_code == 409
    assert again.json()["reasons"] == ["it is done"]


def test_a_dead_worker_fails_its_job_alone(small: Server) -> None:
    """Somebody else ended it; the next job is done."""
    replaced = metric(small, "bt_workers_replaced_total")
    with held(small) as still:
        url = start(small)
        wait_until_running(small, url)
        following = start(small)
        for worker in still:
            worker.kill()
    told = ended(small, url)
    assert (told["status"], told["error"]["kind"]) == ("failed", "crash")
    assert ended(small, following)["status"] == "done"
    assert metric(small, "bt_workers_replaced_total") == replaced + 1


def test_the_time_limit_ends_the_work(tmp_path: Path) -> None:
    """The job fails with the reason, its process is gone, the next one is done."""
    with serving(tmp_path, job_seconds=2) as server:
        with held(server) as still:
            url = start(server)
            told = ended(server, url)
            for worker in still:
                wait_for_end(worker)
        assert (told["status"], told["error"]["kind"]) == ("failed", "time")
        assert told["error"]["text"] == "the job took longer than 2 s"
        assert ended(server, start(server))["status"] == "done"
        assert (metric(server, "bt_runs_total"), metric(server, "bt_fail_total")) == (3, 1)
        assert metric(server, "bt_latency_ms_count") == 2


def test_a_server_that_was_ended_takes_up_its_queue(tmp_path: Path) -> None:
    """Queued jobs run after the restart; the one at work is interrupted, can be retried, and nothing is lost.

    A server that is asked to end leaves its jobs the same way, and takes its workers with it: within seconds, with
    status 0, even while somebody follows a job.
    """
    with serving(tmp_path) as server:
        reference = ended(server, start(server))
        with held(server) as orphans:
            running, *queued = (start(server, params={"fast": fast, "slow": 21}) for fast in (9, 8, 7))
            wait_until_running(server, running)
            assert server.end(signal.SIGKILL) == -signal.SIGKILL
        for orphan in orphans:
            wait_for_end(orphan)
    with serving(tmp_path) as server:
        assert [ended(server, url)["status"] for url in queued] == ["done", "done"]
        assert ended(server, running)["status"] == "interrupted"
        assert status(server, f"/api/backtest/{reference['id']}") == reference
        assert audit(server, running)[-1] == ("server", "backtest_finish", "interrupted")
        again = server.client("researcher").post(f"{running}/retry").raise_for_status().json()
        assert ended(server, again["url"])["digest"] == reference["digest"]
        verdict = server.client("admin").get("/api/audit/verify").json()
        assert (verdict["intact"], verdict["entries"]) == (True, 12)
        with held(server) as still:
            running, waiting = start(server), start(server)
            wait_until_running(server, running)
            told = events(server, running)
            assert next(told)["status"] == "running"
            follower = Thread(target=exhaust, args=(told,))
            follower.start()
            began = time.monotonic()
            server.process.terminate()
            assert server.process.wait(10) == 0
            assert time.monotonic() - began < 8
            follower.join(10)
            assert not follower.is_alive()
        for worker in still:
            wait_for_end(worker)
    with serving(tmp_path) as server:
        assert ended(server, waiting)["status"] == "done"
        assert ended(server, running)["status"] == "interrupted"


def exhaust(told: Iterator[object]) -> None:
    """To the end; a connection that breaks is one, too."""
    with contextlib.suppress(httpx.HTTPError):
        deque(told, maxlen=0)
