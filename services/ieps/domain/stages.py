"""The stages of an evaluation: requested, consented, completed, determined. Without consent: closed."""

from collections.abc import Iterator
from datetime import date

from contracts.deadlines import NO_CALENDARS, evaluation_due
from contracts.decision import Known
from contracts.errors import Finding
from contracts.evaluations import Evaluation, EvaluationStage, ParentDecision
from services.ieps.domain import evaluation_rules as rules

_OVER = (EvaluationStage.DETERMINED, EvaluationStage.CLOSED)


def open_evaluation(known: Known) -> Evaluation | None:
    """The open evaluation; there is at most one."""
    return next((found for found in known.all(Evaluation) if found.stage not in _OVER), None)


def newest_determination(known: Known) -> Evaluation | None:
    """The newest evaluation with a determination, eligible or not."""
    determined = (found for found in known.all(Evaluation) if found.determined_on)
    return max(determined, key=lambda found: (found.determined_on, found.record_id), default=None)


def due_on(evaluation: Evaluation) -> date | None:
    """The day by which the LEA completes the evaluation. None: the parent has not consented."""
    consented = evaluation.parent_decision is ParentDecision.CONSENTED
    if not consented or evaluation.decided_on is None:
        return None
    return evaluation_due(evaluation.decided_on, NO_CALENDARS).due_on


def out_of_turn(found: Evaluation | None, needed: EvaluationStage) -> Finding:
    """The finding that the evaluation does not exist, or that its stage does not allow the step."""
    if found is None:
        return rules.EVALUATION_UNKNOWN.broken(at="evaluation_id")
    return rules.EVALUATION_OUT_OF_TURN.broken(at="evaluation_id", stage=found.stage, needed=needed)


def in_order(field: str, day: date, earlier: date | None, step: str) -> Iterator[Finding]:
    """The finding that `day` is before `earlier`, the day of the previous step."""
    if earlier and day < earlier:
        yield rules.OUT_OF_ORDER.broken(at=field, day=day, earlier=earlier, step=step)
