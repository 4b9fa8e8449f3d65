"""Bring a ledger to the form that this version of the package reads."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from workbench.model.errors import DamagedFileError

NEWEST = "0001"
"""The last revision in ``versions``; a test compares. Spares loading Alembic where there is nothing to do."""


def upgrade(connection: Connection) -> None:
    """Apply what is missing, in the transaction that is open.

    Raises:
        DamagedFileError: the ledger was made by a newer version of this package, or by something else.
    """
    revision = _revision(connection)
    if revision == NEWEST:
        return
    if revision is None and set(inspect(connection).get_table_names()) - {"alembic_version"}:
        raise DamagedFileError("the ledger's database holds tables of something else; give it a database of its own")
    if revision is not None and revision > NEWEST:
        raise DamagedFileError(
            f"the ledger is of revision {revision}, this version reads {NEWEST}; use a newer workbench"
        )
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
