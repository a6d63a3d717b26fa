"""A student's evaluations: the list, a new one of each kind, and one evaluation in its stages."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from console.answers import DatedEvaluation
from console.backend import Answer
from console.fields import Option, fields_of
from console.forms import Body, FilledForm, Form, Typed
from console.pages.student import banner_of, student_page
from console.queries import CONSENTS, EVALUATIONS, PART_C
from console.screens import screen
from console.visits import NoPage, Visit, Visiting
from console.words import label_of
from contracts.evaluations import (
    AssignCoordinator,
    BeginReevaluation,
    CloseEvaluation,
    CompleteEvaluation,
    CorrectEvaluation,
    DetermineEligibility,
    EvaluationDate,
    EvaluationStage,
    EvaluationType,
    ExplainDelay,
    ExtendEvaluation,
    RecordEvaluationException,
    RecordParentDecision,
    RecordPartCTransition,
    RecordTriennialWaiver,
    RequestEvaluation,
)
from contracts.message import Command
from contracts.types import StudentId

router = APIRouter()

_GIVEN = ("student_id", "evaluation_id")
_LIST = "/students/{student_id}/evaluations"
_ONE = _LIST + "/{evaluation_id}"

_OF_REFERRAL = (EvaluationDate.REFERRED, EvaluationDate.RECEIVED_BY_APPRAISAL)
_REASON = ("reason", "explanation")
"""The fields of ExplainDelay that the form of a late report shows below the report's day."""


async def _with_reason(_: Visit, body: Body, typed: Typed) -> Sequence[tuple[type[Command], Body]]:
    """The report, and why it is late if somebody said so."""
    why = {name: body.pop(name) for name in _REASON if name in body}
    given = {name: body[name] for name in _GIVEN}
    return [(CompleteEvaluation, body), *([(ExplainDelay, given | why)] if why else [])]


REQUEST = Form(RequestEvaluation, button="Begin the evaluation", given=_GIVEN, next=_ONE)
REEVALUATION = Form(BeginReevaluation, button="Begin the re-evaluation", given=_GIVEN, next=_ONE)
WAIVER = Form(RecordTriennialWaiver, button="Record the waiver", given=_GIVEN, next=_ONE)
PART_C_FACTS = Form(RecordPartCTransition, button="Save the Part C facts")

DECISION = Form(RecordParentDecision, button="Save the decision", given=_GIVEN)
REPORT = Form(CompleteEvaluation, button="Save the date", given=_GIVEN)
LATE_REPORT = Form(
    CompleteEvaluation,
    name="CompleteLateEvaluation",
    button="Save the date",
    given=_GIVEN,
    shown=(*fields_of(CompleteEvaluation, _GIVEN), *fields_of(ExplainDelay, _GIVEN)),
    build=_with_reason,
    chain=True,
)
ELIGIBILITY = Form(DetermineEligibility, button="Save eligibility", given=_GIVEN)

COORDINATOR = Form(AssignCoordinator, button="Save the coordinator", given=_GIVEN)
EXTENSION = Form(ExtendEvaluation, button="Record the extension", given=_GIVEN)
DELAY = Form(ExplainDelay, button="Save the reason", given=_GIVEN)
EXCEPTION = Form(RecordEvaluationException, button="Record the exception", given=_GIVEN)
CORRECTION = Form(CorrectEvaluation, button="Correct the date", given=_GIVEN)
CLOSING = Form(CloseEvaluation, button="Close the evaluation", given=_GIVEN)

ASIDE = {
    COORDINATOR: "Change the coordinator",
    EXTENSION: "Extend",
    DELAY: "Say why it is late",
    EXCEPTION: "Record an exception",
    CORRECTION: "Correct a date",
    CLOSING: "Close the evaluation",
}
"""The forms that are not the next step, and what opens each."""


@screen(router, _LIST)
async def evaluations(visit: Visiting, student_id: StudentId) -> Response:
    """The evaluations, newest first, and what the parent decided against services."""
    banner, found, consents = await asyncio.gather(
        banner_of(visit, student_id),
        visit.ask(EVALUATIONS, student_id=student_id),
        visit.ask(CONSENTS, student_id=student_id),
    )
    return await student_page(
        visit,
        "evaluation/list.html",
        "Evaluations",
        banner,
        evaluations=found,
        consents=consents,
        acts=acts(found.given or ()),
    )


def acts(evaluations: Sequence[DatedEvaluation]) -> Sequence[tuple[str, str]]:
    """What may come next, the natural act first: the end of an address, and the words of a button.

    While an evaluation is open, SER takes no other one. An eligible student is evaluated again.
    """
    going_on = [(str(one.evaluation_id), "Go on with the open evaluation") for one in evaluations if one.open]
    initial = [("new", "New initial evaluation")]
    if going_on or not any(_is_initial(one) and one.determined_on for one in evaluations):
        return going_on or initial
    again = [("reevaluation", "Re-evaluation"), ("waiver", "Triennial waiver")]
    holding = newest_determined(evaluations)
    return [*again, *initial] if holding and holding.primary else [*initial, *again]


@screen(router, _LIST + "/new", REQUEST)
async def new(visit: Visiting, student_id: StudentId) -> Response:
    """Begin an initial evaluation: the parent was asked for permission."""
    return await _begin(visit, student_id, REQUEST, "Begin an initial evaluation")


@screen(router, _LIST + "/reevaluation", REEVALUATION)
async def reevaluation(visit: Visiting, student_id: StudentId) -> Response:
    """Begin a re-evaluation, and say why."""
    return await _begin(visit, student_id, REEVALUATION, "Begin a re-evaluation")


@screen(router, _LIST + "/waiver", WAIVER)
async def waiver(visit: Visiting, student_id: StudentId) -> Response:
    """Record that the parent and the LEA agree that no re-evaluation is needed."""
    return await _begin(visit, student_id, WAIVER, "Record a triennial waiver")


async def _begin(visit: Visit, student_id: StudentId, form: Form, about: str) -> Response:
    """The form of a new evaluation."""
    banner = await banner_of(visit, student_id)
    filled = visit.form(form, student_id=student_id, evaluation_id=visit.fresh("evaluation_id"))
    return await student_page(visit, "evaluation/new.html", "Evaluations", banner, about=about, form=filled)


@screen(router, _LIST + "/part-c", PART_C_FACTS)
async def part_c(visit: Visiting, student_id: StudentId) -> Response:
    """The facts about a child who comes from early intervention (Part C)."""
    banner, found = await asyncio.gather(
        banner_of(visit, student_id), visit.ask(PART_C, student_id=student_id)
    )
    known = next(iter(found.given or ()), None)
    filled = visit.form(
        PART_C_FACTS, known, student_id=student_id, on_revision=known.revision if known else None
    )
    return await student_page(
        visit,
        "evaluation/part_c.html",
        "Evaluations",
        banner,
        about="Part C",
        found=found,
        known=known,
        form=filled,
    )


@screen(router, _ONE, DECISION, REPORT, LATE_REPORT, ELIGIBILITY, *ASIDE)
async def evaluation(
    visit: Visiting, student_id: StudentId, evaluation_id: UUID, correct: str = ""
) -> Response:
    """One evaluation: the finished stages, the form of the next one, and what can be recorded beside it."""
    banner, found = await asyncio.gather(
        banner_of(visit, student_id), visit.ask(EVALUATIONS, student_id=student_id)
    )
    one = next((one for one in found.given or () if one.evaluation_id == evaluation_id), None)
    if one is None and found.ok and not await visit.sent():
        raise NoPage
    return await student_page(
        visit,
        "evaluation/one.html",
        "Evaluations",
        banner,
        about="Evaluation",
        found=found,
        one=one,
        form=_next_step(visit, one, found) if one else None,
        aside=_asides(visit, one, correct) if one else {},
        correcting=bool(correct),
        late=one is not None and is_late(one, visit.today),
    )


def _next_step(
    visit: Visit, one: DatedEvaluation, found: Answer[tuple[DatedEvaluation, ...]]
) -> FilledForm | None:
    """The form of the step that follows the evaluation's stage; None if none does."""
    given: dict[str, Any] = {"student_id": one.student_id, "evaluation_id": one.evaluation_id}
    match one.stage:
        case EvaluationStage.REQUESTED:
            return visit.form(DECISION, **given)
        case EvaluationStage.CONSENTED | EvaluationStage.BEGUN:
            return visit.form(LATE_REPORT if is_late(one, visit.today) else REPORT, **given)
        case EvaluationStage.COMPLETED:
            return visit.form(ELIGIBILITY, _found_before(one, found), **given)
        case _:
            return None


def _found_before(one: DatedEvaluation, found: Answer[tuple[DatedEvaluation, ...]]) -> dict[str, Any] | None:
    """For a re-evaluation the exceptionalities that hold now: it keeps them or changes them."""
    if _is_initial(one):
        return None
    holding = newest_determined(found.given or ())
    return holding.model_dump(include={"exceptionalities"}) if holding else None


def _asides(visit: Visit, one: DatedEvaluation, correct: str) -> dict[str, FilledForm]:
    """The forms beside the next step, by their names."""
    values: dict[Form, Any] = {
        COORDINATOR: one.model_dump(include={"coordinator_id", "coordinator_type"}),
        CORRECTION: {"field": correct},
    }
    return {
        form.key: visit.form(
            form,
            values.get(form),
            options={"field": _correctable(one)} if form is CORRECTION else None,
            prefix=f"{form.key}-",
            student_id=one.student_id,
            evaluation_id=one.evaluation_id,
            on_revision=one.revision if form is CORRECTION else None,
        )
        for form in offered(one, visit.today)
    }


def offered(one: DatedEvaluation, today: date) -> Iterator[Form]:
    """The forms that fit the evaluation now."""
    unfinished = one.open and one.report_disseminated_on is None
    if one.open:
        yield COORDINATOR
    if unfinished and one.due_on:
        yield EXTENSION
    if is_late(one, today) and one.stage is not EvaluationStage.CLOSED:
        yield DELAY
    if one.stage is EvaluationStage.CONSENTED:
        yield EXCEPTION
    yield CORRECTION
    if one.open:
        yield CLOSING


def _correctable(one: DatedEvaluation) -> Sequence[Option]:
    """The dates that can be corrected: those that it has, and of the referral also missing ones."""
    waiver = one.evaluation_type is EvaluationType.WAIVER
    fields = [each for each in EvaluationDate if getattr(one, each) or (each in _OF_REFERRAL and not waiver)]
    return [Option(each.value, label_of(each.value)) for each in fields]


def is_late(one: DatedEvaluation, today: date) -> bool:
    """Whether the report came, or is to come, after the due date. A closed evaluation gets none."""
    report_on = one.report_disseminated_on or (today if one.open else None)
    return report_on is not None and one.due_on is not None and report_on > one.due_on


def newest_determined(evaluations: Iterable[DatedEvaluation]) -> DatedEvaluation | None:
    """The evaluation whose exceptionalities hold: the one with the newest determination."""
    determined = (
        (one.determined_on, one.determination or 0, one) for one in evaluations if one.determined_on
    )
    return max(determined, key=lambda each: each[:2], default=(None, None, None))[2]


def _is_initial(one: DatedEvaluation) -> bool:
    return one.evaluation_type is EvaluationType.INITIAL
