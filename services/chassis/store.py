"""Load and save a batch on PostgreSQL: the same few statements, whatever the size of the batch."""

import json
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
from services.chassis.state import Aggregate, Given, Held, Loaded, Tally, Writes

Decode = Callable[[Raw], Item]


class StaleAggregate(Exception):
    """Another process was first: it wrote one of the batch's subjects, or answered one of its commands.

    Nothing of this batch is kept; it is taken up again.
    """


_LOCK = text(
    "SELECT subject, revision, sequence FROM aggregates WHERE subject = ANY(CAST(:subjects AS text[]))"
    " ORDER BY subject FOR UPDATE"
)
_THINGS = "SELECT subject, kind, body::text FROM things WHERE subject = ANY(CAST(:subjects AS text[]))"
_GIVEN = (
    "SELECT command_id::text, status, fingerprint FROM ledger WHERE command_id = ANY(CAST(:ids AS uuid[]))"
)
# Not in one with the lock: what another process wrote before it let go would not be seen.
_LOOK = text(
    f"SELECT 'thing', things.* FROM ({_THINGS}) AS things"
    f" UNION ALL SELECT 'given', given.* FROM ({_GIVEN}) AS given"
    " UNION ALL SELECT DISTINCT 'held', subject, '', '' FROM held"
    " WHERE subject = ANY(CAST(:subjects AS text[]))"
)
_HELD = text(
    'SELECT subject, position, topic, partition, "offset", key, value, headers, received_at, until, reason'
    " FROM held WHERE subject = ANY(CAST(:subjects AS text[])) ORDER BY subject, position"
)


async def load(database: AsyncConnection, batch: Sequence[Work], service: Service, decode: Decode) -> Loaded:
    """Everything the batch may look at; its subjects are locked until the transaction ends."""
    subjects = sorted({subject for work in batch if (subject := subject_of(work))})
    aggregates = {subject: Aggregate() for subject in subjects}
    for subject, revision, sequence in (await database.execute(_LOCK, {"subjects": subjects})).all():
        aggregates[subject].revision, aggregates[subject].sequence = revision, sequence
    given: dict[str, Given] = {}
    waiting: list[str] = []
    looked = await database.execute(_LOOK, {"subjects": subjects, "ids": _ids(map(item_of, batch))})
    for what, name, second, third in looked.all():
        if what == "thing":
            aggregates[name].known.learn(service.model_of(second).model_validate_json(third))
        elif what == "given":
            given[name] = Given(third, Status(second))
        else:
            waiting.append(name)
    if waiting:
        queues = await load_queues(database, waiting, decode)
        for subject, queue in queues.items():
            aggregates[subject].queue = queue
        ids = _ids(held.item for queue in queues.values() for held in queue)
        for name, status, fingerprint in (await database.execute(text(_GIVEN), {"ids": ids})).all():
            given[name] = Given(fingerprint, Status(status))
    return Loaded(aggregates, given)


def _ids(items: Iterable[Work]) -> list[str]:
    return sorted({item.id for item in items if isinstance(item, Asked)})


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
    rows = (await database.execute(text(_THINGS), {"subjects": [subject]})).all()
    return Known(models[kind].model_validate_json(body) for _, kind, body in rows if kind in models)


class _Rows:
    """Rows that a statement is given: an array for each of their columns."""

    def __init__(self, name: str, **types: str) -> None:
        self.name = name
        self.types = types

    def __str__(self) -> str:
        """As SQL: `rows` with these columns, and `n`, the place of each row."""
        arrays = ", ".join(f"CAST(:{self.name}_{column} AS {kind}[])" for column, kind in self.types.items())
        return f"unnest({arrays}) WITH ORDINALITY AS rows ({self.columns}, n)"

    @property
    def columns(self) -> str:
        """Their names, as SQL."""
        return ", ".join(f'"{column}"' for column in self.types)

    def given(self, rows: Sequence[tuple[object, ...]]) -> dict[str, Sequence[object]]:
        """The parameters of the statement."""
        columns: Iterable[Sequence[object]] = zip(*rows, strict=True) if rows else [()] * len(self.types)
        names = (f"{self.name}_{column}" for column in self.types)
        return dict(zip(names, map(list, columns), strict=True))


_ADVANCES = _Rows("advanced", subject="text", revision="int8", sequence="int8")
_STATES = _Rows("kept", subject="text", kind="text", thing="text", revision="int", body="text")
_ANSWERS = _Rows(
    "answered",
    command_id="uuid",
    subject="text",
    scope="text",
    fingerprint="text",
    status="text",
    outcome="text",
)
_MESSAGES = _Rows("told", topic="text", key="text", headers="text", value="text")
_SAVE = text(
    f"""
    WITH advanced AS (
        INSERT INTO aggregates (subject, revision, sequence)
        SELECT subject, revision, sequence FROM {_ADVANCES}
        ON CONFLICT (subject) DO UPDATE SET revision = excluded.revision, sequence = excluded.sequence
        WHERE aggregates.revision = excluded.revision - 1
        RETURNING 1
    ), kept AS (
        INSERT INTO things (subject, kind, thing, revision, body)
        SELECT subject, kind, thing, revision, body::jsonb FROM {_STATES}
        ON CONFLICT (subject, kind, thing) DO UPDATE SET revision = excluded.revision, body = excluded.body
        WHERE things.revision < excluded.revision
    ), answered AS (
        INSERT INTO ledger (command_id, subject, scope, fingerprint, status, outcome)
        SELECT command_id, subject, scope, fingerprint, status, outcome::jsonb FROM {_ANSWERS}
        ON CONFLICT (command_id) DO NOTHING
        RETURNING 1
    ), told AS (
        INSERT INTO outbox (topic, keys, headers, bodies)
        SELECT topic, array_agg(key ORDER BY n), array_agg(headers ORDER BY n), array_agg(value ORDER BY n)
        FROM {_MESSAGES} GROUP BY topic
    )
    SELECT (SELECT count(*) FROM advanced), (SELECT count(*) FROM answered)
    """
)
_FOLLOWS = _Rows("follows", command_id="uuid", status="text", outcome="text")
_FOLLOW = text(
    "UPDATE ledger SET status = rows.status, outcome = rows.outcome::jsonb, at = now()"
    f" FROM {_FOLLOWS} WHERE ledger.command_id = rows.command_id AND ledger.status = 'held'"
)
_RELEASED = _Rows("released", subject="text", position="int")
_RELEASE = text(
    f"DELETE FROM held USING {_RELEASED} WHERE held.subject = rows.subject AND held.position = rows.position"
)
_NEWLY_HELD = _Rows(
    "held",
    **{"subject": "text", "position": "int", "topic": "text", "partition": "int", "offset": "int8"},
    **{"key": "bytea", "value": "bytea", "headers": "text", "received_at": "timestamptz"},
    **{"until": "timestamptz", "reason": "text"},
)
_HOLD = text(
    f"INSERT INTO held ({_NEWLY_HELD.columns}) SELECT {_NEWLY_HELD.columns} FROM {_NEWLY_HELD}"
    " ON CONFLICT (subject, position) DO NOTHING"
)
_STILL_HELD = _Rows("still", subject="text", position="int", until="timestamptz", reason="text")
_KEEP_HELD = text(
    f"UPDATE held SET until = rows.until, reason = rows.reason FROM {_STILL_HELD}"
    " WHERE held.subject = rows.subject AND held.position = rows.position"
)
_READ = _Rows("read", topic="text", partition="int", result="text", messages="int8")
_SAVE_READS = text(
    f"INSERT INTO reads (topic, partition, result, messages) SELECT {_READ.columns} FROM {_READ}"
    " ON CONFLICT (topic, partition, result) DO UPDATE SET messages = reads.messages + excluded.messages"
)


_LOCK_QUEUE = text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 3))")
_NEXT = text("SELECT coalesce(max(position), 0) + 1 FROM held WHERE subject = :subject")
_HELD_ALREADY = text(
    "SELECT EXISTS (SELECT FROM held WHERE subject = :subject"
    ' AND topic = :topic AND partition = :partition AND "offset" = :offset)'
)


async def save(database: AsyncConnection, writes: Writes) -> None:
    """Write a batch's effects. StaleAggregate if another process was first with a subject or an answer.

    Sorted, so that two processes that bring the same subjects or ids take them in one order: no deadlock.
    What was read is counted last: those rows everybody writes, and has them until the transaction ends.
    """
    first = [
        (a.command_id, a.subject, a.scope, a.fingerprint, a.status, a.body)
        for a in writes.ledger.values()
        if not a.follows
    ]
    if writes.advances or writes.things or first or writes.outbox:
        given = (
            _ADVANCES.given(sorted(writes.advances))
            | _STATES.given(list(writes.things.values()))
            | _ANSWERS.given(sorted(first))
            | _MESSAGES.given(writes.outbox)
        )
        if (await database.execute(_SAVE, given)).one() != (len(writes.advances), len(first)):
            raise StaleAggregate
    then = [(a.command_id, a.status, a.body) for a in writes.ledger.values() if a.follows]
    if await _write(database, _FOLLOW, _FOLLOWS, then) != len(then):
        raise StaleAggregate
    await _write(database, _RELEASE, _RELEASED, list(writes.released))
    await _hold(database, writes.held)
    await save_reads(database, writes.tally)


async def _hold(database: AsyncConnection, held: Mapping[tuple[str, int], Held]) -> None:
    """Keep what is held from now on, and why and until when the rest is."""
    new = [_held_row(*place, one) for place, one in held.items() if not one.kept]
    known = [(*place, one.until, one.reason) for place, one in held.items() if one.kept]
    kept = await _write(database, _HOLD, _NEWLY_HELD, new)
    if kept + await _write(database, _KEEP_HELD, _STILL_HELD, known) != len(held):
        raise StaleAggregate


async def save_reads(database: AsyncConnection, tally: Tally) -> None:
    """Count what became of the records read."""
    await _write(database, _SAVE_READS, _READ, [(*key, count) for key, count in sorted(tally.items())])


async def hold_unread(database: AsyncConnection, item: Asked | Told, reason: str) -> None:
    """Hold a message whose subject cannot be loaded, behind whatever is held for it; once."""
    await database.execute(_LOCK_QUEUE, {"subject": item.subject})
    place = {"topic": item.raw.topic, "partition": item.raw.partition, "offset": item.raw.offset}
    if (await database.execute(_HELD_ALREADY, {"subject": item.subject} | place)).scalar_one():
        return await save_reads(database, Counter({(item.raw.topic, item.raw.partition, "duplicate"): 1}))
    position = (await database.execute(_NEXT, {"subject": item.subject})).scalar_one()
    held = Held(position, item, None, reason)
    await _hold(database, {(item.subject, position): held})
    await save_reads(database, Counter({(item.raw.topic, item.raw.partition, "held"): 1}))


def _held_row(subject: str, position: int, held: Held) -> tuple[object, ...]:
    raw = held.item.raw
    headers = json.dumps([(name, (value or b"").hex()) for name, value in raw.headers])
    where = (raw.topic, raw.partition, raw.offset)
    return (subject, position, *where, raw.key, raw.value, headers, raw.at, held.until, held.reason)


async def _write(
    database: AsyncConnection, statement: TextClause, kind: _Rows, rows: Sequence[tuple[object, ...]]
) -> int:
    """Run a statement over rows, if there are any; how many it changed."""
    return int((await database.execute(statement, kind.given(rows))).rowcount) if rows else 0
