"""One claim on a student: what happened to it, its correction and its withdrawal."""

import asyncio
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from console.answers import Conversation, Conversations
from console.backend import Answer
from console.forms import FilledForm, Form
from console.pages.student import Banner, banner_of
from console.queries import SCHOOLS, TRANSFERS
from console.schools import school_options
from console.screens import screen
from console.visits import Visit, Visiting
from contracts.codes import LEAS
from contracts.jurisdiction import CorrectClaim, EscalateTransfer, Spell, WithdrawClaim, WriteOnTransfer
from contracts.roles import Role
from contracts.types import StudentId

router = APIRouter()

_OF_CLAIM = ("student_id", "spell_id")
CORRECTION = Form(CorrectClaim, button="Correct the claim", given=_OF_CLAIM)
WITHDRAWAL = Form(WithdrawClaim, button="Withdraw the claim", given=_OF_CLAIM)
_OF_TRANSFER = ("student_id", "claim_id")
MESSAGE = Form(WriteOnTransfer, button="Send the message", given=_OF_TRANSFER)
ESCALATION = Form(EscalateTransfer, button="Ask the state office for help", given=_OF_TRANSFER)


@screen(router, "/students/{student_id}/claims/{claim_id}", CORRECTION, WITHDRAWAL, MESSAGE, ESCALATION)
async def one_claim(visit: Visiting, student_id: StudentId, claim_id: UUID) -> Response:
    """The steps of a claim, for both LEAs, which write to each other while it is blocked.

    The claimant and the state correct or withdraw a won claim.
    """
    banner, answer = await asyncio.gather(
        banner_of(visit, student_id), visit.ask(TRANSFERS, student_id=student_id, params={"limit": 500})
    )
    claim = _named(answer, claim_id)
    if claim is None:
        visit.status = 403 if answer.forbidden else 503 if answer.away else 404
    correction, withdrawal = await _mending(visit, banner, claim)
    whose = str(LEAS.label(claim.to_lea)) if claim else ""
    return await visit.page(
        "student/one_claim.html",
        title=f"Claim {claim_id} on student {student_id}",
        heading=f"{banner.name}: claim of {whose}" if claim else f"{banner.name}: claim",
        banner=banner,
        student_id=student_id,
        answer=answer,
        claim=claim,
        correction=correction,
        withdrawal=withdrawal,
        **_writing(visit, student_id, claim),
    )


def _writing(visit: Visit, student_id: StudentId, claim: Conversation | None) -> dict[str, FilledForm | None]:
    """The forms to write about a blocked claim, and to ask the state office for help."""
    if claim is None or not claim.standing or not _takes_part(visit, claim):
        return {"message": None, "escalation": None}
    given: dict[str, Any] = {"student_id": student_id, "claim_id": claim.claim_id}
    asks = not visit.person.of_state and claim.escalated_on is None
    return {
        "message": visit.form(MESSAGE, prefix="write-", **given),
        "escalation": visit.form(ESCALATION, prefix="ask-", **given) if asks else None,
    }


def _takes_part(visit: Visit, claim: Conversation) -> bool:
    person = visit.person
    if person.of_state:
        return person.has(Role.STATE)
    return person.lea in (claim.from_lea, claim.to_lea) and person.has(Role.WRITER)


def _named(answer: Answer[Conversations], claim_id: UUID) -> Conversation | None:
    listed = answer.given.transfers if answer.given else ()
    return next((one for one in listed if one.claim_id == str(claim_id)), None)


async def _mending(
    visit: Visit, banner: Banner, claim: Conversation | None
) -> tuple[FilledForm | None, FilledForm | None]:
    """The forms to correct and to withdraw the claim; none if the claim has no spell that stands."""
    spell = _spell(banner, claim)
    if spell is None or not _may_mend(visit, spell):
        return None, None
    given: dict[str, Any] = {"student_id": spell.student_id, "spell_id": spell.spell_id}
    values = {
        "begin_on": spell.begin_on,
        "school": spell.schools[0].school,
        "local_student_id": spell.local_student_id,
    }
    schools = await visit.ask(SCHOOLS, lea=spell.lea)
    correction = visit.form(
        CORRECTION,
        values,
        options={"school": school_options(schools)},
        prefix="correct-",
        on_revision=spell.revision,
        **given,
    )
    return correction, visit.form(WITHDRAWAL, prefix="withdraw-", **given)


def _spell(banner: Banner, claim: Conversation | None) -> Spell | None:
    spells = banner.jurisdiction.given.spells if banner.jurisdiction.given else ()
    return next((one for one in spells if claim and str(one.spell_id) == claim.claim_id), None)


def _may_mend(visit: Visit, spell: Spell) -> bool:
    person = visit.person
    return (person.of_state and person.has(Role.STATE)) or (
        person.lea == spell.lea and person.has(Role.WRITER)
    )
