"""The real nginx: who is let in, and what reaches the servers behind."""

import asyncio
import json
import ssl

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.deploy.conftest import Front
from tests.deploy.running import PASSWORD, PEOPLE
from tests.monitoring.serving import wait_for
from tests.serving import ADMIN, RESEARCHER, TOKENS

FORGED = {
    "x-admin-token": "forged",
    "x-researcher-token": "forged",
    "x-remote-user": "forged",
    "x-proxy-secret": "forged",
    "x-forwarded-for": "203.0.113.1",
    "x-forwarded-host": "forged.example",
    "x-forwarded-proto": "http",
    "x-forwarded-port": "forged",
    "x-real-ip": "203.0.113.1",
    "forwarded": "for=203.0.113.1",
    "x_admin_token": "forged",
}
PAGES = ("/", "/voila/render/report.ipynb", "/api/kernels/k1")
CALLS = ("/api/backtest", "/api/guardrails/status", "/docs", "/docs/static/a.js", "/openapi.json")
TOKEN_OF = {"viewer": {}, "researcher": {"x-researcher-token": RESEARCHER}, "admin": {"x-admin-token": ADMIN}}


def told_headers(told: dict[str, object]) -> dict[str, list[str]]:
    """Name -> every value that arrived."""
    headers: dict[str, list[str]] = {}
    for name, value in told["headers"]:  # type: ignore[attr-defined]
        headers.setdefault(name, []).append(value)
    return headers


def identity(front: Front, who: str) -> dict[str, list[str]]:
    """Of what a visitor could have forged, exactly what should arrive."""
    own = {**TOKEN_OF[PEOPLE[who]], "x-remote-user": who, "x-proxy-secret": front.nginx.proxy_secret}
    fixed = {"x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "https"}
    return {name: [value] for name, value in {**own, **fixed}.items()}


def of_identity(headers: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: values for name, values in headers.items() if name in FORGED or name == "authorization"}


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("path", [*PAGES, *CALLS])
def test_each_role_arrives_as_it_should(front: Front, who: str, path: str) -> None:
    """Name, the role's token (a viewer has none), the proxy's secret, the address; nothing else of that kind."""
    answer = front.nginx.client(who).get(path)
    assert answer.status_code == 200
    told = answer.json()
    assert told["server"] == ("dashboards" if path in PAGES else "api")
    assert told["path"] == path
    assert of_identity(told_headers(told)) == identity(front, who)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("path", [*PAGES, *CALLS])
def test_nothing_forged_arrives(front: Front, who: str, path: str) -> None:
    """Whatever a visitor sends under these names is gone, twice sent or not."""
    twice = [*FORGED.items(), *FORGED.items()]
    told = front.nginx.client(who).get(path, headers=twice).json()
    assert of_identity(told_headers(told)) == identity(front, who)


@pytest.mark.parametrize("who", [None, "nobody", "Ada", "ada\n", ""])
@pytest.mark.parametrize("path", [*PAGES, *CALLS, "/api/backtest/x/events"])
def test_a_login_is_needed(front: Front, who: str | None, path: str) -> None:
    """No name, an unknown one, or one in another case: 401, and nothing reaches the servers."""
    before = len(front.api.seen) + len(front.dashboards.seen)
    answer = front.nginx.client(who).get(path, headers={"x-admin-token": ADMIN})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert "set-cookie" not in answer.headers
    assert len(front.api.seen) + len(front.dashboards.seen) == before


def test_a_wrong_password(front: Front) -> None:
    assert front.nginx.client("ada", "wrong horse battery").get("/").status_code == 401


def test_who_has_a_password_and_no_role_looks_on(front: Front) -> None:
    """The safe answer to a forgotten line of roles.map. The file of passwords is read anew for each request."""
    path = front.nginx.root / "htpasswd"
    kept = path.read_text()
    try:
        with path.open("a") as file:
            file.write("ad:" + kept.split("ada:")[1].splitlines()[0] + "\n")
        headers = told_headers(front.nginx.client("ad").get("/").json())
        assert headers["x-remote-user"] == ["ad"]
        assert not TOKENS.keys() & headers.keys()
    finally:
        path.write_text(kept)


def test_the_servers_behind_are_called_by_the_names_they_answer_to(front: Front) -> None:
    """The API by this machine's; the dashboards by the public one, which browsers name as the origin."""
    client = front.nginx.client("vera")
    client.cookies.set("session", "1")
    api, page = (told_headers(client.get(path).json()) for path in ("/api/backtest", "/"))
    assert api["host"] == ["127.0.0.1"]
    assert "cookie" not in api
    assert page["host"] == [front.nginx.door.origin.removeprefix("https://")]
    assert "session=1" in page["cookie"][0]


def test_another_name_is_refused(front: Front) -> None:
    """A foreign name may point here, too (DNS rebinding)."""
    answer = front.nginx.client("ada").get("/", headers={"host": "evil.example"})
    assert answer.status_code == 421


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "OWN"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "OWN.evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}, 200),
        ({"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}, 200),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, 200),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, 403),
        ({"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"}, 403),
    ],
)
def test_another_site_cannot_use_the_login(front: Front, headers: dict[str, str], status: int) -> None:
    """Browsers send the login along wherever a request comes from; following a link is fine."""
    own = {name: value.replace("OWN", front.nginx.door.origin) for name, value in headers.items()}
    assert front.nginx.client("ada").post("/api/guardrails/gate/halt", headers=own).status_code == status


def test_a_websocket_passes(front: Front) -> None:
    """To the dashboards, with the person's own headers, both ways."""
    told, heard = asyncio.run(_say_hello(_opening(front, "ada", "/api/kernels/k1/channels")))
    assert (told["server"], told["path"]) == ("dashboards", "/api/kernels/k1/channels")
    assert of_identity(told_headers(told)) == identity(front, "ada")
    assert heard == "hello"


@pytest.mark.parametrize("changed", [{"user": None}, {"origin": "https://evil.example"}])
def test_a_websocket_of_a_stranger_or_of_another_site_does_not(front: Front, changed: dict[str, str | None]) -> None:
    opening = _opening(front, changed.get("user", "ada"), "/api/kernels/k1/channels", **changed)
    with pytest.raises(InvalidStatus) as refused:
        asyncio.run(_say_hello(opening))
    assert refused.value.response.status_code == (401 if "user" in changed else 403)


async def _say_hello(opening: dict[str, object]) -> tuple[dict[str, object], str]:
    """What the echo tells of the opening, and what comes back. (The client with threads may hang over TLS: two of them
    use one connection of OpenSSL, which Python allows from 3.13 on.)"""
    async with asyncio.timeout(20), connect(**opening) as socket:  # type: ignore[arg-type]
        told = json.loads(await socket.recv())
        await socket.send("hello")
        return told, str(await socket.recv())


def _opening(front: Front, who: str | None, path: str, **changed: str | None) -> dict[str, object]:
    """Arguments of a websocket's opening, with forged headers beside the login."""
    login = {} if who is None else {"authorization": httpx.BasicAuth(who, PASSWORD)._auth_header}
    return {
        "uri": front.nginx.door.origin.replace("https", "wss") + path,
        "origin": changed.get("origin", front.nginx.door.origin),
        "additional_headers": {**FORGED, **login},
        "ssl": front.nginx.trust,
        "proxy": None,
    }


def test_events_arrive_when_they_happen(front: Front) -> None:
    """The first one is here although the second one waits for our word."""
    client = front.nginx.client("vera")
    with client.stream("GET", "/api/backtest/x/events", headers={"accept-encoding": "gzip"}) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "data: first"
        client.get("/api/release")
        assert [line for line in lines if line] == ["data: last"]


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz"])
def test_what_is_for_this_machine_alone(front: Front, path: str) -> None:
    """Answered without a login, and with nobody's role whatever name is claimed; from any other address 403."""
    told = front.nginx.client("ada", "wrong horse battery").get(path, headers=FORGED).json()
    secret = {"x-proxy-secret": [front.nginx.proxy_secret]}
    fixed = {"x-forwarded-for": ["127.0.0.1"], "x-forwarded-proto": ["https"]}
    assert of_identity(told_headers(told)) == {**secret, **fixed}
    before = len(front.api.seen)
    for who in (None, "ada"):
        assert front.nginx.client(who, address="127.0.0.2").get(path).status_code == 403
    assert len(front.api.seen) == before


def test_the_visitors_address_is_told(front: Front) -> None:
    told = front.nginx.client("vera", address="127.0.0.9").get("/api/backtest", headers=FORGED).json()
    assert told_headers(told)["x-forwarded-for"] == ["127.0.0.9"]


def test_plain_http_only_redirects(front: Front) -> None:
    """To the one public name, whatever name was asked for."""
    door = front.nginx.door
    for host in ("localhost", "evil.example"):
        url = f"http://127.0.0.1:{door.port}/voila/render/report.ipynb?id=1"
        answer = httpx.get(url, headers={"host": host}, trust_env=False)
        assert answer.status_code == 301
        assert answer.headers["location"] == f"{door.origin}/voila/render/report.ipynb?id=1"


def test_old_tls_is_refused(front: Front) -> None:
    old = front.nginx.trust
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with httpx.Client(verify=old, trust_env=False) as client, pytest.raises(httpx.ConnectError, match=r"(?i)ssl|alert"):
        client.get(front.nginx.door.origin)


@pytest.mark.parametrize(("who", "path"), [("vera", "/"), ("vera", "/api/backtest"), (None, "/"), ("ada", "/refused")])
def test_headers_of_every_answer(front: Front, who: str | None, path: str) -> None:
    """Once each, on nginx's own refusals too; no version is told."""
    answer = front.nginx.client(who).get(path)
    expected = {
        "strict-transport-security": "max-age=63072000",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "server": "nginx",
    }
    assert {name: answer.headers.get_list(name) for name in expected} == {
        name: [value] for name, value in expected.items()
    }
    assert len(answer.headers.get_list("content-security-policy")) == 1


def test_an_answer_behind_keeps_its_own_retry_after(front: Front) -> None:
    answer = front.nginx.client("vera").get("/refused")
    assert (answer.status_code, answer.headers.get_list("retry-after")) == (429, ["77"])


def test_a_large_body_is_refused(front: Front) -> None:
    before = len(front.api.seen)
    answer = front.nginx.client("ada").post("/api/backtest/start", content=b"x" * 70_000)
    assert answer.status_code == 413
    assert len(front.api.seen) == before


def test_no_answer_of_nginx_and_no_log_holds_a_secret(front: Front) -> None:
    """Not its refusals, not the headers of any answer, not the cookie, not a log."""
    ada, stranger = front.nginx.client("ada"), front.nginx.client()
    refusals = [stranger.get(path) for path in (*PAGES, *CALLS)]
    refusals += [ada.get("/", headers={"origin": "https://evil.example"}), ada.post("/api/x", content=b"x" * 70_000)]
    assert {answer.status_code for answer in refusals} == {401, 403, 413}
    answers = [*refusals, *(ada.get(path) for path in (*PAGES, *CALLS))]
    texts = [answer.text for answer in refusals] + [str(answer.headers.raw) for answer in answers]
    secrets = (ADMIN, RESEARCHER, front.nginx.proxy_secret, PASSWORD)
    assert not [secret for text in [*texts, front.nginx.logs()] for secret in secrets if secret in text]


@pytest.mark.parametrize("name", ["secrets.conf", "workbench.env", "htpasswd", "roles.map", "logs/access.log"])
@pytest.mark.parametrize("path", ["/{}", "/../{}", "/%2e%2e/{}", "/docs/../{}", "/.well-known/acme-challenge/../../{}"])
def test_no_file_of_nginx_is_served(front: Front, name: str, path: str) -> None:
    """Not over TLS, where everything goes to the servers behind, and not over plain HTTP."""
    secure = front.nginx.client("ada").get(path.format(name))
    assert secure.status_code == 400 or "server" in secure.json()
    plain = httpx.get(f"http://127.0.0.1:{front.nginx.door.port}{path.format(name)}", trust_env=False)
    assert plain.status_code in (301, 400)


def test_the_access_log_has_no_queries(front: Front) -> None:
    """One JSON object a line; neither queries nor referrers, into which people put what they like."""
    headers = {"referer": f"{front.nginx.door.origin}/?token=in-a-referrer", "authorization": 'x"} in-a-login'}
    front.nginx.client("ada").get('/a"b?token=in-a-query', headers={"referer": headers["referer"]})
    front.nginx.client().get("/", headers=headers)
    log = front.nginx.root / "logs" / "access.log"  # written after the answer
    wait_for("the line", lambda: 'a"b' in {json.loads(line)["path"][1:] for line in log.read_text().splitlines()})
    access = log.read_text()
    assert not [text for text in ("in-a-query", "in-a-referrer", "in-a-login") if text in access]
