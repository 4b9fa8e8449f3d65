"""Who gets in: behind the proxy whoever it names, on one's own machine whoever has the key; nobody else, nowhere."""

import re
from pathlib import Path

import httpx
import pytest

from tests.pages.serving import NOBODY, SECRET, Pages, paging
from tests.serving import ADMIN, NO_AUTHORITIES, ROLES, TOKENS

ADDRESSES = (
    "/",
    "/voila/render/report.ipynb",
    "/voila/static/voila.js",
    "/voila/static/page.js",
    "/api/kernels/01234567-89ab-cdef-0123-456789abcdef",
    "/api/kernels",
    "/nothing",
)


def ask(pages: Pages, path: str, headers: list[tuple[str, str]]) -> httpx.Response:
    return httpx.get(f"{pages.url}{path}", headers=headers, trust_env=False, verify=NO_AUTHORITIES)


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("x-remote-user", "ada"), ("x-admin-token", ADMIN)],
        [("x-remote-user", "ada"), ("x-proxy-secret", SECRET[:-1])],
        [("x-proxy-secret", SECRET)],
        [("x-remote-user", "ada"), ("x-remote-user", "vera"), ("x-proxy-secret", SECRET)],
        [("x-remote-user", "ada"), ("x-proxy-secret", SECRET), ("x-proxy-secret", "other")],
    ],
    ids=["nobody", "no secret", "wrong secret", "no name", "two names", "two secrets"],
)
def test_without_the_proxy_nobody_gets_in(pages: Pages, path: str, headers: list[tuple[str, str]]) -> None:
    """403 everywhere, also where there is nothing; the page says how to get in."""
    answer = ask(pages, path, headers)
    assert answer.status_code == 403
    assert "Log in at the workbench" in answer.text
    assert not any(token in answer.text for token in (*TOKENS.values(), SECRET))


@pytest.mark.parametrize(
    "path",
    [
        "/voila/render/other.ipynb",
        "/voila/render/../server.py",
        "/voila/render/report.ipynb/x",
        "/voila/files/report.ipynb",
        "/voila/tree",
        "/voila/api/contents/",
        "/voila/static/../../../secrets",
        "/voila/query/01234567-89ab-cdef-0123-456789abcdef",
        "/api/kernels",
        "/api/contents",
        "/login",
    ],
)
def test_there_is_nothing_but_the_pages(pages: Pages, path: str) -> None:
    """What Voila or Jupyter would offer besides is not there."""
    answer = pages.visitor("vera").http.get(path)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text or answer.text == ""


def test_every_answer_forbids_what_is_not_ours(pages: Pages) -> None:
    """The policy stands on pages, scripts and refusals alike, and no page has an inline script that would run."""
    vera = pages.visitor("vera")
    for path in ("/", "/voila/render/report.ipynb", "/voila/static/voila.js", "/voila/static/page.css", "/nothing"):
        answer = vera.http.get(path, follow_redirects=False)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "'unsafe-inline'" not in policy.partition("style-src")[0]
        assert answer.headers["x-frame-options"] == "DENY"
    page = vera.http.get("/voila/render/report.ipynb").text
    inline = [tag for tag in re.findall(r"<script[^>]*>", page) if "src=" not in tag]
    assert inline
    assert all('type="application/' in tag for tag in inline)
    assert not re.search(r"https?://(?!127\.0\.0\.1)", page)


def test_on_one_s_own_machine_the_key_opens_and_nothing_else(tmp_path: Path) -> None:
    """The key is exchanged for a cookie; headers that claim somebody, and other names of this machine, do not count."""
    with paging(tmp_path, NOBODY, behind_proxy=False) as pages:
        client = httpx.Client(base_url=pages.url, trust_env=False, verify=NO_AUTHORITIES, timeout=60)
        assert client.get("/").status_code == 403
        assert client.get("/", headers={**ROLES["admin"], "x-remote-user": "ada"}).status_code == 403
        assert client.get("/?token=wrong").status_code == 403
        there = client.get(f"/voila/render/live.ipynb{pages.query}&id=7")
        assert there.status_code == 303
        assert there.headers["location"] == "/voila/render/live.ipynb?id=7"
        cookie = there.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        page = client.get("/voila/render/live.ipynb?id=7")
        assert page.status_code == 200
        assert '"role": "admin"' in page.text
        assert client.get("/", headers={"host": "rebound.example"}).status_code == 403
        assert not any(token in page.text for token in TOKENS.values())
        name, _, value = cookie.partition(";")[0].partition("=")
        assert client.get("/", headers={"cookie": f"{name}={value[::-1]}"}).status_code == 403
        with paging(tmp_path / "second", NOBODY, behind_proxy=False) as second:  # cookies do not know ports
            other = httpx.get(f"{second.url}/{second.query}", trust_env=False, verify=NO_AUTHORITIES)
            assert other.headers["set-cookie"].partition("=")[0] != name
        client.close()
    log = pages.log_path.read_text()
    assert not any(secret in log for secret in (*TOKENS.values(), pages.query.partition("=")[2]))


def test_a_cell_that_fails_tells_nothing_of_itself(tmp_path: Path) -> None:
    """A page says that it could not be made; the source and the traceback stay in the server's log."""
    with paging(tmp_path, NOBODY, source="password = 'swordfish'\nraise ValueError(password)") as pages:
        page = pages.visitor("vera").http.get("/voila/render/report.ipynb").text
    assert "This page could not be made" in page
    assert "swordfish" not in page
    assert "ValueError" in pages.log_path.read_text()
