"""The loaded records of a batch, and its writes. Plain values."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Self

from contracts.decision import Known
from contracts.message import Movable, Record
from contracts.outcome import Status
from services.chassis.decoding.messages import GivenUp
from services.chassis.holding.queue import Held

Tally = Counter[tuple[str, int, str]]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The records of one subject. `revision` counts the writes, `sequence` the events."""

    revision: int = 0
    sequence: int = 0
    known: Known = field(default_factory=Known)
    queue: Sequence[Held] = ()


class EarlierOutcome(NamedTuple):
    """An outcome already given to a command."""

    fingerprint: str
    status: Status


class Looked(NamedTuple):
    """Another subject that a decision may read, as it was when the batch was loaded."""

    known: Known
    revision: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a batch may look at. Nothing of it is changed.

    `aggregates`: the subjects that the batch is about. `given`: the outcomes given before to its commands.
    `others`: the other subjects its decisions look at. `taken`: of the ids under which its commands would
    create a record, those that a record bears, with the record's subject.
    """

    aggregates: Mapping[str, Aggregate]
    given: Mapping[str, EarlierOutcome]
    others: Mapping[str, Looked] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)


class RecordRow(NamedTuple):
    """The new state of one record; `body` is its JSON. `apart`: it goes into the table of contents.

    `departed`: the record has moved to another subject. `changed_by`: the sender of the command that caused
    this state. `changed_at`: when Kafka received the message that caused it.
    """

    subject: str
    kind: str
    record_id: str
    revision: int
    body: str
    apart: bool = False
    changed_by: str | None = None
    changed_at: datetime | None = None
    departed: bool = False

    @classmethod
    def of(
        cls, record: Record, body: str | None = None, by: str | None = None, at: datetime | None = None
    ) -> Self:
        """The record as a row. `body`: its JSON, if the caller has it already."""
        spelt = record.model_dump_json() if body is None else body
        key = record.subject, record.kind, record.record_id
        departed = isinstance(record, Movable) and record.moved_to is not None
        return cls(*key, record.revision, spelt, record.apart, by, at, departed)

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells the row apart: subject, kind and id."""
        return self.subject, self.kind, self.record_id

    @property
    def state(self) -> tuple[str, str, str, int, str]:
        """The key, the revision and the JSON."""
        return *self.key, self.revision, self.body

    @property
    def changed(self) -> tuple[str, str, str, int, str, str | None, datetime | None]:
        """The state, and who changed it and when."""
        return *self.state, self.changed_by, self.changed_at


class LedgerEntry(NamedTuple):
    """The outcome given to a command, as it is kept for ever; `body` is its JSON.

    `received_at`: when Kafka received the command. `follows`: it takes the place of the one by which the
    command was held in an earlier batch. It changes status and outcome only.
    """

    command_id: str
    subject: str
    scope: str
    fingerprint: str
    status: Status
    body: str
    received_at: datetime
    sender: str = ""
    follows: bool = False


class HeldAction(NamedTuple):
    """What an operator did about a held message, as it is kept for ever: who, what, about which, and why."""

    operator: str
    action: str
    subject: str
    message_id: str
    name: str
    reason: str

    @classmethod
    def of(cls, given_up: GivenUp, held: Held) -> Self:
        """That an operator gave a held message up."""
        action = "refused" if held.is_command else "dead letter"
        who, item = given_up.operator, held.item
        return cls(who, action, given_up.subject, item.id, item.name, given_up.reason)


class Outgoing(NamedTuple):
    """A message for the outbox. `headers`: what they say, as a JSON list in the order of `envelope.NAMES`."""

    topic: str
    key: str
    headers: str
    value: str


class Advance(NamedTuple):
    """That a subject was written: its revision and sequence from now on."""

    subject: str
    revision: int
    sequence: int


@dataclass(slots=True)
class Writes:
    """Everything one batch changes, in one transaction.

    `returned`: the keys of records that had moved to another subject, and stand here again.
    `unannounced`: the subjects of the batch's events, each with its new sequence. A heartbeat will name them.
    """

    advances: Sequence[Advance] = ()
    records: dict[tuple[str, str, str], RecordRow] = field(default_factory=dict)
    returned: set[tuple[str, str, str]] = field(default_factory=set)
    ledger: dict[str, LedgerEntry] = field(default_factory=dict)
    outbox: list[Outgoing] = field(default_factory=list)
    unannounced: Sequence[tuple[str, int]] = ()
    held: dict[tuple[str, int], Held] = field(default_factory=dict)
    released: set[tuple[str, int]] = field(default_factory=set)
    tally: Tally = field(default_factory=Counter)
    actions: list[HeldAction] = field(default_factory=list)
