"""A held command survives a restart of the service and a change of the issuer's key."""

from functools import cache
from pathlib import Path

from contracts.outcome import Status
from services.jurisdiction.app import SERVICE
from tests.conftest import Database
from tests.engines import KafkaServer
from tests.integration.running import Bench, RunningService, bench, running, until
from tests.unit.chassis.memory_service import claim, student_added

STUDENT = "1000000001"


async def held(service: RunningService) -> bool | None:
    """Whether the service holds a command."""
    return bool(await service.rows("SELECT 1 FROM held")) or None


def change_key(own_bench: Bench) -> None:
    """The issuer signs with a new key, and removes the old one from its key set."""
    for file in (own_bench.home / "keys").iterdir():
        file.unlink()
    own_bench.issuer.make_keys()


async def test_a_new_key_refuses_nothing_that_is_held(
    kafka: KafkaServer, topic_prefix: str, database: Database, tmp_path: Path
) -> None:
    """A claim waits for its student while the issuer changes its key and the service restarts. After the
    adding the service accepts the claim. It refuses other claims with the old token."""
    async with bench(kafka.bootstrap, topic_prefix, cache(database), tmp_path) as own_bench:
        old = own_bench.token()
        async with running(own_bench, SERVICE) as (service,):
            early = await own_bench.send(claim(STUDENT), token=old)

            async def waits() -> bool | None:
                return await held(service)

            await until(waits, "the claim is held")
        change_key(own_bench)
        async with running(own_bench, SERVICE) as (service,):
            await own_bench.publish(student_added(STUDENT))
            assert (await service.final(early)).status is Status.ACCEPTED
            late = await service.final(await own_bench.send(claim(STUDENT), token=old))
            assert [finding.code for finding in late.findings] == ["ACC-006"]
