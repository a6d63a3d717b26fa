"""The messages on the topics, read from the beginning and sorted by kind."""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from contracts.catalog import CATALOG, Entry, Kind, topics
from contracts.envelope import Envelope, EnvelopeUnreadable, envelope_of, text_headers
from contracts.message import Record

_WAIT_MS = 200
_LARGEST, _LARGEST_BESIDE = 1_000_000, 16_384
"""The largest body, and the largest key with headers, in bytes. Larger messages become dead letters."""

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event on its topic."""

    entry: Entry
    id: str
    sequence: int | None
    causation: str | None
    record: Record

    @property
    def subject(self) -> str:
        return self.record.subject


@dataclass(frozen=True, slots=True)
class ReceivedOutcome:
    """An outcome on its topic."""

    owner: str
    id: str
    command_id: str
    status: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReceivedCommand:
    """A readable command on its topic."""

    owner: str
    id: str
    subject: str
    place: tuple[str, int, int]


@dataclass
class TopicContents:
    """Everything read so far.

    `ends`: the number of messages of each partition. `unreadable`: the places of unreadable messages.
    `dead_letters`: each with the service that wrote it.
    """

    events: list[ReceivedEvent] = field(default_factory=list)
    outcomes: list[ReceivedOutcome] = field(default_factory=list)
    commands: list[ReceivedCommand] = field(default_factory=list)
    dead_letters: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    unreadable: set[tuple[str, int, int]] = field(default_factory=set)
    ends: dict[Place, int] = field(default_factory=dict)

    def events_of(self, owner: str) -> Iterable[ReceivedEvent]:
        """One owner's events, duplicates included."""
        return (event for event in self.events if event.entry.owner == owner)

    def add(self, raw: Any) -> None:
        """Add one Kafka message."""
        place = (raw.topic, raw.partition)
        self.ends[place] = max(self.ends.get(place, 0), raw.offset + 1)
        entries = _ENTRIES[raw.topic]
        kind = next(iter(entries.values())).kind
        envelope = _envelope(raw)
        if envelope is None or (kind is not Kind.COMMAND and envelope.type not in entries):
            self.unreadable.add((raw.topic, raw.partition, raw.offset))
            return
        self._sort(raw, kind, envelope, entries)

    def _sort(self, raw: Any, kind: Kind, envelope: Envelope, entries: dict[str, Entry]) -> None:
        place = (raw.topic, raw.partition, raw.offset)
        owner = next(iter(entries.values())).owner
        match kind:
            case Kind.COMMAND if _is_uuid(envelope.id):
                subject = (raw.key or b"").decode("ascii", "replace")
                self.commands.append(ReceivedCommand(owner, envelope.id, subject, place))
            case Kind.OUTCOME if (body := _json(raw.value)) is not None:
                codes = tuple(finding["code"] for finding in body["findings"])
                self.outcomes.append(
                    ReceivedOutcome(owner, envelope.id, body["command_id"], body["status"], codes)
                )
            case Kind.HEARTBEAT if _json(raw.value) is not None:
                pass
            case Kind.DEAD_LETTER if (body := _json(raw.value)) is not None:
                self.dead_letters.append((owner, body))
            case Kind.EVENT if (event := _event(entries[envelope.type], envelope, raw)) is not None:
                self.events.append(event)
            case _:
                self.unreadable.add(place)


class Reader:
    """Reads topics without a consumer group, continues where it stopped, and survives restarts of Kafka."""

    def __init__(self, bootstrap: str, names: Iterable[str] = topics()) -> None:
        self._bootstrap = bootstrap
        self._names = tuple(names)
        self._next: dict[TopicPartition, int] = defaultdict(int)
        self._before: dict[TopicPartition, int] = defaultdict(int)
        self._generation = 0

    def start_over(self) -> None:
        """Kafka has lost its log: read the new topics from the start, with offsets after the old ones."""
        for place, read in self._next.items():
            self._before[place] += read
        self._next.clear()
        self._generation += 1

    def has_read_as_far_as(self, other: "Reader") -> bool:
        """Whether it has read all that `other` has read of the same topics."""
        ours = ((place, read) for place, read in other._next.items() if place.topic in self._names)
        return all(self._next[place] >= read for place, read in ours)

    @contextlib.asynccontextmanager
    async def _consumer(self) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            *self._names,
            bootstrap_servers=self._bootstrap,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        await consumer.start()
        try:
            if {place.topic for place in consumer.assignment()} < {*self._names}:
                raise UnknownTopicOrPartitionError  # a consumer never looks again for missing topics
            for place in consumer.assignment():
                consumer.seek(place, self._next[place])
            yield consumer
        finally:  # while Kafka is down, `stop` may cancel the task that awaits it
            await asyncio.wait({asyncio.ensure_future(consumer.stop())})

    async def unread_messages(self) -> AsyncIterator[Any]:
        """Every unread message that is on the topics now."""
        async with self._consumer() as consumer:
            ends = await consumer.end_offsets(list(consumer.assignment()))
            while any(self._next[place] < end for place, end in ends.items()):
                for raw in await self._some(consumer):
                    yield raw

    async def follow(self) -> AsyncIterator[Any]:
        """Every message that comes, until cancelled."""
        while True:
            try:
                async with self._consumer() as consumer:
                    generation = self._generation
                    while generation == self._generation:
                        for raw in await self._some(consumer):
                            yield raw
            except (KafkaError, OSError, TimeoutError):
                await asyncio.sleep(_WAIT_MS / 1000)

    async def _some(self, consumer: AIOKafkaConsumer) -> list[Any]:
        found: list[Any] = []
        for place, records in (await consumer.getmany(timeout_ms=_WAIT_MS)).items():
            if before := self._before[place]:
                found.extend(replace(record, offset=record.offset + before) for record in records)
            else:
                found.extend(records)
            self._next[place] = records[-1].offset + 1
        return found


def _entries_by_topic() -> dict[str, dict[str, Entry]]:
    found: dict[str, dict[str, Entry]] = defaultdict(dict)
    for entry in CATALOG:
        found[entry.topic()][entry.name] = entry
    return dict(found)


_ENTRIES = _entries_by_topic()


def _envelope(raw: Any) -> Envelope | None:
    beside = len(raw.key or b"") + sum(len(name) + len(value or b"") for name, value in raw.headers)
    if raw.value is None or len(raw.value) > _LARGEST or beside > _LARGEST_BESIDE:
        return None
    with contextlib.suppress(EnvelopeUnreadable):
        return envelope_of(text_headers(raw.headers), raw.timestamp)
    return None


def _event(entry: Entry, envelope: Envelope, raw: Any) -> ReceivedEvent | None:
    assert issubclass(entry.model, Record)
    if entry.counted and (envelope.sequence is None or not _is_uuid(envelope.id)):
        return None
    with contextlib.suppress(ValueError):
        record = entry.model.model_validate_json(raw.value)
        if raw.key == record.subject.encode():
            return ReceivedEvent(entry, envelope.id, envelope.sequence, envelope.causation, record)
    return None


def _json(value: bytes) -> dict[str, Any] | None:
    with contextlib.suppress(ValueError):
        return dict(json.loads(value))
    return None


def _is_uuid(words: str) -> bool:
    with contextlib.suppress(ValueError):
        return str(UUID(words)) == words.lower()
    return False
