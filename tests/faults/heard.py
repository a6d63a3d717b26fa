"""What stands on the topics, read from their beginning and sorted by what it is."""

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
"""Bytes of a body, and of key and headers, that a service reads; larger ones are dead letters."""

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event as it stands on its topic."""

    entry: Entry
    id: str
    sequence: int | None
    causation: str | None
    record: Record

    @property
    def subject(self) -> str:
        return self.record.subject


@dataclass(frozen=True, slots=True)
class Answered:
    """An outcome as it stands on its topic."""

    owner: str
    id: str
    command_id: str
    status: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReceivedCommand:
    """A readable command as it stands on its topic."""

    owner: str
    id: str
    subject: str
    place: tuple[str, int, int]


@dataclass
class Heard:
    """Everything read so far.

    `ends`: records of each partition. `unread`: places of those that are no message. `letters`: dead letters
    with whose they are.
    """

    told: list[ReceivedEvent] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)
    asked: list[ReceivedCommand] = field(default_factory=list)
    letters: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    unread: set[tuple[str, int, int]] = field(default_factory=set)
    ends: dict[Place, int] = field(default_factory=dict)

    def events(self, owner: str) -> Iterable[ReceivedEvent]:
        """One owner's events, as often as they stand there."""
        return (told for told in self.told if told.entry.owner == owner)

    def take(self, raw: Any) -> None:
        """Sort in one record."""
        place = (raw.topic, raw.partition)
        self.ends[place] = max(self.ends.get(place, 0), raw.offset + 1)
        entries = _ENTRIES[raw.topic]
        kind = next(iter(entries.values())).kind
        envelope = _envelope(raw)
        if envelope is None or (kind is not Kind.COMMAND and envelope.type not in entries):
            self.unread.add((raw.topic, raw.partition, raw.offset))
            return
        self._sort(raw, kind, envelope, entries)

    def _sort(self, raw: Any, kind: Kind, envelope: Envelope, entries: dict[str, Entry]) -> None:
        place = (raw.topic, raw.partition, raw.offset)
        owner = next(iter(entries.values())).owner
        match kind:
            case Kind.COMMAND if _is_uuid(envelope.id):
                subject = (raw.key or b"").decode("ascii", "replace")
                self.asked.append(ReceivedCommand(owner, envelope.id, subject, place))
            case Kind.OUTCOME if (body := _json(raw.value)) is not None:
                codes = tuple(finding["code"] for finding in body["findings"])
                self.answered.append(Answered(owner, envelope.id, body["command_id"], body["status"], codes))
            case Kind.HEARTBEAT if _json(raw.value) is not None:
                pass
            case Kind.DEAD_LETTER if (body := _json(raw.value)) is not None:
                self.letters.append((owner, body))
            case Kind.EVENT if (told := _told(entries[envelope.type], envelope, raw)) is not None:
                self.told.append(told)
            case _:
                self.unread.add(place)


class Reader:
    """Reads topics on from where it stopped, without a group, through whatever happens to Kafka."""

    def __init__(self, bootstrap: str, names: Iterable[str] = topics()) -> None:
        self._bootstrap = bootstrap
        self._names = tuple(names)
        self._next: dict[TopicPartition, int] = defaultdict(int)
        self._before: dict[TopicPartition, int] = defaultdict(int)
        self._life = 0

    def emptied(self) -> None:
        """The topics begin anew: what stands there from now on is told as if it came after what was read."""
        for place, read in self._next.items():
            self._before[place] += read
        self._next.clear()
        self._life += 1

    def as_far_as(self, other: "Reader") -> bool:
        """Whether it has read, of its topics, what another has."""
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
                raise UnknownTopicOrPartitionError  # it would never look for those that are not there yet
            for place in consumer.assignment():
                consumer.seek(place, self._next[place])
            yield consumer
        finally:  # while Kafka is away, stopping may end in the cancellation of what it waited for
            await asyncio.wait({asyncio.ensure_future(consumer.stop())})

    async def up_to_now(self) -> AsyncIterator[Any]:
        """Every record that is there now and was not read yet."""
        async with self._consumer() as consumer:
            ends = await consumer.end_offsets(list(consumer.assignment()))
            while any(self._next[place] < end for place, end in ends.items()):
                for raw in await self._some(consumer):
                    yield raw

    async def for_ever(self) -> AsyncIterator[Any]:
        """Every record that comes, until cancelled; while Kafka is away none does."""
        while True:
            try:
                async with self._consumer() as consumer:
                    life = self._life
                    while life == self._life:
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


def _told(entry: Entry, envelope: Envelope, raw: Any) -> ReceivedEvent | None:
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
