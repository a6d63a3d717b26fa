"""What the services have in their databases, read for a judgement."""

import json
from dataclasses import dataclass, field
from typing import Any

from contracts.catalog import BRIDGE, SERVICES, events
from services.reporting.store.read_models import READ_MODELS, ReadModel
from tests.faults.stage import Stage

Key = tuple[str, str, str]
"""Student, kind, record."""

_PUBLISHED = """
    SELECT subject, kind, record_id, revision, body FROM records WHERE kind = ANY($1::text[])
    UNION ALL SELECT subject, kind, record_id, revision, body FROM contents
    WHERE kind = ANY($1::text[]) AND (body ->> 'official')::boolean
"""
"""The contents of a draft are stored and not published."""

DECIDING = tuple(name for name in SERVICES if name != "reporting")


@dataclass(frozen=True, slots=True)
class State:
    """The newest state of a record as its owner keeps it."""

    revision: int
    body: dict[str, Any]


@dataclass
class Kept:
    """What one service keeps. `reads`: records by topic, partition and what became of them."""

    own: dict[Key, State] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    ledger: dict[str, str] = field(default_factory=dict)
    reads: dict[tuple[str, int], dict[str, int]] = field(default_factory=dict)
    outbox: int = 0
    held: list[tuple[str, bool]] = field(default_factory=list)


@dataclass
class Reported:
    """What reporting keeps. `streams`: by owner and student, how many events came, and the highest."""

    revisions: dict[tuple[str, str, int], str] = field(default_factory=dict)
    streams: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    disputes: int = 0
    rows: dict[str, dict[tuple[Any, ...], tuple[Any, ...]]] = field(default_factory=dict)


async def kept_by(stage: Stage, name: str) -> Kept:
    """What a service keeps now."""
    kept = Kept()
    async with stage.database(name) as database:
        kinds = sorted({entry.model.kind for entry in events(name).values()})  # type: ignore[attr-defined]
        for subject, kind, record_id, revision, body in await database.fetch(_PUBLISHED, kinds):
            kept.own[subject, kind, record_id] = State(revision, json.loads(body))
        kept.sequences = dict(await database.fetch("SELECT subject, sequence FROM aggregates"))
        kept.ledger = dict(await database.fetch("SELECT command_id::text, status FROM ledger"))
        reads = "SELECT topic, partition, result, messages FROM reads"
        for topic, partition, result, messages in await database.fetch(reads):
            kept.reads.setdefault((topic, partition), {})[result] = messages
        kept.outbox = await database.fetchval("SELECT count(*) FROM outbox")
        kept.held = [tuple(row) for row in await database.fetch("SELECT subject, until IS NULL FROM held")]
    return kept


async def reported(stage: Stage) -> Reported:
    """What reporting keeps now."""
    found = Reported()
    async with stage.database("reporting") as database:
        revisions = "SELECT owner::text, subject, sequence, event_id::text FROM revisions"
        for owner, subject, sequence, event_id in await database.fetch(revisions):
            found.revisions[owner, f"{subject:010d}", sequence] = event_id
        streams = "SELECT owner::text, subject, heard, highest FROM streams"
        for owner, subject, heard, highest in await database.fetch(streams):
            found.streams[owner, f"{subject:010d}"] = heard, highest
        found.disputes = await database.fetchval("SELECT count(*) FROM disputes")
        for model in READ_MODELS:
            rows = await database.fetch(f"SELECT {', '.join(model.columns)} FROM {model.table}")
            found.rows[model.table] = dict(told_apart(model, tuple(row)) for row in rows)
    return found


def told_apart(model: ReadModel, row: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """A row as key and the rest; JSON as what it means."""
    read = [
        json.loads(value) if kind == "jsonb" and isinstance(value, str) else value
        for kind, value in zip(model.columns.values(), row, strict=True)
    ]
    key = len(model.key)
    return tuple(map(str, read[:key])), tuple(read[key:])


def owners() -> tuple[str, ...]:
    """Who says events: four services, and eScholar's bridge."""
    return (*DECIDING, BRIDGE)
