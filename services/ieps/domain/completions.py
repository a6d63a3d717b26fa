"""Completing an evaluation: the LEA disseminates the written report (LAC 28:XCVII.105.A)."""

from collections.abc import Iterator
from datetime import date

from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import Finding
from contracts.evaluations import CompleteEvaluation, Evaluation, EvaluationCompleted, EvaluationStage
from services.ieps.domain import evaluation_rules as rules
from services.ieps.domain.calendars import calendars_around
from services.ieps.domain.stages import CLOCK_RUNS, due_on, in_order, out_of_turn
from services.ieps.domain.standing import Standing, standing

_FIELD = "report_disseminated_on"


def complete(known: Known, ask: Ask[CompleteEvaluation]) -> Decision:
    """Record that the LEA disseminated the report. An initial evaluation needs consent."""
    stands = standing(known, ask, done=(_FIELD,))
    if not isinstance(stands, Standing):
        return stands
    evaluation = known.get(Evaluation, ask.command.evaluation_id)
    if evaluation is None or evaluation.stage not in CLOCK_RUNS:
        return Refused((*stands.found, out_of_turn(evaluation, *CLOCK_RUNS)))
    completed, sent_on = _completed(evaluation, ask), ask.command.report_disseminated_on
    found = (*stands.found, *_early(completed, sent_on), *_late(known, completed, sent_on))
    return verdict(found, [completed])


def _early(completed: EvaluationCompleted, sent_on: date) -> Iterator[Finding]:
    yield from in_order(_FIELD, sent_on, completed.decided_on, "the parent's consent")
    yield from in_order(_FIELD, sent_on, completed.begun_on, "the re-evaluation's begin")


def _late(known: Known, completed: EvaluationCompleted, sent_on: date) -> Iterator[Finding]:
    due = due_on(completed, known.all(Evaluation), calendars_around(known, sent_on))
    if due and sent_on > due and completed.delay_reason is None:
        yield rules.LATE_UNEXPLAINED.broken(at=_FIELD, day=sent_on, due=due)


def _completed(evaluation: Evaluation, ask: Ask[CompleteEvaluation]) -> EvaluationCompleted:
    return EvaluationCompleted.of(
        evaluation,
        lea=ask.actor.lea,
        stage=EvaluationStage.COMPLETED,
        report_disseminated_on=ask.command.report_disseminated_on,
    )
