"""The stages of an evaluation, their dates, and the due date.

Initial: requested, consented, completed, determined; without consent closed. Re-evaluation: begun, completed,
and determined if its exceptionalities are recorded. Triennial waiver: waived.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from contracts.counting import Calendars
from contracts.deadlines import NO_CALENDARS, Due, evaluation_due, reevaluation_due
from contracts.decision import Known
from contracts.errors import Finding
from contracts.evaluations import (
    Evaluation,
    EvaluationDate,
    EvaluationExceptionKind,
    EvaluationStage,
    EvaluationType,
    ParentDecision,
)
from services.ieps.domain import evaluation_rules as rules

STEPS = {
    EvaluationDate.REFERRED: "the referral",
    EvaluationDate.RECEIVED_BY_APPRAISAL: "the receipt by pupil appraisal",
    EvaluationDate.PERMISSION_REQUESTED: "the request for permission",
    EvaluationDate.DECIDED: "the parent's decision",
    EvaluationDate.BEGUN: "the re-evaluation's begin",
    EvaluationDate.REPORT_DISSEMINATED: "the report's dissemination",
    EvaluationDate.DETERMINED: "the determination",
    EvaluationDate.PARENT_SIGNED: "the parent's signature",
    EvaluationDate.CLOSED: "the closing",
}
"""The dates of an evaluation in their order, each with its step."""

CLOCK_RUNS = (EvaluationStage.CONSENTED, EvaluationStage.BEGUN)
"""The stages in which the report is still to come."""

UNFINISHED = (
    EvaluationStage.REQUESTED,
    EvaluationStage.CONSENTED,
    EvaluationStage.BEGUN,
    EvaluationStage.COMPLETED,
)
"""The stages of an open evaluation. A re-evaluation is over when it is completed."""

_MOST = 50
"""The most extensions of an evaluation, and the most exceptions."""


def open_evaluation(known: Known) -> Evaluation | None:
    """The open evaluation; there is at most one."""
    return next((found for found in known.all(Evaluation) if found.open), None)


def open_initial(known: Known) -> Evaluation | None:
    """The open evaluation, if it is initial."""
    found = open_evaluation(known)
    return found if found and found.evaluation_type is EvaluationType.INITIAL else None


def determined_initial(known: Known) -> Evaluation | None:
    """An initial evaluation with a determination, eligible or not."""
    initial = (found for found in known.all(Evaluation) if found.evaluation_type is EvaluationType.INITIAL)
    return next((found for found in initial if found.determined_on), None)


def newest_determination(known: Known) -> Evaluation | None:
    """The newest evaluation with a determination, eligible or not. Of one day: the last one recorded."""
    determined = (found for found in known.all(Evaluation) if found.determined_on)
    return max(
        determined,
        key=lambda found: (found.determined_on, found.determination, found.record_id),
        default=None,
    )


def next_determination(known: Known) -> int:
    """The ordinal of the student's next determination."""
    return 1 + max((found.determination or 0 for found in known.all(Evaluation)), default=0)


def last_evaluated(evaluations: Iterable[Evaluation], before: date) -> date | None:
    """The newest day of an evaluation or waiver, not after `before`. Closed evaluations do not count."""
    over = (found.evaluated_on for found in evaluations if found.stage is not EvaluationStage.CLOSED)
    return max((day for day in over if day and day <= before), default=None)


def due(
    evaluation: Evaluation,
    others: Iterable[Evaluation],
    calendars: Calendars = NO_CALENDARS,
    *,
    explain: bool = False,
) -> Due | None:
    """When the LEA completes the evaluation, extensions included. `others`: the student's other evaluations;
    they decide when a re-evaluation is due. None: nothing is due, or no clock runs."""
    match evaluation.evaluation_type:
        case EvaluationType.INITIAL:
            return _initial_due(evaluation, calendars, explain=explain)
        case EvaluationType.REEVALUATION:
            return _reevaluation_due(evaluation, others, calendars, explain=explain)
        case _:
            return None


def due_on(
    evaluation: Evaluation, others: Iterable[Evaluation], calendars: Calendars = NO_CALENDARS
) -> date | None:
    """The day on which the evaluation is due, if one is."""
    found = due(evaluation, others, calendars)
    return found.due_on if found else None


def too_many(recorded: Sequence[object], what: str) -> Iterator[Finding]:
    """The finding that an evaluation has as many extensions or exceptions as it may have."""
    if len(recorded) >= _MOST:
        yield rules.TOO_MANY_ON_ONE.broken(at="evaluation_id", count=len(recorded), what=what)


def no_due_date(evaluation: Evaluation) -> Finding:
    """The finding that nothing is due: the child was not produced, or no evaluation came before this one."""
    if evaluation.evaluation_type is EvaluationType.INITIAL:
        return rules.NO_DUE_DATE.broken(at="evaluation_id")
    return rules.NOT_EVALUATED_BEFORE.broken(at="evaluation_id", day=evaluation.opened_on)


def agreed_due_on(evaluation: Evaluation) -> date | None:
    """The newest due date on which the parent and the new LEA agreed. It stands in place of the limit."""
    agreed = [one.agreed_due_on for one in evaluation.exceptions if one.agreed_due_on]
    return agreed[-1] if agreed else None


def out_of_turn(found: Evaluation | None, *needed: EvaluationStage) -> Finding:
    """The finding that the evaluation does not exist, or that its stage does not allow the step."""
    if found is None:
        return rules.EVALUATION_UNKNOWN.broken(at="evaluation_id")
    return rules.EVALUATION_OUT_OF_TURN.broken(
        at="evaluation_id", stage=found.stage, needed=" or ".join(needed)
    )


def in_order(field: str, day: date, earlier: date | None, step: str) -> Iterator[Finding]:
    """The finding that `day` is before `earlier`, the day of the previous step."""
    if earlier and day < earlier:
        yield rules.OUT_OF_ORDER.broken(at=field, day=day, earlier=earlier, step=step)


def after_all(field: str, day: date, evaluation: Evaluation) -> Iterator[Finding]:
    """The finding that `day` is before the last date of the evaluation."""
    dated = [(earlier, step) for name, step in STEPS.items() if (earlier := getattr(evaluation, name))]
    yield from in_order(field, day, *max(dated, key=lambda one: one[0]))


def _initial_due(evaluation: Evaluation, calendars: Calendars, *, explain: bool) -> Due | None:
    if evaluation.parent_decision is not ParentDecision.CONSENTED or evaluation.decided_on is None:
        return None
    if any(one.kind is EvaluationExceptionKind.NOT_PRODUCED for one in evaluation.exceptions):
        return None
    agreed_on = agreed_due_on(evaluation)
    return evaluation_due(evaluation.decided_on, calendars, evaluation.extensions, agreed_on, explain=explain)


def _reevaluation_due(
    evaluation: Evaluation, others: Iterable[Evaluation], calendars: Calendars, *, explain: bool
) -> Due | None:
    but_this = (found for found in others if found.evaluation_id != evaluation.evaluation_id)
    evaluated_on = last_evaluated(but_this, evaluation.opened_on)
    if evaluated_on is None:
        return None
    return reevaluation_due(evaluated_on, calendars, evaluation.extensions, explain=explain)
