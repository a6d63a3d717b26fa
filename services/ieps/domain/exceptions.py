"""Exceptions from the limit of 60 business days (LAC 28:XLIII.302.D-E), and a withdrawn consent."""

from collections.abc import Iterator
from typing import Any

from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import Finding
from contracts.evaluations import (
    Evaluation,
    EvaluationException,
    EvaluationExceptionKind,
    EvaluationExceptionRecorded,
    EvaluationStage,
    RecordEvaluationException,
)
from services.ieps.domain import evaluation_rules as rules
from services.ieps.domain.calendars import calendars_around
from services.ieps.domain.stages import due_on, in_order, out_of_turn, too_many
from services.ieps.domain.standing import Standing, standing

_OF_ANOTHER_LEA = ("agreed_due_on", "sufficient_progress")


def record(known: Known, ask: Ask[RecordEvaluationException]) -> Decision:
    """Record the exception. A withdrawn consent closes the evaluation."""
    command = ask.command
    stands = standing(known, ask, dates=("agreed_due_on",), done=("occurred_on",), also=_misplaced(command))
    if not isinstance(stands, Standing):
        return stands
    match known.get(Evaluation, command.evaluation_id):
        case Evaluation(stage=EvaluationStage.CONSENTED, decided_on=consented_on) as evaluation:
            recorded = _recorded(evaluation, ask)
            early = (
                *_too_many(evaluation, command),
                *_twin(evaluation, command),
                *in_order("occurred_on", command.occurred_on, consented_on, "the parent's consent"),
                *_agreed_early(command),
            )
            return verdict((*stands.found, *early, *_nothing_agreed(known, command, recorded)), [recorded])
        case other:
            return Refused((*stands.found, out_of_turn(other, EvaluationStage.CONSENTED)))


def _misplaced(command: RecordEvaluationException) -> Iterator[Finding]:
    if command.exception is EvaluationExceptionKind.ENROLLED_ELSEWHERE:
        return
    for field in _OF_ANOTHER_LEA:
        if getattr(command, field) is not None:
            yield rules.ONLY_ELSEWHERE.broken(at=field)


def _too_many(evaluation: Evaluation, command: RecordEvaluationException) -> Iterator[Finding]:
    if command.exception is not EvaluationExceptionKind.CONSENT_WITHDRAWN:
        yield from too_many(evaluation.exceptions, "exceptions")


def _twin(evaluation: Evaluation, command: RecordEvaluationException) -> Iterator[Finding]:
    """The warning that the evaluation has the exception already. Another agreed day is none."""
    same = (one for one in evaluation.exceptions if one.occurred_on == command.occurred_on)
    if any((one.kind, one.agreed_due_on) == (command.exception, command.agreed_due_on) for one in same):
        yield rules.RECORDED_TWICE.broken(at="occurred_on", kind=command.exception, day=command.occurred_on)


def _agreed_early(command: RecordEvaluationException) -> Iterator[Finding]:
    """The finding that the agreed due date is before the student enrolled in the other LEA."""
    if command.agreed_due_on and command.exception is EvaluationExceptionKind.ENROLLED_ELSEWHERE:
        yield from in_order(
            "agreed_due_on", command.agreed_due_on, command.occurred_on, "the enrollment in the other LEA"
        )


def _nothing_agreed(
    known: Known, command: RecordEvaluationException, recorded: Evaluation
) -> Iterator[Finding]:
    due = due_on(recorded, (), calendars_around(known, command.occurred_on))
    elsewhere = command.exception is EvaluationExceptionKind.ENROLLED_ELSEWHERE
    if elsewhere and command.agreed_due_on is None and due:
        yield rules.NOTHING_AGREED.broken(at="agreed_due_on", due=due)


def _recorded(evaluation: Evaluation, ask: Ask[RecordEvaluationException]) -> EvaluationExceptionRecorded:
    command = ask.command
    exception = EvaluationException(
        kind=command.exception,
        occurred_on=command.occurred_on,
        agreed_due_on=command.agreed_due_on,
        sufficient_progress=command.sufficient_progress,
    )
    closed: dict[str, Any] = {}
    if command.exception is EvaluationExceptionKind.CONSENT_WITHDRAWN:
        closed = {"stage": EvaluationStage.CLOSED, "closed_on": command.occurred_on}
    return EvaluationExceptionRecorded.of(
        evaluation, lea=ask.actor.lea, exceptions=(*evaluation.exceptions, exception), **closed
    )
