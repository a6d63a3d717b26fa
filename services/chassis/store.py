"""Load and save a batch on PostgreSQL: a fixed number of statements, whatever the size of the batch."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.decision import Known
from contracts.message import Record
from contracts.outcome import Status
from services.chassis.records import Asked, Due, Item, Raw, Told, Work, item_of, subject_of
from services.chassis.service import Service
from services.chassis.state import Aggregate, Given, Held, Ledgered, Loaded, Tally, Writes

Decode = Callable[[Raw], Item]

_PARAMETER = re.compile(r"CAST\(:(\w+) AS")


class StaleAggregate(Exception):
    """Another process was first: it wrote one of the batch's subjects, or answered one of its commands.

    Nothing of this batch is kept; it is taken up again.
    """


_GIVEN = text(
    "SELECT command_id::text, fingerprint, status FROM ledger WHERE command_id = ANY(CAST(:ids AS uuid[]))"
)
_AGGREGATES = text(
    "SELECT subject, revision, sequence FROM aggregates WHERE subject = ANY(CAST(:subjects AS text[]))"
    " ORDER BY subject FOR UPDATE"
)
_THINGS = text("SELECT subject, kind, body::text FROM things WHERE subject = ANY(CAST(:subjects AS text[]))")
_HELD = text(
    'SELECT subject, position, topic, partition, "offset", key, value, headers, received_at, until, reason'
    " FROM held WHERE subject = ANY(CAST(:subjects AS text[])) ORDER BY subject, position"
)


async def load(database: AsyncConnection, batch: Sequence[Work], service: Service, decode: Decode) -> Loaded:
    """Everything the batch may look at; its subjects are locked until the transaction ends."""
    subjects = sorted({subject for work in batch if (subject := subject_of(work))})
    aggregates = {subject: Aggregate() for subject in subjects}
    await _fill(database, aggregates, service, decode)
    waiting = (held.item for aggregate in aggregates.values() for held in aggregate.queue)
    ids = sorted({item.id for item in (*map(item_of, batch), *waiting) if isinstance(item, Asked)})
    given = (await database.execute(_GIVEN, {"ids": ids})).all() if ids else ()
    return Loaded(aggregates, {row[0]: Given(row[1], Status(row[2])) for row in given})


async def _fill(
    database: AsyncConnection, aggregates: dict[str, Aggregate], service: Service, decode: Decode
) -> None:
    subjects = {"subjects": list(aggregates)}
    for subject, revision, sequence in (await database.execute(_AGGREGATES, subjects)).all():
        aggregates[subject].revision, aggregates[subject].sequence = revision, sequence
    for subject, kind, body in (await database.execute(_THINGS, subjects)).all():
        aggregates[subject].known.learn(service.model_of(kind).model_validate_json(body))
    for subject, queue in (await load_queues(database, list(aggregates), decode)).items():
        aggregates[subject].queue = queue


async def load_queues(
    database: AsyncConnection, subjects: Sequence[str], decode: Decode
) -> dict[str, list[Held]]:
    """What is held for each of the subjects, in order."""
    queues: dict[str, list[Held]] = {subject: [] for subject in subjects}
    if queues:
        for row in (await database.execute(_HELD, {"subjects": list(queues)})).all():
            queues[row.subject].append(_held(row, decode))
    return queues


_DUE = text(
    "SELECT subject FROM held GROUP BY subject"
    " HAVING min(until) < now() AND count(*) = count(until) ORDER BY min(until) LIMIT :limit"
)
_DEFECTS = text(
    "SELECT DISTINCT subject FROM held WHERE until IS NULL AND subject > :after ORDER BY subject LIMIT :limit"
)


async def due(database: AsyncConnection, limit: int) -> list[Due]:
    """The subjects of which a held command is past its deadline."""
    return [Due(subject) for subject in (await database.execute(_DUE, {"limit": limit})).scalars()]


async def defects(database: AsyncConnection, after: str, limit: int) -> list[Due]:
    """The next subjects for which a message waits for the code to be mended."""
    found = await database.execute(_DEFECTS, {"after": after, "limit": limit})
    return [Due(subject, mended=True) for subject in found.scalars()]


def _held(row: Any, decode: Decode) -> Held:
    headers = tuple((name, bytes.fromhex(value)) for name, value in json.loads(row.headers))
    raw = Raw(row.topic, row.partition, row.offset, row.key, row.value, headers, row.received_at)
    item = decode(raw)
    assert isinstance(item, Asked | Told), "only readable messages are held"
    return Held(row.position, item, row.until, row.reason, kept=True)


async def known(database: AsyncConnection, subject: str, stored: Iterable[type[Record]]) -> Known:
    """What the service knows of one subject, for a query: read, not locked."""
    models = {model.kind: model for model in stored}
    rows = (await database.execute(_THINGS, {"subjects": [subject]})).all()
    return Known(models[kind].model_validate_json(body) for _, kind, body in rows if kind in models)


def _rows(**types: str) -> str:
    """The parameters as a table: an array each, and a row for each of their elements, in order."""
    arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in types.items())
    names = ", ".join(_quoted(types))
    return f"SELECT {names} FROM unnest({arrays}) WITH ORDINALITY AS rows ({names}, n) ORDER BY n"


def _quoted(names: Iterable[str]) -> list[str]:
    return [f'"{name}"' for name in names]


_SAVE_AGGREGATES = text(
    "INSERT INTO aggregates (subject, revision, sequence)"
    f" {_rows(subject='text', revision='int8', sequence='int8')}"
    " ON CONFLICT (subject) DO UPDATE SET revision = excluded.revision, sequence = excluded.sequence"
    " WHERE aggregates.revision = excluded.revision - 1"
)
_SAVE_THINGS = text(
    "INSERT INTO things (subject, kind, thing, revision, body)"
    " SELECT subject, kind, thing, revision, body::jsonb"
    f" FROM ({_rows(subject='text', kind='text', thing='text', revision='int', body='text')}) AS saved"
    " ON CONFLICT (subject, kind, thing) DO UPDATE SET revision = excluded.revision, body = excluded.body"
    " WHERE things.revision < excluded.revision"
)
_LEDGERED = _rows(
    command_id="uuid", subject="text", scope="text", fingerprint="text", status="text", outcome="text"
)
_SAVE_LEDGER = text(
    "INSERT INTO ledger (command_id, subject, scope, fingerprint, status, outcome)"
    " SELECT command_id, subject, scope, fingerprint, status, outcome::jsonb"
    f" FROM ({_LEDGERED}) AS saved ON CONFLICT (command_id) DO NOTHING"
)
_FOLLOW_LEDGER = text(
    "UPDATE ledger SET status = saved.status, outcome = saved.outcome::jsonb, at = now()"
    f" FROM ({_rows(command_id='uuid', status='text', outcome='text')}) AS saved"
    " WHERE ledger.command_id = saved.command_id AND ledger.status = 'held'"
)
_SAVE_OUTBOX = text(
    "INSERT INTO outbox (topic, key, headers, value)"
    f" {_rows(topic='text', key='text', headers='text', value='text')}"
)
_RELEASE = text(
    f"DELETE FROM held USING ({_rows(subject='text', position='int')}) AS gone"
    " WHERE held.subject = gone.subject AND held.position = gone.position"
)
_HELD_COLUMNS = {
    **{"subject": "text", "position": "int", "topic": "text", "partition": "int", "offset": "int8"},
    **{"key": "bytea", "value": "bytea", "headers": "text", "received_at": "timestamptz"},
    **{"until": "timestamptz", "reason": "text"},
}
_SAVE_HELD = text(
    f"INSERT INTO held ({', '.join(_quoted(_HELD_COLUMNS))}) {_rows(**_HELD_COLUMNS)}"
    " ON CONFLICT (subject, position) DO NOTHING"
)
_KEEP_HELD = text(
    "UPDATE held SET until = kept.until, reason = kept.reason"
    f" FROM ({_rows(subject='text', position='int', until='timestamptz', reason='text')}) AS kept"
    " WHERE held.subject = kept.subject AND held.position = kept.position"
)
_SAVE_READS = text(
    "INSERT INTO reads (topic, partition, result, messages)"
    f" {_rows(topic='text', partition='int', result='text', messages='int8')}"
    " ON CONFLICT (topic, partition, result) DO UPDATE SET messages = reads.messages + excluded.messages"
)


_LOCK_QUEUE = text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 3))")
_NEXT = text("SELECT coalesce(max(position), 0) + 1 FROM held WHERE subject = :subject")


async def save(database: AsyncConnection, writes: Writes) -> None:
    """Write a batch's effects. StaleAggregate if another process was first with a subject or an answer."""
    advanced = await _write(
        database, _SAVE_AGGREGATES, [(a.subject, a.revision, a.sequence) for a in writes.advances]
    )
    if advanced != len(writes.advances):
        raise StaleAggregate
    things = [(t.subject, t.kind, t.thing, t.revision, t.body) for t in writes.things.values()]
    await _write(database, _SAVE_THINGS, things)
    await _answer(database, writes.ledger.values())
    await _write(database, _RELEASE, list(writes.released))
    await _hold(database, writes.held)
    await _write(database, _SAVE_OUTBOX, [(o.topic, o.key, o.headers, o.value) for o in writes.outbox])
    await save_reads(database, writes.tally)


async def _hold(database: AsyncConnection, held: Mapping[tuple[str, int], Held]) -> None:
    """Keep what is held from now on, and why and until when the rest is."""
    new = [_held_row(*place, one) for place, one in held.items() if not one.kept]
    known = [(*place, one.until, one.reason) for place, one in held.items() if one.kept]
    if await _write(database, _SAVE_HELD, new) + await _write(database, _KEEP_HELD, known) != len(held):
        raise StaleAggregate


async def _answer(database: AsyncConnection, answers: Iterable[Ledgered]) -> None:
    """Keep outcomes: of commands that had none yet, and of commands that were held until now."""
    first = [
        (a.command_id, a.subject, a.scope, a.fingerprint, a.status, a.body) for a in answers if not a.follows
    ]
    then = [(a.command_id, a.status, a.body) for a in answers if a.follows]
    kept = await _write(database, _SAVE_LEDGER, first) + await _write(database, _FOLLOW_LEDGER, then)
    if kept != len(first) + len(then):
        raise StaleAggregate


async def save_reads(database: AsyncConnection, tally: Tally) -> None:
    """Count what became of the records read."""
    await _write(database, _SAVE_READS, [(*key, count) for key, count in sorted(tally.items())])


async def hold_unread(database: AsyncConnection, item: Asked | Told, reason: str) -> None:
    """Hold a message whose subject cannot be loaded, behind whatever is held for it."""
    await database.execute(_LOCK_QUEUE, {"subject": item.subject})
    position = (await database.execute(_NEXT, {"subject": item.subject})).scalar_one()
    held = Held(position, item, None, reason)
    await _hold(database, {(item.subject, position): held})
    await save_reads(database, Counter({(item.raw.topic, item.raw.partition, "held"): 1}))


def _held_row(subject: str, position: int, held: Held) -> tuple[object, ...]:
    raw = held.item.raw
    headers = json.dumps([(name, (value or b"").hex()) for name, value in raw.headers])
    where = (raw.topic, raw.partition, raw.offset)
    return (subject, position, *where, raw.key, raw.value, headers, raw.at, held.until, held.reason)


async def _write(database: AsyncConnection, statement: TextClause, rows: Sequence[tuple[object, ...]]) -> int:
    """Run a statement over columns, one array a parameter, in the order in which the statement names them."""
    if not rows:
        return 0
    names = list(dict.fromkeys(_PARAMETER.findall(statement.text)))
    result = await database.execute(
        statement, dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    )
    return int(result.rowcount)
