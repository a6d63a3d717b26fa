"""Alembic's environment: the connection comes from `services.chassis.migrations`, within its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
