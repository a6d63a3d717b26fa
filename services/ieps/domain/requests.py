"""Opening an initial evaluation: the LEA requests the parent's permission."""

from collections.abc import Iterator

from contracts.decision import Ask, Decision, Known, verdict
from contracts.errors import Finding
from contracts.evaluations import Evaluation, EvaluationRequested, EvaluationStage, RequestEvaluation
from services.ieps.domain import evaluation_rules as rules
from services.ieps.domain.stages import in_order, open_evaluation
from services.ieps.domain.standing import Standing, standing


def request(known: Known, ask: Ask[RequestEvaluation]) -> Decision:
    """Open an initial evaluation. A student has at most one open evaluation."""
    command = ask.command
    stands = standing(
        known,
        ask,
        dates=("referred_on", "permission_requested_on"),
        also=in_order(
            "permission_requested_on", command.permission_requested_on, command.referred_on, "the referral"
        ),
    )
    if not isinstance(stands, Standing):
        return stands
    return verdict((*stands.found, *_not_another(known, command)), [_requested(ask)])


def _requested(ask: Ask[RequestEvaluation]) -> EvaluationRequested:
    command = ask.command
    return EvaluationRequested(
        student_id=command.student_id,
        revision=1,
        evaluation_id=command.evaluation_id,
        lea=ask.actor.lea,
        stage=EvaluationStage.REQUESTED,
        referred_on=command.referred_on,
        permission_requested_on=command.permission_requested_on,
        coordinator_id=command.coordinator_id,
    )


def _not_another(known: Known, command: RequestEvaluation) -> Iterator[Finding]:
    if known.get(Evaluation, command.evaluation_id):
        yield rules.EVALUATION_KNOWN.broken(at="evaluation_id", evaluation=command.evaluation_id)
    if earlier := open_evaluation(known):
        yield rules.EVALUATION_OPEN.broken(since=earlier.permission_requested_on)
