"""Explaining a delay: why an evaluation is completed after its due date."""

from collections.abc import Iterator
from datetime import date

from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import Finding
from contracts.evaluations import DelayExplained, DelayReason, Evaluation, EvaluationStage, ExplainDelay
from services.ieps.domain import evaluation_rules as rules
from services.ieps.domain.calendars import every_calendar
from services.ieps.domain.stages import due_on, no_due_date, out_of_turn
from services.ieps.domain.standing import Standing, standing

_TIMED = (
    EvaluationStage.CONSENTED,
    EvaluationStage.BEGUN,
    EvaluationStage.COMPLETED,
    EvaluationStage.DETERMINED,
)


def explain(known: Known, ask: Ask[ExplainDelay]) -> Decision:
    """Record the reason, in place of an earlier one. It may be recorded before the due date."""
    command = ask.command
    stands = standing(known, ask, also=_unexplained(command))
    if not isinstance(stands, Standing):
        return stands
    evaluation = known.get(Evaluation, command.evaluation_id)
    if evaluation is None or evaluation.stage not in _TIMED:
        return Refused((*stands.found, out_of_turn(evaluation, *_TIMED)))
    due = due_on(evaluation, known.all(Evaluation), every_calendar(known))
    explained = DelayExplained.of(
        evaluation, lea=ask.actor.lea, delay_reason=command.reason, delay_explanation=command.explanation
    )
    return verdict((*stands.found, *_not_late(evaluation, due, ask.on)), [explained])


def _unexplained(command: ExplainDelay) -> Iterator[Finding]:
    if command.reason is DelayReason.OTHER and command.explanation is None:
        yield rules.DELAY_UNEXPLAINED.broken(at="explanation")


def _not_late(evaluation: Evaluation, due: date | None, today: date) -> Iterator[Finding]:
    if due is None:
        yield no_due_date(evaluation)
    elif (evaluation.report_disseminated_on or today) <= due:
        yield rules.NOT_LATE.broken(at="evaluation_id")
