"""Load and save a batch on PostgreSQL: one statement for each, whatever the size of the batch.

Nothing is locked in between. A batch is saved only if what it is about is still as it was loaded; else
another process was first, and the batch is taken up again.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import asyncpg
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.decision import Known
from contracts.message import Record
from contracts.outcome import Status
from services.chassis.deciding.batch import Aggregate, EarlierOutcome, Held, Loaded, Writes
from services.chassis.decoding.messages import (
    Due,
    Item,
    RawMessage,
    ReceivedCommand,
    ReceivedEvent,
    Work,
    item_of,
    subject_of,
)
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.keeping.rows import Row, Rows, run

Decode = Callable[[RawMessage], Item]


class StaleAggregate(Exception):
    """Another process was first: it wrote one of the batch's subjects, or answered one of its commands.

    Nothing of this batch is kept; it is taken up again.
    """


_RECORDS = "SELECT subject, kind, body::text FROM records WHERE subject = ANY($1::text[])"
# All of it as of one moment: what was written since then is noticed when the batch is saved.
_LOAD = f"""
    /* a batch is loaded */ SELECT 'aggregate', subject, revision::text, sequence::text
    FROM aggregates WHERE subject = ANY($1::text[])
    UNION ALL SELECT 'record_id', records.* FROM ({_RECORDS}) AS records
    UNION ALL SELECT 'given', command_id::text, fingerprint, status
    FROM ledger WHERE command_id = ANY($2::uuid[])
    UNION ALL SELECT DISTINCT 'held', subject, '', '' FROM held WHERE subject = ANY($1::text[])
"""
_GIVEN = "SELECT command_id::text, fingerprint, status FROM ledger WHERE command_id = ANY($1::uuid[])"
_HELD = (
    'SELECT subject, position, topic, partition, "offset", key, value, headers, received_at, until, reason'
    " FROM held WHERE subject = ANY($1::text[]) ORDER BY subject, position"
)

_LOCK_HELD = "SELECT position FROM held WHERE subject = ANY($1::text[]) ORDER BY subject, position FOR UPDATE"


async def load(
    database: AsyncConnection, batch: Sequence[Work], service: ServiceDefinition, decode: Decode
) -> Loaded:
    """Everything the batch may look at."""
    aggregates = {subject: Aggregate() for work in batch if (subject := subject_of(work))}
    given: dict[str, EarlierOutcome] = {}
    waiting: list[str] = []
    ids = _ids(map(item_of, batch))
    for what, name, second, third in await _found(database, _LOAD, list(aggregates), ids):
        match what:
            case "record_id":
                aggregates[name].known.learn(service.model_of(second).model_validate_json(third))
            case "aggregate":
                aggregates[name].revision, aggregates[name].sequence = int(second), int(third)
            case "given":
                given[name] = EarlierOutcome(second, Status(third))
            case _:
                waiting.append(name)
    if waiting:
        queues = await load_queues(database, waiting, decode)
        for subject, queue in queues.items():
            aggregates[subject].line_up(queue)
        ids = _ids(held.item for queue in queues.values() for held in queue)
        for name, fingerprint, status in await _found(database, _GIVEN, ids):
            given[name] = EarlierOutcome(fingerprint, Status(status))
    return Loaded(aggregates, given)


async def _found(database: AsyncConnection, statement: str, *given: object) -> Sequence[Any]:
    """The rows that a statement finds."""
    return (await database.exec_driver_sql(statement, given)).all()


def _ids(items: Iterable[Work]) -> list[str]:
    return [item.id for item in items if isinstance(item, ReceivedCommand)]


async def lock_queues(database: AsyncConnection, subjects: Sequence[str]) -> None:
    """Until the transaction ends nobody else takes what is held for these subjects: a place in a queue that
    was emptied is given again, and what is put there later must not go with what was there before."""
    if subjects:
        await _found(database, _LOCK_HELD, sorted(subjects))


async def load_queues(
    database: AsyncConnection, subjects: Sequence[str], decode: Decode
) -> dict[str, list[Held]]:
    """What is held for each of the subjects, in order."""
    queues: dict[str, list[Held]] = {subject: [] for subject in subjects}
    if queues:
        for row in await _found(database, _HELD, list(queues)):
            queues[row.subject].append(_held(row, decode))
    return queues


_DUE = (
    "SELECT subject FROM held GROUP BY subject"
    " HAVING min(until) < now() AND count(*) = count(until) ORDER BY min(until) LIMIT $1"
)
_DEFECTS = "SELECT DISTINCT subject FROM held WHERE until IS NULL AND subject > $1 ORDER BY subject LIMIT $2"


async def due(database: AsyncConnection, limit: int) -> list[Due]:
    """The subjects of which a held command is past its deadline."""
    return [Due(subject) for (subject,) in await _found(database, _DUE, limit)]


async def defects(database: AsyncConnection, after: str, limit: int) -> list[Due]:
    """The next subjects for which a message waits for the code to be mended."""
    found = await _found(database, _DEFECTS, after, limit)
    return [Due(subject, mended=True) for (subject,) in found]


def _held(row: Any, decode: Decode) -> Held:
    headers = tuple((name, bytes.fromhex(value)) for name, value in json.loads(row.headers))
    raw = RawMessage(row.topic, row.partition, row.offset, row.key, row.value, headers, row.received_at)
    item = decode(raw)
    assert isinstance(item, ReceivedCommand | ReceivedEvent), "only readable messages are held"
    return Held(row.position, item, row.until, row.reason, kept=True)


async def known(database: AsyncConnection, subject: str, stored: Iterable[type[Record]]) -> Known:
    """What the service knows of one subject, for a query."""
    models = {model.kind: model for model in stored}
    rows = await _found(database, _RECORDS, [subject])
    return Known(models[kind].model_validate_json(body) for _, kind, body in rows if kind in models)


_ADVANCES = Rows({"subject": "text", "revision": "bigint", "sequence": "bigint"})
_STATES = Rows(
    {"subject": "text", "kind": "text", "record_id": "text", "revision": "integer", "body": "jsonb"},
    after=_ADVANCES,
)
_ANSWERS = Rows(
    {
        "command_id": "uuid",
        "subject": "text",
        "scope": "text",
        "fingerprint": "text",
        "status": "text",
        "outcome": "jsonb",
        "sender": "text",
    },
    after=_STATES,
)
_FOLLOWS = Rows({"command_id": "uuid", "status": "text", "outcome": "jsonb"}, after=_ANSWERS)
_MESSAGES = Rows({"topic": "text", "key": "text", "headers": "text", "body": "text"}, after=_FOLLOWS)
_PLACE = {"subject": "text", "position": "integer"}
_RELEASED = Rows(_PLACE, after=_MESSAGES)
_WHERE_IT_STOOD = {"topic": "text", "partition": "integer", "offset": "bigint"}
_NEWLY_HELD = Rows(
    _PLACE
    | _WHERE_IT_STOOD
    | {"key": "bytea", "value": "bytea", "headers": "text", "received_at": "timestamptz"}
    | {"until": "timestamptz", "reason": "text"},
    after=_RELEASED,
)
_STILL_HELD = Rows(_PLACE | {"until": "timestamptz", "reason": "text"}, after=_NEWLY_HELD)
_READ = Rows(
    {"topic": "text", "partition": "integer", "result": "text", "messages": "bigint"}, after=_STILL_HELD
)

_SAID = Rows({"subject": "text", "sequence": "bigint"}, after=_READ)

_COUNT_ON = (
    "ON CONFLICT (topic, partition, result) DO UPDATE SET messages = reads.messages + excluded.messages"
)

# The tables refuse what comes too late: no row has a null for its revision or status, and a command or a
# place in a queue has one row. The steps are taken in the order in which they are counted at the end: who
# comes second with a subject waits at the first of them. What was read is counted last, since those rows are
# everybody's.
_SAVE = f"""
    /* a batch is saved */ WITH advanced AS (
        INSERT INTO aggregates AS kept ({_ADVANCES.names}) SELECT {_ADVANCES.values} FROM {_ADVANCES}
        ON CONFLICT (subject) DO UPDATE SET sequence = excluded.sequence,
            revision = CASE WHEN kept.revision = excluded.revision - 1 THEN excluded.revision END
        RETURNING 1
    ), stated AS (
        INSERT INTO records AS kept ({_STATES.names}) SELECT {_STATES.values} FROM {_STATES}
        ON CONFLICT (subject, kind, record_id) DO UPDATE
        SET revision = excluded.revision, body = excluded.body
        WHERE kept.revision < excluded.revision
        RETURNING 1
    ), answered AS (
        INSERT INTO ledger ({_ANSWERS.names}) SELECT {_ANSWERS.values} FROM {_ANSWERS}
        RETURNING 1
    ), followed AS (
        UPDATE ledger SET outcome = rows.outcome::jsonb, at = now(),
            status = CASE WHEN ledger.status = 'held' THEN rows.status END
        FROM {_FOLLOWS} WHERE ledger.command_id = rows.command_id
        RETURNING 1
    ), released AS (
        DELETE FROM held USING {_RELEASED}
        WHERE held.subject = rows.subject AND held.position = rows.position
        RETURNING 1
    ), put AS (
        INSERT INTO held ({_NEWLY_HELD.names}) SELECT {_NEWLY_HELD.values} FROM {_NEWLY_HELD}
        RETURNING 1
    ), left_there AS (
        UPDATE held SET until = rows.until, reason = rows.reason
        FROM {_STILL_HELD} WHERE held.subject = rows.subject AND held.position = rows.position
        RETURNING 1
    ), told AS (
        INSERT INTO outbox (topic, keys, headers, bodies)
        SELECT topic, array_agg(key ORDER BY n), array_agg(headers ORDER BY n), array_agg(body ORDER BY n)
        FROM {_MESSAGES} GROUP BY topic
        RETURNING 1
    ), noted AS (
        INSERT INTO said (subjects, sequences)
        SELECT array_agg(subject), array_agg(sequence) FROM {_SAID} HAVING count(*) > 0
        RETURNING 1
    )
    INSERT INTO reads ({_READ.names}) SELECT {_READ.values} FROM {_READ}
    WHERE 0 <= ALL (ARRAY[
        (SELECT count(*) FROM advanced), (SELECT count(*) FROM stated),
        (SELECT count(*) FROM answered), (SELECT count(*) FROM followed),
        (SELECT count(*) FROM released), (SELECT count(*) FROM put), (SELECT count(*) FROM left_there),
        (SELECT count(*) FROM told), (SELECT count(*) FROM noted)
    ])
    {_COUNT_ON}
"""
_TAKEN = {"ledger_pkey", "held_pkey"}
_PASSED = {("aggregates", "revision"), ("ledger", "status")}


async def save(database: AsyncConnection, writes: Writes) -> None:
    """Write a batch's effects. StaleAggregate if another process was first with a subject, an answer or a
    place in a queue.

    Sorted, so that two processes that bring the same subjects or ids take them in one order: no deadlock.
    """
    answers = writes.ledger.values()
    first = [
        (a.command_id, a.subject, a.scope, a.fingerprint, a.status, a.body, a.sender)
        for a in answers
        if not a.follows
    ]
    held = writes.held.items()
    await _keep(
        database,
        _SAVE,
        (_ADVANCES, sorted(writes.advances)),
        (_STATES, list(writes.records.values())),
        (_ANSWERS, sorted(first)),
        (_FOLLOWS, sorted((a.command_id, a.status, a.body) for a in answers if a.follows)),
        (_MESSAGES, writes.outbox),
        (_RELEASED, sorted(writes.released)),
        (_NEWLY_HELD, [_held_row(*place, one) for place, one in held if not one.kept]),
        (_STILL_HELD, [(*place, one.until, one.reason) for place, one in held if one.kept]),
        (_READ, [(*what, count) for what, count in sorted(writes.tally.items())]),
        (_SAID, writes.said),
    )


async def _keep(database: AsyncConnection, statement: str, *given: tuple[Rows, Sequence[Row]]) -> None:
    """Run a statement over rows. StaleAggregate if the tables refuse them as too late."""
    try:
        await run(database, statement, *given)
    except IntegrityError as failure:
        if _too_late(failure):
            raise StaleAggregate from failure
        raise


def _too_late(failure: IntegrityError) -> bool:
    match failure.orig and failure.orig.__cause__:
        case asyncpg.UniqueViolationError(constraint_name=name):
            return name in _TAKEN
        case asyncpg.NotNullViolationError(table_name=table, column_name=column):
            return (table, column) in _PASSED
        case _:
            return False


_UNREAD = Rows(_NEWLY_HELD.types)
_HOLD_UNREAD = f"""
    WITH put AS (
        INSERT INTO held ({_UNREAD.names}) SELECT {_UNREAD.values} FROM {_UNREAD}
        WHERE NOT EXISTS (
            SELECT FROM held WHERE held.subject = rows.subject AND held.topic = rows.topic
            AND held.partition = rows.partition AND held."offset" = rows."offset"
        )
        RETURNING subject
    ), advanced AS (
        INSERT INTO aggregates AS kept (subject, revision, sequence) SELECT subject, 1, 0 FROM put
        ON CONFLICT (subject) DO UPDATE SET revision = kept.revision + 1
    )
    INSERT INTO reads ({_READ.names})
    SELECT topic, partition, CASE WHEN EXISTS (SELECT FROM put) THEN 'held' ELSE 'duplicate' END, 1
    FROM {_UNREAD}
    {_COUNT_ON}
"""
_LAST = "SELECT coalesce(max(position), 0) FROM held WHERE subject = $1"


async def hold_unread(database: AsyncConnection, item: ReceivedCommand | ReceivedEvent, reason: str) -> None:
    """Hold a message whose subject cannot be loaded, behind whatever is held for it; once. StaleAggregate if
    another process took the place. Who loaded the subject before comes too late then."""
    ((last,),) = await _found(database, _LAST, item.subject)
    held = Held(last + 1, item, None, reason)
    await _keep(database, _HOLD_UNREAD, (_UNREAD, [_held_row(item.subject, held.position, held)]))


def _held_row(subject: str, position: int, held: Held) -> Row:
    raw = held.item.raw
    headers = json.dumps([(name, (value or b"").hex()) for name, value in raw.headers])
    where = (raw.topic, raw.partition, raw.offset)
    return (subject, position, *where, raw.key, raw.value, headers, raw.at, held.until, held.reason)
