"""The parent's decision on an evaluation. Every later step needs it."""

from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.evaluations import (
    Evaluation,
    EvaluationStage,
    ParentDecision,
    ParentDecisionRecorded,
    RecordParentDecision,
)
from services.ieps.domain.stages import in_order, out_of_turn
from services.ieps.domain.standing import Standing, standing

_LEADS_TO = {
    ParentDecision.CONSENTED: EvaluationStage.CONSENTED,
    ParentDecision.REFUSED: EvaluationStage.CLOSED,
    ParentDecision.NO_RESPONSE: EvaluationStage.CLOSED,
}


def record(known: Known, ask: Ask[RecordParentDecision]) -> Decision:
    """Record the parent's decision. Without consent the evaluation is closed."""
    stands, decided_on = standing(known, ask, done=("decided_on",)), ask.command.decided_on
    if not isinstance(stands, Standing):
        return stands
    match known.get(Evaluation, ask.command.evaluation_id):
        case Evaluation(stage=EvaluationStage.REQUESTED, permission_requested_on=asked_on) as evaluation:
            early = in_order("decided_on", decided_on, asked_on, "the request for permission")
            return verdict((*stands.found, *early), [_recorded(evaluation, ask)])
        case other:
            return Refused((*stands.found, out_of_turn(other, EvaluationStage.REQUESTED)))


def _recorded(evaluation: Evaluation, ask: Ask[RecordParentDecision]) -> ParentDecisionRecorded:
    return ParentDecisionRecorded.of(
        evaluation,
        lea=ask.actor.lea,
        stage=_LEADS_TO[ask.command.decision],
        parent_decision=ask.command.decision,
        decided_on=ask.command.decided_on,
    )
