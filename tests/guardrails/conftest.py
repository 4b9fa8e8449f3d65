"""Databases for the ledger: each test of it runs on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres, running_postgres
from workbench.guardrails.ledger import Ledger
from workbench.guardrails.service import Guardrails


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One cluster per test process, started when first asked for."""
    with running_postgres() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """A fresh database on PostgreSQL; None: SQLite, in a folder that the test names."""
    if request.param == "sqlite":
        return None
    cluster: Postgres = request.getfixturevalue("postgres")
    return cluster.create_database()


@pytest.fixture
def ledger(tmp_path: Path, database_url: str | None) -> Iterator[Ledger]:
    """An empty one."""
    opened = Ledger.open(tmp_path, database_url)
    yield opened
    opened.close()


@pytest.fixture
def guardrails(ledger: Ledger) -> Guardrails:
    """One admin is enough."""
    return Guardrails(ledger, require_second_person=False)
