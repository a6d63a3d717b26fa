"""Determining eligibility: the evaluation found exceptionalities, one of them primary, or none."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from contracts.codes import EXCEPTIONALITIES
from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import Finding
from contracts.evaluations import (
    DetermineEligibility,
    EligibilityDetermined,
    Evaluation,
    EvaluationStage,
    Exceptionality,
)
from contracts.types import age_on
from services.ieps.domain import evaluation_rules as rules
from services.ieps.domain.stages import in_order, out_of_turn
from services.ieps.domain.standing import Standing, standing

_FIELD = "exceptionalities"
_DEAFNESS_AND_BLINDNESS = {"DEAF", "VI"}


def determine(known: Known, ask: Ask[DetermineEligibility]) -> Decision:
    """Record the exceptionalities that a completed evaluation found."""
    determined_on, found = ask.command.determined_on, ask.command.exceptionalities
    stands = standing(known, ask, dates=("determined_on",), also=_disordered(found))
    if not isinstance(stands, Standing):
        return stands
    broken = (*stands.found, *_outside_ages(found, age_on(stands.birth_on, determined_on), determined_on))
    match known.get(Evaluation, ask.command.evaluation_id):
        case Evaluation(stage=EvaluationStage.COMPLETED, report_disseminated_on=sent_on) as evaluation:
            early = in_order("determined_on", determined_on, sent_on, "the report's dissemination")
            warnings = _deaf_and_blind(found)
            return verdict((*broken, *early, *warnings), [_determined(evaluation, ask)])
        case other:
            return Refused((*broken, out_of_turn(other, EvaluationStage.COMPLETED)))


def is_disability(found: Exceptionality) -> bool:
    """Whether the exceptionality is a disability under federal law. Gifted and talented are not."""
    return EXCEPTIONALITIES[found.code].edfacts is not None


def _determined(evaluation: Evaluation, ask: Ask[DetermineEligibility]) -> EligibilityDetermined:
    return EligibilityDetermined.of(
        evaluation,
        lea=ask.actor.lea,
        stage=EvaluationStage.DETERMINED,
        determined_on=ask.command.determined_on,
        exceptionalities=ask.command.exceptionalities,
    )


def _disordered(found: Sequence[Exceptionality]) -> Iterator[Finding]:
    for code, times in Counter(exceptionality.code for exceptionality in found).items():
        if times > 1:
            yield rules.EXCEPTIONALITY_TWICE.broken(at=_FIELD, exceptionality=EXCEPTIONALITIES.label(code))
    primaries = [exceptionality for exceptionality in found if exceptionality.primary]
    if found and len(primaries) != 1:
        yield rules.PRIMARY_NOT_ONE.broken(at=_FIELD, count=len(primaries))
    if any(map(is_disability, found)):
        yield from map(_no_disability, (primary for primary in primaries if not is_disability(primary)))


def _no_disability(primary: Exceptionality) -> Finding:
    label = EXCEPTIONALITIES.label(primary.code)
    return rules.PRIMARY_NO_DISABILITY.broken(at=_FIELD, exceptionality=label)


def _deaf_and_blind(found: Sequence[Exceptionality]) -> Iterator[Finding]:
    disabilities = {exceptionality.code for exceptionality in found if is_disability(exceptionality)}
    if disabilities == _DEAFNESS_AND_BLINDNESS:
        yield rules.DEAF_AND_BLIND.broken(at=_FIELD, exceptionality=EXCEPTIONALITIES.label("DB"))


def _outside_ages(found: Sequence[Exceptionality], age: int, day: date) -> Iterator[Finding]:
    for exceptionality in found:
        limits = EXCEPTIONALITIES[exceptionality.code].more
        lowest, highest = limits["from_age"] or "0", limits["through_age"] or "any"
        if age < int(lowest) or (highest != "any" and age > int(highest)):
            yield rules.OUTSIDE_AGES.broken(
                at=_FIELD,
                exceptionality=EXCEPTIONALITIES.label(exceptionality.code),
                lowest=lowest,
                highest=highest,
                age=age,
                day=day,
            )
