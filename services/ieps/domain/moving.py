"""Evaluations, IEPs and sped activities move to the State ID that stands for theirs."""

from contracts.activities import Consent, ConsentMoved, SpedActivity, SpedActivityMoved
from contracts.decision import Known, Reaction
from contracts.evaluations import Evaluation, EvaluationMoved, PartCTransition, PartCTransitionMoved
from contracts.ieps import IEP, IEPDeletion, IEPDeletionMoved, IEPMoved
from contracts.moving import Moves, known_beside, moved
from contracts.state_ids import StateId

MOVES: Moves = {
    Evaluation: EvaluationMoved,
    PartCTransition: PartCTransitionMoved,
    IEP: IEPMoved,
    IEPDeletion: IEPDeletionMoved,
    SpedActivity: SpedActivityMoved,
    Consent: ConsentMoved,
}


def move(known: Known, event: StateId) -> Reaction:
    """Move the records. An IEP's contents bear its id and stay where they are stored."""
    return moved(known_beside(known, event.student_id), event, MOVES)
