"""Disputes: two events with one number. The state and auditors see them; only the state settles them."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor, Role
from contracts.errors import ROLE_MISSING, SSN_SHAPED
from contracts.social_security import looks_like_one
from services.chassis.answering.http import NotFound, Problem
from services.chassis.answering.viewing import admit, log_views
from services.reporting.domain.rules import NOT_AMONG_THEM, NOT_DISPUTED
from services.reporting.store import disputes as store

_WHAT = "disputes"
_LAST_SEQUENCE = 2**31 - 1
"""The largest `integer` of PostgreSQL."""

_NUMBERS = text("""
SELECT DISTINCT subject, owner, owner::text AS service, sequence FROM disputes
WHERE settled = :settled AND (CAST(:subject AS text) IS NULL OR subject = :subject)
    AND (subject, owner::text, sequence) > (:after_subject, :after_service, :after_sequence)
ORDER BY subject, service, sequence LIMIT :limit
""")
_EVENT_COLUMNS = "event_id, name AS event, kind, record_id, revision, at, sender, body"
_EVENTS = text(f"""
SELECT {_EVENT_COLUMNS}, true AS counts FROM revisions
WHERE subject = :subject AND owner::text = :service AND sequence = :sequence
UNION ALL SELECT {_EVENT_COLUMNS}, false FROM disputes
WHERE subject = :subject AND owner::text = :service AND sequence = :sequence
ORDER BY counts DESC, at, event_id
""")
_SETTLEMENTS = text("""
SELECT event_id, reason, settled_by, at FROM settlements
WHERE subject = :subject AND owner::text = :service AND sequence = :sequence ORDER BY id
""")


class DisputedNumber(BaseModel):
    """A sequence of a service (or of `escholar`) about a subject: a student's State ID."""

    subject: str
    service: str
    sequence: int = Field(ge=1, le=_LAST_SEQUENCE)


class Settle(DisputedNumber):
    """The event that counts, and the reason."""

    event_id: UUID
    reason: str = Field(min_length=1, max_length=1000)


class DisputedEvent(BaseModel):
    """One of the events with the number."""

    event_id: UUID
    event: str
    kind: str
    record_id: str
    revision: int
    at: datetime = Field(description="When Kafka received it.")
    sender: str | None
    body: dict[str, Any]
    counts: bool = Field(description="Whether this event counts in histories and reports.")


class Settlement(BaseModel):
    """The decision which event counts: by whom, when and why."""

    event_id: UUID
    reason: str
    settled_by: str
    at: datetime


class Dispute(DisputedNumber):
    """Events with one number. A service is certified only if all its disputes are settled."""

    events: list[DisputedEvent]
    settlements: list[Settlement] = Field(description="Oldest first. The last one is in force.")

    @property
    def place(self) -> str:
        """The dispute's place in the list of all, for `after`."""
        return f"{self.subject} {self.service} {self.sequence}"


class DisputePage(BaseModel):
    """A page of disputes, by State ID."""

    disputes: list[Dispute]
    next: str | None = Field(description="`after` of the next page; blank on the last.")

    @classmethod
    def of(cls, found: Sequence[Dispute], limit: int) -> Self:
        """A page, with the start of the next page if there may be one."""
        return cls(disputes=list(found), next=found[-1].place if len(found) == limit else None)


async def disputes(
    viewer: Actor,
    database: AsyncConnection,
    *,
    subject: str | None,
    settled: bool,
    after: str,
    limit: int,
) -> DisputePage:
    """The open or the settled disputes. Forbidden: an LEA. Logged."""
    await _admit(database, viewer, allowed=viewer.everywhere)
    last_subject, _, rest = after.partition(" ")
    last_service, _, last_sequence = rest.partition(" ")
    values = {
        "settled": settled,
        "subject": subject,
        "after_subject": last_subject,
        "after_service": last_service,
        "after_sequence": min(int(last_sequence or 0), _LAST_SEQUENCE),
        "limit": limit,
    }
    found = [await _dispute(database, row) for row in (await database.execute(_NUMBERS, values)).all()]
    await log_views(database, viewer, subjects=sorted({one.subject for one in found}), what=_WHAT)
    return DisputePage.of(found, limit)


async def settle(viewer: Actor, database: AsyncConnection, wish: Settle) -> Dispute:
    """Let one event count. Forbidden: any role but the state's. NotFound: no dispute has the number. Problem:
    the event does not have the number, or the reason has what looks like a Social Security number."""
    await _admit(database, viewer, allowed=viewer.has(Role.STATE))
    if looks_like_one(wish.reason):
        raise Problem(422, [SSN_SHAPED.broken(at="reason")])
    number: dict[str, str | int] = wish.model_dump(include=set(DisputedNumber.model_fields))
    try:
        await store.settle(database, viewer, wish.event_id, wish.reason, **number)
    except store.NoDispute:
        raise NotFound(NOT_DISPUTED.broken(at="sequence", **number)) from None
    except store.NotAmong as wrong:
        events = ", ".join(map(str, wrong.events))
        raise Problem(
            422, [NOT_AMONG_THEM.broken(at="event_id", event=wish.event_id, events=events)]
        ) from None
    await log_views(database, viewer, subjects=[wish.subject], what=_WHAT)
    return await _dispute(database, wish)


async def _admit(database: AsyncConnection, viewer: Actor, *, allowed: bool) -> None:
    """Forbidden, and logged, if the viewer's roles do not allow it."""
    if not allowed:
        refusal = ROLE_MISSING.broken(role=Role.STATE)
        await admit(database, viewer, subject="", what=_WHAT, refusal=refusal)


async def _dispute(database: AsyncConnection, number: Row[Any] | DisputedNumber) -> Dispute:
    key = {"subject": number.subject, "service": number.service, "sequence": number.sequence}
    events = (await database.execute(_EVENTS, key)).mappings().all()
    settlements = (await database.execute(_SETTLEMENTS, key)).mappings().all()
    return Dispute.model_validate(
        key
        | {
            "events": [dict(row) | {"body": json.loads(row["body"])} for row in events],
            "settlements": [dict(row) for row in settlements],
        }
    )
