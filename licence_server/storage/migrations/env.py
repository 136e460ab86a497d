"""How Alembic reaches the database: over the connection that ``migrate`` hands it."""

from alembic import context

from licence_server.storage import attention, tables_access  # noqa: F401 - they add indexes and tables
from licence_server.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=context.config.attributes["connection"].dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
