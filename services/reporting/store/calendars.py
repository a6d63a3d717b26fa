"""The newest version of each of the state's calendars."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.calendars import Calendar
from services.chassis.decoding.messages import ReceivedEvent
from services.reporting.store.standing import recorded

_KEEP = text("""
INSERT INTO calendars AS kept (year, revision, body) VALUES (:year, :revision, :body)
ON CONFLICT (year) DO UPDATE SET revision = excluded.revision, body = excluded.body
WHERE kept.revision < excluded.revision
""")
_DELETE = text("DELETE FROM calendars WHERE year = :year")
_NEWEST = text("""
SELECT name, body FROM revisions WHERE subject = :subject AND kind = :kind ORDER BY revision DESC LIMIT 1
""")
_PUBLISHED = text("SELECT body FROM calendars ORDER BY year")


async def keep(database: AsyncConnection, events: Iterable[ReceivedEvent]) -> None:
    """Keep the newest version of each calendar among the events."""
    messages: Iterable[object] = (event.message for event in events)
    calendars = [message for message in messages if isinstance(message, Calendar)]
    # Sorted, so that two processes lock the same rows in one order: no deadlock.
    for calendar in sorted(calendars, key=lambda one: (one.year, one.revision)):
        await database.execute(_KEEP, _row(calendar))


async def restate(database: AsyncConnection, subject: str) -> None:
    """Replace a calendar by its newest state in `revisions`."""
    row = (await database.execute(_NEWEST, {"subject": subject, "kind": Calendar.kind})).one_or_none()
    await database.execute(_DELETE, {"year": subject.rpartition("/")[2]})
    if row is not None:
        found = recorded(row)
        assert isinstance(found, Calendar), "the events of this kind are calendars"
        await database.execute(_KEEP, _row(found))


async def published(database: AsyncConnection) -> Sequence[Calendar]:
    """The calendars that reporting knows, by year."""
    rows = await database.execute(_PUBLISHED)
    return [_calendar(body) for body in rows.scalars()]


@lru_cache(maxsize=64)
def _calendar(body: str) -> Calendar:
    return Calendar.model_validate_json(body)


def _row(calendar: Calendar) -> dict[str, object]:
    return {
        "year": calendar.year,
        "revision": calendar.revision,
        "body": calendar.model_dump_json(include=set(Calendar.model_fields)),
    }
