"""Closing an open evaluation before its end, such as when the student leaves."""

from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.evaluations import CloseEvaluation, Evaluation, EvaluationClosed, EvaluationStage
from services.ieps.domain.stages import UNFINISHED, after_all, out_of_turn
from services.ieps.domain.standing import Standing, standing


def close(known: Known, ask: Ask[CloseEvaluation]) -> Decision:
    """Close the open evaluation. Its dates stay; it determines nothing."""
    command = ask.command
    stands = standing(known, ask, done=("closed_on",))
    if not isinstance(stands, Standing):
        return stands
    evaluation = known.get(Evaluation, command.evaluation_id)
    if evaluation is None or not evaluation.open:
        return Refused((*stands.found, out_of_turn(evaluation, *UNFINISHED)))
    closed = EvaluationClosed.of(
        evaluation,
        lea=ask.actor.lea,
        stage=EvaluationStage.CLOSED,
        closed_on=command.closed_on,
        close_reason=command.reason,
    )
    return verdict((*stands.found, *after_all("closed_on", command.closed_on, evaluation)), [closed])
