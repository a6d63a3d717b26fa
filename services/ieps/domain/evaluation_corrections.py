"""Correcting one date of an evaluation. The event says what was there before, and why it was wrong."""

from collections.abc import Iterator
from datetime import date
from math import inf

from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import Finding
from contracts.evaluations import (
    CorrectEvaluation,
    Correction,
    Evaluation,
    EvaluationCorrected,
    EvaluationDate,
    EvaluationType,
)
from contracts.revisions import moved_on
from services.ieps.domain import evaluation_rules as rules
from services.ieps.domain.eligibility import outside_ages
from services.ieps.domain.stages import STEPS, in_order, out_of_turn
from services.ieps.domain.standing import Standing, standing

_FIELD, _INITIAL = "day", EvaluationType.INITIAL
_AFTER_ANOTHER = (EvaluationDate.BEGUN, EvaluationDate.PARENT_SIGNED)
_STARTS_THE_CLOCK = (EvaluationDate.DECIDED, EvaluationDate.BEGUN)
_MAY_BE_MISSING = (EvaluationDate.REFERRED, EvaluationDate.RECEIVED_BY_APPRAISAL)


def correct(known: Known, ask: Ask[CorrectEvaluation]) -> Decision:
    """Correct a date at any stage. The dates stay in their order."""
    command = ask.command
    stands = standing(known, ask, done=(_FIELD,))
    if not isinstance(stands, Standing):
        return stands
    evaluation = known.get(Evaluation, command.evaluation_id)
    if evaluation is None:
        return Refused((*stands.found, out_of_turn(None)))
    moved = moved_on(known, command, Evaluation, command.evaluation_id, fields=(_FIELD,))
    broken = (
        *stands.found,
        *moved,
        *_unfit(evaluation, command),
        *_before_another(known, evaluation, command),
        *_after_another(known, evaluation, command),
        *_against_age(stands, evaluation, command),
        *_past_another(evaluation, command),
    )
    return verdict(broken, [_corrected(evaluation, ask)])


def _unfit(evaluation: Evaluation, command: CorrectEvaluation) -> Iterator[Finding]:
    before: date | None = getattr(evaluation, command.field)
    if before is None and not _may_be_added(evaluation, command.field):
        yield rules.DATE_OF_NO_STEP.broken(at="field", field=command.field)
    elif before == command.day:
        yield rules.NOTHING_TO_CORRECT.broken(at="day", day=command.day)
    else:
        yield from _disordered(evaluation, command)


def _may_be_added(evaluation: Evaluation, field: EvaluationDate) -> bool:
    match evaluation.evaluation_type:
        case EvaluationType.INITIAL:
            return field in _MAY_BE_MISSING
        case EvaluationType.REEVALUATION:
            return field is EvaluationDate.REFERRED
        case _:
            return False


def _disordered(evaluation: Evaluation, command: CorrectEvaluation) -> Iterator[Finding]:
    """The findings against the dates of the steps before, and those of the steps after."""
    names = list(STEPS)
    place = names.index(command.field)
    for name in names[:place]:
        yield from in_order(_FIELD, command.day, getattr(evaluation, name), STEPS[name])
    for name in names[place + 1 :]:
        if later := getattr(evaluation, name):
            yield from in_order(_FIELD, later, command.day, STEPS[command.field])


def _before_another(known: Known, evaluation: Evaluation, command: CorrectEvaluation) -> Iterator[Finding]:
    """The finding that a re-evaluation or a waiver would come before a determination that it follows."""
    if command.field in _AFTER_ANOTHER:
        followed = (one.determined_on for one in known.all(Evaluation) if _follows(evaluation, one))
        last = max((day for day in followed if day), default=None)
        yield from in_order(_FIELD, command.day, last, STEPS[EvaluationDate.DETERMINED])


def _after_another(known: Known, evaluation: Evaluation, command: CorrectEvaluation) -> Iterator[Finding]:
    """The finding that a determination would come after a re-evaluation or a waiver that follows it."""
    following = [one.opened_on for one in known.all(Evaluation) if _follows(one, evaluation)]
    if command.field is EvaluationDate.DETERMINED and following:
        yield from in_order(_FIELD, min(following), command.day, STEPS[EvaluationDate.DETERMINED])


def _follows(later: Evaluation, earlier: Evaluation) -> bool:
    """Whether a re-evaluation or a waiver began when the other evaluation was determined, or later."""
    if later.evaluation_type is _INITIAL or earlier.determined_on is None:
        return False
    recorded_earlier = (earlier.determination or 0) < (later.determination or inf)
    return recorded_earlier and earlier.determined_on <= later.opened_on


def _against_age(stands: Standing, evaluation: Evaluation, command: CorrectEvaluation) -> Iterator[Finding]:
    if command.field is EvaluationDate.DETERMINED:
        yield from outside_ages(evaluation.exceptionalities, stands.birth_on, command.day, at=_FIELD)


def _past_another(evaluation: Evaluation, command: CorrectEvaluation) -> Iterator[Finding]:
    """The warning that the clock would start after an extension was approved or an exception occurred."""
    if command.field in _STARTS_THE_CLOCK:
        approved = (one.approved_on for one in evaluation.extensions)
        earliest = min((*approved, *(one.occurred_on for one in evaluation.exceptions)), default=command.day)
        if earliest < command.day:
            yield rules.CORRECTED_PAST_ANOTHER.broken(at=_FIELD, day=command.day, earlier=earliest)


def _corrected(evaluation: Evaluation, ask: Ask[CorrectEvaluation]) -> EvaluationCorrected:
    command = ask.command
    before = getattr(evaluation, command.field)
    correction = Correction(field=command.field, before=before, after=command.day, reason=command.reason)
    return EvaluationCorrected.of(
        evaluation, lea=ask.actor.lea, correction=correction, **{command.field.value: command.day}
    )
