"""Opening an initial evaluation: the LEA requests the parent's permission."""

from collections.abc import Iterator

from contracts.decision import Ask, Decision, Known, verdict
from contracts.errors import Finding
from contracts.evaluations import EvaluationRequested, EvaluationStage, EvaluationType, RequestEvaluation
from services.ieps.domain.beginnings import not_another, twin
from services.ieps.domain.stages import in_order
from services.ieps.domain.standing import Standing, standing

_DATES = ("referred_on", "received_by_appraisal_on", "permission_requested_on")


def request(known: Known, ask: Ask[RequestEvaluation]) -> Decision:
    """Open an initial evaluation. A student has at most one open evaluation."""
    stands = standing(known, ask, done=_DATES, also=_disordered(ask.command))
    if not isinstance(stands, Standing):
        return stands
    requested = _requested(ask)
    broken = (*stands.found, *not_another(known, requested), *twin(known, requested))
    return verdict(broken, [requested])


def _disordered(command: RequestEvaluation) -> Iterator[Finding]:
    asked_on, received_on = command.permission_requested_on, command.received_by_appraisal_on
    yield from in_order("permission_requested_on", asked_on, command.referred_on, "the referral")
    if received_on:
        yield from in_order("received_by_appraisal_on", received_on, command.referred_on, "the referral")
        yield from in_order(
            "permission_requested_on", asked_on, received_on, "the receipt by pupil appraisal"
        )


def _requested(ask: Ask[RequestEvaluation]) -> EvaluationRequested:
    command = ask.command
    return EvaluationRequested(
        student_id=command.student_id,
        revision=1,
        evaluation_id=command.evaluation_id,
        lea=ask.actor.lea,
        evaluation_type=EvaluationType.INITIAL,
        stage=EvaluationStage.REQUESTED,
        referred_on=command.referred_on,
        received_by_appraisal_on=command.received_by_appraisal_on,
        permission_requested_on=command.permission_requested_on,
        coordinator_id=command.coordinator_id,
        coordinator_type=command.coordinator_type,
    )
