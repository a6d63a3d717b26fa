"""Schema changes: one Alembic history per service, in its `migrations/versions`, run by one environment."""

import asyncio
from importlib import import_module
from pathlib import Path

from alembic import command, op
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from services.chassis.hosting.settings import Settings
from services.chassis.keeping.tables import METADATA

_ENVIRONMENT = Path(__file__).parent / "alembic_env"
_OUTBOX_SAYS = ("outbox ALTER keys", "outbox ALTER headers", "outbox ALTER bodies")


def create_core(*own_kinds: str) -> None:
    """The tables every service has; the first step of each service's history.

    `own_kinds`: the kinds of the records that the service itself says. Their ids are unique in the state.
    """
    METADATA.create_all(op.get_bind(), checkfirst=False)
    if own_kinds:
        op.execute(
            "CREATE UNIQUE INDEX record_ids ON records (record_id, kind)"
            f" WHERE record_id <> '' AND kind IN ({', '.join(map(repr, sorted(own_kinds)))})"
        )
    op.execute(
        "ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)"
    )
    # None of these is ever compared as a whole, and an index on a part of one has figures of its own:
    # ANALYZE would unpack and sort what they say, which took a tenth of the database's time.
    for column in ("records ALTER body", "contents ALTER body", "ledger ALTER outcome", *_OUTBOX_SAYS):
        op.execute(f"ALTER TABLE {column} SET STATISTICS 0")
    # Nothing stays in the outbox for long enough to be worth packing.
    for column in _OUTBOX_SAYS:
        op.execute(f"ALTER TABLE {column} SET STORAGE EXTERNAL")
    # Written often: with room on the page the index is left alone.
    op.execute("ALTER TABLE aggregates SET (fillfactor = 50)")


class DatabaseOfAnotherVersion(Exception):
    """The database was made by a version whose schema this one does not know."""


def migrate(service: str, settings: Settings) -> None:
    """Bring the service's database to the newest schema.

    Only one process at a time does; the others wait for it.
    """
    asyncio.run(upgrade_with(service, settings))


async def upgrade_with(service: str, settings: Settings) -> None:
    """`migrate`, for a caller that has an event loop already."""
    await upgrade_database(service, _history(service), settings.database.get_secret_value())


async def upgrade_database(name: str, history: Path, database: str) -> None:
    """Bring a database to the newest schema of a history. `name`: the database's owner, for a failure."""
    engine = create_async_engine(database, poolclass=pool.NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade, name, history)
    await engine.dispose()


def _upgrade(connection: Connection, name: str, history: Path) -> None:
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(2)")
    config = Config()
    config.set_main_option("script_location", str(_ENVIRONMENT))
    config.set_main_option("version_locations", str(history))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as unknown:
        raise DatabaseOfAnotherVersion(
            f"The database of {name} has a schema that this version does not know ({unknown})."
            " Run the version that made it, or begin with an empty database."
        ) from unknown


def _history(service: str) -> Path:
    package = import_module(f"services.{service}")
    assert package.__file__ is not None
    return Path(package.__file__).parent / "migrations" / "versions"
