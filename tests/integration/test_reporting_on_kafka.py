"""Reporting on real Kafka, with topics in any order and unreadable messages."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from contracts.access import STATE, Role
from contracts.catalog import entry_of
from contracts.heartbeat import Heartbeat
from contracts.message import Event
from contracts.outcome import Outcome
from services.chassis.decoding.messages import ReceivedEvent
from services.reporting.app import SERVICE
from services.reporting.domain.federal.specification import specification
from services.reporting.domain.federal.text import Format, records_in
from tests.engines import KafkaServer
from tests.integration.running import Bench, RunningService, bench, running, until
from tests.unit.reporting.events import COUNT_DAY, Child, Publisher, received_event, refused

ANNA, BEN = Child("1000000001"), Child("1000000002", lea="009")


def topic_of(message: ReceivedEvent) -> str:
    """The topic of a message."""
    if isinstance(message.message, Outcome):
        return f"{message.owner}.outcomes"
    if isinstance(message.message, Heartbeat):
        return f"{message.owner}.heartbeats"
    assert isinstance(message.message, Event)
    return entry_of(type(message.message)).topic()


async def say(own_bench: Bench, *messages: ReceivedEvent) -> None:
    """Put messages on their topics, as their owners do."""
    for message in messages:
        topic, key = own_bench.prefix + topic_of(message), message.message.subject.encode()
        await own_bench.put(topic, key, message.body, message.envelope.headers())


async def read_all(reporting: RunningService, records: int) -> dict[str, int]:
    """The counts by result, after this many messages."""

    async def look() -> dict[str, int] | None:
        reads = await reporting.reads()
        return reads if sum(reads.values()) >= records else None

    return await until(look, f"{records} records read")


async def test_everything_said_is_counted_once(
    kafka: KafkaServer, topic_prefix: str, database: Callable[[str], str], tmp_path: Path
) -> None:
    """With late, repeated and unreadable messages, reporting counts two children and does not stop.
    The federal file has both."""
    publisher = Publisher()
    messages = publisher.publish(ANNA.identity(), *ANNA.all_events(), *BEN.all_events())
    messages += publisher.heartbeats()
    twice = [*reversed(messages), *messages, *(refused(ANNA.student, "claim", "JUR-004") for _ in range(2))]
    unnumbered = received_event(ANNA.claimed("other"), "jurisdiction", identity=uuid4())
    async with (
        bench(kafka.bootstrap, topic_prefix, database, tmp_path) as own_bench,
        running(own_bench, SERVICE) as [reporting],
    ):
        await own_bench.put(f"{topic_prefix}StudentClaimed", b"1000000001", b"\xff", [])
        await say(own_bench, unnumbered, *twice)
        reads = await read_all(reporting, len(twice) + 2)
        assert reads == {"applied": 16, "duplicate": 16, "dead letter": 2}

        headers = {"Authorization": f"Bearer {own_bench.token(STATE, Role.STATE)}"}
        answer = await reporting.http.get("/child-count", headers=headers, params={"as_of": str(COUNT_DAY)})
        counted = answer.raise_for_status().json()
        assert (counted["reconciliation"]["counted"], counted["complete"], counted["events"]) == (2, True, 10)

        file = await reporting.http.get("/federal-files/002/2024-25/LEA/text", headers=headers)
        rows = records_in(specification("002", 2024), file.raise_for_status().text, Format.CSV)
        by_disability = {one["StateLEAIDNumber"] for one in rows if one["DisabilityCategoryID"] == "SLD"}
        assert by_disability == {ANNA.lea, BEN.lea}
