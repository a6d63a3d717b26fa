"""The queries of provision. An owner sees all services, a former owner its own; the state sees everything."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.assigning import ToAssign, beside, not_shown
from contracts.codes import LEAS, SERVICES
from contracts.counting import Calendars, Clock
from contracts.dates import day_at
from contracts.decision import Known
from contracts.errors import NOT_ADDED, NOT_CLAIMED, NOT_OWNER
from contracts.facts import (
    KnownStudent,
    hidden_from,
    latest_spell,
    not_their_list,
    owner,
    sees_whole,
    spell_on,
)
from contracts.ieps import IEPStage
from contracts.message import Value
from contracts.provision import AssignService, Provider, Service, Session, TransferAnswer
from contracts.types import Day, LeaCode, StaffId, StudentId
from services.chassis.answering.problems import NotFound
from services.chassis.answering.queries import known, known_together
from services.chassis.answering.viewing import admit
from services.provision import store
from services.provision.domain import STORED, delivery, proposals, rules
from services.provision.domain.delivery import DeliveredService
from services.provision.domain.facts import (
    KnownIEP,
    KnownPlan,
    iep_of_service,
    open_services,
    released_claims,
    waiting_claims,
)
from services.provision.domain.proposals import ProposedServices
from services.provision.domain.providers import Part, subject_of

_JULY = 7
_NOT_BY_NAME = tuple(model for model in STORED if not model.by_name)


class Awaited(Value):
    """A student whom other LEAs have claimed. The owner's open services block their claims."""

    student_id: StudentId
    claims: tuple[TransferAnswer, ...] = Field(description="The last claim of each waiting LEA.")
    open_services: tuple[Service, ...] = Field(description="The services to terminate, earliest first.")


class AwaitedPage(Value):
    """A page of the students whom other LEAs wait for, by State ID."""

    students: tuple[Awaited, ...]
    next: StudentId | None = Field(description="`after` of the next page; blank on the last one.")


class ReleasedPage(Value):
    """A page of the claims that the LEA can make again now, by State ID."""

    claims: tuple[TransferAnswer, ...]
    next: StudentId | None = Field(description="`after` of the next page; blank on the last one.")


class ProviderPage(Value):
    """A page of an LEA's providers, by provider_id."""

    providers: tuple[Provider, ...]
    next: StaffId | None = Field(description="`after` of the next page; blank on the last one.")


class OnCaseload(Value):
    """A student to whom a provider gives services, or whose teacher of record it is."""

    student_id: StudentId
    services: tuple[Service, ...] = Field(
        description="The student's open services that name the provider in this part."
    )


class CaseloadPage(Value):
    """A page of a provider's students, by State ID."""

    students: tuple[OnCaseload, ...]
    next: StudentId | None = Field(description="`after` of the next page; blank on the last one.")


class DeliveredServices(Value):
    """A student's services in a period: prescribed, delivered and missed minutes, and the sessions."""

    student_id: StudentId
    since: Day
    through: Day
    provisional: bool = Field(
        description="The state has not published the school terms of a year of the period. Each weekday of it"
        " counts as a school day, holidays too."
    )
    services: tuple[DeliveredService, ...] = Field(description="Those open in the period, newest first.")
    sessions: tuple[Session, ...] = Field(description="Of these services, newest first.")


class DeliveredToStudent(Value):
    """A student on a provider's caseload, with the services in a period."""

    student_id: StudentId
    services: tuple[DeliveredService, ...]


class DeliveredCaseload(Value):
    """A page of a provider's students: what their services prescribe, and what was delivered, by anybody."""

    since: Day
    through: Day
    provisional: bool = Field(description="As for one student.")
    students: tuple[DeliveredToStudent, ...]
    next: StudentId | None = Field(description="`after` of the next page; blank on the last one.")


def today() -> date:
    """The state's present day."""
    return day_at(datetime.now(UTC))


async def services(viewer: Actor, database: AsyncConnection, student_id: str) -> Sequence[Service]:
    """A student's services, newest first. NotFound: the student is not added. Forbidden: another LEA's."""
    record = await _record(viewer, database, student_id, "services")
    return _visible(viewer, record)


async def service(viewer: Actor, database: AsyncConnection, student_id: str, service_id: UUID) -> Service:
    """One service. NotFound: the student has none with that id that the viewer may see."""
    record = await _record(viewer, database, student_id, f"service {service_id}")
    found = next((one for one in _visible(viewer, record) if one.service_id == service_id), None)
    if found is None:
        raise NotFound(rules.UNKNOWN_SERVICE.broken(at="service_id", service=service_id))
    return found


async def delivered(
    viewer: Actor, database: AsyncConnection, student_id: str, since: date | None, through: date | None
) -> DeliveredServices:
    """Sessions against prescribed minutes. NotFound, Forbidden: as for `services`."""
    record = await _record(viewer, database, student_id, "delivered services")
    first, last = _period(since, through)
    calendars = await store.calendars(database)
    theirs = [one for one in _visible(viewer, record) if _open_in(one, first, last)]
    shown = {one.service_id for one in theirs}
    found = await store.sessions(database, [student_id], first, last)
    sessions = tuple(one for one in found if one.service_id in shown)
    return DeliveredServices(
        student_id=student_id,
        since=first,
        through=last,
        provisional=calendars.provisional(Clock.SCHOOL_DAYS, first, last),
        services=tuple(_delivered(theirs, sessions, calendars, first, last)),
        sessions=sessions,
    )


async def session(viewer: Actor, database: AsyncConnection, student_id: str, session_id: UUID) -> Session:
    """One session. NotFound: the student has none with that id that the viewer may see."""
    record = await _record(viewer, database, student_id, f"session {session_id}")
    found = await store.session(database, student_id, session_id)
    if found is None or found.service_id not in {one.service_id for one in _visible(viewer, record)}:
        raise NotFound(rules.UNKNOWN_SESSION.broken(at="session_id", session=session_id))
    return found


def _period(since: date | None, through: date | None) -> tuple[date, date]:
    """The given period; without it the present school year, from July 1 until today."""
    today = day_at(datetime.now(UTC))
    last = through or today
    return since or date(last.year - (last.month < _JULY), _JULY, 1), last


def _open_in(service: Service, first: date, last: date) -> bool:
    return service.begin_on <= last and (service.end_on is None or first <= service.end_on)


def _delivered(
    services: Sequence[Service], sessions: Sequence[Session], calendars: Calendars, first: date, last: date
) -> Iterator[DeliveredService]:
    for service in services:
        own = [one for one in sessions if one.service_id == service.service_id]
        yield delivery.delivered(service, own, calendars, first, last)


async def proposed(
    viewer: Actor, database: AsyncConnection, student_id: str, iep_id: UUID | None
) -> ProposedServices:
    """What the owner may record from an IEP; blank: from the submitted IEP that begins last.

    NotFound: the student is not added, has no owner, or has no such IEP. Forbidden: another LEA's student.
    """
    record = await _record(viewer, database, student_id, "proposed services", owner_only=True)
    spell = spell_on(record, today())
    if spell is None:
        raise NotFound(NOT_CLAIMED.broken(at="student_id"))
    iep = _chosen(record, iep_id)
    plan = await _plan(database, iep)
    subjects = proposals.looks_at(record, spell.lea)
    providers = {subject: await known(database, subject, (Provider,)) for subject in subjects}
    return proposals.proposed(record.beside(providers), iep, plan, spell)


def _chosen(record: Known, iep_id: UUID | None) -> KnownIEP:
    iep = iep_of_service(record, iep_id) if iep_id else proposals.newest_iep(record)
    if iep is None:
        missing = rules.IEP_NOT_SUBMITTED.broken(at="iep", iep=iep_id) if iep_id else None
        raise NotFound(missing or rules.NO_IEP.broken(at="student_id"))
    if iep.stage is IEPStage.DELETED:
        raise NotFound(rules.IEP_DELETED.broken(at="iep", iep=iep.iep_id))
    return iep


async def _plan(database: AsyncConnection, iep: KnownIEP) -> KnownPlan:
    kept = await known(database, iep.student_id, (KnownPlan,), [(KnownPlan, iep.iep_id)])
    plan = kept.get(KnownPlan, iep.iep_id)
    if plan is None:
        raise NotFound(rules.PLAN_NOT_HERE.broken(at="iep", iep=iep.iep_id))
    return plan


async def awaited(
    viewer: Actor, database: AsyncConnection, lea: LeaCode, *, after: str, limit: int
) -> AwaitedPage:
    """An LEA's work list: the students whom other LEAs wait for until this LEA ends its services."""
    await admit(
        database, viewer, subject="", what=f"awaited students of {lea}", refusal=not_their_list(viewer, lea)
    )
    records = await store.listed(database, store.BLOCKED_BY, lea, after, limit)
    students = tuple(
        Awaited(student_id=subject, claims=claims, open_services=tuple(open_services(record, lea)))
        for subject, record in records.items()
        if (claims := tuple(waiting_claims(record)))
    )
    return AwaitedPage(students=students, next=_next(records, limit))


async def released(
    viewer: Actor, database: AsyncConnection, lea: LeaCode, *, after: str, limit: int
) -> ReleasedPage:
    """The blocked claims of an LEA that SER would accept now, if the LEA made them again."""
    await admit(
        database, viewer, subject="", what=f"released claims of {lea}", refusal=not_their_list(viewer, lea)
    )
    records = await store.listed(database, store.RELEASED_TO, lea, after, limit)
    claims = (
        claim for record in records.values() for claim in released_claims(record) if claim.to_lea == lea
    )
    return ReleasedPage(claims=tuple(claims), next=_next(records, limit))


async def may_look(viewer: Actor, database: AsyncConnection, student_id: str, what: str) -> bool:
    """Log a view of the record. True if the viewer sees it as its owner does. Raises NotFound, Forbidden."""
    return sees_whole(viewer, await _record(viewer, database, student_id, what), today())


async def providers(
    viewer: Actor,
    database: AsyncConnection,
    lea: LeaCode,
    *,
    part: str,
    active_on: date | None,
    after: str,
    limit: int,
) -> ProviderPage:
    """The providers of an LEA, for the LEA itself, the state and auditors.

    `part`: a part of the number. `active_on`: a day on which the provider works for the LEA.
    """
    what = f"providers of {lea}"
    await admit(database, viewer, subject="", what=what, refusal=not_their_list(viewer, lea))
    day = active_on.isoformat() if active_on else ""
    given = {"lea": lea, "part": part, "day": day, "after": after, "limit": limit}
    found = (await database.execute(store.PROVIDERS_OF, given)).scalars()
    page = tuple(Provider.model_validate_json(body) for body in found)
    return ProviderPage(providers=page, next=page[-1].provider_id if len(page) == limit else None)


async def provider(viewer: Actor, database: AsyncConnection, lea: LeaCode, provider_id: StaffId) -> Provider:
    """One provider. NotFound: the LEA has none with that number. Forbidden: another LEA's."""
    what = f"provider {provider_id} of {lea}"
    await admit(database, viewer, subject="", what=what, refusal=not_their_list(viewer, lea))
    return await _provider(database, lea, provider_id)


async def caseload(
    viewer: Actor,
    database: AsyncConnection,
    lea: LeaCode,
    provider_id: StaffId,
    *,
    part: Part = Part.PROVIDER,
    after: str,
    limit: int,
) -> CaseloadPage:
    """The open services in which a provider has a part, by student. NotFound, Forbidden as for `provider`."""
    what = f"caseload of {provider_id} of {lea}"
    await admit(database, viewer, subject="", what=what, refusal=not_their_list(viewer, lea))
    await _provider(database, lea, provider_id)
    found = await store.caseload(database, lea, provider_id, part, after, limit)
    students = (OnCaseload(student_id=one, services=tuple(given)) for one, given in found.items())
    return CaseloadPage(students=tuple(students), next=max(found) if len(found) == limit else None)


async def delivered_caseload(
    viewer: Actor,
    database: AsyncConnection,
    lea: LeaCode,
    provider_id: StaffId,
    since: date | None,
    through: date | None,
    *,
    after: str,
    limit: int,
) -> DeliveredCaseload:
    """Sessions against prescribed minutes for a provider's open services. NotFound, Forbidden: as for
    `provider`."""
    page = await caseload(viewer, database, lea, provider_id, after=after, limit=limit)
    first, last = _period(since, through)
    calendars = await store.calendars(database)
    sessions = await store.sessions(database, [one.student_id for one in page.students], first, last)
    students = (
        DeliveredToStudent(
            student_id=one.student_id,
            services=tuple(_delivered(one.services, sessions, calendars, first, last)),
        )
        for one in page.students
    )
    return DeliveredCaseload(
        since=first,
        through=last,
        provisional=calendars.provisional(Clock.SCHOOL_DAYS, first, last),
        students=tuple(students),
        next=page.next,
    )


async def _provider(database: AsyncConnection, lea: LeaCode, provider_id: StaffId) -> Provider:
    record = await known(database, subject_of(lea, provider_id), (Provider,))
    if found := record.one(Provider):
        return found
    raise NotFound(rules.PROVIDER_UNKNOWN.broken(at="provider_id", provider=provider_id, lea=LEAS.label(lea)))


async def _record(
    viewer: Actor, database: AsyncConnection, student_id: str, what: str, *, owner_only: bool = False
) -> Known:
    record = await known(database, student_id, _NOT_BY_NAME)
    spell = latest_spell(record)
    if record.one(KnownStudent) is None and spell is None:
        raise NotFound(NOT_ADDED.broken(at="student_id"))
    refusal = hidden_from(viewer, record)
    lea = owner(record, today())
    if owner_only and lea and not viewer.sees(lea):
        refusal = refusal or NOT_OWNER.broken(owner=LEAS.label(lea))
    await admit(database, viewer, subject=student_id, what=what, refusal=refusal)
    return record


def _visible(viewer: Actor, record: Known) -> Sequence[Service]:
    found = sorted(record.all(Service), key=lambda one: (one.terms.begin_on, one.record_id), reverse=True)
    if sees_whole(viewer, record, today()):
        return found
    return [one for one in found if one.lea == viewer.lea]


def _next(records: dict[str, Known], limit: int) -> str | None:
    return max(records) if len(records) == limit else None


async def to_assign(
    viewer: Actor, database: AsyncConnection, student_id: StudentId, other: StudentId
) -> Sequence[ToAssign]:
    """The services that may be the other person's."""
    facts = await known_together(database, student_id, beside(student_id, other), _NOT_BY_NAME)
    refusal = next(not_shown(facts, viewer, student_id, other), None)
    await admit(database, viewer, subject=student_id, what="records to assign", refusal=refusal)
    return [_to_assign(one) for one in sorted(facts.all(Service), key=lambda one: one.begin_on)]


def _to_assign(service: Service) -> ToAssign:
    return ToAssign(
        command=AssignService.__name__,
        record_id=service.service_id,
        what=SERVICES.label(service.terms.service_code),
        lea=service.lea,
        begin_on=service.begin_on,
        end_on=service.end_on,
    )
