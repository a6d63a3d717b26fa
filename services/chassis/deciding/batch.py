"""What is loaded for a batch, and what is to be written after it. Plain values."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from contracts.decision import Known
from contracts.outcome import Status
from services.chassis.decoding.messages import ReceivedCommand, ReceivedEvent

Tally = Counter[tuple[str, int, str]]


@dataclass(slots=True)
class Held:
    """A message that waits its turn.

    `until`: when a command stops waiting for a fact; a defect has no deadline. `kept`: by an earlier batch.
    """

    position: int
    item: ReceivedCommand | ReceivedEvent
    until: datetime | None
    reason: str
    kept: bool = False

    @property
    def defect(self) -> bool:
        """Whether the message waits for the code to be mended, and everything about its subject behind it."""
        return self.until is None


@dataclass(slots=True)
class Aggregate:
    """Everything a service has of one subject. `revision` counts its writes, `sequence` its events.

    `last_place` is the last place in the queue that was given: within a batch none is given twice.
    """

    revision: int = 0
    sequence: int = 0
    known: Known = field(default_factory=Known)
    queue: list[Held] = field(default_factory=list)
    last_place: int = 0

    def line_up(self, queue: list[Held]) -> None:
        """This is held for the subject, in order."""
        self.queue = queue
        self.last_place = queue[-1].position if queue else 0


class EarlierOutcome(NamedTuple):
    """An outcome already given to a command."""

    fingerprint: str
    status: Status


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a batch may look at: each subject it names, and the outcomes given before to the commands in
    it."""

    aggregates: Mapping[str, Aggregate]
    given: Mapping[str, EarlierOutcome]


class RecordRow(NamedTuple):
    """The new state of one record; `body` is its JSON."""

    subject: str
    kind: str
    record_id: str
    revision: int
    body: str


class LedgerEntry(NamedTuple):
    """The outcome given to a command, as it is kept for ever; `body` is its JSON.

    `follows`: it takes the place of the one by which the command was held in an earlier batch.
    """

    command_id: str
    subject: str
    scope: str
    fingerprint: str
    status: Status
    body: str
    sender: str = ""
    follows: bool = False


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

    `said`: the subjects the batch has events about, each with its sequence from now on.
    """

    advances: Sequence[Advance] = ()
    records: dict[tuple[str, str, str], RecordRow] = field(default_factory=dict)
    ledger: dict[str, LedgerEntry] = field(default_factory=dict)
    outbox: list[Outgoing] = field(default_factory=list)
    said: Sequence[tuple[str, int]] = ()
    held: dict[tuple[str, int], Held] = field(default_factory=dict)
    released: set[tuple[str, int]] = field(default_factory=set)
    tally: Tally = field(default_factory=Counter)
