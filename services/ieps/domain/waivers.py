"""The triennial waiver: parent and LEA agree that no re-evaluation is needed (LAC 28:CI.1101.C)."""

from collections.abc import Iterator

from contracts.codes import EXCEPTIONALITIES
from contracts.deadlines import reevaluation_due
from contracts.decision import Ask, Decision, Known, verdict
from contracts.errors import Finding
from contracts.evaluations import (
    Evaluation,
    EvaluationStage,
    EvaluationType,
    RecordTriennialWaiver,
    TriennialWaiverRecorded,
)
from services.ieps.domain import evaluation_rules as rules
from services.ieps.domain.beginnings import evaluated_before, not_another, twin
from services.ieps.domain.stages import last_evaluated, newest_determination
from services.ieps.domain.standing import Standing, standing

_FIELD = "parent_signed_on"
_DOUBTFUL = {"DD", "DEAF", "HH", "DB", "TBI", "VI"}


def waive(known: Known, ask: Ask[RecordTriennialWaiver]) -> Decision:
    """Record the waiver. The exceptionalities stay; the signature's day becomes the day of the evaluation."""
    stands = standing(known, ask, done=(_FIELD,))
    if not isinstance(stands, Standing):
        return stands
    waived = _waived(ask)
    begins = (*not_another(known, waived), *evaluated_before(known, waived, _FIELD), *twin(known, waived))
    return verdict((*stands.found, *begins, *_doubtful(known), *_late(known, waived)), [waived])


def _waived(ask: Ask[RecordTriennialWaiver]) -> TriennialWaiverRecorded:
    return TriennialWaiverRecorded(
        student_id=ask.command.student_id,
        revision=1,
        evaluation_id=ask.command.evaluation_id,
        lea=ask.actor.lea,
        evaluation_type=EvaluationType.WAIVER,
        stage=EvaluationStage.WAIVED,
        parent_signed_on=ask.command.parent_signed_on,
    )


def _late(known: Known, waived: Evaluation) -> Iterator[Finding]:
    """The warning that the re-evaluation was due before the parent signed."""
    evaluated_on = last_evaluated(known.all(Evaluation), waived.opened_on)
    if evaluated_on and waived.opened_on > (due := reevaluation_due(evaluated_on).due_on):
        yield rules.WAIVED_LATE.broken(at=_FIELD, day=waived.opened_on, due=due)


def _doubtful(known: Known) -> Iterator[Finding]:
    """The warnings that the student may need a re-evaluation all the same, or none."""
    newest = newest_determination(known)
    if newest and newest.primary is None:
        yield rules.WAIVES_NOTHING.broken(day=newest.determined_on)
    for found in newest.exceptionalities if newest else ():
        if found.code in _DOUBTFUL:
            yield rules.WAIVER_DOUBTFUL.broken(exceptionality=EXCEPTIONALITIES.label(found.code))
