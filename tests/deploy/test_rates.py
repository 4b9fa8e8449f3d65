"""nginx's rates: over them 429, and who is in already is not kept out by who guesses."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.conftest import FAST, Front
from tests.deploy.echo import echoing
from tests.deploy.running import Running, fronting

SLOW: dict[str, dict[str, Any]] = {
    "login": {"login_rate": "1r/m", "login_burst": 3},
    "api": {"api_rate": "1r/m", "api_burst": 3},
    "page": {"page_rate": "1r/m", "page_burst": 3},
    "kernel": {"kernel_rate": "1r/m", "kernel_burst": 3},
}


@contextmanager
def limited(folder: Path, **settings: Any) -> Iterator[Running]:
    with echoing("both") as both:
        behind = {"api": f"127.0.0.1:{both.port}", "dashboards": f"127.0.0.1:{both.port}"}
        with fronting(folder, **{**behind, **FAST, **settings}) as nginx:
            yield nginx


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("login", "/"),
        ("login", "/api/backtest"),
        ("login", "/voila/render/report.ipynb"),
        ("api", "/api/backtest"),
        ("page", "/"),
        ("page", "/docs"),
        ("page", "/api/kernels/k1"),
        ("kernel", "/voila/render/report.ipynb"),
    ],
)
def test_over_a_rate(tmp_path: Path, kind: str, path: str) -> None:
    """One and the burst pass; then 429 with Retry-After, as a problem document where a program asks."""
    with limited(tmp_path, **SLOW[kind]) as nginx:
        who = nginx.client() if kind == "login" else nginx.client("ada")
        answers = [who.get(path) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [401 if kind == "login" else 200] * 4 + [429] * 2
        refused = answers[-1]
        assert refused.headers["retry-after"] == "5"
        assert refused.headers["strict-transport-security"]
        if path == "/api/backtest":
            assert refused.headers["content-type"] == "application/problem+json"
            assert refused.json()["status"] == 429
        else:
            assert "Wait a moment" in refused.text
        assert nginx.client("ada", address="127.0.0.2").get(path).status_code == 200


def test_guessing_is_slow_and_who_is_in_stays_in(tmp_path: Path) -> None:
    """A browser that was let in carries a mark; guesses from the same address do not count against it."""
    with limited(tmp_path, **SLOW["login"]) as nginx:
        ada = nginx.client("ada")
        first = ada.get("/")
        cookie = first.headers["set-cookie"]
        assert all(part in cookie for part in ("HttpOnly", "Secure", "SameSite=Strict"))
        guesses = [nginx.client("ada", f"guess number {number}").get("/").status_code for number in range(5)]
        assert guesses == [401, 401, 401, 429, 429]
        answers = [ada.get("/") for _ in range(10)]
        assert {answer.status_code for answer in answers} == {200}
        assert not [answer for answer in answers if "set-cookie" in answer.headers]
        wrong_mark = nginx.client("ada")
        wrong_mark.cookies.set("workbench_seen", "0" * 64)
        assert wrong_mark.get("/").status_code == 429


def test_the_mark_opens_nothing(front: Front) -> None:
    """With it and without a login: 401."""
    ada, stranger = front.nginx.client("ada"), front.nginx.client()
    ada.get("/")
    stranger.cookies.update(ada.cookies)
    assert len(stranger.cookies) == 1
    assert stranger.get("/").status_code == 401


def test_too_many_at_once(tmp_path: Path) -> None:
    """Of one address; the others are not kept out, and when one ends the next may come."""
    with limited(tmp_path, connections=2) as nginx, ExitStack() as stack:
        ada, other = nginx.client("ada"), nginx.client("ada", address="127.0.0.2")
        answers = [stack.enter_context(ada.stream("GET", f"/api/backtest/{name}/events")) for name in "ab"]
        streams = [answer.iter_lines() for answer in answers]
        assert [next(lines) for lines in streams] == ["data: first"] * 2
        assert ada.get("/").status_code == 429
        assert other.get("/api/release").status_code == 200
        assert [list(lines)[-2:] for lines in streams] == [["data: last", ""]] * 2
        assert ada.get("/").status_code == 200


@pytest.mark.parametrize(("path", "text"), [("/api/backtest", "the API"), ("/", "The dashboards do not answer")])
def test_a_server_that_is_away(tmp_path: Path, path: str, text: str) -> None:
    """503 with a word on what is wrong."""
    nowhere = "127.0.0.1:9"
    with fronting(tmp_path, api=nowhere, dashboards=nowhere, **FAST) as nginx:
        answer = nginx.client("ada").get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert text in answer.text
