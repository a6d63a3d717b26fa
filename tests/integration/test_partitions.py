"""Added partitions, unassigned partitions, and the division of students among processes."""

import time
from collections import defaultdict
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from contracts.catalog import topics
from contracts.outcome import Status
from contracts.partitions import partition_of
from services.chassis.decoding.messages import Due
from services.jurisdiction.app import SERVICE
from tests.engines import KafkaServer, PostgresServer
from tests.integration.running import Bench, RunningService, bench, running, until
from tests.integration.test_standing_by import _ONE_TOPIC
from tests.unit.chassis.memory_service import claim, student_added


async def reasons(service: RunningService) -> list[str]:
    """The reasons why the process is not ready."""
    return list((await service.app.state.health.state())[0])


@pytest.mark.timeout(180)
async def test_partitions_added_while_a_service_runs(own_bench: Bench, kafka: KafkaServer) -> None:
    """The service answers a command in an added partition within a minute. Until it reads the partition it is
    not ready."""
    async with running(own_bench, SERVICE) as (service,):

        async def ready() -> bool | None:
            return None if await reasons(service) else True

        await until(ready, "the service is ready")
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
        await admin.start()
        await admin.create_partitions({name: NewPartitions(4) for name in topics(own_bench.prefix)})
        await admin.close()
        added = time.monotonic()
        student = next(s for s in map(str, range(5_000_000_000, 5_000_000_999)) if partition_of(s, 4) == 3)
        await own_bench.producer.client.force_metadata_update()

        async def known() -> bool | None:
            await own_bench.producer.client.force_metadata_update()
            count = len(await own_bench.producer.partitions_for(f"{own_bench.prefix}jurisdiction.commands"))
            return True if count == 4 else None

        await until(known, "the sender knows of the new partitions")
        await own_bench.publish(student_added(student))
        sent = await own_bench.send(claim(student))
        shown: list[str] = []

        async def answered() -> bool | None:
            shown.extend(await reasons(service))
            return True if await service.rows(_FINAL, id=sent) else None

        await until(answered, "the command is answered", seconds=60)
        assert time.monotonic() - added < 60
        assert any(reason.startswith("no process reads ") for reason in shown)
        await until(ready, "the service is ready again")


_FINAL = "SELECT 1 FROM ledger WHERE command_id = :id AND status <> 'held'"


async def test_whose_students_are_whose(
    kafka: KafkaServer, topic_prefix: str, postgres: PostgresServer, tmp_path: Any
) -> None:
    """The process that reads the student's partition handles overdue messages."""
    name = topic_prefix.rstrip(".")
    postgres.create(name, name, name)
    async with (
        bench(
            kafka.bootstrap, topic_prefix, lambda _: postgres.url(name, name, name), tmp_path, hold_seconds=1
        ) as own_bench,
        running(own_bench, _ONE_TOPIC, _ONE_TOPIC) as processes,
    ):
        consumers = [process.app.state.health.consumer for process in processes]

        async def shared() -> bool | None:
            return True if [len(c.kafka.assignment()) for c in consumers] == [1, 1] else None

        await until(shared, "two processes share two partitions")
        taken = defaultdict[int, set[str]](set)
        for number, consumer in enumerate(consumers):
            _note(consumer, taken[number])
        sent = [await own_bench.send(claim(str(student))) for student in range(6_000_000_000, 6_000_000_012)]
        outcomes = [await processes[0].final(command) for command in sent]
        assert {outcome.status for outcome in outcomes} == {Status.REFUSED}
        assert not taken[0] & taken[1]
        for number, consumer in enumerate(consumers):
            ((_, partition),) = consumer.kafka.assignment()
            assert {partition_of(student, 2) for student in taken[number]} == {partition}


def _note(consumer: Any, taken: set[str]) -> None:
    put = consumer._lanes.put

    def noting(batch: Any, done: Any) -> Any:
        taken.update(work.subject for work in batch if isinstance(work, Due))
        return put(batch, done)

    consumer._lanes.put = noting


async def test_how_far_a_group_is(own_bench: Bench) -> None:
    """One request gives a service's offsets of all partitions."""
    async with running(own_bench, SERVICE) as (service,):
        cluster = service.app.state.health.consumer._cluster
        await own_bench.publish(student_added())
        requests = list[str]()
        send = cluster._client.send

        async def counting(node: int, request: Any) -> Any:
            requests.append(type(request).__name__)
            return await send(node, request)

        async def committed() -> bool | None:
            requests.clear()
            reached = await cluster.committed(f"{own_bench.prefix}ser.jurisdiction")
            place = TopicPartition(
                f"{own_bench.prefix}StudentAdded", partition_of(student_added().subject, 2)
            )
            return True if reached.get(place) == 1 and reached.keys() == set(cluster.places) else None

        cluster._client.send = counting
        await until(committed, "every partition has an offset")
        assert requests == ["OffsetFetchRequest"]


async def test_readiness_does_not_wait(own_bench: Bench) -> None:
    """The readiness of an idle service is answered at once, not behind a fetch that waits for messages."""
    async with running(own_bench, SERVICE) as (service,):

        async def ready() -> bool | None:
            return None if await reasons(service) else True

        await until(ready, "the service is ready")
        took = []
        for _ in range(8):
            began = time.perf_counter()
            assert (await service.http.get("/health/ready")).status_code == 200
            took.append(time.perf_counter() - began)
        assert sorted(took)[4] < 0.1
