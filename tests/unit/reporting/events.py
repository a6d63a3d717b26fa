"""Events about children, as reporting receives them."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from contracts.activities import SpedActivityBegun
from contracts.catalog import BRIDGE, SERVICES, entry_of, events
from contracts.envelope import Envelope
from contracts.errors import Finding, Severity
from contracts.evaluations import EligibilityDetermined, EvaluationStage, EvaluationType, Exceptionality
from contracts.heartbeat import Heartbeat
from contracts.identity import IdentityAssigned, Person
from contracts.ieps import IEPStage, IEPSubmitted, IEPType
from contracts.jurisdiction import SchoolStay, StudentClaimed
from contracts.message import Event, Movable
from contracts.outcome import Outcome, Status
from contracts.state_ids import StateIdMerged
from contracts.students import Profile, StudentAdded
from services.chassis.decoding.messages import RawMessage, ReceivedEvent

_MOVED: Mapping[str, type[Movable]] = {
    entry.model.kind: entry.model
    for entry in events().values()
    if entry.name.endswith("Moved") and issubclass(entry.model, Movable)
}
_NAMES = UUID("0d6f5a54-7a3c-4f57-9a25-3c1c0c2f6f11")
_FIRST_RECEIVED = datetime(2017, 8, 1, 12, tzinfo=UTC)
LAST_YEAR, EVALUATED, ENTERED = date(2016, 8, 10), date(2017, 3, 1), date(2017, 3, 20)
COUNT_DAY = date(2017, 10, 1)


def id_named(student: str, name: str) -> UUID:
    """The same id for the same student and name."""
    return uuid5(_NAMES, f"{student} {name}")


def merged_into(into: str, *said: Event) -> Sequence[Event]:
    """The State ID of these events was merged into another one: their records go there."""
    [state_id] = {event.subject for event in said}
    gone = StateIdMerged(student_id=state_id, revision=1, current_id=into, formerly=(state_id,))
    moves: list[Any] = []
    for event in (event for event in said if isinstance(event, Movable)):
        left = _MOVED[event.kind].of(event, moved_to=into)
        moves += [left, type(left).of(left, student_id=into, belongs_to=state_id, moved_to=None)]
    return [gone, *moves]


@dataclass(frozen=True)
class Child:
    """By default a child of eight in third grade with a learning disability, whom the child count counts."""

    student: str
    birth_on: date = date(2009, 4, 2)
    sex: str | None = "M"
    hispanic: bool = False
    races: tuple[str, ...] = ("BL7",)
    grade: str | None = "03"
    lea: str = "017"
    codes: tuple[str, ...] = ("SLD",)
    environment: str | None = "RC80"

    def changed(self, **changes: Any) -> "Child":
        """The same child with other facts."""
        return replace(self, **changes)

    @property
    def person(self) -> Person:
        """The person in eScholar. The name is made up."""
        return Person(
            first_name="Testa",
            last_name="Canary",
            birth_on=self.birth_on,
            sex=self.sex,
            hispanic=self.hispanic,
            races=self.races,
        )

    def identity(self) -> IdentityAssigned:
        """eScholar gave the State ID."""
        return IdentityAssigned(student_id=self.student, revision=1, person=self.person)

    def added(self, **changes: Any) -> StudentAdded:
        """The LEA added the child."""
        state = {
            "student_id": self.student,
            "revision": 1,
            "person": self.person,
            "identity_revision": 1,
            "profile": Profile(grade=self.grade),
            "added_by": self.lea,
        }
        return StudentAdded(**(state | changes))

    def claimed(self, name: str = "spell", **changes: Any) -> StudentClaimed:
        """The LEA claimed the child."""
        state = {
            "student_id": self.student,
            "revision": 1,
            "spell_id": id_named(self.student, name),
            "lea": self.lea,
            "begin_on": LAST_YEAR,
            "schools": (SchoolStay(school=f"{self.lea}001", begin_on=LAST_YEAR),),
        }
        return StudentClaimed(**(state | changes))

    def determined(self, name: str = "evaluation", **changes: Any) -> EligibilityDetermined:
        """The LEA determined the exceptionalities; the first one is primary."""
        state = {
            "student_id": self.student,
            "revision": 4,
            "evaluation_id": id_named(self.student, name),
            "lea": self.lea,
            "evaluation_type": EvaluationType.INITIAL,
            "stage": EvaluationStage.DETERMINED,
            "permission_requested_on": LAST_YEAR,
            "determined_on": EVALUATED,
            "determination": 1,
            "exceptionalities": tuple(
                Exceptionality(code=code, primary=place == 0) for place, code in enumerate(self.codes)
            ),
        }
        return EligibilityDetermined(**(state | changes))

    def submitted(self, name: str = "iep", **changes: Any) -> IEPSubmitted:
        """The LEA submitted the IEP."""
        state = {
            "student_id": self.student,
            "revision": 3,
            "iep_id": id_named(self.student, name),
            "lea": self.lea,
            "iep_type": IEPType.INITIAL,
            "stage": IEPStage.SUBMITTED,
            "meeting_on": ENTERED,
            "begin_on": ENTERED,
            "contents_revision": 2,
            "environment": self.environment,
            "submission": 1,
        }
        return IEPSubmitted(**(state | changes))

    def entered(self, name: str = "entry", **changes: Any) -> SpedActivityBegun:
        """The child entered special education."""
        state = {
            "student_id": self.student,
            "revision": 1,
            "activity_id": id_named(self.student, name),
            "lea": self.lea,
            "iep_id": id_named(self.student, "iep"),
            "entered_on": ENTERED,
        }
        return SpedActivityBegun(**(state | changes))

    def all_events(self) -> list[Event]:
        """The events after which the child count counts the child."""
        return [self.added(), self.claimed(), self.determined(), self.submitted(), self.entered()]


@dataclass
class Publisher:
    """Publishes events as their owners do: a sequence for each owner and student, an id for each event.

    `since`: each event comes a minute later than the one before, the first a minute after this moment.
    """

    sequences: Counter[tuple[str, str]] = field(default_factory=Counter)
    heartbeat_numbers: Counter[str] = field(default_factory=Counter)
    since: datetime = _FIRST_RECEIVED

    def publish(self, *events: Event) -> list[ReceivedEvent]:
        """The events as the decoder makes them from Kafka messages."""
        return [self._received(event) for event in events]

    def heartbeats(self, as_of: datetime | None = None) -> list[ReceivedEvent]:
        """A heartbeat of each service, with the number of events that it has published about each subject."""
        moment = as_of or self.since + timedelta(minutes=self.sequences.total())
        return [self._heartbeat(owner, moment) for owner in SERVICES if owner != "reporting"]

    def _heartbeat(self, owner: str, as_of: datetime) -> ReceivedEvent:
        sequences = {subject: count for (of, subject), count in self.sequences.items() if of == owner}
        self.heartbeat_numbers[owner] += bool(sequences)
        return heartbeat(owner, self.heartbeat_numbers[owner], sequences, as_of=as_of)

    def _received(self, event: Event) -> ReceivedEvent:
        owner = entry_of(type(event)).owner
        self.sequences[owner, event.subject] += 1
        number = self.sequences[owner, event.subject]
        return received_event(
            event,
            owner,
            identity=id_named(event.subject, f"{owner} {number}"),
            sequence=None if owner == BRIDGE else number,
            at=self.since + timedelta(minutes=self.sequences.total()),
        )


def heartbeat(
    owner: str, number: int, sequences: Mapping[str, int], *, as_of: datetime | None = _FIRST_RECEIVED
) -> ReceivedEvent:
    """A heartbeat of a service, with the number of its events about each subject."""
    beat = Heartbeat(service=owner, number=number, as_of=as_of, sequences=tuple(sequences.items()))
    return received_event(beat, owner, identity=id_named(owner, f"heartbeat {number} {as_of}"))


def received_event(
    message: Event | Outcome | Heartbeat,
    owner: str,
    *,
    identity: UUID | str,
    sequence: int | None = None,
    at: datetime = _FIRST_RECEIVED,
    sender: str | None = None,
) -> ReceivedEvent:
    """A message as the decoder makes it from a Kafka message."""
    name, body = type(message).__name__, message.model_dump_json().encode()
    envelope = Envelope(
        id=str(identity),
        type=name,
        source=f"/{owner}",
        subject=message.subject,
        time=at,
        schema=f"{name}.v1",
        sequence=sequence,
        sender=sender,
    )
    return ReceivedEvent(
        RawMessage(name, 0, 0, message.subject.encode(), body, (), at), envelope, message, owner
    )


def refused(
    student: str,
    name: str,
    *codes: str,
    owner: str = "jurisdiction",
    at: datetime = _FIRST_RECEIVED,
    sender: str | None = None,
) -> ReceivedEvent:
    """The outcome of a command that broke these rules."""
    findings = tuple(
        Finding(code=code, severity=Severity.ERROR, message=f"{code} is broken.", solution="Mend it.")
        for code in codes
    )
    return answered(student, name, Status.REFUSED, findings, owner=owner, at=at, sender=sender)


def answered(
    student: str,
    name: str,
    status: Status,
    findings: tuple[Finding, ...] = (),
    *,
    owner: str = "jurisdiction",
    at: datetime = _FIRST_RECEIVED,
    sender: str | None = None,
) -> ReceivedEvent:
    """The outcome of a command."""
    outcome = Outcome(
        command_id=id_named(student, name),
        command="ClaimJurisdiction",
        subject=student,
        status=status,
        findings=findings,
    )
    return received_event(
        outcome, owner, identity=id_named(student, f"{name} {status}"), at=at, sender=sender
    )


def shuffled(batch: Iterable[ReceivedEvent], seed: int) -> list[list[ReceivedEvent]]:
    """The same messages in random order, a third of them duplicates, in batches of 1 to 12."""
    draw = random.Random(seed)
    messages = list(batch)
    messages += draw.choices(messages, k=len(messages) // 2)
    draw.shuffle(messages)
    return list(_cut(messages, draw))


def _cut(messages: Sequence[ReceivedEvent], draw: random.Random) -> Iterable[list[ReceivedEvent]]:
    start = 0
    while start < len(messages):
        end = start + draw.randint(1, 12)
        yield list(messages[start:end])
        start = end
