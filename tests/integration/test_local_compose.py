"""The files for containers match the system without containers."""

import asyncio
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from contracts.catalog import SERVICES
from deploy.local.home import TREE, WELL_KNOWN
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres, program
from tests.engines import KAFKA_IMAGE, POSTGRES_IMAGE, engine

_COMPOSE = (TREE / "deploy" / "compose.yaml").read_text()


@pytest.fixture
def fresh_postgres(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path, free_port(), dies_with_parent=True)
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_a_container(service: str) -> None:
    """Every service has a container, with its own database and its usual port."""
    assert (
        f"python -m services.{service}.app migrate && exec python -m services.{service}.app run" in _COMPOSE
    )
    assert re.search(
        rf"postgresql\+asyncpg://ser_{service}:\S+@postgres:5432/ser_{service}$", _COMPOSE, re.MULTILINE
    )
    assert f'"127.0.0.1:{WELL_KNOWN[service]}:8000"' in _COMPOSE


def test_the_console_has_a_container() -> None:
    """The console has a container and a database of its own, and asks each service at its container."""
    assert "python -m console.app migrate && exec python -m console.app run" in _COMPOSE
    assert re.search(
        r"postgresql\+asyncpg://ser_console:\S+@postgres:5432/ser_console$", _COMPOSE, re.MULTILINE
    )
    assert f'"127.0.0.1:{WELL_KNOWN["console"]}:8000"' in _COMPOSE
    assert all(f"SER_CONSOLE_{name.upper()}: http://{name}:8000" in _COMPOSE for name in SERVICES)


def test_intake_has_a_container() -> None:
    """Intake has a container and a database of its own, and asks each service at its container."""
    assert "python -m intake.app migrate && exec python -m intake.app run" in _COMPOSE
    assert "@postgres:5432/ser_intake\n" in _COMPOSE
    assert f'"127.0.0.1:{WELL_KNOWN["intake"]}:8000"' in _COMPOSE
    assert all(f"SER_{name.upper()}: http://{name}:8000" in _COMPOSE for name in SERVICES)


def test_the_servers_are_the_ones_everything_is_tried_with() -> None:
    """Kafka and PostgreSQL have the same versions and ports in containers as without."""
    assert f"image: {KAFKA_IMAGE}" in _COMPOSE
    assert f"image: {POSTGRES_IMAGE}" in _COMPOSE
    assert f"127.0.0.1:{WELL_KNOWN['kafka']}:{WELL_KNOWN['kafka']}" in _COMPOSE
    assert f"127.0.0.1:{WELL_KNOWN['postgres']}:5432" in _COMPOSE


def test_nothing_is_published_beyond_the_loopback() -> None:
    """Containers publish their ports on the loopback only."""
    published = re.findall(r"ports: \[(.*)\]", _COMPOSE)

    assert len(published) == 4 + len(SERVICES)
    assert all(entry.startswith('"127.0.0.1:') for entry in published)


@pytest.mark.skipif(engine() != "local", reason="the script is tried on PostgreSQL itself")
async def test_containers_have_a_database_and_a_role_for_each_service(fresh_postgres: Postgres) -> None:
    """In a container, too, each service, intake and the console can open only their own database."""
    await asyncio.to_thread(_make_databases, fresh_postgres)

    for service in (*SERVICES, "intake", "console"):
        own, other = f"ser_{service}", "ser_students" if service != "students" else "ser_ieps"
        where = {"host": "127.0.0.1", "port": fresh_postgres.port, "user": own, "password": "it's secret"}
        await (await asyncpg.connect(**where, database=own)).close()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(**where, database=other)


def _make_databases(server: Postgres) -> None:
    """Creates the databases, as the postgres image does for a new data directory."""
    environment = {
        "PATH": f"{program('psql').parent}:/usr/bin:/bin",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGPASSWORD": server.password,
        "POSTGRES_USER": "postgres",
        "SER_DATABASE_PASSWORD": "it's secret",
    }
    subprocess.run([TREE / "deploy" / "compose" / "databases.sh"], env=environment, check=True)
