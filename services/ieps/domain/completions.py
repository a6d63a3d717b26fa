"""Completing an evaluation: the LEA disseminates the written report (LAC 28:XCVII.105.A)."""

from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.evaluations import CompleteEvaluation, Evaluation, EvaluationCompleted, EvaluationStage
from services.ieps.domain.stages import in_order, out_of_turn
from services.ieps.domain.standing import Standing, standing

_FIELD = "report_disseminated_on"


def complete(known: Known, ask: Ask[CompleteEvaluation]) -> Decision:
    """Record that the LEA disseminated the report. The parent must have consented to the evaluation."""
    stands, sent_on = standing(known, ask, dates=(_FIELD,)), ask.command.report_disseminated_on
    if not isinstance(stands, Standing):
        return stands
    match known.get(Evaluation, ask.command.evaluation_id):
        case Evaluation(stage=EvaluationStage.CONSENTED, decided_on=consented_on) as evaluation:
            early = in_order(_FIELD, sent_on, consented_on, "the parent's consent")
            return verdict((*stands.found, *early), [_completed(evaluation, ask)])
        case other:
            return Refused((*stands.found, out_of_turn(other, EvaluationStage.CONSENTED)))


def _completed(evaluation: Evaluation, ask: Ask[CompleteEvaluation]) -> EvaluationCompleted:
    return EvaluationCompleted.of(
        evaluation,
        lea=ask.actor.lea,
        stage=EvaluationStage.COMPLETED,
        report_disseminated_on=ask.command.report_disseminated_on,
    )
