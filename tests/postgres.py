"""A private PostgreSQL cluster for tests: made in a folder of its own, reachable by a socket in it alone, gone after.

PostgreSQL refuses to run as root, so tests run by root start it as another user.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL

SUPERUSER = "workbench"
LESSER_USERS = ("postgres", "nobody")
START_SECONDS = 60
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "16MB",
    "fsync": "off",  # the folder does not outlive the tests
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "log_min_messages": "warning",
}


@dataclass(frozen=True)
class Postgres:
    """A running cluster; ``folder`` holds its socket."""

    folder: Path
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def create_database(self) -> str:
        """The SQLAlchemy URL of a new and empty database."""
        name = f"test_{next(self.numbers)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, database: str) -> str:
        place = URL.create("postgresql+psycopg", SUPERUSER, database=database, query={"host": str(self.folder)})
        return place.render_as_string(hide_password=False)

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self.folder), user=SUPERUSER, dbname=database, autocommit=True)


def find_binaries() -> Path | None:
    """The folder of ``initdb`` and ``postgres``: on the path, or where Debian keeps the newest of several versions."""
    found = shutil.which("initdb")
    homes = [Path(found).resolve().parent] if found else []
    homes += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda home: float(home.parent.name), reverse=True)
    return next((home for home in homes if (home / "initdb").exists() and (home / "postgres").exists()), None)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A fresh cluster, stopped and deleted at the end. The test is skipped where PostgreSQL is not installed."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (Debian package: postgresql)")
    with tempfile.TemporaryDirectory(prefix="pg-") as text:
        folder, runner = Path(text), _runner(Path(text))
        _initialize(binaries, folder, runner)
        with _server(binaries, folder, runner) as process:
            cluster = Postgres(folder)
            _wait_until_ready(cluster, process)
            yield cluster


def _runner(folder: Path) -> dict[str, Any]:
    """How to start a process that may run PostgreSQL; it also comes to own the folder."""
    how: dict[str, Any] = {"cwd": folder, "stdin": subprocess.DEVNULL, "env": {"PATH": os.defpath, "LC_ALL": "C"}}
    if os.geteuid() == 0:
        user = _lesser_user()
        os.chown(folder, user.pw_uid, user.pw_gid)
        how |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return how


def _lesser_user() -> pwd.struct_passwd:
    known = {user.pw_name: user for user in pwd.getpwall()}
    return next(known[name] for name in LESSER_USERS if name in known)


def _initialize(binaries: Path, folder: Path, runner: dict[str, Any]) -> None:
    flags = ["-A", "trust", "-U", SUPERUSER, "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    command = [str(binaries / "initdb"), "-D", str(folder / "data"), *flags]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **runner)
    if done.returncode:
        raise RuntimeError(f"initdb failed:\n{done.stdout}")


@contextmanager
def _server(binaries: Path, folder: Path, runner: dict[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    command = [str(binaries / "postgres"), "-D", str(folder / "data"), "-k", str(folder), *settings]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, **runner) as process,
    ):
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)  # a fast shutdown: connections are closed, not waited for


def _wait_until_ready(cluster: Postgres, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            cluster.connect().close()
        except psycopg.OperationalError as error:
            if _ended(process) or time.monotonic() > deadline:
                log = (cluster.folder / "log").read_text()
                raise RuntimeError(f"PostgreSQL did not start: {error}\n{log}") from None
        else:
            return


def _ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it ends within a moment."""
    try:
        process.wait(0.05)
    except subprocess.TimeoutExpired:
        return False
    return True
