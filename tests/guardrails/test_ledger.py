"""The ledger: its tables, opening it, and finding what was altered behind its back."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, text

from tests.guardrails.people import ADA
from workbench.guardrails.audit import Head
from workbench.guardrails.audit_log import read_head, tail, verify
from workbench.guardrails.gate import TradingState
from workbench.guardrails.ledger import FILE, Ledger, LedgerError
from workbench.guardrails.migrations import upgrade as upgrade_module
from workbench.guardrails.service import Guardrails
from workbench.guardrails.tables import audit, metadata
from workbench.model.errors import DamagedFileError, InputError


def test_migrations_give_the_tables(ledger: Ledger) -> None:
    """From empty, exactly the tables, columns, types and indexes that the code reads."""
    with ledger.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_the_newest_revision_is_named() -> None:
    """The number that spares loading Alembic is the last migration's, and there is one line of them."""
    migrations = ScriptDirectory(str(Path(upgrade_module.__file__).parent))
    assert migrations.get_heads() == [upgrade_module.NEWEST]


def test_opening_again(tmp_path: Path, database_url: str | None) -> None:
    """What was written is still there, nothing is made anew; two may have it open."""
    first = Ledger.open(tmp_path, database_url)
    Guardrails(first, require_second_person=False).set_gate(ADA, TradingState.HALTED, "look into it", 5)
    second = Ledger.open(tmp_path, database_url)
    assert second.head() == first.head() != Head()
    assert Guardrails(second, require_second_person=False).overview().gate.reason == "look into it"
    first.close()
    second.close()


def test_a_newer_ledger(tmp_path: Path, database_url: str | None) -> None:
    """It is left alone, and says what to do."""
    set_revision(tmp_path, database_url, "9999")
    with pytest.raises(DamagedFileError, match=r"revision 9999, this version reads .*; use a newer workbench"):
        Ledger.open(tmp_path, database_url)


def set_revision(root: Path, url: str | None, revision: str) -> None:
    ledger = Ledger.open(root, url)
    with ledger.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    ledger.close()


def test_somebody_elses_database(tmp_path: Path, database_url: str | None) -> None:
    """Tables of something else are not touched."""
    ledger = Ledger(engine_of(tmp_path, database_url))
    with ledger.engine.begin() as connection:
        connection.execute(text("CREATE TABLE shop (id integer)"))
    with pytest.raises(DamagedFileError, match="tables of something else"):
        Ledger.open(tmp_path, database_url)
    with ledger.engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM shop")).scalar() == 0
    ledger.close()


def engine_of(root: Path, url: str | None) -> Engine:
    return create_engine(url or f"sqlite:///{root / FILE}")


def test_no_database_at_all(tmp_path: Path) -> None:
    """A file of something else, and a ledger that is not to be made."""
    with pytest.raises(FileNotFoundError):
        Ledger.open(tmp_path / "empty", create=False)
    assert not (tmp_path / "empty").exists()
    (tmp_path / FILE).write_bytes(b"this is no database, but it is long enough to look at" * 20)
    with pytest.raises(DamagedFileError, match="not a database"):
        Ledger.open(tmp_path)


@pytest.mark.parametrize("url", ["mysql://user:secret@host/db", "sqlite:///ledger", "secret", ""])
def test_urls_of_another_kind(tmp_path: Path, url: str) -> None:
    """They are refused without being quoted."""
    with pytest.raises(InputError, match="WORKBENCH_DATABASE_URL") as caught:
        Ledger.open(tmp_path, url)
    assert "secret" not in str(caught.value)


def test_nobody_there(tmp_path: Path) -> None:
    """A database that does not answer is told in one line, without the password."""
    url = f"postgresql://user:hunter2@/db?host={tmp_path}"
    with pytest.raises(LedgerError) as caught:
        Ledger.open(tmp_path, url)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_heads_are_told(tmp_path: Path, database_url: str | None) -> None:
    """After each commit that wrote an entry; not for one that wrote none or failed."""
    told: list[Head] = []
    ledger = Ledger.open(tmp_path, database_url, on_head=told.append)
    guardrails = Guardrails(ledger, require_second_person=False)
    guardrails.record(ADA, "login", "", "done", 1)
    with ledger.writing():
        pass
    with pytest.raises(ZeroDivisionError):
        write_and_fail(ledger)
    guardrails.record(ADA, "logout", "", "done", 3)
    assert [head.seq for head in told] == [1, 2]
    assert told[-1] == ledger.head()
    ledger.close()


def write_and_fail(ledger: Ledger) -> None:
    with ledger.writing() as transaction:
        transaction.audit.append(ADA, "x", "", "done", 2)
        raise ZeroDivisionError


@pytest.fixture
def written(ledger: Ledger) -> Ledger:
    """Five entries."""
    guardrails = Guardrails(ledger, require_second_person=False)
    for number in range(5):
        details = {"note": f"für {number}", "reasons": ["a"]}
        guardrails.record(ADA, "login", f"s{number}", "done", number, details)
    assert guardrails.audit_verify().intact
    return ledger


ALTERED = [
    ("UPDATE audit SET at_ns = at_ns + 1 WHERE seq = 3", 3),
    ("UPDATE audit SET who = 'eve' WHERE seq = 3", 3),
    ("UPDATE audit SET role = 'viewer' WHERE seq = 3", 3),
    ("UPDATE audit SET address = '10.0.0.1' WHERE seq = 3", 3),
    ("UPDATE audit SET action = 'logout' WHERE seq = 3", 3),
    ("UPDATE audit SET subject = '' WHERE seq = 3", 3),
    ("UPDATE audit SET outcome = 'refused' WHERE seq = 3", 3),
    ("UPDATE audit SET details = '{}' WHERE seq = 3", 3),
    ("UPDATE audit SET details = 'no JSON' WHERE seq = 3", 3),
    ("UPDATE audit SET details = '7' WHERE seq = 3", 3),
    ("UPDATE audit SET details = '[]' WHERE seq = 3", 3),
    ("UPDATE audit SET details = '{\"n\": NaN}' WHERE seq = 3", 3),
    ("UPDATE audit SET details = '{\"n\": 99999999999999999999}' WHERE seq = 3", 3),
    ("UPDATE audit SET previous = hash WHERE seq = 3", 3),
    ("UPDATE audit SET hash = previous WHERE seq = 3", 3),
    ("UPDATE audit SET seq = 9 WHERE seq = 3", 3),
    ("DELETE FROM audit WHERE seq = 1", 1),
    ("DELETE FROM audit WHERE seq = 3", 3),
    ("DELETE FROM audit WHERE seq = 5", 5),
    ("DELETE FROM audit", 1),
    ("UPDATE audit_head SET seq = 4", 5),
    ("UPDATE audit_head SET hash = 'sha256:0'", 6),
]


@pytest.mark.parametrize(("statement", "at"), ALTERED)
def test_rows_altered_by_hand(written: Ledger, statement: str, at: int) -> None:
    """Any change of the log in the database is found, and where; reading never fails for it."""
    with written.engine.begin() as connection:
        connection.execute(text(statement))
    with written.reading() as connection:
        verdict = verify(connection)
    assert not verdict.intact
    assert verdict.bad_seq == at


@pytest.mark.parametrize("column", ["who", "details", "at_ns", "hash"])
def test_bytes_in_place_of_texts(tmp_path: Path, column: str) -> None:
    """SQLite takes any value in any column."""
    ledger = Ledger.open(tmp_path)
    guardrails = Guardrails(ledger, require_second_person=False)
    guardrails.record(ADA, "login", "", "done", 1)
    with ledger.engine.begin() as connection:
        connection.execute(audit.update().values({column: text("x'ff00'")}))
    assert guardrails.audit_verify().bad_seq == 1
    ledger.close()


@pytest.mark.parametrize("depth", [900, 100_000])
def test_brackets_without_end(written: Ledger, depth: int) -> None:
    """Nested too deep for reading, or for hashing."""
    deep = f'{{"a": {"[" * depth}{"]" * depth}}}'
    with written.engine.begin() as connection:
        connection.execute(text("UPDATE audit SET details = :it WHERE seq = 3"), {"it": deep})
    with written.reading() as connection:
        assert verify(connection).bad_seq == 3


@pytest.mark.parametrize("details", ["no JSON", "7"])
def test_reading_what_was_altered(written: Ledger, details: str) -> None:
    """A page of the log with an entry that cannot be read says so, and what to do."""
    with written.engine.begin() as connection:
        connection.execute(text("UPDATE audit SET details = :it WHERE seq = 4"), {"it": details})
    with written.reading() as connection, pytest.raises(DamagedFileError, match="workbench audit verify"):
        tail(connection, 5)


def test_a_tail_cut_off_cleanly(written: Ledger) -> None:
    """With the head set back the ledger agrees with itself; the head told before does not."""
    told = written.head()
    with written.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit WHERE seq > 3"))
        connection.execute(text("UPDATE audit_head SET seq = 3, hash = (SELECT hash FROM audit WHERE seq = 3)"))
    with written.reading() as connection:
        assert verify(connection).intact
        assert not verify(connection, told).intact


def test_tail(written: Ledger) -> None:
    """The newest first, page by page, as they were written."""
    with written.reading() as connection:
        newest, rest = tail(connection, 2), tail(connection, 10, before=4)
    assert [entry.seq for entry in newest] == [5, 4]
    assert [entry.seq for entry in rest] == [3, 2, 1]
    assert newest[0].details == {"note": "für 4", "reasons": ["a"]}


def test_reading_sees_one_moment(tmp_path: Path, ledger_url: str | None, ledger: Ledger) -> None:
    """What others commit meanwhile is not in it; the next reader sees it."""
    other = Ledger.open(tmp_path, ledger_url)
    with ledger.reading() as connection:
        before = read_head(connection)
        Guardrails(other, require_second_person=False).record(ADA, "login", "", "done", 1)
        assert read_head(connection) == before
        assert tail(connection, 5) == []
    assert ledger.head().seq == before.seq + 1
    other.close()


def test_many_make_it_at_once(tmp_path: Path, database_url: str | None) -> None:
    """The tables are made once; the others wait for them."""
    together = Barrier(6)

    def opened(_: int) -> Head:
        together.wait(60)
        ledger = Ledger.open(tmp_path, database_url)
        head = ledger.head()
        ledger.close()
        return head

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(opened, range(6))) == {Head()}


def test_writers_wait_for_each_other(ledger: Ledger) -> None:
    """Entries written by several threads at once make one chain."""
    guardrails = Guardrails(ledger, require_second_person=False)
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(guardrails.record, ADA, "login", f"s{number}", "done", number) for number in range(24)]
        for each in done:
            each.result()
    assert guardrails.audit_verify().intact
    assert guardrails.audit_verify().entries == 24
