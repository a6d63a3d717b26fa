"""Senders with Kafka transactions."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from contracts.catalog import entry_of
from contracts.envelope import Envelope
from contracts.message import Command, Event
from contracts.outcome import Status
from services.jurisdiction.app import SERVICE
from tests.integration.running import Bench, RunningService, running, until
from tests.unit.chassis.memory_service import claim, student_added


@asynccontextmanager
async def transactional(own_bench: Bench) -> AsyncIterator[AIOKafkaProducer]:
    """A sender with Kafka transactions."""
    producer = AIOKafkaProducer(bootstrap_servers=own_bench.kafka, transactional_id=secrets.token_hex(8))
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def put(producer: AIOKafkaProducer, own_bench: Bench, message: Command | Event, token: str = "") -> str:
    """Send a message in the open transaction. Returns its id."""
    entry, identity = entry_of(type(message)), str(uuid4())
    envelope = Envelope(
        identity,
        entry.name,
        "/test",
        message.subject,
        datetime.now(UTC),
        entry.schema_id,
        token=token or None,
        sequence=1,
    )
    await producer.send_and_wait(
        entry.topic(own_bench.prefix),
        message.model_dump_json().encode(),
        key=message.subject.encode(),
        headers=envelope.headers(),
    )
    return identity


async def lag(service: RunningService) -> tuple[list[str], int | None]:
    """The service's readiness and lag."""
    state = await service.app.state.health.state()
    return state.reasons, state.lag


async def test_a_transaction_that_was_taken_back(own_bench: Bench) -> None:
    """The service ignores messages of an aborted transaction, and takes later ones."""
    async with running(own_bench, SERVICE) as (service,), transactional(own_bench) as sender:
        await sender.begin_transaction()
        await put(sender, own_bench, student_added("7000000001"))
        never = await put(sender, own_bench, claim("7000000001"), own_bench.token())
        await sender.abort_transaction()
        await sender.begin_transaction()
        await put(sender, own_bench, student_added("7000000002"))
        meant = await put(sender, own_bench, claim("7000000002"), own_bench.token())
        await sender.commit_transaction()

        assert (await service.final(meant)).status is Status.ACCEPTED

        async def nothing_left() -> bool | None:
            return True if await lag(service) == ([], 0) else None

        await until(nothing_left, "everything is read")
        assert await service.rows("SELECT 1 FROM ledger WHERE command_id = :id", id=never) == []
        assert await service.rows("SELECT 1 FROM records WHERE subject = '7000000001'") == []
        cluster = service.app.state.health.consumer._cluster

        async def caught_up() -> bool | None:
            reached = await cluster.committed(f"{own_bench.prefix}ser.jurisdiction")
            return True if reached == await cluster.ends(cluster.places) else None

        await until(caught_up, "the group has passed the marks at the ends of the transactions")


async def test_a_transaction_that_hangs(own_bench: Bench) -> None:
    """Commands behind an open transaction count as lag. The service stays ready, since a restart would not
    help. It takes the commands when the transaction ends."""
    own_bench.more["stall_seconds"] = 1
    async with running(own_bench, SERVICE) as (service,), transactional(own_bench) as sender:
        student = "7000000003"
        await sender.begin_transaction()
        hanging = await put(sender, own_bench, claim(student), own_bench.token())
        behind = await own_bench.send(claim(student, begin_on=date(2017, 8, 11)))

        async def waiting() -> bool | None:
            return True if (await lag(service))[1] == 2 else None

        await until(waiting, "two commands wait")
        end = asyncio.get_running_loop().time() + 3 * own_bench.more["stall_seconds"]
        while asyncio.get_running_loop().time() < end:
            assert await lag(service) == ([], 2)
        assert await service.rows("SELECT 1 FROM ledger WHERE subject = :student", student=student) == []
        await own_bench.publish(student_added(student))
        await sender.commit_transaction()
        assert (await service.final(hanging)).status is Status.ACCEPTED
        assert (await service.final(behind)).status.final
