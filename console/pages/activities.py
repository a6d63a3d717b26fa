"""A student's times in special education: entry, exit, the parent's refusal or revocation, corrections."""

import asyncio
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from console.forms import Form
from console.pages.student import banner_of, student_page
from console.queries import CONSENTS, SPED_ACTIVITY
from console.screens import screen
from console.visits import NoPage, Visiting
from contracts.activities import (
    CorrectSpedActivity,
    ExitSpecialEducation,
    RefuseInitialServices,
    RevokeConsent,
    VoidSpedActivity,
)
from contracts.types import StudentId

router = APIRouter()

_LIST = "/students/{student_id}/sped-activity"
_OF_CONSENT = ("student_id", "consent_id")
_OF_ACTIVITY = ("student_id", "activity_id")

EXIT = Form(ExitSpecialEducation, button="Record the exit")
REFUSAL = Form(RefuseInitialServices, button="Record the refusal", given=_OF_CONSENT)
REVOCATION = Form(RevokeConsent, button="Record the revocation", given=_OF_CONSENT)
CORRECTION = Form(CorrectSpedActivity, button="Correct the sped activity", given=_OF_ACTIVITY, next=_LIST)
VOIDING = Form(VoidSpedActivity, button="Void the sped activity", given=_OF_ACTIVITY, next=_LIST)


@screen(router, _LIST, EXIT, REFUSAL, REVOCATION)
async def sped_activity(visit: Visiting, student_id: StudentId) -> Response:
    """Entries and exits, newest first, and the form of the next: an exit, or refused first services."""
    banner, found, consents = await asyncio.gather(
        banner_of(visit, student_id),
        visit.ask(SPED_ACTIVITY, student_id=student_id),
        visit.ask(CONSENTS, student_id=student_id),
    )
    about_consent: dict[str, Any] = {"student_id": student_id, "consent_id": visit.fresh("consent_id")}
    return await student_page(
        visit,
        "activity/list.html",
        "Sped activity",
        banner,
        found=found,
        consents=consents,
        open=next((one for one in found.given or () if one.open), None),
        exit=visit.form(EXIT, student_id=student_id),
        refusal=visit.form(REFUSAL, prefix="refusal-", **about_consent),
        revocation=visit.form(REVOCATION, prefix="revocation-", **about_consent),
    )


@screen(router, _LIST + "/{activity_id}", CORRECTION, VOIDING)
async def correction(visit: Visiting, student_id: StudentId, activity_id: UUID) -> Response:
    """Correct the days of a sped activity, or void one that never was."""
    banner, found = await asyncio.gather(
        banner_of(visit, student_id), visit.ask(SPED_ACTIVITY, student_id=student_id)
    )
    one = next((one for one in found.given or () if one.activity_id == activity_id), None)
    if one is None and found.ok:
        raise NoPage
    given: dict[str, Any] = {"student_id": student_id, "activity_id": activity_id}
    return await student_page(
        visit,
        "activity/one.html",
        "Sped activity",
        banner,
        about="Correct a sped activity",
        found=found,
        one=one,
        correction=visit.form(CORRECTION, one, **given, on_revision=one.revision if one else None),
        voiding=visit.form(VOIDING, prefix="void-", **given),
    )
