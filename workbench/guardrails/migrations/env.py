"""Alembic's entry: the connection comes from :func:`workbench.guardrails.migrations.upgrade.upgrade`."""

from alembic import context

from workbench.guardrails.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by making it anew
)
with context.begin_transaction():
    context.run_migrations()
