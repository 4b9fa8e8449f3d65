"""The real API behind the real nginx."""

import os
import pwd
import re
from pathlib import Path

import pytest

from tests.api.jobs import SMOKE
from tests.cli.command import refuses, succeeds
from tests.deploy.conftest import FAST
from tests.deploy.running import PASSWORD, TOKENS, fronting, make_certificate, nginx_program
from tests.serving import serving
from workbench.deploy.folder import Folder
from workbench.deploy.front_door import FrontDoor

NOWHERE = "127.0.0.1:9"


def test_an_admin_approves_and_a_viewer_does_not(tmp_path: Path) -> None:
    """From a backtest to parameters in force, each by who may; names and addresses of visitors in the audit log."""
    shared = "proxy-secret-for-tests-0123456789"
    (tmp_path / "nginx").mkdir()
    (tmp_path / "nginx" / "workbench.env").write_text(f"WORKBENCH_PROXY_SECRET={shared}\n")
    with (
        serving(tmp_path / "home", require_second_person=True, proxy_secret=shared) as server,
        fronting(tmp_path, api=server.url.removeprefix("http://"), dashboards=NOWHERE, **FAST) as nginx,
    ):
        assert nginx.proxy_secret == shared
        vera, rana, ada = (nginx.client(who) for who in ("vera", "rana", "ada"))
        far = nginx.client("ada", address="127.0.0.7")
        assert vera.post("/api/backtest/start", json=SMOKE).status_code == 403
        started = rana.post("/api/backtest/start", json=SMOKE)
        assert started.status_code == 202
        url = started.json()["url"]
        with rana.stream("GET", f"{url}/events") as events:
            assert [line for line in events.iter_lines() if '"done"' in line]
        done = vera.get(url).json()
        body = {**{name: SMOKE[name] for name in ("strategy", "pair", "timeframe", "params")}, "note": "try it"}
        proposal = rana.post("/api/guardrails/params/propose", json={**body, "evidence_id": done["evidence_id"]})
        assert proposal.status_code == 201, proposal.text
        answer = {"proposal_id": proposal.json()["id"]}
        forged = {f"x-{role}-token": token for role, token in TOKENS.items()} | {"x-remote-user": "ada"}
        for who in (vera, rana):
            assert who.post("/api/guardrails/params/approve", json=answer, headers=forged).status_code == 403
        approved = far.post("/api/guardrails/params/approve", json=answer)
        assert approved.status_code == 200, approved.text
        assert (approved.json()["author"], approved.json()["approver"]) == ("rana", "ada")
        assert vera.get("/api/audit").status_code == 403
        entries = ada.get("/api/audit", params={"limit": 20}).json()["entries"]
        acts = {(each["who"], each["role"], each["address"]) for each in entries if each["outcome"] == "done"}
        assert {("rana", "researcher", "127.0.0.1"), ("ada", "admin", "127.0.0.7")} <= acts
        docs = vera.get("/docs")
        assert docs.status_code == 200
        assert len(docs.headers.get_list("content-security-policy")) == 1
        for path in re.findall(r'"(/docs/static/[^"]+)"', docs.text):
            assert vera.get(path).status_code == 200
        assert vera.get("/docs/static/").headers.get("location", "/").startswith("/")
        assert nginx.client().get("/metrics").status_code == 200
        assert vera.get("/api/nothing").status_code == 404


def test_nginx_is_asked_whether_it_is_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`nginx -t` passes; with a certificate that is none, exit status 1 and nginx's own words."""
    nginx_program()
    certificate, key = make_certificate(tmp_path)
    for role, token in TOKENS.items():
        monkeypatch.setenv(f"WORKBENCH_{role.upper()}_TOKEN", token)
    account = ["--account", pwd.getpwuid(os.geteuid()).pw_name] if os.geteuid() == 0 else []
    words = ["deploy", "nginx", "--out", tmp_path / "nginx", "--listen", "127.0.0.1", *account]
    words += ["--port", "18080", "--tls-port", "18443", "--tls-key", key]
    done = succeeds(tmp_path, *words, "--tls-certificate", certificate)
    assert "nginx -t: it is right" in done.stdout
    (tmp_path / "wrong.pem").write_text("no certificate")
    line = refuses(tmp_path, *words, "--tls-certificate", tmp_path / "wrong.pem", status=1)
    assert "wrong.pem" in line


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another group")
def test_the_workers_account_reads_the_passwords_and_no_secret(tmp_path: Path) -> None:
    """As Debian's www-data: nginx's workers read htpasswd at each request, everything else is its master's."""
    account = "www-data"
    if account not in {each.pw_name for each in pwd.getpwall()}:
        pytest.skip("there is no account www-data (Debian package: base-passwd)")
    folder = Folder(tmp_path / "nginx")
    folder.write(FrontDoor(account=account), TOKENS)
    folder.put_user("ada", "admin", PASSWORD)
    passwords = (folder.root / "htpasswd").stat()
    assert (passwords.st_uid, passwords.st_gid, passwords.st_mode & 0o777) == (0, pwd.getpwnam(account).pw_gid, 0o640)
    for name in ("secrets.conf", "workbench.env"):
        secret = (folder.root / name).stat()
        assert (secret.st_uid, secret.st_mode & 0o777) == (0, 0o600)
