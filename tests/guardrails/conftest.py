"""Databases for the ledger: each test of it runs on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guardrails.empty_ledger import EmptyLedger
from tests.postgres import Postgres, running_postgres
from workbench.guardrails.ledger import FILE, Ledger
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


@pytest.fixture(scope="session")
def sqlite_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger's file, to be copied: faster than making one."""
    root = tmp_path_factory.mktemp("ledger")
    Ledger.open(root).close()
    return root / FILE


@pytest.fixture(scope="session")
def postgresql_ledger(postgres: Postgres) -> EmptyLedger:
    return EmptyLedger(postgres.create_database())


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str | None:
    """Where an empty ledger lies: at a URL, or in ``tmp_path``."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_ledger"), tmp_path)
        return None
    empty: EmptyLedger = request.getfixturevalue("postgresql_ledger")
    return empty.again()


@pytest.fixture
def ledger(tmp_path: Path, ledger_url: str | None) -> Iterator[Ledger]:
    """An empty one."""
    opened = Ledger.open(tmp_path, ledger_url)
    yield opened
    opened.close()


@pytest.fixture
def guardrails(ledger: Ledger) -> Guardrails:
    """One admin is enough."""
    return Guardrails(ledger, require_second_person=False)
