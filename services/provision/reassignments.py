"""Reassigning many services of a provider at once: one command for each service, and a verdict on each.

The table `reassignments` keeps what was asked, and the services that it concerned then. The verdicts are the
outcomes of the commands.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from fastapi import Request
from pydantic import Field
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts import errors
from contracts.access import Actor, Role
from contracts.codes import LEAS, ServiceCode
from contracts.decision import Known
from contracts.errors import ROLE_MISSING, Finding
from contracts.facts import not_their_list
from contracts.message import Value
from contracts.outcome import Status
from contracts.provision import Provider, ReassignProvider
from contracts.types import Day, LeaCode, ReassignmentId, ServiceId, StaffId, StudentId
from services.chassis.answering.door import Door
from services.chassis.answering.problems import NotFound, Problem
from services.chassis.answering.queries import known
from services.chassis.answering.receipts import receipts
from services.chassis.answering.viewing import admit
from services.provision import store
from services.provision.domain import rules
from services.provision.domain.providers import not_there, subject_of


class WantedReassignment(Value):
    """Services of one provider that another is to give from a day on."""

    reassignment_id: ReassignmentId = Field(
        description="Chosen by the sender; the same again is one request."
    )
    lea: LeaCode
    from_provider_id: StaffId
    provider_id: StaffId
    from_on: Day = Field(description="The first day of the new provider.")
    service_ids: tuple[ServiceId, ...] = Field(
        default=(), max_length=2000, description="Blank: every open service that the old provider gives."
    )


class Verdict(Value):
    """What became of one service."""

    student_id: StudentId
    service_id: ServiceId
    service_code: ServiceCode
    command_id: UUID
    status: Status | None = Field(description="The outcome of the command so far; blank: it has none yet.")
    findings: tuple[Finding, ...] = ()


class Progress(Value):
    """A reassignment: what was asked, how far it is, and the verdicts on a page of its services."""

    reassignment_id: ReassignmentId
    lea: LeaCode
    from_provider_id: StaffId
    provider_id: StaffId
    from_on: Day
    sent_by: str
    sent_at: datetime
    services: int = Field(description="How many services it concerns.")
    accepted: int
    refused: int
    waiting: int = Field(description="How many have no final outcome yet.")
    verdicts: tuple[Verdict, ...] = Field(description="By State ID.")
    next: int | None = Field(description="`after` of the next page; blank on the last one.")


async def reassign(
    request: Request, viewer: Actor, database: AsyncConnection, wanted: WantedReassignment
) -> Progress:
    """Send a command for each service, and tell the progress.

    Forbidden: the viewer is no writer of the LEA. Problem 422: a provider or a service is not the LEA's, or
    there is nothing to reassign. Problem 409: the id names another reassignment. 503: as `Door.post_all`.
    """
    refusal = _not_for(viewer, wanted.lea)
    await admit(database, viewer, subject="", what=f"reassignments of {wanted.lea}", refusal=refusal)
    kept = await _kept(database, wanted.reassignment_id) or await _keep(database, viewer, wanted)
    if WantedReassignment.model_validate(kept.asked) != wanted:
        raise Problem(409, [errors.ID_REUSED.broken(at="reassignment_id")])
    found = await _progress(database, kept)
    await database.commit()  # what was asked is kept before Kafka has the first command
    door: Door = request.app.state.door
    left = (one for one in found.verdicts if one.status is None)
    await door.post_all(request, {one.command_id: _command(wanted, one) for one in left})
    return found


async def progress(
    viewer: Actor, database: AsyncConnection, reassignment_id: UUID, *, after: int, limit: int
) -> Progress:
    """How far a reassignment is. NotFound: there is none with that id. Forbidden: another LEA's."""
    kept = await _kept(database, reassignment_id)
    lea = kept.asked["lea"] if kept else ""
    refusal = not_their_list(viewer, lea) if kept else None
    await admit(database, viewer, subject="", what=f"reassignments of {lea}", refusal=refusal)
    if kept is None:
        unknown = rules.REASSIGNMENT_UNKNOWN.broken(at="reassignment_id", reassignment=reassignment_id)
        raise NotFound(unknown)
    whole = await _progress(database, kept)
    page = whole.verdicts[after : after + limit]
    more = after + limit if after + limit < whole.services and limit else None
    return whole.model_copy(update={"verdicts": page, "next": more})


def _not_for(viewer: Actor, lea: LeaCode) -> Finding | None:
    if not viewer.has(Role.WRITER):
        return ROLE_MISSING.broken(role=Role.WRITER)
    return None if viewer.lea == lea else rules.PROVIDER_OF_ANOTHER.broken(at="lea", lea=LEAS.label(lea))


async def _kept(database: AsyncConnection, reassignment_id: UUID) -> Row[Any] | None:
    return (await database.execute(store.REASSIGNMENT, {"id": reassignment_id})).one_or_none()


async def _keep(database: AsyncConnection, viewer: Actor, wanted: WantedReassignment) -> Row[Any]:
    """Keep a new reassignment with the services that it concerns now. Problem 422: see `reassign`."""
    if broken := [*await _wrong_providers(database, wanted)]:
        raise Problem(422, broken)
    services = await _concerned(database, wanted)
    row = {
        "id": wanted.reassignment_id,
        "asked": wanted.model_dump_json(),
        "services": json.dumps([[one.subject, one.record_id, one.service_code] for one in services]),
        "sent_by": viewer.sender,
    }
    await database.execute(store.KEEP_REASSIGNMENT, row)
    return (await database.execute(store.REASSIGNMENT, {"id": wanted.reassignment_id})).one()


async def _wrong_providers(database: AsyncConnection, wanted: WantedReassignment) -> Iterator[Finding]:
    """The findings that the directory does not have the old provider at all, or the new one on the day."""
    subjects = [subject_of(wanted.lea, number) for number in (wanted.from_provider_id, wanted.provider_id)]
    there = Known().beside({subject: await known(database, subject, (Provider,)) for subject in subjects})
    return _wrong(there, wanted)


def _wrong(there: Known, wanted: WantedReassignment) -> Iterator[Finding]:
    old, new, lea = wanted.from_provider_id, wanted.provider_id, wanted.lea
    if there.of(subject_of(lea, old)).one(Provider) is None:
        yield rules.PROVIDER_UNKNOWN.broken(at="from_provider_id", provider=old, lea=LEAS.label(lea))
    if old == new:
        yield rules.SAME_PROVIDER.broken(at="provider_id", provider=new)
    else:
        yield from not_there(there, lea, new, wanted.from_on, at="provider_id")


async def _concerned(database: AsyncConnection, wanted: WantedReassignment) -> Sequence[Row[Any]]:
    """The services that the reassignment concerns. Problem 422: there is none, or one is not the LEA's."""
    given = {"lea": wanted.lea, "provider": wanted.from_provider_id}
    if not wanted.service_ids:
        rows = (await database.execute(store.GIVEN_BY, given)).all()
        if not rows:
            nothing = rules.NOTHING_TO_REASSIGN.broken(at="from_provider_id", provider=given["provider"])
            raise Problem(422, [nothing])
        return rows
    ids = {"lea": wanted.lea, "ids": list(map(str, wanted.service_ids))}
    rows = (await database.execute(store.CHOSEN, ids)).all()
    theirs = {row.record_id for row in rows}
    lacking = [
        rules.NOT_THEIR_SERVICE.broken(at=f"service_ids.{place}", lea=LEAS.label(wanted.lea), service=one)
        for place, one in enumerate(wanted.service_ids)
        if str(one) not in theirs
    ]
    if lacking:
        raise Problem(422, errors.listed(lacking))
    return rows


def _command(wanted: WantedReassignment, one: Verdict) -> ReassignProvider:
    return ReassignProvider(
        student_id=one.student_id,
        service_id=one.service_id,
        provider_id=wanted.provider_id,
        from_on=wanted.from_on,
        reassignment_id=wanted.reassignment_id,
        from_provider_id=wanted.from_provider_id,
    )


async def _progress(database: AsyncConnection, kept: Row[Any]) -> Progress:
    """The whole progress, with every verdict."""
    asked = WantedReassignment.model_validate(kept.asked)
    ids = {service: uuid5(asked.reassignment_id, service) for _, service, _ in kept.services}
    given = {one: receipt.outcome for one, receipt in (await receipts(database, ids.values())).items()}
    verdicts = tuple(
        Verdict(
            student_id=student,
            service_id=service,
            service_code=code,
            command_id=ids[service],
            status=given[ids[service]].status if ids[service] in given else None,
            findings=given[ids[service]].findings if ids[service] in given else (),
        )
        for student, service, code in kept.services
    )
    final = [one.status for one in verdicts if one.status and one.status.final]
    accepted = final.count(Status.ACCEPTED)
    return Progress(
        **asked.model_dump(exclude={"service_ids"}),
        sent_by=kept.sent_by,
        sent_at=kept.sent_at,
        services=len(verdicts),
        accepted=accepted,
        refused=len(final) - accepted,
        waiting=len(verdicts) - len(final),
        verdicts=verdicts,
        next=None,
    )
