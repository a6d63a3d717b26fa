"""A store in memory that loads and saves as the real one does: the same rules of newest revision, ledger
and locks."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from contracts.decision import Known
from contracts.message import Record
from contracts.outcome import Status
from services.chassis.records import Asked, Due, Failed, Told, Work
from services.chassis.service import Service
from services.chassis.state import Aggregate, Given, Held, Ledgered, Loaded, Outgoing, Tally, Thing, Writes
from services.chassis.store import StaleAggregate


@dataclass
class MemoryStore:
    """What one service has, in dictionaries."""

    service: Service
    revisions: dict[str, tuple[int, int]] = field(default_factory=dict)
    things: dict[tuple[str, str, str], Thing] = field(default_factory=dict)
    ledger: dict[str, Ledgered] = field(default_factory=dict)
    held: dict[tuple[str, int], Held] = field(default_factory=dict)
    outbox: list[Outgoing] = field(default_factory=list)
    tally: Tally = field(default_factory=Counter)

    def load(self, batch: Sequence[Work]) -> Loaded:
        """Everything the batch may look at."""
        subjects = {subject for work in batch for subject in _subjects(work)}
        given = {id: Given(row.fingerprint, row.status) for id, row in self.ledger.items()}
        return Loaded({subject: self._aggregate(subject) for subject in subjects}, given)

    def _aggregate(self, subject: str) -> Aggregate:
        revision, sequence = self.revisions.get(subject, (0, 0))
        queue = [held for (whose, _), held in sorted(self.held.items()) if whose == subject]
        return Aggregate(revision, sequence, Known(self._records(subject)), [_copy(held) for held in queue])

    def _records(self, subject: str) -> Iterable[Record]:
        for (whose, kind, _), thing in self.things.items():
            if whose == subject:
                yield self.service.model_of(kind).model_validate_json(thing.body)

    def save(self, writes: Writes) -> None:
        """Write a batch's effects, or nothing: StaleAggregate if somebody was first."""
        for advance in writes.advances:
            if self.revisions.get(advance.subject, (0, 0))[0] != advance.revision - 1:
                raise StaleAggregate
        self.revisions |= {a.subject: (a.revision, a.sequence) for a in writes.advances}
        for key, thing in writes.things.items():
            if key not in self.things or self.things[key].revision < thing.revision:
                self.things[key] = thing
        for command_id, answer in writes.ledger.items():
            before = self.ledger.get(command_id)
            if before is None or before.status is Status.HELD:
                self.ledger[command_id] = answer
        for place in writes.released:
            self.held.pop(place, None)
        self.held |= {place: _copy(held) for place, held in writes.held.items()}
        self.outbox.extend(writes.outbox)
        self.tally.update(writes.tally)


def _subjects(work: Work) -> Iterable[str]:
    match work:
        case Asked(findings=()) | Told() | Due() | Failed():
            yield work.subject


def _copy(held: Held) -> Held:
    return Held(held.position, held.item, held.until, held.reason)
