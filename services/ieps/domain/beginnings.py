"""The conditions of a new evaluation of any type: no other one is open, and the id is new."""

from collections.abc import Iterator

from contracts.decision import Known
from contracts.errors import Finding
from contracts.evaluations import Evaluation, EvaluationStage
from services.ieps.domain import evaluation_rules as rules
from services.ieps.domain.stages import determined_initial, in_order, newest_determination, open_evaluation

_CLOSED = EvaluationStage.CLOSED


def not_another(known: Known, new: Evaluation) -> Iterator[Finding]:
    """The findings that the id is taken, or that another evaluation is open."""
    if known.get(Evaluation, new.evaluation_id):
        yield rules.EVALUATION_KNOWN.broken(at="evaluation_id", evaluation=new.evaluation_id)
    if earlier := open_evaluation(known):
        yield rules.EVALUATION_OPEN.broken(since=earlier.opened_on)


def twin(known: Known, new: Evaluation) -> Iterator[Finding]:
    """The warning that a finished evaluation of the type has the same first day."""
    finished = (found for found in known.all(Evaluation) if not found.open and found.stage is not _CLOSED)
    for other in finished:
        same = other.evaluation_type is new.evaluation_type and other.opened_on == new.opened_on
        if same and other.evaluation_id != new.evaluation_id:
            yield rules.EVALUATION_TWIN.broken(
                at="evaluation_id", evaluation=other.evaluation_id, day=new.opened_on
            )


def evaluated_before(known: Known, new: Evaluation, field: str) -> Iterator[Finding]:
    """The findings that no initial evaluation came first, or that `field` is before the determination."""
    if determined_initial(known) is None:
        yield rules.NOT_EVALUATED.broken()
    elif newest := newest_determination(known):
        yield from in_order(field, new.opened_on, newest.determined_on, "the determination")
