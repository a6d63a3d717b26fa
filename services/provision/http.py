"""The queries of provision over HTTP."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from contracts.assigning import ToAssign
from contracts.message import OfStudent
from contracts.provision import Provider, Service, Session
from contracts.types import Day, LeaCode, ReassignmentId, ServiceId, SessionId, StaffId, StudentId
from services.chassis.answering.http import Database, Viewer
from services.chassis.answering.problems import documented
from services.chassis.answering.requests import body_as, takes
from services.chassis.answering.sequences import with_sequence_header
from services.chassis.answering.views import views_router
from services.provision import queries, reassignments
from services.provision.domain.proposals import ProposedServices
from services.provision.domain.providers import Part
from services.provision.queries import (
    AwaitedPage,
    CaseloadPage,
    DeliveredCaseload,
    DeliveredServices,
    ProviderPage,
    ReleasedPage,
)
from services.provision.reassignments import Progress, WantedReassignment

router = APIRouter()
OF_STUDENT = with_sequence_header(OfStudent)
router.include_router(views_router("provision", "/students/{subject}/views", StudentId, queries.may_look))

Since = Annotated[Day | None, Query(description="Blank: July 1 before `through`.")]
Through = Annotated[Day | None, Query(description="Blank: today.")]
Limit = Annotated[int, Query(ge=1, le=500, description="The most entries on a page.")]
After = Annotated[
    str, Query(max_length=10, description="`next` of the previous page; blank for the first page.")
]
AfterProvider = Annotated[
    str, Query(max_length=20, description="`next` of the previous page; blank for the first page.")
]


@router.get(
    "/students/{student_id}/services",
    summary="A student's services, newest first",
    response_model=list[Service],
    **OF_STUDENT,
)
async def services(student_id: StudentId, viewer: Viewer, database: Database) -> Sequence[Service]:
    """A former owner sees only its own services."""
    return await queries.services(viewer, database, student_id)


@router.get(
    "/students/{student_id}/services/proposed",
    summary="What follows from an IEP for a student's services",
    **OF_STUDENT,
)
async def proposed(
    student_id: StudentId,
    viewer: Viewer,
    database: Database,
    iep: Annotated[
        UUID | None, Query(description="A submitted IEP; blank: the submitted one that begins last.")
    ] = None,
) -> ProposedServices:
    """Planned services to add, open services to end, and those that agree with the IEP. For the owner."""
    return await queries.proposed(viewer, database, student_id, iep)


@router.get(
    "/students/{student_id}/services/delivered",
    summary="Delivered sessions against prescribed minutes, by service and month",
    **OF_STUDENT,
)
async def delivered(
    student_id: StudentId,
    viewer: Viewer,
    database: Database,
    since: Since = None,
    through: Through = None,
) -> DeliveredServices:
    """Minutes that the terms prescribe, minutes delivered, and those missed, with the reasons."""
    return await queries.delivered(viewer, database, student_id, since, through)


@router.get(
    "/students/{student_id}/to-assign",
    summary="A student's services that may be another person's",
    response_model=list[ToAssign],
    **OF_STUDENT,
)
async def to_assign(
    student_id: StudentId,
    viewer: Viewer,
    database: Database,
    other: Annotated[StudentId, Query(description="The State ID of the other person.")],
) -> Sequence[ToAssign]:
    """For secure ID managers, if records of the two may be mixed up."""
    return await queries.to_assign(viewer, database, student_id, other)


@router.get("/students/{student_id}/sessions/{session_id}", summary="One session of a service", **OF_STUDENT)
async def session(
    student_id: StudentId, session_id: SessionId, viewer: Viewer, database: Database
) -> Session:
    """Given or missed; `removed`: it should not have been entered."""
    return await queries.session(viewer, database, student_id, session_id)


@router.get("/students/{student_id}/services/{service_id}", summary="One service of a student", **OF_STUDENT)
async def service(
    student_id: StudentId, service_id: ServiceId, viewer: Viewer, database: Database
) -> Service:
    """An open service, or a terminated one with its last day and the reason."""
    return await queries.service(viewer, database, student_id, service_id)


@router.get("/leas/{lea}/providers", summary="The providers of an LEA, by number")
async def providers(
    lea: LeaCode,
    viewer: Viewer,
    database: Database,
    number: Annotated[str, Query(max_length=20, description="A part of the provider's number.")] = "",
    active_on: Annotated[Day | None, Query(description="Only those who work for the LEA then.")] = None,
    after: AfterProvider = "",
    limit: Limit = 100,
) -> ProviderPage:
    """The number, type, first day, last day and certifications of each provider; no name."""
    return await queries.providers(
        viewer, database, lea, part=number, active_on=active_on, after=after, limit=limit
    )


@router.get("/leas/{lea}/providers/{provider_id}", summary="One provider of an LEA")
async def provider(lea: LeaCode, provider_id: StaffId, viewer: Viewer, database: Database) -> Provider:
    """The entry in the LEA's directory."""
    return await queries.provider(viewer, database, lea, provider_id)


@router.get("/leas/{lea}/providers/{provider_id}/caseload", summary="A provider's open services, by student")
async def caseload(
    lea: LeaCode,
    provider_id: StaffId,
    viewer: Viewer,
    database: Database,
    part: Annotated[Part, Query(description="The term that names the provider.")] = Part.PROVIDER,
    after: After = "",
    limit: Limit = 100,
) -> CaseloadPage:
    """The students whose open services name the provider in their last terms: as who gives the service, or as
    the teacher of record."""
    return await queries.caseload(viewer, database, lea, provider_id, part=part, after=after, limit=limit)


@router.get(
    "/leas/{lea}/providers/{provider_id}/delivered",
    summary="A provider's open services: delivered sessions against prescribed minutes",
)
async def delivered_caseload(
    lea: LeaCode,
    provider_id: StaffId,
    viewer: Viewer,
    database: Database,
    since: Since = None,
    through: Through = None,
    after: After = "",
    limit: Limit = 100,
) -> DeliveredCaseload:
    """The caseload, with minutes prescribed, delivered and missed. Sessions of substitutes count, too."""
    return await queries.delivered_caseload(
        viewer, database, lea, provider_id, since, through, after=after, limit=limit
    )


@router.post(
    "/reassignments",
    summary="Give services of one provider to another from a day on",
    status_code=202,
    **takes(WantedReassignment) | {"responses": documented(409, 413, 415)},
)
async def reassign(
    request: Request,
    response: Response,
    viewer: Viewer,
    wanted: Annotated[WantedReassignment, Depends(body_as(WantedReassignment))],
    database: Database,
) -> Progress:
    """For writers of the LEA. Sends a command `ReassignProvider` for each service; the command's id derives
    from the reassignment and the service. So the same request again does no harm, and tells the progress."""
    response.headers["Location"] = f"/reassignments/{wanted.reassignment_id}"
    return await reassignments.reassign(request, viewer, database, wanted)


@router.get("/reassignments/{reassignment_id}", summary="The progress of a reassignment, with its verdicts")
async def reassignment(
    reassignment_id: ReassignmentId,
    viewer: Viewer,
    database: Database,
    after: Annotated[int, Query(ge=0, description="`next` of the previous page; 0 for the first.")] = 0,
    limit: Annotated[int, Query(ge=0, le=500, description="The most verdicts on a page.")] = 500,
) -> Progress:
    """How many services were reassigned, refused, or wait; and the verdict on each. For that LEA and the
    state."""
    return await reassignments.progress(viewer, database, reassignment_id, after=after, limit=limit)


@router.get("/leas/{lea}/awaited", summary="An LEA's work list: students whom other LEAs wait for")
async def awaited(
    lea: LeaCode, viewer: Viewer, database: Database, after: After = "", limit: Limit = 100
) -> AwaitedPage:
    """The waiting claims, and the services to terminate first."""
    return await queries.awaited(viewer, database, lea, after=after, limit=limit)


@router.get("/leas/{lea}/released", summary="An LEA's blocked claims that it can make again now")
async def released(
    lea: LeaCode, viewer: Viewer, database: Database, after: After = "", limit: Limit = 100
) -> ReleasedPage:
    """The owner has terminated its last service. SER would accept a new claim now."""
    return await queries.released(viewer, database, lea, after=after, limit=limit)
