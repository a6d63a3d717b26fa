"""A student's evaluations: the list, and one evaluation in its stages."""

import asyncio
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from console.forms import FilledForm, Form
from console.pages.student import banner_of, student_page
from console.queries import EVALUATIONS
from console.screens import screen
from console.visits import NoPage, Visit, Visiting
from contracts.evaluations import (
    CompleteEvaluation,
    DetermineEligibility,
    Evaluation,
    EvaluationStage,
    RecordParentDecision,
    RequestEvaluation,
)
from contracts.types import StudentId

router = APIRouter()

_GIVEN = ("student_id", "evaluation_id")

REQUEST = Form(
    RequestEvaluation,
    button="Begin the evaluation",
    given=_GIVEN,
    next="/students/{student_id}/evaluations/{evaluation_id}",
)
DECISION = Form(RecordParentDecision, button="Save the decision", given=_GIVEN)
REPORT = Form(CompleteEvaluation, button="Save the date", given=_GIVEN)
ELIGIBILITY = Form(DetermineEligibility, button="Save eligibility", given=_GIVEN)

NEXT_STEP = {
    EvaluationStage.REQUESTED: DECISION,
    EvaluationStage.CONSENTED: REPORT,
    EvaluationStage.COMPLETED: ELIGIBILITY,
}
"""The form of the step that follows a stage. The other stages have none."""


@screen(router, "/students/{student_id}/evaluations")
async def evaluations(visit: Visiting, student_id: StudentId) -> Response:
    """The evaluations, newest first."""
    banner, found = await asyncio.gather(
        banner_of(visit, student_id), visit.ask(EVALUATIONS, student_id=student_id)
    )
    return await student_page(visit, "evaluation/list.html", "Evaluations", banner, evaluations=found)


@screen(router, "/students/{student_id}/evaluations/new", REQUEST)
async def new(visit: Visiting, student_id: StudentId) -> Response:
    """Begin an initial evaluation: the parent was asked for permission."""
    banner = await banner_of(visit, student_id)
    filled = visit.form(REQUEST, student_id=student_id, evaluation_id=visit.fresh("evaluation_id"))
    return await student_page(
        visit, "evaluation/new.html", "Evaluations", banner, about="Begin an evaluation", form=filled
    )


@screen(router, "/students/{student_id}/evaluations/{evaluation_id}", DECISION, REPORT, ELIGIBILITY)
async def evaluation(visit: Visiting, student_id: StudentId, evaluation_id: UUID) -> Response:
    """One evaluation: the finished stages, and the form of the next one."""
    banner, found = await asyncio.gather(
        banner_of(visit, student_id), visit.ask(EVALUATIONS, student_id=student_id)
    )
    known = found.given or ()
    one = next((one for one in known if one.evaluation_id == evaluation_id), None)
    sent = await visit.sent()
    if one is None and found.ok and not sent:
        raise NoPage
    step = NEXT_STEP.get(one.stage) if one else None
    filled = _filled(visit, step, one) if step and one else None
    return await student_page(
        visit,
        "evaluation/one.html",
        "Evaluations",
        banner,
        about="Evaluation",
        found=found,
        one=one,
        form=filled,
    )


def _filled(visit: Visit, step: Form, one: Evaluation) -> FilledForm:
    return visit.form(step, student_id=one.student_id, evaluation_id=one.evaluation_id)
