"""The contents of the services' databases."""

import json
from dataclasses import dataclass, field
from typing import Any

from contracts.catalog import BRIDGE, SERVICES, events
from services.reporting.store.read_models import READ_MODELS, ReadModel
from tests.faults.proxied_system import ProxiedSystem

Key = tuple[str, str, str]
"""Student, kind, record."""

_PUBLISHED = """
    SELECT subject, kind, record_id, revision, body FROM records WHERE kind = ANY($1::text[])
    UNION ALL SELECT subject, kind, record_id, revision, body FROM contents
    WHERE kind = ANY($1::text[]) AND (body ->> 'official')::boolean
"""
"""The service stores the contents of a draft and does not publish them."""

DECIDING = tuple(name for name in SERVICES if name != "reporting")


@dataclass(frozen=True, slots=True)
class State:
    """A record in its owner's database."""

    revision: int
    body: dict[str, Any]


@dataclass
class DatabaseContents:
    """The contents of one service's database. `reads`: message counts by topic, partition and result."""

    records: dict[Key, State] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    ledger: dict[str, str] = field(default_factory=dict)
    reads: dict[tuple[str, int], dict[str, int]] = field(default_factory=dict)
    outbox: int = 0
    held: list[tuple[str, bool]] = field(default_factory=list)


@dataclass
class ReportingContents:
    """Reporting's database. `streams`: the number of received events and the highest sequence, by owner and
    student."""

    revisions: dict[tuple[str, str, int], str] = field(default_factory=dict)
    streams: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    disputes: int = 0
    rows: dict[str, dict[tuple[Any, ...], tuple[Any, ...]]] = field(default_factory=dict)


UNPUBLISHED = "SELECT coalesce(sum(cardinality(keys)), 0) FROM outbox WHERE topic NOT LIKE '%.heartbeats'"
"""The messages of the outbox. A heartbeat is always on its way."""


async def contents_of(system: ProxiedSystem, name: str) -> DatabaseContents:
    """The contents of a service's database now."""
    contents = DatabaseContents()
    async with system.database(name) as database:
        kinds = sorted({entry.model.kind for entry in events(name).values()})  # type: ignore[attr-defined]
        for subject, kind, record_id, revision, body in await database.fetch(_PUBLISHED, kinds):
            contents.records[subject, kind, record_id] = State(revision, json.loads(body))
        contents.sequences = dict(await database.fetch("SELECT subject, sequence FROM aggregates"))
        contents.ledger = dict(await database.fetch("SELECT command_id::text, status FROM ledger"))
        reads = "SELECT topic, partition, result, messages FROM reads"
        for topic, partition, result, messages in await database.fetch(reads):
            contents.reads.setdefault((topic, partition), {})[result] = messages
        contents.outbox = await database.fetchval(UNPUBLISHED)
        contents.held = [
            tuple(row) for row in await database.fetch("SELECT subject, until IS NULL FROM held")
        ]
    return contents


async def reporting_contents(system: ProxiedSystem) -> ReportingContents:
    """The contents of reporting's database now."""
    found = ReportingContents()
    async with system.database("reporting") as database:
        revisions = "SELECT owner::text, subject, sequence, event_id::text FROM revisions"
        for owner, subject, sequence, event_id in await database.fetch(revisions):
            found.revisions[owner, subject, sequence] = event_id
        streams = "SELECT owner::text, subject, received, highest FROM streams"
        for owner, subject, received, highest in await database.fetch(streams):
            found.streams[owner, subject] = received, highest
        found.disputes = await database.fetchval("SELECT count(*) FROM disputes")
        for model in READ_MODELS:
            rows = await database.fetch(f"SELECT {', '.join(model.columns)} FROM {model.table}")
            found.rows[model.table] = dict(split_row(model, tuple(row)) for row in rows)
    return found


def split_row(model: ReadModel, row: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The key of a row and its other columns, with JSON parsed."""
    read = [
        json.loads(value) if kind == "jsonb" and isinstance(value, str) else value
        for kind, value in zip(model.columns.values(), row, strict=True)
    ]
    key = len(model.key)
    return tuple(map(str, read[:key])), tuple(read[key:])


def owners() -> tuple[str, ...]:
    """The publishers of events: four services and the eScholar bridge."""
    return (*DECIDING, BRIDGE)
