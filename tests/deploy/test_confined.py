"""The commands of deploy/compose.yaml, confined as its containers are, but without Docker: API, dashboards, nginx.

Everything is read-only but one folder and /tmp; the user is not root and can get no capability. Addresses are this
machine's, since there are no networks of Docker's here.
"""

import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import platformdirs
import pytest

from tests.deploy.compose import DEPLOY, ROOT, STATE, USER_ID, confined, must_be_confinable, running, services, stages
from tests.deploy.running import PASSWORD, free_port, make_certificate, nginx_program
from tests.monitoring.serving import wait_for

WORKBENCH = str(ROOT / ".venv" / "bin" / "workbench")
STREAM_MODULE = Path("/usr/lib/nginx/modules/ngx_stream_module.so")
GRAFANA_SAYS = b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\ngrafana"


def environment(service: str, state: Path, **changes: str) -> dict[str, str]:
    """The image's, the service's and its env files', with this test's folders and addresses."""
    image = dict(word.split("=", 1) for word in stages()[-1].last("ENV").split() if not word.startswith("PATH="))
    told = {name: str(value) for name, value in services()[service].get("environment", {}).items()}
    files = [state / file for file in services()[service].get("env_file", [])]
    lines = [line for file in files for line in file.read_text().splitlines()]
    secrets = dict(line.split("=", 1) for line in lines if not line.startswith("WORKBENCH_DATABASE_URL"))
    moved = {name: value.replace("/var/lib/workbench", f"{STATE}/state") for name, value in {**image, **told}.items()}
    return {**moved, **secrets, **changes}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders that the containers mount, with secrets, a certificate and the compiled engine."""
    must_be_confinable()
    folder = tmp_path_factory.mktemp("confined")
    subprocess.run([str(DEPLOY / "secrets.sh"), str(folder)], check=True, capture_output=True)
    compiled = Path(platformdirs.user_cache_dir("research-workbench", appauthor=False))
    if compiled.is_dir():  # compiling it again would take half a minute
        shutil.copytree(compiled, folder / "state" / "cache" / compiled.name)
    (folder / "state").mkdir(exist_ok=True)
    certificate, key = make_certificate(folder / "tls")
    certificate.rename(folder / "tls" / "fullchain.pem")
    key.rename(folder / "tls" / "privkey.pem")
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, USER_ID, USER_ID)
    return folder


@pytest.fixture(scope="module")
def api(state: Path) -> Iterator[str]:
    """Its address."""
    words = [WORKBENCH, *services()["api"]["command"], "--port", "0", "--json", "--no-feed", "--workers", "1"]
    told = environment("api", state, WORKBENCH_HOST="127.0.0.1")  # a container has no other machine's address here
    with running(state, words, told, state.parent / "api.log") as address:
        yield address


@pytest.fixture(scope="module")
def dashboards(state: Path, api: str) -> Iterator[str]:
    """Their address."""
    words = [WORKBENCH, *services()["dashboards"]["command"], "--port", "0", "--json"]
    told = environment("dashboards", state, WORKBENCH_URL=api)
    with running(state, words, told, state.parent / "dashboards.log") as address:
        yield address


def test_confinement_holds(state: Path) -> None:
    """What these tests stand on: such a process writes into its folder and /tmp alone, and gains nothing."""
    writes = "touch /mnt/state/x /tmp/x; touch /etc/x /var/x 2>/dev/null || echo read-only"
    script = f"id -u; {writes}; grep -E 'Cap(Eff|Bnd)|NoNew' /proc/self/status"
    said = subprocess.run(confined(state, ["sh", "-c", script]), capture_output=True, text=True, check=True).stdout
    assert said.split() == [
        *(str(USER_ID), "read-only"),
        *("CapEff:", "0" * 16, "CapBnd:", "0" * 16, "NoNewPrivs:", "1"),
    ]


def test_the_api_works_confined(api: str, state: Path) -> None:
    """A backtest from request to evidence, and its health check says so."""
    token = re.search("WORKBENCH_ADMIN_TOKEN=(.*)", (state / "secrets" / "api.env").read_text())
    assert token is not None
    with httpx.Client(base_url=api, headers={"x-admin-token": token[1]}, trust_env=False, timeout=60) as client:
        body = {"pair": "ETHUSDT", "timeframe": "1h", "strategy": "smaCross", "params": {"fast": 9, "slow": 21}}
        url = client.post("/api/backtest/start", json=body).raise_for_status().json()["url"]
        wait_for("the backtest", lambda: client.get(url).json()["status"] == "done")
    assert healthy("api", api)


def test_a_page_opens_confined(dashboards: str, state: Path) -> None:
    """Its kernel starts on the read-only disk, for whom the proxy names; nobody else gets in."""
    assert healthy("dashboards", dashboards)
    secret = re.search("WORKBENCH_PROXY_SECRET=(.*)", (state / "front" / "workbench.env").read_text())
    assert secret is not None
    with httpx.Client(base_url=dashboards, trust_env=False, timeout=90) as client:
        assert client.get("/voila/render/guardrails.ipynb").status_code == 403
        named = {"x-proxy-secret": secret[1], "x-remote-user": "vera"}
        page = client.get("/voila/render/guardrails.ipynb", headers=named)
    assert page.status_code == 200
    assert "This page could not be made" not in page.text
    assert "Risk gate" in page.text


def test_nginx_works_confined_and_leads_to_grafana(api: str, dashboards: str, state: Path) -> None:
    """Rendered by the service that sets it up; people get in by name, Grafana by its own port, both with TLS."""
    program = nginx_program()
    if not STREAM_MODULE.exists():
        pytest.skip("nginx's stream module is not installed (Debian package: libnginx-mod-stream)")
    port, tls_port, grafana_port = free_port(), free_port(), free_port()
    setup = [word.replace("=/", f"={STATE}/") for word in services()["setup"]["command"]]
    setup = [re.sub(r"\$\{\w+:-(.*?)\}", r"\1", word) for word in setup if not word.startswith(("--api", "--dash"))]
    setup += [f"--api={api.partition('//')[2]}", f"--dashboards={dashboards.partition('//')[2]}"]
    setup += [f"--port={port}", f"--tls-port={tls_port}"]
    told = environment("setup", state)
    subprocess.run(
        confined(state, [WORKBENCH, *setup]), check=True, capture_output=True, env={**told, "PATH": "/usr/bin:/bin"}
    )
    user = [WORKBENCH, "deploy", "user", "ada", "--role", "admin", f"--out={STATE}/front"]
    subprocess.run(confined(state, user), check=True, capture_output=True, input=f"{PASSWORD}\n".encode(), env=told)

    with grafana() as upstream, ExitStack() as stack:
        text = (DEPLOY / "nginx" / "compose.conf").read_text()
        for old, new in (("grafana:3000", upstream), ("3443", str(grafana_port)), ("/tls/", f"{STATE}/tls/")):
            assert old in text
            text = text.replace(old, new)
        (state / "front" / "compose.conf").write_text(f"load_module {STREAM_MODULE};\n{text}")
        words = [word.replace("/front", f"{STATE}/front") for word in services()["nginx"]["entrypoint"]]
        log = state.parent / "nginx.log"
        process = stack.enter_context(started([program, *words[1:]], state, log))
        trust = ssl.create_default_context(cafile=state / "tls" / "fullchain.pem")
        client = stack.enter_context(httpx.Client(verify=trust, trust_env=False, timeout=30))
        wait_for("nginx", lambda: process.poll() is not None or listens(tls_port))
        assert process.poll() is None, log.read_text()
        origin = f"https://localhost:{tls_port}"
        assert client.get(f"http://127.0.0.1:{port}/").headers["location"].startswith(origin)
        assert client.get(f"{origin}/api/guardrails/status").status_code == 401
        assert client.get(f"{origin}/api/audit", auth=("ada", PASSWORD)).status_code == 200
        assert client.get(f"{origin}/", auth=("ada", PASSWORD)).status_code == 303
        assert client.get(f"https://localhost:{grafana_port}/").text == "grafana"


@contextmanager
def started(words: list[str], state: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A confined process that says nothing when it is ready."""
    with log.open("wb") as output:
        process = subprocess.Popen(confined(state, words), stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def grafana() -> Iterator[str]:
    """Something in its place: host and port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(GRAFANA_SAYS)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def healthy(service: str, url: str) -> bool:
    """The service's own health check, with the port that it has here."""
    _, *words = services()[service]["healthcheck"]["test"]
    port = url.rpartition(":")[2]
    changed = [re.sub(r"(127\.0\.0\.1(?::|', ))\d+", rf"\g<1>{port}", word) for word in words]
    python = str(ROOT / ".venv" / "bin" / "python")
    return subprocess.run([python, *changed[1:]], check=False, timeout=30).returncode == 0
