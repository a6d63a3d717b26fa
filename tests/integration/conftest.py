"""Fixtures of several integration tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.deciding.batch import Writes
from services.chassis.hosting.run import engine_for
from services.chassis.hosting.settings import Settings
from services.chassis.keeping.migrations import upgrade_with
from services.chassis.keeping.saving import save
from services.chassis.keeping.transaction import PostgresStore
from services.jurisdiction.app import SERVICE
from services.students.app import SERVICE as STUDENTS
from tests.conftest import Database
from tests.engines import KafkaServer
from tests.integration.running import Bench, RunningService, bench, running
from tests.integration.storing import Case, RecordingService, Sources
from tests.memory import MemoryStore
from tests.unit.chassis.memory_service import SITES, with_sites


@pytest.fixture
async def own_bench(
    kafka: KafkaServer, topic_prefix: str, database: Database, tmp_path: Path
) -> AsyncIterator[Bench]:
    """A bench that no other test uses."""
    async with bench(kafka.bootstrap, topic_prefix, database, tmp_path) as made:
        yield made


@pytest.fixture
async def students(own_bench: Bench) -> AsyncIterator[RunningService]:
    """The service `students`, running."""
    async with running(own_bench, STUDENTS) as (service,):
        yield service


@pytest.fixture(params=["memory", "postgres"])
async def case(request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    """One case for each store: a test runs on both."""
    if request.param == "memory":
        yield Case(with_sites(MemoryStore(SERVICE)))
        return
    database: Database = request.getfixturevalue("database")
    url, sources = database("jurisdiction"), Sources()
    settings = Settings(database=url, token_keys="/unused")
    await upgrade_with("jurisdiction", settings)
    engine = engine_for(settings, connections=4, for_batches=True)
    async with engine.begin() as connection:
        await save(connection, Writes(records=SITES))
    yield Case(PostgresStore(engine, SERVICE, sources), RecordingService(sources))
    await engine.dispose()
