"""What happened to a student, and who looked at the record."""

import asyncio

from fastapi import APIRouter
from fastapi.responses import Response

from console.field_pasts import field_changes
from console.pages.student import banner_of, student_page
from console.queries import TIMELINE, VIEWS
from console.screens import screen
from console.visits import Visiting
from contracts.roles import Role
from contracts.students import Student
from contracts.types import StudentId

router = APIRouter()


@screen(router, "/students/{student_id}/history")
async def history(visit: Visiting, student_id: StudentId, kind: str = "", after: str = "") -> Response:
    """Every event, newest first, as a sentence, with its sender and what changed."""
    params = {"kind": kind, "after": after, "limit": 50}
    banner, found = await asyncio.gather(
        banner_of(visit, student_id), visit.ask(TIMELINE, student_id=student_id, params=params)
    )
    return await student_page(visit, "past/history.html", "History", banner, found=found, kind=kind)


@screen(router, "/students/{student_id}/profile/history")
async def fields(visit: Visiting, student_id: StudentId) -> Response:
    """Each field of the person and of the profile: when it changed, by whom, from what to what."""
    params = {"kind": Student.kind, "limit": 200}
    banner, found = await asyncio.gather(
        banner_of(visit, student_id), visit.ask(TIMELINE, student_id=student_id, params=params)
    )
    changes = field_changes(found.given.timeline) if found.given else ()
    return await student_page(
        visit,
        "past/fields.html",
        "Profile",
        banner,
        about="History of each field",
        found=found,
        changes=changes,
    )


@screen(router, "/students/{student_id}/access")
async def access(visit: Visiting, student_id: StudentId) -> Response:
    """Who looked at the record, in all services, newest first."""
    visit.need(Role.COORDINATOR, Role.STATE, Role.AUDITOR)
    asking = (visit.ask(query, student_id=student_id, params={"limit": 100}) for query in VIEWS.values())
    banner, answers = await asyncio.gather(banner_of(visit, student_id), asyncio.gather(*asking))
    looks = [(answer.given.service, one) for answer in answers if answer.given for one in answer.given.views]
    looks.sort(key=lambda look: look[1].at, reverse=True)
    away = [answer for answer in answers if answer.away]
    return await student_page(visit, "past/access.html", "Access log", banner, looks=looks[:200], away=away)
