"""Whether reporting has every event: for each owner and subject, as many as the highest known sequence."""

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

_RECEIVED = text("""
SELECT owner::text AS service,
    (SELECT coalesce(sum(events), 0) FROM tallies WHERE owner = owners.owner)::bigint AS events,
    (SELECT count(*) FROM streams WHERE owner = owners.owner AND missing > 0) AS subjects_with_gaps,
    (SELECT coalesce(sum(missing), 0) FROM streams WHERE owner = owners.owner AND missing > 0)::bigint
        AS missing,
    (SELECT count(*) FROM disputes WHERE owner = owners.owner AND NOT settled) AS disputed,
    coalesce(highest - through - cardinality(ahead), 0) AS heartbeats_missing,
    as_of AS read_through
FROM unnest(enum_range(NULL::owner)) AS owners (owner) LEFT JOIN heartbeats USING (owner)
""")

# A gap is between two consecutive received events whose sequences are not consecutive, or after the last
# received event.
_MISSING = text("""
WITH examples AS (
    SELECT owner, subject, highest FROM streams WHERE owner = CAST(:service AS owner) AND missing > 0
    ORDER BY subject LIMIT :examples
), received AS (
    SELECT subject, sequence FROM revisions JOIN examples USING (owner, subject)
    UNION ALL SELECT subject, highest + 1 FROM examples
), steps AS (
    SELECT subject, sequence, lag(sequence, 1, 0) OVER (PARTITION BY subject ORDER BY sequence) AS before
    FROM received
)
SELECT subject, before + 1 AS first, sequence - 1 AS last FROM steps
WHERE sequence > before + 1 ORDER BY subject, first
""")


_LATER = text("SELECT count(*) FROM revisions WHERE at > :moment AND owner::text <> :bridge")


class SubjectWithGap(BaseModel):
    """A subject (a student's State ID) with missing events."""

    subject: str
    missing: list[int] = Field(description="The sequences of the first missing events.")


class ServiceCompleteness(BaseModel):
    """The completeness of one service's events."""

    service: str
    events: int = Field(description="Events of the service in reporting, each once.")
    highest: int = Field(
        description="Events that the service has published, as far as reporting knows: the sum of each"
        " subject's highest sequence, from an event or a heartbeat."
    )
    missing: int = Field(description="`highest` - `events`.")
    disputed: int = Field(description="Unsettled disputes: events with a number that another event has.")
    subjects_with_gaps: int
    examples: list[SubjectWithGap] = Field(description="Only the state and auditors see them.")
    heartbeats_missing: int = Field(description="Heartbeats of the service that reporting has not received.")
    read_through: datetime | None = Field(
        description="The moment through which the service has counted its events in a heartbeat. Blank: no"
        " such heartbeat yet."
    )
    certified: bool = Field(description="Whether no event through `read_through` is missing.")


class Completeness(BaseModel):
    """Whether reporting has every event of the services."""

    certified: bool = Field(description="Whether every service is certified.")
    read_through: datetime | None = Field(
        description="If `certified`: no event through this moment is missing. The earliest of all services."
    )
    events: int = Field(
        description="Events of the services in reporting, each once. eScholar's identities and outcomes are"
        " not included."
    )
    identities: int = Field(
        description="eScholar's messages in reporting, each once. eScholar does not publish their number, so"
        " `certified` ignores them."
    )
    services: list[ServiceCompleteness]


class Certificate(NamedTuple):
    """Whether no event is missing, through which moment, and the number of events in reporting."""

    certified: bool
    read_through: datetime | None
    events: int


async def completeness(viewer: Actor, database: AsyncConnection) -> Completeness:
    """The received and the missing events of each service."""
    await one_moment(database)
    rows = await _received(database)
    services = [row for row in rows if row["service"] != BRIDGE]
    return Completeness(
        **_certificate(services)._asdict(),
        identities=sum(row["events"] for row in rows if row["service"] == BRIDGE),
        services=[await _service(viewer, database, row) for row in services],
    )


async def certificate(database: AsyncConnection) -> Certificate:
    """The completeness of the events behind a number that reporting gives now."""
    return _certificate([row for row in await _received(database) if row["service"] != BRIDGE])


async def certificate_through(database: AsyncConnection, moment: datetime) -> Certificate:
    """The completeness of the events through a moment, and their number.

    An event that arrives meanwhile makes the number too small, and never makes it complete.
    """
    found = await certificate(database)
    later = (await database.execute(_LATER, {"moment": moment, "bridge": BRIDGE})).scalar_one()
    through = found.read_through is not None and found.read_through >= moment
    return Certificate(found.certified and through, found.read_through, found.events - later)


def _certificate(services: Sequence[RowMapping]) -> Certificate:
    moments = [row["read_through"] for row in services]
    return Certificate(
        all(map(_is_certified, services)),
        None if None in moments else min(moments),
        sum(row["events"] for row in services),
    )


async def _received(database: AsyncConnection) -> Sequence[RowMapping]:
    return (await database.execute(_RECEIVED)).mappings().all()


def _is_certified(row: RowMapping) -> bool:
    incomplete = row["missing"] or row["disputed"] or row["heartbeats_missing"]
    return not incomplete and row["read_through"] is not None


async def _service(viewer: Actor, database: AsyncConnection, row: RowMapping) -> ServiceCompleteness:
    shown = row["missing"] and viewer.everywhere
    return ServiceCompleteness(
        **row,
        highest=row["events"] + row["missing"],
        examples=await _examples(database, row["service"]) if shown else [],
        certified=_is_certified(row),
    )


async def _examples(database: AsyncConnection, service: str) -> list[SubjectWithGap]:
    gaps: dict[str, list[range]] = {}
    values: dict[str, Any] = {"service": service, "examples": _EXAMPLES}
    for subject, first, last in await database.execute(_MISSING, values):
        gaps.setdefault(subject, []).append(range(first, last + 1))
    return [SubjectWithGap(subject=subject, missing=_first(ranges)) for subject, ranges in gaps.items()]


def _first(ranges: Iterable[range]) -> list[int]:
    return list(islice(chain.from_iterable(ranges), _NUMBERS))
