"""A service that keeps its records in memory: a test gives it messages and looks at the writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter

from contracts.access import Actor
from contracts.envelope import Envelope
from contracts.errors import Finding
from contracts.identity import Person
from contracts.jurisdiction import ClaimJurisdiction, TransferSchool
from contracts.message import Command, Event
from contracts.outcome import Status
from contracts.students import Profile, StudentAdded
from services.chassis.deciding.batch import RecordRow, Writes
from services.chassis.deciding.process import process
from services.chassis.deciding.terms import Terms
from services.chassis.decoding.decoder import fingerprint
from services.chassis.decoding.messages import RawMessage, ReceivedCommand, ReceivedEvent, Work
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.publishing.effects import Outgoings
from services.jurisdiction.domain import AWAITED, DECIDERS, LOOKS_AT, REACTIONS, RULES, STORED
from tests.memory import MemoryStore
from tests.unit.events import directory
from tests.unit.scenario import STUDENT, actor

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
HOLD = timedelta(seconds=60)


SITES = {row.key: row for row in (RecordRow.of(directory(lea)) for lea in ("009", "017", "026", "036"))}
"""The records of the school sites of four LEAs, as jurisdiction stores them."""


def with_sites(store: MemoryStore) -> MemoryStore:
    """Adds the school sites of four LEAs to the store of jurisdiction."""
    store.records |= SITES
    return store


def jurisdiction(
    deciders: Mapping[type[Command], Any] | None = None, reactions: Mapping[type[Event], Any] | None = None
) -> ServiceDefinition:
    """The definition of jurisdiction, with some of its deciders or reactions replaced."""
    return ServiceDefinition(
        name="jurisdiction",
        summary="",
        rules=RULES,
        router=APIRouter(),
        deciders={**DECIDERS, **(deciders or {})},
        reactions={**REACTIONS, **(reactions or {})},
        looks_at=LOOKS_AT,
        stored=STORED,
        awaited=AWAITED,
    )


@dataclass
class MemoryService:
    """One service, its store in memory, and a fixed clock."""

    definition: ServiceDefinition = field(default_factory=jurisdiction)
    queue_limit: int = 5
    largest_batch: int = 1_000_000
    now: datetime = NOON
    offset: int = 0

    def __post_init__(self) -> None:
        self.store = with_sites(MemoryStore(self.definition))

    def process(self, *batch: Work) -> Writes:
        """Process a batch and save it."""
        writes = self.decided(*batch)
        self.store.save(writes)
        return writes

    def decided(self, *batch: Work) -> Writes:
        """What a batch changes. Nothing is saved."""
        out = Outgoings(self.definition, "")
        terms = Terms(self.definition, out, HOLD, self.queue_limit, 10_000, self.largest_batch)
        return process(batch, self.store.load(batch), terms, self.now)

    def raw_message(self, topic: str, body: str) -> RawMessage:
        """A message at the next offset of a topic."""
        self.offset += 1
        return RawMessage(topic, 0, self.offset, STUDENT.encode(), body.encode(), (), NOON)

    def received_command(
        self,
        command: Command,
        *,
        by: Actor | None = None,
        under: str | None = None,
        findings: tuple[Finding, ...] = (),
    ) -> ReceivedCommand:
        """A command as the decoder makes it from a Kafka message."""
        name, command_id = type(command).__name__, UUID(under) if under else uuid4()
        return ReceivedCommand(
            raw=self.raw_message("jurisdiction.commands", command.model_dump_json()),
            envelope=_envelope(str(command_id), name),
            command_id=command_id,
            name=name,
            subject=command.subject,
            fingerprint=fingerprint(name, command),
            day=date(2017, 9, 1),
            command=command,
            actor=by or actor(),
            findings=findings,
        )

    def received_event(self, event: Event) -> ReceivedEvent:
        """An event as the decoder makes it from a Kafka message."""
        name = type(event).__name__
        return ReceivedEvent(
            self.raw_message(name, event.model_dump_json()), _envelope(str(uuid4()), name), event, "students"
        )

    def status(self, command: ReceivedCommand) -> Status:
        """The status of a command in the ledger."""
        return self.store.ledger[command.id].status

    def published(self) -> list[str]:
        """The topics of the messages in the outbox, in order, without outcomes."""
        return [message.topic for message in self.store.outbox if not message.topic.endswith(".outcomes")]


def claim(student: str = STUDENT, **changes: Any) -> ClaimJurisdiction:
    """A claim that breaks no rule."""
    fields = {"student_id": student, "begin_on": date(2017, 8, 10), "school": "017001"}
    return ClaimJurisdiction(**(fields | changes))


def move(school: str = "017002", student: str = STUDENT, **changes: Any) -> TransferSchool:
    """A school transfer that breaks no rule."""
    return TransferSchool(
        **({"student_id": student, "begin_on": date(2017, 8, 20), "school": school} | changes)
    )


def student_added(student: str = STUDENT, revision: int = 1) -> StudentAdded:
    """An LEA added a student."""
    person = Person(first_name="Ada", last_name="Example", birth_on=date(2009, 3, 4), sex="F")
    return StudentAdded(
        student_id=student,
        revision=revision,
        person=person,
        identity_revision=1,
        profile=Profile(),
        added_by="017",
    )


def _envelope(identity: str, name: str) -> Envelope:
    return Envelope(id=identity, type=name, source="/test", subject=STUDENT, time=NOON, schema=f"{name}.v1")
