"""Determining eligibility: the evaluation found exceptionalities, one of them primary, or none."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from contracts.codes import EXCEPTIONALITIES, EXCEPTIONALITY_DETAILS
from contracts.deadlines import anniversary
from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import Finding
from contracts.evaluations import (
    DetermineEligibility,
    EligibilityDetermined,
    Evaluation,
    EvaluationStage,
    EvaluationType,
    Exceptionality,
)
from contracts.types import age_on
from services.ieps.domain import evaluation_rules as rules
from services.ieps.domain.stages import in_order, next_determination, out_of_turn
from services.ieps.domain.standing import Standing, standing

_FIELD = "exceptionalities"
_DEAFNESS_AND_BLINDNESS = {"DEAF", "VI"}


def determine(known: Known, ask: Ask[DetermineEligibility]) -> Decision:
    """Record the exceptionalities that a completed evaluation found."""
    found = ask.command.exceptionalities
    stands = standing(known, ask, done=("determined_on",), also=_disordered(found))
    if not isinstance(stands, Standing):
        return stands
    evaluation = known.get(Evaluation, ask.command.evaluation_id)
    if evaluation is None or evaluation.stage is not EvaluationStage.COMPLETED:
        return Refused((*stands.found, out_of_turn(evaluation, EvaluationStage.COMPLETED)))
    determined = _determined(evaluation, ask, next_determination(known))
    broken = (*stands.found, *_unfit(stands, determined, ask.command), *_deaf_and_blind(found))
    return verdict(broken, [determined])


def is_disability(found: Exceptionality) -> bool:
    """Whether the exceptionality is a disability under federal law. Gifted and talented are not."""
    return EXCEPTIONALITIES[found.code].edfacts is not None


def outside_ages(
    found: Sequence[Exceptionality], birth_on: date, determined_on: date, *, at: str = _FIELD
) -> Iterator[Finding]:
    """The findings against exceptionalities of other ages.

    The student may reach the lowest age within a year after the determination, because special education may
    begin later. The highest age holds on the day itself.
    """
    age, soon = age_on(birth_on, determined_on), age_on(birth_on, anniversary(determined_on, 1))
    for exceptionality in found:
        limits = EXCEPTIONALITIES[exceptionality.code].more
        lowest, highest = limits["from_age"] or "0", limits["through_age"] or "any"
        if soon < int(lowest) or (highest != "any" and age > int(highest)):
            yield rules.OUTSIDE_AGES.broken(
                at=at,
                exceptionality=EXCEPTIONALITIES.label(exceptionality.code),
                lowest=lowest,
                highest=highest,
                age=age,
                day=determined_on,
            )


def _determined(
    evaluation: Evaluation, ask: Ask[DetermineEligibility], determination: int
) -> EligibilityDetermined:
    return EligibilityDetermined.of(
        evaluation,
        lea=ask.actor.lea,
        stage=EvaluationStage.DETERMINED,
        determined_on=ask.command.determined_on or evaluation.report_disseminated_on,
        determination=determination,
        exceptionalities=ask.command.exceptionalities,
    )


def _unfit(
    stands: Standing, determined: EligibilityDetermined, command: DetermineEligibility
) -> Iterator[Finding]:
    day = determined.determined_on
    assert day is not None, "a completed evaluation has the day of its report"
    if command.determined_on is None and determined.evaluation_type is EvaluationType.INITIAL:
        yield rules.DETERMINED_WHEN.broken(at="determined_on")
    yield from in_order("determined_on", day, determined.report_disseminated_on, "the report's dissemination")
    yield from outside_ages(command.exceptionalities, stands.birth_on, day)


def _disordered(found: Sequence[Exceptionality]) -> Iterator[Finding]:
    for code, times in Counter(exceptionality.code for exceptionality in found).items():
        if times > 1:
            yield rules.EXCEPTIONALITY_TWICE.broken(at=_FIELD, exceptionality=EXCEPTIONALITIES.label(code))
    for number, exceptionality in enumerate(found):
        yield from _misplaced(exceptionality, f"{_FIELD}.{number}.details")
    primaries = [exceptionality for exceptionality in found if exceptionality.primary]
    if found and len(primaries) != 1:
        yield rules.PRIMARY_NOT_ONE.broken(at=_FIELD, count=len(primaries))
    if any(map(is_disability, found)):
        yield from map(_no_disability, (primary for primary in primaries if not is_disability(primary)))


def _misplaced(found: Exceptionality, at: str) -> Iterator[Finding]:
    """The details that belong to another exceptionality, or stand there twice."""
    for code, times in Counter(found.details).items():
        detail = EXCEPTIONALITY_DETAILS[code]
        facts = {
            "detail": EXCEPTIONALITY_DETAILS.label(code),
            "exceptionality": EXCEPTIONALITIES.label(found.code),
        }
        if detail.more["exceptionality"] != found.code:
            yield rules.DETAIL_OF_OTHER.broken(at=at, **facts)
        elif times > 1:
            yield rules.DETAIL_TWICE.broken(at=at, **facts)


def _no_disability(primary: Exceptionality) -> Finding:
    label = EXCEPTIONALITIES.label(primary.code)
    return rules.PRIMARY_NO_DISABILITY.broken(at=_FIELD, exceptionality=label)


def _deaf_and_blind(found: Sequence[Exceptionality]) -> Iterator[Finding]:
    disabilities = {exceptionality.code for exceptionality in found if is_disability(exceptionality)}
    if disabilities == _DEAFNESS_AND_BLINDNESS:
        yield rules.DEAF_AND_BLIND.broken(at=_FIELD, exceptionality=EXCEPTIONALITIES.label("DB"))
