"""Whether all that was said has been heard: per owner and student, as many events as the highest number."""

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Any

from pydantic import BaseModel
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.catalog import BRIDGE
from contracts.types import StudentId
from services.reporting.queries.moment import one_moment

_EXAMPLES, _NUMBERS = 20, 20

_HEARD = text("""
SELECT owner::text AS service,
    (SELECT coalesce(sum(events), 0) FROM tallies WHERE owner = owners.owner)::bigint AS events,
    (SELECT count(*) FROM streams WHERE owner = owners.owner AND missing > 0) AS students_with_gaps,
    (SELECT coalesce(sum(missing), 0) FROM streams WHERE owner = owners.owner AND missing > 0)::bigint
        AS missing,
    (SELECT count(*) FROM disputes WHERE owner = owners.owner) AS disputed
FROM unnest(enum_range(NULL::owner)) AS owners (owner)
""")

# A gap lies between two events that were heard and are neighbours among them but not in number.
_MISSING = text("""
WITH examples AS (
    SELECT owner, subject FROM streams WHERE owner = CAST(:service AS owner) AND missing > 0
    ORDER BY subject LIMIT :examples
), steps AS (
    SELECT subject, sequence, lag(sequence, 1, 0) OVER (PARTITION BY subject ORDER BY sequence) AS before
    FROM revisions JOIN examples USING (owner, subject)
)
SELECT subject, before + 1 AS first, sequence - 1 AS last FROM steps
WHERE sequence > before + 1 ORDER BY subject, first
""")


class StudentWithGap(BaseModel):
    """A student of whom events have not been heard. `missing`: the first of their numbers."""

    student_id: StudentId
    missing: list[int]


class ServiceHeard(BaseModel):
    """What has been heard of one service.

    `highest` sums, over all students, the highest number heard; `missing` = `highest` - `events`. `disputed`:
    events under a number another event has. `examples` are given to the state and to auditors.
    """

    service: str
    events: int
    highest: int
    missing: int
    disputed: int
    students_with_gaps: int
    examples: list[StudentWithGap]
    certified: bool


class Completeness(BaseModel):
    """What has been heard. `identities`: eScholar's messages, of which nobody says how many there are."""

    certified: bool
    events: int
    identities: int
    services: list[ServiceHeard]


async def completeness(viewer: Actor, database: AsyncConnection) -> Completeness:
    """What has been heard of each service, and what has not."""
    await one_moment(database)
    rows = await _heard(database)
    return Completeness(
        certified=all(map(_whole, rows)),
        events=sum(row["events"] for row in rows),
        identities=sum(row["events"] for row in rows if row["service"] == BRIDGE),
        services=[await _service(viewer, database, row) for row in rows if row["service"] != BRIDGE],
    )


async def certified(database: AsyncConnection) -> tuple[bool, int]:
    """Whether nothing is missing or disputed, and how many events have been heard."""
    rows = await _heard(database)
    return all(map(_whole, rows)), sum(row["events"] for row in rows)


async def _heard(database: AsyncConnection) -> Sequence[RowMapping]:
    return (await database.execute(_HEARD)).mappings().all()


def _whole(row: RowMapping) -> bool:
    return not row["missing"] and not row["disputed"]


async def _service(viewer: Actor, database: AsyncConnection, row: RowMapping) -> ServiceHeard:
    shown = row["missing"] and viewer.everywhere
    return ServiceHeard(
        **row,
        highest=row["events"] + row["missing"],
        examples=await _examples(database, row["service"]) if shown else [],
        certified=_whole(row),
    )


async def _examples(database: AsyncConnection, service: str) -> list[StudentWithGap]:
    gaps: dict[int, list[range]] = {}
    asked: dict[str, Any] = {"service": service, "examples": _EXAMPLES}
    for subject, first, last in await database.execute(_MISSING, asked):
        gaps.setdefault(subject, []).append(range(first, last + 1))
    return [
        StudentWithGap(student_id=f"{subject:010d}", missing=_first(ranges))
        for subject, ranges in gaps.items()
    ]


def _first(ranges: Iterable[range]) -> list[int]:
    return list(islice(chain.from_iterable(ranges), _NUMBERS))
