"""Extending an evaluation: a later due date, which somebody approved."""

from collections.abc import Iterator
from datetime import date

from contracts.calendars import Extension
from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import Finding
from contracts.evaluations import Evaluation, EvaluationExtended, EvaluationStage, ExtendEvaluation
from services.ieps.domain import evaluation_rules as rules
from services.ieps.domain.calendars import calendars_around
from services.ieps.domain.stages import due_on, in_order, out_of_turn
from services.ieps.domain.standing import Standing, standing

_RUNNING = (EvaluationStage.CONSENTED, EvaluationStage.BEGUN)


def extend(known: Known, ask: Ask[ExtendEvaluation]) -> Decision:
    """Extend an evaluation whose clock runs. Extensions add up in the order of their recording."""
    command = ask.command
    stands = standing(known, ask, dates=("until",), done=("approved_on",), also=_unclear(command))
    if not isinstance(stands, Standing):
        return stands
    evaluation = known.get(Evaluation, command.evaluation_id)
    if evaluation is None or evaluation.stage not in _RUNNING:
        return Refused((*stands.found, out_of_turn(evaluation, *_RUNNING)))
    calendars = calendars_around(known, command.approved_on)
    due = due_on(evaluation, known.all(Evaluation), calendars)
    broken = (*stands.found, *_early(evaluation, command), *_unfit(due, command))
    return verdict(broken, [_extended(evaluation, ask)])


def _unclear(command: ExtendEvaluation) -> Iterator[Finding]:
    if (command.business_days is None) is (command.until is None):
        yield rules.EXTENSION_UNCLEAR.broken(at="business_days")


def _early(evaluation: Evaluation, command: ExtendEvaluation) -> Iterator[Finding]:
    approved_on, decided_on = command.approved_on, evaluation.decided_on
    yield from in_order("approved_on", approved_on, decided_on, "the parent's decision")
    yield from in_order("approved_on", approved_on, evaluation.begun_on, "the re-evaluation's begin")


def _unfit(due: date | None, command: ExtendEvaluation) -> Iterator[Finding]:
    if due is None:
        yield rules.NO_DUE_DATE.broken(at="evaluation_id")
        return
    if command.until and command.until <= due:
        yield rules.EXTENDS_NOTHING.broken(at="until", day=command.until, due=due)
    if command.approved_on > due:
        yield rules.EXTENDED_LATE.broken(at="approved_on", day=command.approved_on, due=due)


def _extended(evaluation: Evaluation, ask: Ask[ExtendEvaluation]) -> EvaluationExtended:
    command = ask.command
    extension = Extension(
        kind=command.extension,
        business_days=command.business_days,
        until=command.until,
        approved_on=command.approved_on,
    )
    return EvaluationExtended.of(
        evaluation, lea=ask.actor.lea, extensions=(*evaluation.extensions, extension)
    )
