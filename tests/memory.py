"""A store in memory that keeps what the real one keeps, by the same rules: newest revision, ledger, outbox.

It takes no locks: two transactions on one subject both go on, and the later one is undone as stale. So it
allows everything PostgreSQL allows, and more.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from contracts.decision import Known
from contracts.message import EVERY, Command, Record
from services.chassis.deciding.batch import (
    Aggregate,
    EarlierOutcome,
    HeldAction,
    LedgerEntry,
    Loaded,
    Looked,
    Outgoing,
    RecordRow,
    Tally,
    Writes,
)
from services.chassis.decoding.messages import Due, ReceivedCommand, ReceivedEvent, Work, item_of, subject_of
from services.chassis.holding.queue import Held
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.keeping.statements import IdTaken, StaleAggregate
from services.chassis.publishing.effects import Outgoings
from services.chassis.publishing.heartbeats import heartbeats_of


class Fold(Protocol):
    """The projection of a service that only reads, in memory."""

    def fresh(self, events: Sequence[ReceivedEvent]) -> set[str]:
        """The ids of the new messages."""

    def keep(self, events: Sequence[ReceivedEvent]) -> None:
        """Save messages."""


async def _go_on(point: str) -> None:
    """No other process acts between two steps."""


@dataclass
class MemoryStore:
    """What one service has, in dictionaries.

    `between` is awaited before each step of a transaction: there a simulation lets others go first, refuses,
    or ends the process. A row of the outbox is numbered when it is written, and seen when it is committed.
    `undone` counts the transactions that came too late. `sought`: for a command, the records that the service
    finds among what it does not keep as records (its table `seeks`).
    """

    service: ServiceDefinition
    fold: Fold | None = None
    between: Callable[[str], Awaitable[None]] = _go_on
    revisions: dict[str, tuple[int, int]] = field(default_factory=dict)
    records: dict[tuple[str, str, str], RecordRow] = field(default_factory=dict)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    ledger: dict[str, LedgerEntry] = field(default_factory=dict)
    held: dict[tuple[str, int], Held] = field(default_factory=dict)
    rows: dict[int, Outgoing] = field(default_factory=dict)
    tally: Tally = field(default_factory=Counter)
    unannounced: dict[str, int] = field(default_factory=dict)
    actions: list[HeldAction] = field(default_factory=list)
    sought: Callable[[Command], Iterable[Record]] = lambda _: ()
    heartbeat: int = 0
    numbered: int = 0
    undone: int = 0

    @property
    def outbox(self) -> list[Outgoing]:
        """The outgoing messages, in the order in which they were written."""
        return [self.rows[number] for number in sorted(self.rows)]

    def load(self, batch: Sequence[Work]) -> Loaded:
        """The records that the batch needs."""
        subjects = {subject for work in batch if (subject := subject_of(work))}
        queues, items = self._queued(batch, subjects)
        while further := self._together(items) - subjects:
            subjects |= further
            queues, items = self._queued(batch, subjects)
        opened = {
            (subject, *one)
            for item in items
            for one in self.service.opened(item)
            for subject in (subject_of(item), *self._together([item]))
        }
        known = {
            name: Known(self._records(name, opened))
            for name in subjects.union(*map(self.service.looked_at, items))
        }
        for item in items:
            if isinstance(item, ReceivedCommand) and item.command and item.subject in known:
                for record in self.sought(item.command):
                    known[item.subject].learn(record)
        numbers = {name: self.revisions.get(name, (0, 0)) for name in known}
        commands = [item for item in items if isinstance(item, ReceivedCommand)]
        new_ids = {item.command.new_id for item in commands if item.command}
        answers = (self.ledger[item.id] for item in commands if item.id in self.ledger)
        return Loaded(
            {name: Aggregate(*numbers[name], known[name], queues[name]) for name in subjects},
            {a.command_id: EarlierOutcome(a.fingerprint, a.status) for a in answers},
            {name: Looked(known[name], numbers[name][0]) for name in known.keys() - subjects},
            {record_id: subject for (record_id, _), subject in self.ids.items() if record_id in new_ids},
        )

    def _queued(
        self, batch: Sequence[Work], subjects: Iterable[str]
    ) -> tuple[dict[str, list[Held]], list[Work]]:
        """The held messages of each subject; all messages that may have a turn."""
        queues = {subject: self.queue(subject) for subject in subjects}
        return queues, [*map(item_of, batch), *(held.item for queue in queues.values() for held in queue)]

    def _together(self, items: Iterable[Work]) -> set[str]:
        """The subjects about which the messages are decided."""
        return {
            name
            for item in items
            for name in self.service.decided_with(item, lambda subject: Known(self._records(subject, ())))
        }

    def _records(self, subject: str, opened: Collection[tuple[str | None, str, str]]) -> Iterable[Record]:
        standing = {key[1:] for key, row in self.records.items() if key[0] == subject and not row.departed}
        for key, row in self.records.items():
            needed = {(subject, *key[1:]), (subject, key[1], EVERY)} & set(opened)
            moved_along = needed and (self.service.model_of(row.kind).found_with, row.record_id) in standing
            if moved_along or (key[0] == subject and (row.kind not in self.service.by_name or needed)):
                yield _read(self.service.model_of(row.kind), row.body)

    def queue(self, subject: str) -> list[Held]:
        """The held messages of a subject, in order."""
        return [_copy(held) for (whose, _), held in sorted(self.held.items()) if whose == subject]

    def due(self, now: datetime) -> list[Due]:
        """The subjects of which a held command is past its deadline or looks at a subject that has changed;
        no command of theirs waits for newer code."""
        held = list(self.held.values())
        blocked = {one.item.subject for one in held if one.defect and one.is_command}
        due = {one.item.subject for one in held if self._is_due(one, now)}
        return [Due(subject) for subject in sorted(due - blocked)]

    def _is_due(self, held: Held, now: datetime) -> bool:
        past = held.until is not None and held.until < now
        return past or held.seen < sum(self.revisions.get(name, (0, 0))[0] for name in held.looks_at)

    def save(self, writes: Writes) -> None:
        """Save a batch, or nothing: StaleAggregate if another process was first."""
        self._commit(_Staged(self, writes, dict(self._numbers(writes))))

    def _numbers(self, writes: Writes) -> Iterable[tuple[int, Outgoing]]:
        for message in writes.outbox:
            self.numbered += 1
            yield self.numbered, message

    def write_heartbeat(self, out: Outgoings, now: datetime) -> None:
        """Write a heartbeat into the outbox: the number of events about each subject with new ones."""
        self.heartbeat, beats = heartbeats_of(out, self.heartbeat, now, self.unannounced)
        self.unannounced = {}
        self.rows |= dict(self._numbers(Writes(outbox=list(beats))))

    @asynccontextmanager
    async def transaction(self) -> "AsyncIterator[_Staged]":
        """A new transaction."""
        staged = _Staged(self)
        yield staged
        await self.between("before commit")
        try:
            self._commit(staged)
        except StaleAggregate:
            self.undone += 1
            raise
        await self.between("after commit")

    def _commit(self, staged: "_Staged") -> None:
        if not self._fits(staged):
            raise StaleAggregate
        rows = staged.writes.records.values()
        own = {
            (row.record_id, row.kind, row.subject)
            for row in rows
            if row.record_id and row.kind in self.service.own_kinds and not row.departed
        }
        if len({key[:2] for key in own}) < len(own) or not all(
            self._is_new(row, {(one.subject, *one[1:3]) for one in rows if one.departed}) for row in rows
        ):
            raise IdTaken
        writes = staged.writes
        if self.fold is not None:
            self.fold.keep(staged.events)
        self.revisions |= {a.subject: (a.revision, a.sequence) for a in writes.advances}
        for key, row in writes.records.items():
            if key not in self.records or self.records[key].revision < row.revision:
                self.records[key] = row
        self._rename(rows)
        self.ledger |= writes.ledger
        for place in writes.released:
            self.held.pop(place, None)
        self.held |= {place: _copy(held) for place, held in writes.held.items()}
        for held in (held for queue in staged.unloaded.values() for held in queue):
            self.held[held.item.subject, held.position] = held
            self.tally[held.item.raw.topic, held.item.raw.partition, "held"] += 1
        for subject in staged.unloaded:
            revision, sequence = self.revisions.get(subject, (0, 0))
            self.revisions[subject] = (revision + 1, sequence)
        self.rows |= staged.rows
        self.unannounced |= dict(writes.unannounced)
        self.tally.update(writes.tally)
        self.actions += writes.actions

    def _rename(self, rows: Iterable[RecordRow]) -> None:
        """Keep which subject's record bears each id."""
        for row in rows:
            if row.departed and self.ids.get((row.record_id, row.kind)) == row.subject:
                del self.ids[row.record_id, row.kind]
        for row in rows:
            if row.record_id and row.kind in self.service.own_kinds and not row.departed:
                self.ids[row.record_id, row.kind] = row.subject

    def _fits(self, staged: "_Staged") -> bool:
        """Whether no other process was first: with a subject, an answer, a place in a queue, or an event."""
        writes = staged.writes
        queued = self.held.keys() - writes.released
        return (
            all(self.revisions.get(a.subject, (0, 0))[0] == a.revision - 1 for a in writes.advances)
            and all(self._follows(answer) for answer in writes.ledger.values())
            and all((place in queued) is held.kept for place, held in writes.held.items())
            and not any(
                (s, held.position) in self.held for s, queue in staged.unloaded.items() for held in queue
            )
            and (self.fold is None or self.fold.fresh(staged.events) == staged.fresh)
        )

    def _is_new(self, row: RecordRow, departing: Collection[tuple[str, str, str]]) -> bool:
        """Whether no other subject's record bears the id, and a record stored apart is newer than before."""
        before = self.records.get((row.subject, row.kind, row.record_id))
        if row.apart and before and before.revision >= row.revision:
            return False
        if not row.record_id or row.kind not in self.service.own_kinds or row.departed:
            return True
        bearer = self.ids.get((row.record_id, row.kind), row.subject)
        return bearer == row.subject or (bearer, row.kind, row.record_id) in departing

    def _follows(self, answer: LedgerEntry) -> bool:
        """Whether an outcome is the first, or follows the one by which its command was held."""
        before = self.ledger.get(answer.command_id)
        return (before is not None and not before.status.final) if answer.follows else before is None


@dataclass
class _Staged:
    """The reads and writes of a transaction. The store saves them at its end."""

    store: MemoryStore
    writes: Writes = field(default_factory=Writes)
    rows: dict[int, Outgoing] = field(default_factory=dict)
    events: Sequence[ReceivedEvent] = ()
    fresh: set[str] = field(default_factory=set)
    unloaded: dict[str, list[Held]] = field(default_factory=dict)

    async def load(self, batch: Sequence[Work]) -> Loaded:
        await self.store.between("before load")
        return self.store.load(batch)

    async def queues(self, subjects: Sequence[str]) -> dict[str, list[Held]]:
        return {subject: self.store.queue(subject) for subject in subjects}

    async def project(self, events: Sequence[ReceivedEvent]) -> Collection[str]:
        assert self.store.fold is not None, "only a service with a fold is handed events"
        await self.store.between("before load")
        self.events, self.fresh = events, self.store.fold.fresh(events)
        return self.fresh

    async def save(self, writes: Writes) -> None:
        await self.store.between("before save")
        self.writes, self.rows = writes, dict(self.store._numbers(writes))

    async def hold_unloaded(self, item: ReceivedCommand | ReceivedEvent, reason: str) -> None:
        queue = [*self.store.queue(item.subject), *self.unloaded.get(item.subject, ())]
        where = item.raw[:3]
        if any(held.item.raw[:3] == where for held in queue):
            self.writes.tally[item.raw.topic, item.raw.partition, "duplicate"] += 1
            return
        position = queue[-1].position + 1 if queue else 1
        self.unloaded.setdefault(item.subject, []).append(Held(position, item, None, reason))


def _copy(held: Held) -> Held:
    return replace(held, kept=True)


@lru_cache(20_000)
def _read(model: type[Record], body: str) -> Record:
    return model.model_validate_json(body)
