"""Saves a batch by one statement, which PostgreSQL applies as a whole or not at all."""

from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.deciding.batch import HeldAction, Writes
from services.chassis.holding.rows import NEWLY_HELD, STILL_HELD, held_row, waits
from services.chassis.keeping.rows import Rows
from services.chassis.keeping.statements import keep
from services.chassis.keeping.tallies import COUNT_ON, READ

_ADVANCES = Rows({"subject": "text", "revision": "bigint", "sequence": "bigint"})
_NAMED = {"subject": "text", "kind": "text", "record_id": "text"}
_STATE = _NAMED | {"revision": "integer", "body": "jsonb"}
_CHANGED = {"changed_by": "text", "changed_at": "timestamptz"}
_STATES = Rows(_STATE | _CHANGED, after=_ADVANCES)
_APART = Rows(_STATE, after=_STATES)
_DEPARTED = Rows(_STATE | _CHANGED, after=_APART)
_RETURNED = Rows(_NAMED, after=_DEPARTED)
_ANSWERS = Rows(
    {
        "command_id": "uuid",
        "subject": "text",
        "scope": "text",
        "fingerprint": "text",
        "status": "text",
        "outcome": "jsonb",
        "sender": "text",
        "received_at": "timestamptz",
    },
    after=_RETURNED,
)
_FOLLOWS = Rows({"command_id": "uuid", "status": "text", "outcome": "jsonb"}, after=_ANSWERS)
_MESSAGES = Rows({"topic": "text", "key": "text", "headers": "text", "body": "text"}, after=_FOLLOWS)
_RELEASED = Rows({"subject": "text", "position": "integer"}, after=_MESSAGES)
_NEWLY_HELD = Rows(NEWLY_HELD, after=_RELEASED)
_STILL_HELD = Rows(STILL_HELD, after=_NEWLY_HELD)
_READ = Rows(READ, after=_STILL_HELD)
_UNANNOUNCED = Rows({"subject": "text", "sequence": "bigint"}, after=_READ)
_ACTIONS = Rows(dict.fromkeys(HeldAction._fields, "text"), after=_UNANNOUNCED)

_NEWER = ", ".join(f"{column} = excluded.{column}" for column in ("revision", "body", *_CHANGED))


def _without(table: str, gone: Rows) -> str:
    """The SQL that deletes the records that the rows name."""
    same = " AND ".join(f"{table}.{column} = rows.{column}" for column in _NAMED)
    return f"DELETE FROM {table} USING {gone} WHERE {same} RETURNING 1"


# PostgreSQL rejects a late writer: the statement sets its revision or status to NULL, which the tables do not
# allow; or it inserts a command or queue position twice. The sub-statements run in the order of the counts at
# the end, so a later writer of a subject waits at the first of them. The tallies come last, because all
# processes share those rows.
_SAVE = f"""
    /* a batch is saved */ WITH advanced AS (
        INSERT INTO aggregates AS kept ({_ADVANCES.names}) SELECT {_ADVANCES.values} FROM {_ADVANCES}
        ON CONFLICT (subject) DO UPDATE SET sequence = excluded.sequence,
            revision = CASE WHEN kept.revision = excluded.revision - 1 THEN excluded.revision END
        RETURNING 1
    ), removed AS (
        {_without("records", _DEPARTED)}
    ), departing AS (
        INSERT INTO departed AS kept ({_DEPARTED.names}) SELECT {_DEPARTED.values} FROM {_DEPARTED}
        ON CONFLICT (subject, kind, record_id) DO UPDATE SET {_NEWER}
        RETURNING 1
    ), returned AS (
        {_without("departed", _RETURNED)}
    ), stated AS (
        INSERT INTO records AS kept ({_STATES.names}) SELECT {_STATES.values} FROM {_STATES}
        ON CONFLICT (subject, kind, record_id) DO UPDATE SET {_NEWER}
        WHERE kept.revision < excluded.revision
        RETURNING 1
    ), set_apart AS (
        INSERT INTO contents AS kept ({_APART.names}) SELECT {_APART.values} FROM {_APART}
        ON CONFLICT (subject, kind, record_id) DO UPDATE SET body = excluded.body,
            revision = CASE WHEN kept.revision < excluded.revision THEN excluded.revision END
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
        UPDATE held SET until = rows.until, reason = rows.reason,
            looks_at = rows.looks_at::text[], seen = rows.seen, finding = rows.finding::jsonb
        FROM {_STILL_HELD} WHERE held.subject = rows.subject AND held.position = rows.position
        RETURNING 1
    ), queued AS (
        INSERT INTO outbox (topic, keys, headers, bodies)
        SELECT topic, array_agg(key ORDER BY n), array_agg(headers ORDER BY n), array_agg(body ORDER BY n)
        FROM {_MESSAGES} GROUP BY topic
        RETURNING 1
    ), noted AS (
        INSERT INTO unannounced (subjects, sequences)
        SELECT array_agg(subject), array_agg(sequence) FROM {_UNANNOUNCED} HAVING count(*) > 0
        RETURNING 1
    ), acted AS (
        INSERT INTO held_actions ({_ACTIONS.names}) SELECT {_ACTIONS.values} FROM {_ACTIONS}
        RETURNING 1
    )
    INSERT INTO reads ({_READ.names}) SELECT {_READ.values} FROM {_READ}
    WHERE 0 <= ALL (ARRAY[
        (SELECT count(*) FROM advanced), (SELECT count(*) FROM removed), (SELECT count(*) FROM departing),
        (SELECT count(*) FROM returned), (SELECT count(*) FROM stated), (SELECT count(*) FROM set_apart),
        (SELECT count(*) FROM answered), (SELECT count(*) FROM followed),
        (SELECT count(*) FROM released), (SELECT count(*) FROM put), (SELECT count(*) FROM left_there),
        (SELECT count(*) FROM queued), (SELECT count(*) FROM noted), (SELECT count(*) FROM acted)
    ])
    {COUNT_ON}
"""


async def save(database: AsyncConnection, writes: Writes) -> None:
    """Write a batch's effects. StaleAggregate if another process was first with a subject, an answer or a
    place in a queue.

    Sorted, so that two processes that bring the same subjects or ids take them in one order: no deadlock.
    """
    answers = writes.ledger.values()
    first = [
        (a.command_id, a.subject, a.scope, a.fingerprint, a.status, a.body, a.sender, a.received_at)
        for a in answers
        if not a.follows
    ]
    held, records = writes.held.items(), writes.records.values()
    await keep(
        database,
        _SAVE,
        (_ADVANCES, sorted(writes.advances)),
        (_STATES, [row.changed for row in records if not (row.apart or row.departed)]),
        (_APART, [row.state for row in records if row.apart]),
        (_DEPARTED, [row.changed for row in records if row.departed]),
        (_RETURNED, sorted(writes.returned)),
        (_ANSWERS, sorted(first)),
        (_FOLLOWS, sorted((a.command_id, a.status, a.body) for a in answers if a.follows)),
        (_MESSAGES, writes.outbox),
        (_RELEASED, sorted(writes.released)),
        (_NEWLY_HELD, [held_row(*place, one) for place, one in held if not one.kept]),
        (_STILL_HELD, [(*place, *waits(one)) for place, one in held if one.kept]),
        (_READ, [(*what, count) for what, count in sorted(writes.tally.items())]),
        (_UNANNOUNCED, writes.unannounced),
        (_ACTIONS, writes.actions),
    )
