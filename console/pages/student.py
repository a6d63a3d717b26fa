"""A student's pages: overview, profile, parents and guardians."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from console.answers import DatedEvaluation, FoundStudent, Jurisdiction, ListedIEP, StudentView
from console.backend import Answer
from console.forms import Form
from console.opened import note_opened
from console.queries import EVALUATIONS, IEPS, JURISDICTION, SEARCH, SERVICES, STUDENT, STUDENT_DUE
from console.rates import Rate
from console.screens import screen
from console.visits import NoPage, Visit, Visiting
from contracts.ieps import IEPStage
from contracts.provision import Service
from contracts.roles import Role
from contracts.students import RemoveGuardian, SaveGuardian, SaveProfile
from contracts.types import StudentId

router = APIRouter()

SECTIONS = (
    ("", "Overview"),
    ("/profile", "Profile"),
    ("/guardians", "Guardians"),
    ("/attachments", "Attachments"),
    ("/jurisdiction", "Jurisdiction"),
    ("/evaluations", "Evaluations"),
    ("/ieps", "IEP forms"),
    ("/services", "Services"),
    ("/sped-activity", "Sped activity"),
    ("/history", "History"),
    ("/access", "Access log"),
    ("/why", "Why counted"),
)
"""The sections of a student, in their order: the end of the address, and the name."""

PROFILE = Form(SaveProfile, button="Save profile")
GUARDIAN = Form(SaveGuardian, button="Save guardian", given=("student_id", "guardian_id"))
REMOVE = Form(
    RemoveGuardian,
    button="Remove guardian",
    given=("student_id", "guardian_id"),
    next="/students/{student_id}/guardians",
)


@dataclass(frozen=True)
class Banner:
    """The top of each of a student's pages. `elsewhere`: another LEA's student, found by State ID."""

    student_id: str
    student: Answer[StudentView]
    jurisdiction: Answer[Jurisdiction]
    elsewhere: FoundStudent | None = None

    @property
    def name(self) -> str:
        """The student's name; the State ID if the name cannot be shown."""
        if self.student.given:
            return self.student.value.name
        return self.elsewhere.name if self.elsewhere else f"State ID {self.student_id}"

    @property
    def owner(self) -> str | None:
        """The LEA that owns the student; None if nobody does, or if it is not known now."""
        if self.jurisdiction.given:
            return self.jurisdiction.value.owner
        return self.elsewhere.lea if self.elsewhere else None

    @property
    def owner_known(self) -> bool:
        """Whether the console knows the owner, or knows that there is none."""
        return self.elsewhere is not None or not self.jurisdiction.away

    @property
    def seen(self) -> bool:
        """Whether the person may see the record."""
        return self.student.ok or self.student.away


async def banner_of(visit: Visit, student_id: StudentId) -> Banner:
    """The student's banner. Another LEA's student has name and owner only."""
    visit.limit(Rate.STUDENT)
    student, jurisdiction = await asyncio.gather(
        visit.ask(STUDENT, student_id=student_id), visit.ask(JURISDICTION, student_id=student_id)
    )
    elsewhere = None
    if student.forbidden:
        found = await visit.ask(SEARCH, body={"text": student_id})
        listed = found.given.students if found.given else ()
        elsewhere = next((one for one in listed if one.student_id == student_id), None)
    elif student.ok:
        await note_opened(visit, student_id)
    return Banner(student_id, student, jurisdiction, elsewhere)


async def student_page(
    visit: Visit, template: str, section: str, banner: Banner, *, about: str = "", **context: Any
) -> Response:
    """One of the student's pages. Another LEA's student has a page that says who the owner is."""
    student_id = banner.student_id
    shown: dict[str, Any] = {
        "banner": banner,
        "student_id": student_id,
        "section": section,
        "sections": sections_for(visit),
    }
    if banner.student.missing or not banner.seen:
        visit.shown.clear()
    if banner.student.missing:
        visit.status = 404
        return await visit.page("student/missing.html", title=f"No student {student_id}", **shown)
    if not banner.seen:
        visit.status = 403
        title = f"{about or section}: student {student_id} of another LEA"
        heading = f"{banner.name}: student of another LEA"
        return await visit.page("student/elsewhere.html", title=title, heading=heading, **shown)
    what = about or section
    title, heading = f"{what}, student {student_id}", f"{what}: {banner.name}"
    return await visit.page(template, title=title, heading=heading, **shown, **context)


def sections_for(visit: Visit) -> Sequence[tuple[str, str]]:
    """The sections that the person may open. The access log needs a role."""
    may = visit.person.has(Role.COORDINATOR, Role.STATE, Role.AUDITOR)
    return [one for one in SECTIONS if one[0] != "/access" or may]


@screen(router, "/students/{student_id}")
async def overview(visit: Visiting, student_id: StudentId) -> Response:
    """What is known of the student at a glance, and what comes next."""
    banner, ieps, services, evaluations, due = await asyncio.gather(
        banner_of(visit, student_id),
        visit.ask(IEPS, student_id=student_id),
        visit.ask(SERVICES, student_id=student_id),
        visit.ask(EVALUATIONS, student_id=student_id),
        visit.ask(STUDENT_DUE, student_id=student_id),
    )
    return await student_page(
        visit,
        "student/overview.html",
        "Overview",
        banner,
        ieps=ieps,
        services=services,
        evaluations=evaluations,
        due=due,
        determined=next((one for one in evaluations.given or () if one.determined_on), None),
        steps=steps_of(banner, evaluations, ieps, services),
    )


@dataclass(frozen=True)
class Step:
    """One step of a new student. `done` None: the service that knows it does not answer.

    `place`: the end of the address of its page. `needs`: what is to be done first, or what does it.
    """

    name: str
    done: bool | None
    place: str
    needs: str = ""


def steps_of(
    banner: Banner,
    evaluations: Answer[tuple[DatedEvaluation, ...]],
    ieps: Answer[tuple[ListedIEP, ...]],
    services: Answer[tuple[Service, ...]],
) -> Sequence[Step]:
    """The steps from eScholar to services, in their order."""
    student = banner.student
    guardians = student.given.guardians if student.given else ()
    owned = bool(banner.owner) if banner.owner_known else None
    determined = any(one.determined_on for one in evaluations.given or ())
    submitted = any(one.stage is IEPStage.SUBMITTED for one in ieps.given or ())
    return (
        Step("Added to SER", _known(student, student.ok), "/profile"),
        Step("Jurisdiction", owned, "/jurisdiction", "An LEA claims the student."),
        Step("Parent or guardian", _known(student, bool(guardians)), "/guardians", "Save the first one."),
        Step(
            "Evaluation",
            _known(evaluations, determined),
            "/evaluations",
            "Needs jurisdiction and a guardian.",
        ),
        Step(
            "IEP submitted",
            _known(ieps, submitted),
            "/ieps",
            "Needs an evaluation that found the student eligible.",
        ),
        Step("Services", _known(services, bool(services.given)), "/services", "Need a submitted IEP."),
    )


def _known(answer: Answer[Any], done: bool) -> bool | None:
    return None if answer.away else done


@screen(router, "/students/{student_id}/profile", PROFILE)
async def profile(visit: Visiting, student_id: StudentId) -> Response:
    """The person as in eScholar, and the profile that the LEA keeps."""
    banner = await banner_of(visit, student_id)
    one = banner.student.given
    now = one.profile or (one.profiles[0] if one.profiles else None) if one else None
    filled = visit.form(
        PROFILE,
        {"profile": now.model_copy(update={"effective_on": None})} if now else None,
        student_id=student_id,
        on_revision=one.revision if one else None,
    )
    return await student_page(visit, "student/profile.html", "Profile", banner, form=filled)


@screen(router, "/students/{student_id}/guardians", GUARDIAN)
async def guardians(visit: Visiting, student_id: StudentId) -> Response:
    """Parents and guardians, and the form for one more."""
    banner = await banner_of(visit, student_id)
    new = visit.form(GUARDIAN, student_id=student_id, guardian_id=visit.fresh("guardian_id"))
    return await student_page(visit, "student/guardians.html", "Guardians", banner, form=new)


@screen(router, "/students/{student_id}/guardians/{guardian_id}", GUARDIAN, REMOVE)
async def guardian(visit: Visiting, student_id: StudentId, guardian_id: UUID) -> Response:
    """What is known of one parent or guardian, to be changed or removed."""
    banner = await banner_of(visit, student_id)
    known = banner.student.given.guardians if banner.student.given else ()
    one = next((one for one in known if one.guardian_id == str(guardian_id)), None)
    if one is None and banner.student.ok:
        raise NoPage
    filled = visit.form(
        GUARDIAN,
        {"guardian": one.guardian} if one else None,
        student_id=student_id,
        guardian_id=guardian_id,
        on_revision=one.revision if one else None,
    )
    return await student_page(
        visit,
        "student/guardian.html",
        "Guardians",
        banner,
        about="Change a guardian",
        form=filled,
        removal=visit.form(REMOVE, student_id=student_id, guardian_id=guardian_id),
    )
