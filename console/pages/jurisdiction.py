"""Who owns a student: spells, claims, transfers between schools."""

import asyncio

from fastapi import APIRouter
from fastapi.responses import Response

from console.backend import Answer
from console.forms import Form
from console.pages.student import banner_of, student_page
from console.queries import SCHOOLS, TRANSFERS
from console.schools import school_options
from console.screens import screen
from console.visits import Visit, Visiting
from contracts.jurisdiction import (
    ClaimJurisdiction,
    CloseJurisdiction,
    CorrectSchoolTransfer,
    SchoolDirectory,
    TransferSchool,
)
from contracts.types import StudentId

router = APIRouter()

CLAIM = Form(ClaimJurisdiction, button="Claim jurisdiction", next="/students/{student_id}/jurisdiction")
TRANSFER = Form(TransferSchool, button="Transfer to the school")
CORRECTION = Form(CorrectSchoolTransfer, button="Correct the school stay")
CLOSING = Form(CloseJurisdiction, button="Close jurisdiction")


@screen(router, "/students/{student_id}/jurisdiction", TRANSFER, CORRECTION, CLOSING)
async def jurisdiction(visit: Visiting, student_id: StudentId) -> Response:
    """The spells, newest first; the transfer to another school of the LEA, and its correction; the end."""
    banner, transfers = await asyncio.gather(
        banner_of(visit, student_id), visit.ask(TRANSFERS, student_id=student_id, params={"limit": 20})
    )
    given = banner.jurisdiction.given
    spell = given.spell_of(visit.person.lea, visit.today) if given else None
    transfer = correction = closing = None
    if spell is not None:
        options = {"school": school_options(await _schools(visit))}
        transfer = visit.form(TRANSFER, options=options, student_id=student_id, on_revision=spell.revision)
        correction = visit.form(
            CORRECTION,
            spell.schools[-1],
            options=options,
            prefix="correct-",
            student_id=student_id,
            on_revision=spell.revision,
        )
        closing = visit.form(CLOSING, prefix="close-", student_id=student_id)
    return await student_page(
        visit,
        "student/jurisdiction.html",
        "Jurisdiction",
        banner,
        own=spell,
        transfer=transfer,
        correction=correction,
        closing=closing,
        transfers=transfers,
    )


@screen(router, "/students/{student_id}/claim", CLAIM)
async def claim(visit: Visiting, student_id: StudentId) -> Response:
    """Take a student into one's own LEA."""
    banner = await banner_of(visit, student_id)
    options = {"school": school_options(await _schools(visit))}
    filled = visit.form(CLAIM, options=options, student_id=student_id)
    return await visit.page(
        "student/claim.html",
        title=f"Claim student {student_id}",
        heading=f"Claim {banner.name}",
        banner=banner,
        student_id=student_id,
        form=filled,
    )


async def _schools(visit: Visit) -> Answer[SchoolDirectory]:
    if visit.person.of_state:
        return Answer(404)
    return await visit.ask(SCHOOLS, lea=visit.person.lea)
