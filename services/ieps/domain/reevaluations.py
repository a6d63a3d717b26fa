"""Beginning a re-evaluation (LAC 28:CI.1101). It needs no decision of the parent."""

from collections.abc import Iterator
from datetime import date

from contracts.deadlines import anniversary
from contracts.decision import Ask, Decision, Known, verdict
from contracts.errors import Finding
from contracts.evaluations import (
    BeginReevaluation,
    Evaluation,
    EvaluationStage,
    EvaluationType,
    ReevaluationBegun,
)
from services.ieps.domain import evaluation_rules as rules
from services.ieps.domain.beginnings import evaluated_before, not_another, twin
from services.ieps.domain.stages import in_order, last_evaluated
from services.ieps.domain.standing import Standing, standing

_FIELD = "begun_on"


def begin(known: Known, ask: Ask[BeginReevaluation]) -> Decision:
    """Begin a re-evaluation of a student whose initial evaluation had a determination."""
    command = ask.command
    early = in_order(_FIELD, command.begun_on, command.referred_on, "the referral")
    stands = standing(known, ask, done=("referred_on", _FIELD), also=early)
    if not isinstance(stands, Standing):
        return stands
    begun = _begun(ask)
    return verdict((*stands.found, *_broken(known, begun, command.begun_on)), [begun])


def _broken(known: Known, begun: ReevaluationBegun, day: date) -> Iterator[Finding]:
    yield from not_another(known, begun)
    yield from evaluated_before(known, begun, _FIELD)
    yield from twin(known, begun)
    evaluated_on = last_evaluated(known.all(Evaluation), day)
    if evaluated_on and day < anniversary(evaluated_on, 1):
        yield rules.EVALUATED_RECENTLY.broken(at="begun_on", evaluated_on=evaluated_on, day=day)


def _begun(ask: Ask[BeginReevaluation]) -> ReevaluationBegun:
    command = ask.command
    return ReevaluationBegun(
        student_id=command.student_id,
        revision=1,
        evaluation_id=command.evaluation_id,
        lea=ask.actor.lea,
        evaluation_type=EvaluationType.REEVALUATION,
        stage=EvaluationStage.BEGUN,
        reevaluation_reason=command.reason,
        referred_on=command.referred_on,
        begun_on=command.begun_on,
        coordinator_id=command.coordinator_id,
        coordinator_type=command.coordinator_type,
    )
