"""The ledger: one database, whole transactions. *Disk.*

SQLite lies in the home (``ledger.sqlite3``; write-ahead log, every commit flushed to the disk); PostgreSQL is used
where a URL names one. Rules:

1. Writers are one after another: SQLite by ``BEGIN IMMEDIATE``, PostgreSQL by a lock on the audit log's head. What a
   writer has read is therefore still so when it writes.
2. A change and its audit entries are one transaction: both are there or neither.
3. After a commit the new head is told to ``on_head``, outside the database.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from workbench.guardrails.audit import Head
from workbench.guardrails.audit_log import AuditLog, read_head
from workbench.guardrails.migrations.upgrade import upgrade
from workbench.model.errors import DamagedFileError, InputError, WorkbenchError

FILE = "ledger.sqlite3"
BUSY_SECONDS = 30
UPGRADE_LOCK = 4010


class LedgerError(WorkbenchError):
    """The database does not answer, or refuses; nothing was changed."""

    exit_status = 1


class Transaction:
    """One open transaction: its connection, and the audit log that it appends to."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.audit = AuditLog(connection)


class Ledger:
    """An open ledger; close it when done."""

    def __init__(self, engine: Engine, on_head: Callable[[Head], None] | None = None) -> None:
        self.engine = engine
        self._on_head = on_head

    @classmethod
    def open(
        cls,
        root: Path,
        url: str | None = None,
        *,
        on_head: Callable[[Head], None] | None = None,
        create: bool = True,
    ) -> "Ledger":
        """The ledger of a home, or the database of ``url``; made where it is missing, and brought to this version.

        Args:
            create: False refuses to make one, for those who only read.

        Raises:
            InputError: a URL of another kind. DamagedFileError: no ledger of ours, or a newer one.
            LedgerError: the database cannot be reached. FileNotFoundError: ``create`` is False and there is none.
        """
        ledger = cls(_engine(root, url, create=create), on_head)
        try:
            with ledger._errors(), ledger.engine.connect() as connection:
                writing = connection.execution_options(workbench_writes=True)
                with writing.begin():
                    if writing.dialect.name == "postgresql":
                        writing.execute(text(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})"))
                    upgrade(writing)
        except BaseException:
            ledger.close()
            raise
        return ledger

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    @contextlib.contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A transaction that may write; committed when the block ends, undone when it raises.

        Raises:
            LedgerError: the database refuses.
        """
        with self._errors(), self.engine.connect() as connection:
            writing = connection.execution_options(workbench_writes=True)
            with writing.begin():
                transaction = Transaction(writing)
                before = transaction.audit.lock()
                yield transaction
                after = transaction.audit.head
        if self._on_head and after != before:
            self._on_head(after)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view.

        Raises:
            LedgerError: the database refuses.
        """
        with self._errors(), self.engine.connect() as connection, connection.begin():
            if self.kind == "postgresql":
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            yield connection

    def head(self) -> Head:
        with self.reading() as connection:
            return read_head(connection)

    def close(self) -> None:
        self.engine.dispose()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """The driver's errors without what they may quote: the statement, its values, the URL."""
        try:
            yield
        except DBAPIError as error:
            what = str(error.orig).splitlines()[0] if error.orig else type(error).__name__
            if "malformed" in what or "not a database" in what:
                raise DamagedFileError(f"{FILE}: {what}") from None
            raise LedgerError(f"the ledger's database refuses: {_without_secrets(what, self.engine.url)}") from None


def _engine(root: Path, url: str | None, *, create: bool) -> Engine:
    if url is None:
        path = root / FILE
        if not create and not path.is_file():
            raise FileNotFoundError(2, "no ledger here yet (`workbench serve` makes one)", str(path))
        root.mkdir(parents=True, exist_ok=True)
        engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS})
        _set_up_sqlite(engine)
        return engine
    return create_engine(_postgresql(url), pool_pre_ping=True)


def _postgresql(url: str) -> URL:
    """Raises:
    InputError: without the URL in it, since it may hold a password.
    """
    field, wanted = "WORKBENCH_DATABASE_URL", "a URL such as postgresql://user@host/database"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise InputError(field, wanted, "something else") from None
    if parsed.get_backend_name() != "postgresql":
        raise InputError(field, wanted, f"one of {parsed.get_backend_name()}")
    return parsed.set(drivername="postgresql+psycopg")


def _set_up_sqlite(engine: Engine) -> None:
    """Transactions begin when we say so; see rule 1."""

    @event.listens_for(engine, "connect")
    def _connected(driver: Any, _record: Any) -> None:
        driver.isolation_level = None
        with _alone(Path(engine.url.database or "").parent):
            driver.execute("PRAGMA journal_mode=WAL")
        for pragma in ("synchronous=FULL", "foreign_keys=ON"):
            driver.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("workbench_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One opener of a home after another: where two first ask for a write-ahead log, SQLite fails and does not wait."""
    if os.name != "posix":  # Windows has no such lock
        yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _without_secrets(message: str, url: URL) -> str:
    return message.replace(url.password, "***") if isinstance(url.password, str) and url.password else message
