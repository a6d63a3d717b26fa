"""Held commands outlive the process and the key that their tokens were signed with."""

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
    """Whether a command is held."""
    return bool(await service.rows("SELECT 1 FROM held")) or None


def change_key(own_bench: Bench) -> None:
    """The issuer signs with a new key, and takes the old one out of its key set."""
    for file in (own_bench.home / "keys").iterdir():
        file.unlink()
    own_bench.issuer.make_keys()


async def test_a_new_key_refuses_nothing_that_is_held(
    kafka: KafkaServer, topic_prefix: str, database: Database, tmp_path: Path
) -> None:
    """A claim waits for its student. Meanwhile the issuer changes its key, and the service starts again. The
    claim is accepted once the student is added. The old token is good for no other claim."""
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
