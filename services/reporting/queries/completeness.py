"""Whether all that was said has been heard: of each owner and subject as many events as are known of."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Any, NamedTuple

from pydantic import BaseModel, Field
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.catalog import BRIDGE
from services.reporting.queries.moment import one_moment

_EXAMPLES, _NUMBERS = 20, 20

_HEARD = text("""
SELECT owner::text AS service,
    (SELECT coalesce(sum(events), 0) FROM tallies WHERE owner = owners.owner)::bigint AS events,
    (SELECT count(*) FROM streams WHERE owner = owners.owner AND missing > 0) AS subjects_with_gaps,
    (SELECT coalesce(sum(missing), 0) FROM streams WHERE owner = owners.owner AND missing > 0)::bigint
        AS missing,
    (SELECT count(*) FROM disputes WHERE owner = owners.owner AND NOT settled) AS disputed,
    coalesce(highest - through - cardinality(ahead), 0) AS heartbeats_missing,
    as_of AS heard_through
FROM unnest(enum_range(NULL::owner)) AS owners (owner) LEFT JOIN heartbeats USING (owner)
""")

# A gap lies between two events that were heard and are neighbours among them but not in number, or behind the
# last that was heard.
_MISSING = text("""
WITH examples AS (
    SELECT owner, subject, highest FROM streams WHERE owner = CAST(:service AS owner) AND missing > 0
    ORDER BY subject LIMIT :examples
), heard AS (
    SELECT subject, sequence FROM revisions JOIN examples USING (owner, subject)
    UNION ALL SELECT subject, highest + 1 FROM examples
), steps AS (
    SELECT subject, sequence, lag(sequence, 1, 0) OVER (PARTITION BY subject ORDER BY sequence) AS before
    FROM heard
)
SELECT subject, before + 1 AS first, sequence - 1 AS last FROM steps
WHERE sequence > before + 1 ORDER BY subject, first
""")


class SubjectWithGap(BaseModel):
    """A subject (a student's State ID) about whom events have not been heard."""

    subject: str
    missing: list[int] = Field(description="The first of the missing events, by their numbers.")


class ServiceHeard(BaseModel):
    """What has been heard of one service."""

    service: str
    events: int = Field(description="Events of the service that reporting has kept, each once.")
    highest: int = Field(
        description="Events the service is known to have said: the sum over all subjects of the highest"
        " number, of an event or from a heartbeat."
    )
    missing: int = Field(description="`highest` - `events`.")
    disputed: int = Field(
        description="Events under a number that another event has, until somebody settles which counts."
    )
    subjects_with_gaps: int
    examples: list[SubjectWithGap] = Field(description="Given to the state and to auditors.")
    heartbeats_missing: int = Field(description="Heartbeats of the service that have not been heard.")
    heard_through: datetime | None = Field(
        description="The service's own word, up to this moment, of how many events there are. Blank: it has"
        " not given it yet."
    )
    certified: bool = Field(description="Whether nothing that was said through `heard_through` is missing.")


class Completeness(BaseModel):
    """Whether everything that the services said has been heard."""

    certified: bool = Field(description="Whether every service is certified.")
    heard_through: datetime | None = Field(
        description="Through when nothing is missing, if `certified`: the earliest moment of any service's."
    )
    events: int = Field(
        description="Events of the services that reporting has kept, each once however often it was sent."
        " eScholar's identities are not among them, nor outcomes."
    )
    identities: int = Field(
        description="eScholar's messages that reporting has kept, each once. Nobody says how many there are,"
        " so they are no part of `certified`."
    )
    services: list[ServiceHeard]


class Certificate(NamedTuple):
    """Whether nothing is missing, through when, and how many of the services' events have been heard."""

    certified: bool
    heard_through: datetime | None
    events: int


async def completeness(viewer: Actor, database: AsyncConnection) -> Completeness:
    """What has been heard of each service, and what has not."""
    await one_moment(database)
    rows = await _heard(database)
    services = [row for row in rows if row["service"] != BRIDGE]
    return Completeness(
        **_certificate(services)._asdict(),
        identities=sum(row["events"] for row in rows if row["service"] == BRIDGE),
        services=[await _service(viewer, database, row) for row in services],
    )


async def certificate(database: AsyncConnection) -> Certificate:
    """What a number of this moment rests on."""
    return _certificate([row for row in await _heard(database) if row["service"] != BRIDGE])


def _certificate(services: Sequence[RowMapping]) -> Certificate:
    moments = [row["heard_through"] for row in services]
    return Certificate(
        all(map(_whole, services)),
        None if None in moments else min(moments),
        sum(row["events"] for row in services),
    )


async def _heard(database: AsyncConnection) -> Sequence[RowMapping]:
    return (await database.execute(_HEARD)).mappings().all()


def _whole(row: RowMapping) -> bool:
    incomplete = row["missing"] or row["disputed"] or row["heartbeats_missing"]
    return not incomplete and row["heard_through"] is not None


async def _service(viewer: Actor, database: AsyncConnection, row: RowMapping) -> ServiceHeard:
    shown = row["missing"] and viewer.everywhere
    return ServiceHeard(
        **row,
        highest=row["events"] + row["missing"],
        examples=await _examples(database, row["service"]) if shown else [],
        certified=_whole(row),
    )


async def _examples(database: AsyncConnection, service: str) -> list[SubjectWithGap]:
    gaps: dict[str, list[range]] = {}
    asked: dict[str, Any] = {"service": service, "examples": _EXAMPLES}
    for subject, first, last in await database.execute(_MISSING, asked):
        gaps.setdefault(subject, []).append(range(first, last + 1))
    return [SubjectWithGap(subject=subject, missing=_first(ranges)) for subject, ranges in gaps.items()]


def _first(ranges: Iterable[range]) -> list[int]:
    return list(islice(chain.from_iterable(ranges), _NUMBERS))
