"""Records that have moved to another State ID, or come from one, since eScholar merged the two.

Such students are few. The rows of their records are made again from `revisions` with each event about them,
so that no other student's event costs more.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts import catalog
from contracts.evaluations import PartCTransition
from contracts.message import Movable, Record
from contracts.state_ids import StateId
from contracts.students import Student

STATE_ID = re.compile(r"[0-9]{10}", re.ASCII)
_ONE_OF_EACH = (Student, PartCTransition)
"""Of these a State ID has one: its own, else that of the first State ID that was merged into it."""

_MOVED = text("SELECT subject FROM moved WHERE subject = ANY (CAST(:subjects AS text[]))")
_NOTE = text("INSERT INTO moved SELECT unnest(CAST(:subjects AS text[])) ON CONFLICT DO NOTHING")
_NEWEST = text("""
SELECT DISTINCT ON (kind, record_id) name, body FROM revisions
WHERE subject = :subject AND kind = ANY (CAST(:kinds AS text[]))
ORDER BY kind, record_id, revision DESC
""")


async def restated(database: AsyncConnection, messages: Iterable[object]) -> Mapping[str, AbstractSet[str]]:
    """Of the events' students those whose records moved or came, each with the kinds of the events."""
    events = [one for one in messages if isinstance(one, Record) and STATE_ID.fullmatch(one.subject)]
    kinds: dict[str, set[str]] = {}
    for event in events:
        kinds.setdefault(event.subject, set()).add(event.kind)
    if moving := sorted({event.subject for event in events if _moves(event)}):
        await database.execute(_NOTE, {"subjects": moving})
    found = await database.execute(_MOVED, {"subjects": list(kinds)})
    return {subject: kinds[subject] for subject in sorted(found.scalars())}


async def records(database: AsyncConnection, subject: str, kinds: AbstractSet[str]) -> Sequence[Record]:
    """The student's newest records of these kinds that stand under the State ID."""
    found = await database.execute(_NEWEST, {"subject": subject, "kinds": sorted(kinds)})
    return standing(map(recorded, found))


def recorded(row: Row[Any]) -> Record:
    """The record of a row of `revisions` with `name` and `body`."""
    record = catalog.events()[row.name].model.model_validate_json(row.body)
    assert isinstance(record, Record), "every event is a record"
    return record


def standing(newest: Iterable[Record]) -> Sequence[Record]:
    """Of the newest states those that count: no record that has moved away, and one student."""
    here = [one for one in newest if not (isinstance(one, Movable) and one.moved_to)]
    first = {(one.subject, one.kind): one for one in sorted(_one_of_each(here), key=_name, reverse=True)}
    return [one for one in here if first.get((one.subject, one.kind), one) is one]


def merged(newest: Iterable[Record]) -> AbstractSet[str]:
    """The State IDs for which another one stands: they are no students."""
    return {one.subject for one in newest if isinstance(one, StateId) and one.current_id != one.subject}


def _one_of_each(here: Iterable[Record]) -> Iterator[Record]:
    return (one for one in here if isinstance(one, _ONE_OF_EACH))


def _name(record: Record) -> str:
    return record.record_id


def _moves(event: Record) -> bool:
    if isinstance(event, StateId):
        return True
    return isinstance(event, Movable) and bool(event.belongs_to or event.moved_to)
