"""Alembic's environment: `services.chassis.keeping.migrations` gives the connection and the transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
