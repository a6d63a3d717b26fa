"""The programs that the benchmarks compare with SER do the same work."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from aiokafka import ConsumerRecord

from benchmarks.deciding import InMemoryService, in_memory_services
from benchmarks.rivals import commands_floor, rebuild_floor
from benchmarks.rivals.students import LEA, SENDER, AddStudent, Identity, StudentAdded, decide, outcome
from benchmarks.students import Arrival, command_messages, identity_messages, make_arrivals
from benchmarks.topics import Sent
from contracts.access import Role
from contracts.catalog import events
from contracts.examples import example
from contracts.outcome import Outcome, Status
from deploy.local.home import Home
from deploy.local.issuer import Issuer
from services.chassis.decoding.messages import RawMessage

NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=1)
"""After the token was issued."""
TODAY = NOW.date()
EVENT_ID = UUID(int=1)

Published = tuple[str, Any, dict[str, bytes]]
"""Topic, body and headers of a message."""


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    """Signs tokens that the services accept."""
    issuer = Issuer(Home(tmp_path_factory.mktemp("issuer")))
    issuer.make_keys()
    return issuer


def raw(sent: Sent) -> RawMessage:
    """A message as a service reads it."""
    topic, key, value, headers = sent
    return RawMessage(topic, 0, 0, key.encode(), value, tuple(headers), NOW)


def parsed(one: Arrival) -> tuple[AddStudent, Identity]:
    """The command and the identity, as a rival reads their bytes."""
    command = AddStudent.model_validate_json(one.command.model_dump_json())
    return command, Identity.model_validate_json(one.identity.model_dump_json())


def by_ser(one: Arrival, issuer: Issuer) -> Iterator[Published]:
    """The messages of the students service."""
    service: InMemoryService = next(
        one for one in in_memory_services(issuer.keys) if one.definition.name == "students"
    )
    token = issuer.token(LEA, (Role.WRITER,), SENDER, 1, since=NOW)
    for message in (*identity_messages([one], ""), *command_messages([one], "", token)):
        for published in service.process_batch([raw(message)], NOW):
            yield (
                published.topic,
                json.loads(published.value or b""),
                {name: value or b"" for name, value in published.headers},
            )


def by_the_floor(one: Arrival) -> Iterator[Published]:
    """The messages of the floor."""
    command, identity = parsed(one)
    added = decide(command, identity, None, TODAY)
    assert added is not None
    work = commands_floor.Received(command.student_id.encode(), command, str(one.command_id).encode(), 0, NOW)
    for topic, (_, body, headers) in commands_floor.messages(work, added, added.model_dump_json()):
        yield topic, json.loads(body), dict(headers)


def test_same_students_each_time() -> None:
    """Every program gets the same commands about the same students."""
    assert make_arrivals(20) == make_arrivals(20)
    assert make_arrivals(20)[:10] == make_arrivals(10)


def test_same_messages(issuer: Issuer) -> None:
    """The floor publishes the same messages as SER: the same bodies, and headers of the same sizes.

    If SER has a header or a field more, the floor in benchmarks/rivals needs it too.
    """
    (one,) = make_arrivals(1)
    ser, floor = list(by_ser(one, issuer)), list(by_the_floor(one))
    assert [(topic, body) for topic, body, _ in floor] == [(topic, body) for topic, body, _ in ser]
    for (_, _, own), (_, _, theirs) in zip(floor, ser, strict=True):
        assert {name: len(value) for name, value in own.items()} == {
            name: len(value) for name, value in theirs.items()
        }


def test_student_whom_escholar_knows() -> None:
    """A student whom eScholar has announced is added, and the command is accepted."""
    (one,) = make_arrivals(1)
    command, identity = parsed(one)
    added = decide(command, identity, None, TODAY)
    answer = Outcome.model_validate_json(outcome(command, one.command_id, added).model_dump_json())
    assert added is not None
    assert (added.student_id, answer.status) == (one.command.student_id, Status.ACCEPTED)


@pytest.mark.parametrize("case", ["nobody knows", "added before", "born tomorrow"])
def test_student_who_is_not_added(case: str) -> None:
    """The rival refuses to add an unknown, added or unborn student."""
    (one,) = make_arrivals(1)
    command, identity = parsed(one)
    student: StudentAdded | None = decide(command, identity, None, TODAY)
    added = {
        "nobody knows": lambda: decide(command, None, None, TODAY),
        "added before": lambda: decide(command, identity, student, TODAY),
        "born tomorrow": lambda: decide(command, identity, None, date(1999, 1, 1)),
    }[case]()
    assert added is None
    assert outcome(command, one.command_id, added).status == "refused"


def record(name: str) -> "ConsumerRecord[bytes, bytes]":
    """An event's example as Kafka gives it."""
    body: Any = example(events()[name].schema_id)
    event = events()[name].model.model_validate(body)
    headers = [("ce_type", name), ("ce_source", "/ser/x"), ("ce_id", str(EVENT_ID)), ("ce_sequence", "1")]
    return ConsumerRecord(
        topic=name,
        partition=0,
        offset=0,
        timestamp=0,
        timestamp_type=0,
        key=b"1000000001",
        value=event.model_dump_json().encode(),
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=[(header, value.encode()) for header, value in headers],
    )


@pytest.mark.parametrize("name", sorted(events()))
def test_every_event_is_kept(name: str) -> None:
    """The floor of the rebuild reads every event that SER publishes, and keeps its state once."""
    copies = rebuild_floor.rows_of([record(name)])
    assert len(copies["states"]) == 1
