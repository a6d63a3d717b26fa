"""Reporting on real Kafka, with topics in any order and unreadable messages."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from contracts.access import STATE, Role
from contracts.catalog import entry_of
from contracts.heartbeat import Heartbeat
from contracts.message import Event
from contracts.outcome import Outcome
from services.chassis.decoding.messages import ReceivedEvent
from services.chassis.hosting.rebuilding import rebuild
from services.chassis.hosting.run import engine_for
from services.chassis.reading.cluster import StillRead
from services.reporting.app import SERVICE
from services.reporting.domain.federal.specification import specification
from services.reporting.domain.federal.text import Format, records_in
from tests.engines import KafkaServer
from tests.integration.running import Bench, RunningService, bench, running, until
from tests.unit.reporting.events import COUNT_DAY, Child, Publisher, received_event, refused

FILE = "/federal-files/002/2024-25/SEA"
CERTIFIED = f"{FILE}/certifications/1/text"
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


async def test_a_rebuild_keeps_what_the_state_certified(
    kafka: KafkaServer, topic_prefix: str, database: Callable[[str], str], tmp_path: Path
) -> None:
    """Reporting reads all topics again. A certified file stays as it was, byte for byte."""
    publisher = Publisher()
    messages = publisher.publish(ANNA.identity(), *ANNA.all_events())
    messages += publisher.heartbeats()
    async with bench(kafka.bootstrap, topic_prefix, cache(database), tmp_path) as own_bench:
        settings = own_bench.settings(SERVICE.name)
        engine = engine_for(settings, connections=1)
        async with running(own_bench, SERVICE) as [reporting]:
            await say(own_bench, *messages)
            await read_all(reporting, len(messages))
            before = await as_state(reporting, CERTIFIED, certify=True)
            with pytest.raises(StillRead):
                await rebuild(SERVICE, settings, engine)
            assert await reporting.rows("SELECT 1 FROM revisions")

        async def rebuilt() -> Sequence[str] | None:
            try:
                return await rebuild(SERVICE, settings, engine)
            except StillRead:
                return None

        emptied = await until(rebuilt, "no process reads any more")
        assert {"revisions", "streams", "tallies", "students", "ieps"} <= {*emptied}
        async with engine.connect() as connection:
            assert (await connection.execute(text("SELECT count(*) FROM revisions"))).scalar_one() == 0
        await engine.dispose()
        async with running(own_bench, SERVICE) as [reporting]:
            await read_all(reporting, 2 * len(messages))
            assert await as_state(reporting, CERTIFIED) == before
            counted = await as_state(reporting, "/child-count", as_of=str(COUNT_DAY))
            assert b'"counted":1' in counted
            assert b'"complete":true' in counted


async def as_state(
    reporting: RunningService, path: str, *, certify: bool = False, **parameters: str
) -> bytes:
    """The bytes of an answer to the state office. `certify`: the state certifies the file first."""
    headers = {"Authorization": f"Bearer {reporting.bench.token(STATE, Role.STATE)}"}
    if certify:
        file = (await reporting.http.get(FILE, headers=headers)).raise_for_status().json()
        wish = {"digest": file["digest"]}
        (await reporting.http.post(f"{FILE}/certifications", headers=headers, json=wish)).raise_for_status()
    return (await reporting.http.get(path, headers=headers, params=parameters)).raise_for_status().content
