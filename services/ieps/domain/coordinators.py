"""Assigning the coordinator of an open evaluation (LAC 28:CI.501.A)."""

from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.evaluations import AssignCoordinator, CoordinatorAssigned, Evaluation
from services.ieps.domain.stages import UNFINISHED, out_of_turn
from services.ieps.domain.standing import Standing, standing


def assign(known: Known, ask: Ask[AssignCoordinator]) -> Decision:
    """Name the coordinator, in place of an earlier one."""
    command = ask.command
    stands = standing(known, ask)
    if not isinstance(stands, Standing):
        return stands
    evaluation = known.get(Evaluation, command.evaluation_id)
    if evaluation is None or not evaluation.open:
        return Refused((*stands.found, out_of_turn(evaluation, *UNFINISHED)))
    assigned = CoordinatorAssigned.of(
        evaluation,
        lea=ask.actor.lea,
        coordinator_id=command.coordinator_id,
        coordinator_type=command.coordinator_type,
    )
    return verdict(stands.found, [assigned])
