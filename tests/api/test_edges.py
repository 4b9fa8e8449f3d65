"""The server's edges: limits, headers, log, tokens, start and end."""

import json
import re
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.jobs import SMOKE, ended, start
from tests.serving import ADMIN, RESEARCHER, ROLES, Server, environment, serving
from workbench.api.server import read_settings
from workbench.model.errors import InputError

PROBLEM = "application/problem+json"
SECURITY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


def test_too_many_requests(tmp_path: Path) -> None:
    """429 with Retry-After, per token and per person; supervisors are always answered."""
    with serving(tmp_path, rate_limit="5/hour") as server:
        codes = [server.client().get("/api/backtest").status_code for _ in range(7)]
        assert codes == [200] * 5 + [429] * 2
        answer = server.client().get("/api/backtest")
        assert 1 <= int(answer.headers["retry-after"]) <= 3600
        assert (answer.headers["content-type"], answer.json()["status"]) == (PROBLEM, 429)
        assert SECURITY.items() <= answer.headers.items()
        assert server.client("admin").get("/api/backtest").status_code == 200
        wrong = {"x-admin-token": "x" * 40}
        assert server.client().get("/api/backtest", headers=wrong).status_code == 429  # guessing costs the address
        for path in ("/healthz", "/readyz", "/metrics"):
            assert {server.client().get(path).status_code for _ in range(7)} == {200}
        metrics = server.client().get("/metrics").text
        assert "http_rate_limited_total 4.0" in metrics


@pytest.mark.parametrize("is_announced", [True, False])
def test_a_request_that_is_too_large(server: Server, is_announced: bool) -> None:
    """413, whether its length was announced or it comes in pieces; and the server goes on."""
    body = json.dumps({**SMOKE, "params": {"fast": "9" * 70_000}}).encode()
    pieces = body if is_announced else iter([body[:40_000], body[40_000:]])
    headers = {"content-type": "application/json"}
    answer = server.client("researcher").post("/api/backtest/start", content=pieces, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)
    assert server.client().get("/healthz").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:4010", "127.0.0.1.evil.example", "", "[::2]"])
def test_a_strange_host_header(server: Server, host: str) -> None:
    """A page of somebody else's, whose name points here, gets nothing."""
    for path in ("/api/backtest", "/docs", "/metrics"):
        answer = server.client().get(path, headers={"host": host})
        assert answer.status_code == 400
        assert answer.json()["detail"] == "the Host header names another server"


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost", "LOCALHOST:80", "[::1]:4010"])
def test_our_own_names(server: Server, host: str) -> None:
    """Whatever the port: a proxy may have another one."""
    assert server.client().get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("status", [200, 404, 405, 401, 422, 400])
def test_headers_of_every_answer(server: Server, status: int) -> None:
    """Security headers, an id of its own, no word of what serves it, no other origin."""
    headers = {"origin": "https://evil.example"}
    match status:
        case 401:
            answer = server.client().get("/api/audit", headers={**headers, "x-admin-token": "x" * 40})
        case 400:
            answer = server.client().get("/healthz", headers={**headers, "host": "evil.example"})
        case 422:
            answer = server.client("researcher").post("/api/backtest/start", json={}, headers=headers)
        case 405:
            answer = server.client().delete("/api/backtest", headers=headers)
        case _:
            answer = server.client().get("/api/backtest" if status == 200 else "/no/such/page", headers=headers)
    assert answer.status_code == status
    assert SECURITY.items() <= answer.headers.items()
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])
    assert not {"server", "access-control-allow-origin", "set-cookie"} & set(answer.headers)
    if status >= 400:
        assert answer.headers["content-type"] == PROBLEM
        assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_the_documentation_needs_no_other_server(server: Server) -> None:
    """Its script, style and picture come from here."""
    page = server.client().get("/docs")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert any(path.endswith(".js") for path in loaded)
    assert any(path.endswith(".css") for path in loaded)
    for path in loaded:
        assert path.startswith("/")
        assert server.client().get(path).status_code == 200
    assert server.client().get("/docs/static/../../../tokens.json").status_code == 404
    assert server.client().get("/docs/static/%2e%2e/%2e%2e/__init__.py").status_code == 404


def test_the_log_is_json_and_holds_no_secret(tmp_path: Path) -> None:
    """Whatever was asked: no token in the log or an answer. Listening beyond this machine is warned about."""
    secrets = ("guessed-token-0123456789-abcdef", "hunter2hunter2")
    with serving(tmp_path, log_level="DEBUG", host="0.0.0.0") as server:  # noqa: S104 - that is warned about
        server.url = server.url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
        client = server.client("admin", "bob")
        answers = [
            client.get("/api/audit", params={"token": "in-the-query"}),
            server.client().get("/api/audit", headers={"x-admin-token": secrets[0]}),
            client.post("/api/backtest/start", json={**SMOKE, "params": {"fast": 0}}),
            client.post("/api/backtest/start", content=b"{", headers={"content-type": "application/json"}),
            client.get("/no/such/page"),
        ]
        url = start(server)
        ended(server, url)
        asked = {answer.headers["x-request-id"]: answer for answer in answers}
        texts = [answer.text for answer in (*answers, client.get("/metrics"), client.get("/openapi.json"))]
        assert server.end() == 0
    lines = server.log()
    assert any("beyond this machine" in line["event"] for line in lines if line["level"] == "warning")
    by_id = {line["request_id"]: line for line in lines if line["event"] == "request"}
    assert all(by_id[name]["status"] == answer.status_code for name, answer in asked.items())
    assert all({"event", "level", "logger", "timestamp"} <= set(line) for line in lines)
    everything = "\n".join([server.log_path.read_text("utf-8"), *texts])
    assert not [secret for secret in (ADMIN, RESEARCHER, *secrets, "in-the-query") if secret in everything]


def test_a_database_password_is_not_told(tmp_path: Path) -> None:
    """Where it does not answer, the server says so in its log and ends."""
    closed = unused_port()
    url = f"postgresql+psycopg://somebody:hunter2hunter2@127.0.0.1:{closed}/ledger"
    done = serve(tmp_path, database_url=url)
    assert done.returncode not in (0, -signal.SIGKILL)
    assert str(closed) in done.stderr
    assert "hunter2hunter2" not in done.stdout + done.stderr


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(home: Path, *options: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """A start that is to fail."""
    command = [sys.executable, "-m", "workbench.cli", "serve", "--port", "0", "--json", *options]
    return subprocess.run(
        command, env=environment(home, **settings), capture_output=True, text=True, timeout=60, check=False
    )


def test_tokens_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    """Told where they are, not what they are."""
    with serving(tmp_path, admin_token=None, researcher_token=None) as server:
        path = tmp_path / "tokens.json"
        assert server.told["tokens"] == str(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        tokens = json.loads(path.read_text("utf-8"))
        assert server.client().get("/api/audit", headers={"x-admin-token": tokens["admin"]}).status_code == 200
        assert server.client().get("/api/audit", headers=ROLES["admin"]).status_code == 401
        log = server.log_path.read_text("utf-8")
        assert not [token for token in tokens.values() if token in log + json.dumps(server.told)]
        second = serve(tmp_path)
        assert second.returncode == 2
        assert second.stdout == ""
        assert f"process {server.process.pid}" in second.stderr
        assert "Traceback" not in second.stderr
        path.chmod(0o644)
    refused = serve(tmp_path, admin_token=None, researcher_token=None)
    assert refused.returncode in (1, 2)
    assert "chmod 600" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"admin_token": "short"}, "WORKBENCH_ADMIN_TOKEN"),
        ({"workers": 0}, "WORKBENCH_WORKERS"),
        ({"rate_limit": "many"}, "WORKBENCH_RATE_LIMIT"),
        ({"log_level": "LOUD"}, "WORKBENCH_LOG_LEVEL"),
        ({"rate_store": "nonsense://"}, "WORKBENCH_RATE_STORE"),
        ({"rate_store": "memory://"}, "WORKBENCH_RATE_STORE"),
        ({"rate_store": "async+nonsense://me:hunter2-of-tests@127.0.0.1"}, "WORKBENCH_RATE_STORE"),
        ({"exchange": "not an address"}, "WORKBENCH_EXCHANGE"),
        ({"port": 70_000}, "WORKBENCH_PORT"),
    ],
    ids=str,
)
def test_a_setting_that_does_not_fit(settings: dict[str, object], named: str) -> None:
    """It is named before anything is opened, and its value is not shown."""
    with pytest.raises(InputError, match=f"^{named}: expected ") as caught:
        read_settings(settings)
    assert "short" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_start_that_is_refused(tmp_path: Path) -> None:
    """Exit status 2 and one line."""
    done = serve(tmp_path, admin_token="short")  # noqa: S106 - not a secret
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "WORKBENCH_ADMIN_TOKEN" in done.stderr
    assert "short" not in done.stderr


def test_a_port_that_is_taken(tmp_path: Path, server: Server) -> None:
    """Exit status 2, and which one."""
    port = server.url.rpartition(":")[2]
    done = serve(tmp_path, "--port", port)
    assert done.returncode == 2
    assert port in done.stderr
