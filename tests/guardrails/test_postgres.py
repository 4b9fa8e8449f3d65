"""The private cluster itself: other tests stand on it."""

import os

import pytest
from sqlalchemy import create_engine, text

from tests.postgres import Postgres, find_binaries, running_postgres


def test_each_database_is_fresh(postgres: Postgres) -> None:
    """A table made in one database is not in the next."""
    urls = [postgres.create_database() for _ in range(2)]
    for url in urls:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE mine (id integer)"))
        engine.dispose()
    assert urls[0] != urls[1]


def test_it_is_gone_afterwards() -> None:
    """Neither the process nor the folder stays."""
    with running_postgres() as cluster:
        pid = int((cluster.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, 0)
        left_open = cluster.connect()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not cluster.folder.exists()
    left_open.close()


def test_absent_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without PostgreSQL the test is skipped, and the package is named."""
    monkeypatch.setattr("tests.postgres.find_binaries", lambda: None)
    with pytest.raises(pytest.skip.Exception, match="Debian package: postgresql"), running_postgres():
        pass


def test_binaries_are_found_beside_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian keeps them off the path."""
    monkeypatch.setenv("PATH", "")
    found = find_binaries()
    if found is None:
        pytest.skip("PostgreSQL is not installed where Debian keeps it (Debian package: postgresql)")
    assert (found / "postgres").exists()
