"""The real nginx with a rendered configuration, on ports of this machine alone."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.serving import ADMIN, RESEARCHER
from workbench.deploy.folder import Folder
from workbench.deploy.front_door import FrontDoor
from workbench.deploy.nginx_check import find_nginx

PASSWORD = "correct horse battery"  # noqa: S105 - of people who exist in tests alone
PEOPLE = {"vera": "viewer", "rana": "researcher", "ada": "admin", "ben.k": "admin"}
TOKENS = {"admin": ADMIN, "researcher": RESEARCHER}
START_SECONDS = 20.0
ATTEMPTS = 5


@dataclass
class Running:
    """An nginx that answers."""

    door: FrontDoor
    root: Path
    certificate: Path
    _clients: list[httpx.Client] = field(default_factory=list)

    @property
    def proxy_secret(self) -> str:
        line = next(line for line in (self.root / "workbench.env").read_text().splitlines() if "PROXY" in line)
        return line.partition("=")[2]

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.certificate)

    def client(self, who: str | None = None, password: str = PASSWORD, address: str = "127.0.0.1") -> httpx.Client:
        """A browser of that person, who may come from another address of this machine."""
        transport = httpx.HTTPTransport(verify=self.trust, local_address=address)
        login = None if who is None else (who, password)
        client = httpx.Client(base_url=self.door.origin, auth=login, transport=transport, timeout=20)
        self._clients.append(client)
        return client

    def logs(self) -> str:
        return "".join(path.read_text() for path in sorted((self.root / "logs").iterdir()))

    def close_clients(self) -> None:
        for client in self._clients:
            client.close()
        self._clients.clear()


def nginx_program() -> str:
    """Skips the test where there is none."""
    found = find_nginx()
    if found is None:
        pytest.skip("nginx is not installed (Debian package: nginx)")
    return found


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Of localhost, signed by itself: certificate and key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed (Debian package: openssl)")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = ["openssl", "req", *kind, *names, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


@contextlib.contextmanager
def fronting(folder: Path, **settings: object) -> Iterator[Running]:
    """nginx with these settings of :class:`FrontDoor`, and everybody of PEOPLE let in."""
    program = nginx_program()
    certificate, key = make_certificate(folder)
    root = folder / "nginx"
    for attempt in range(ATTEMPTS):  # a port that was free a moment ago may be taken
        door = _door(certificate, key, **settings)
        _write(root, door)
        process = _start(program, root, folder / "nginx.stderr")
        if _listens(process, door):
            break
        _end(process)
        assert attempt < ATTEMPTS - 1, (folder / "nginx.stderr").read_text()
    running = Running(door, root, certificate)
    try:
        yield running
    finally:
        running.close_clients()
        _end(process)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _door(certificate: Path, key: Path, **settings: object) -> FrontDoor:
    account = pwd.getpwuid(0).pw_name if os.geteuid() == 0 else None
    own = {"account": account, "port": free_port(), "tls_port": free_port(), "addresses": ("127.0.0.1",)}
    return FrontDoor(tls_certificate=certificate, tls_key=key, **{**own, **settings})  # type: ignore[arg-type]


def _write(root: Path, door: FrontDoor) -> None:
    folder = Folder(root)
    folder.write(door, TOKENS)
    for name, role in PEOPLE.items():
        if name not in folder.hashes():
            folder.put_user(name, role, PASSWORD)


def _start(program: str, root: Path, log_path: Path) -> subprocess.Popen[bytes]:
    command = [program, "-p", str(root), "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"]
    with log_path.open("wb") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def _listens(process: subprocess.Popen[bytes], door: FrontDoor) -> bool:
    """Whether it answers before it ends."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", door.tls_port), 1):
            return True
        time.sleep(0.02)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.wait(START_SECONDS)
