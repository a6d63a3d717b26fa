"""The grounds of an IEP: whether the student may have an IEP of this type (LAC 28:XCVII.111)."""

from collections.abc import Iterator
from typing import assert_never

from contracts.activities import Consent
from contracts.codes import EXCEPTIONALITIES, Code
from contracts.deadlines import anniversary, initial_iep_due
from contracts.decision import Known
from contracts.errors import Finding
from contracts.evaluations import Evaluation
from contracts.facts import KnownStudent, spells
from contracts.ieps import IEP, IEPStage, IEPType, PlanKind
from contracts.types import age_on
from services.ieps.domain import form_rules as rules
from services.ieps.domain.activities import last_exit, open_activity
from services.ieps.domain.eligibility import is_disability
from services.ieps.domain.stages import newest_determination, open_initial

_FROM_AGE, _THROUGH_AGE = 3, 22
_UNSUBMITTED = (IEPStage.DRAFT, IEPStage.OFFICIAL)


def broken(known: Known, iep: IEP) -> Iterator[Finding]:
    """The findings against an IEP of this type. Amendments and submitted IEPs were checked earlier."""
    if iep.amends or iep.stage not in _UNSUBMITTED:
        return
    yield from not_of_age(known, iep)
    yield from _of_other_kind(newest_determination(known), iep)
    yield from _refused_services(known, iep)
    match iep.iep_type:
        case IEPType.INITIAL:
            yield from _eligible(newest_determination(known), iep)
            yield from _too_young(known, iep)
            yield from _too_old(known, iep)
            yield from _late_initial(known, iep)
            yield from _not_first(known)
        case IEPType.REVIEW:
            yield from _nothing_to_review(known, iep)
            yield from _no_longer_eligible(newest_determination(known), iep)
            yield from _too_old(known, iep)
            yield from _late_review(known, iep)
        case IEPType.INTERIM:
            yield from _unfounded_interim(known)
        case _:
            assert_never(iep.iep_type)


def not_of_age(known: Known, iep: IEP) -> Iterator[Finding]:
    """The finding that the student is too young or too old for an IEP on its first day."""
    student = known.one(KnownStudent)
    assert student is not None, "an IEP is drafted only for a student who was added"
    age = age_on(student.birth_on, iep.begin_on)
    if not _FROM_AGE <= age <= _THROUGH_AGE:
        yield rules.NOT_OF_AGE.broken(
            at="begin_on", age=age, day=iep.begin_on, lowest=_FROM_AGE, highest=_THROUGH_AGE
        )


def _eligible(newest: Evaluation | None, iep: IEP) -> Iterator[Finding]:
    if newest is None or newest.primary is None:
        yield rules.NOT_ELIGIBLE.broken(at="iep_type")
        return
    assert newest.determined_on is not None, "an eligible student was determined to be"
    if iep.begin_on < newest.determined_on:
        yield rules.BEGINS_BEFORE_ELIGIBILITY.broken(
            at="begin_on", day=iep.begin_on, determined_on=newest.determined_on
        )
    yield from _met_early(newest, iep)


def _late_initial(known: Known, iep: IEP) -> Iterator[Finding]:
    """The warning that the team met late. An evaluation leads to one initial IEP in time. A student who comes
    back after an exit may rest on that evaluation, and has no due date of this kind."""
    newest = newest_determination(known)
    if newest is None or newest.report_disseminated_on is None or iep.late_reason:
        return
    due = initial_iep_due(newest.report_disseminated_on).due_on
    if iep.meeting_on > due and not _led_to_an_iep(known, newest, iep):
        yield rules.INITIAL_LATE.broken(
            at="meeting_on", day=iep.meeting_on, due=due, completed_on=newest.report_disseminated_on
        )


def _led_to_an_iep(known: Known, evaluation: Evaluation, iep: IEP) -> bool:
    reported_on = evaluation.report_disseminated_on
    return any(reported_on and reported_on <= earlier.meeting_on for earlier in _earlier(known, iep))


def _late_review(known: Known, iep: IEP) -> Iterator[Finding]:
    met = max((earlier.meeting_on for earlier in _earlier(known, iep)), default=None)
    if met is None or iep.late_reason:
        return
    due = anniversary(met, 1)
    if iep.meeting_on > due:
        yield rules.REVIEW_LATE.broken(at="meeting_on", day=iep.meeting_on, due=due, earlier=met)


def _of_other_kind(newest: Evaluation | None, iep: IEP) -> Iterator[Finding]:
    primary = newest.primary if newest else None
    if primary is None:
        return
    label = EXCEPTIONALITIES.label(primary.code)
    if iep.plan_kind is PlanKind.GIFTED and is_disability(primary):
        yield rules.NOT_ONLY_GIFTED.broken(at="plan_kind", exceptionality=label)
    if iep.plan_kind is not PlanKind.GIFTED and not is_disability(primary):
        yield rules.ONLY_GIFTED.broken(at="plan_kind", exceptionality=label)


def _refused_services(known: Known, iep: IEP) -> Iterator[Finding]:
    refused = max((one.refused_on for one in known.all(Consent) if one.refused_on), default=None)
    if refused and refused >= iep.meeting_on and open_activity(known) is None:
        yield rules.SERVICES_REFUSED.broken(at="meeting_on", refused_on=refused, day=iep.meeting_on)


def _earlier(known: Known, iep: IEP) -> Iterator[IEP]:
    """The official and submitted IEPs of earlier team meetings, without interim ones and amendments."""
    for other in known.all(IEP):
        finished = other.stage in (IEPStage.OFFICIAL, IEPStage.SUBMITTED) and other.amends is None
        if finished and other.iep_type is not IEPType.INTERIM and other.meeting_on < iep.meeting_on:
            yield other


def _met_early(newest: Evaluation, iep: IEP) -> Iterator[Finding]:
    if newest.determined_on and iep.meeting_on < newest.determined_on:
        yield rules.MET_BEFORE_ELIGIBILITY.broken(
            at="meeting_on", day=iep.meeting_on, determined_on=newest.determined_on
        )


def _too_young(known: Known, iep: IEP) -> Iterator[Finding]:
    for code, age in _found(known, iep):
        lowest = code.more["from_age"]
        if lowest and age < int(lowest):
            yield rules.TOO_YOUNG.broken(
                at="begin_on", exceptionality=code.label, lowest=lowest, age=age, day=iep.begin_on
            )


def _too_old(known: Known, iep: IEP) -> Iterator[Finding]:
    """The warning that the plan begins after the last age of an exceptionality: from the ninth birthday a
    student has no developmental delay."""
    for code, age in _found(known, iep):
        highest = code.more["through_age"]
        if highest and age > int(highest):
            yield rules.TOO_OLD.broken(
                at="begin_on", exceptionality=code.label, highest=highest, age=age, day=iep.begin_on
            )


def _found(known: Known, iep: IEP) -> Iterator[tuple[Code, int]]:
    """Each exceptionality of the newest determination, with the student's age when the IEP begins."""
    newest, student = newest_determination(known), known.one(KnownStudent)
    assert student is not None, "an IEP is drafted only for a student who was added"
    age = age_on(student.birth_on, iep.begin_on)
    for found in newest.exceptionalities if newest else ():
        yield EXCEPTIONALITIES[found.code], age


def _no_longer_eligible(newest: Evaluation | None, iep: IEP) -> Iterator[Finding]:
    """The finding that the student was no longer eligible when the IEP begins."""
    if newest and newest.primary is None and (newest.determined_on or iep.begin_on) <= iep.begin_on:
        yield rules.NO_LONGER_ELIGIBLE.broken(at="iep_type", determined_on=newest.determined_on)


def _not_first(known: Known) -> Iterator[Finding]:
    if served := _served_under(known):
        yield rules.NOT_THE_FIRST.broken(at="iep_type", earlier=served.begin_on)


def _nothing_to_review(known: Known, iep: IEP) -> Iterator[Finding]:
    if not any(earlier.meeting_on < iep.meeting_on for earlier in _submitted(known)):
        yield rules.NOTHING_TO_REVIEW.broken(at="iep_type", day=iep.meeting_on)


def _unfounded_interim(known: Known) -> Iterator[Finding]:
    if open_initial(known) or len(spells(known)) > 1:
        return
    if served := _served_under(known):
        yield rules.INTERIM_WHILE_SERVED.broken(at="iep_type", earlier=served.begin_on)
    else:
        yield rules.INTERIM_FOR_NEWCOMERS.broken(at="iep_type")


def _served_under(known: Known) -> IEP | None:
    activity, left_on = open_activity(known), last_exit(known)
    if activity is None:
        return None
    served = (iep for iep in _submitted(known) if iep.iep_type is not IEPType.INTERIM)
    since = (iep for iep in served if iep.begin_on > left_on or iep.iep_id == activity.iep_id)
    return min(since, key=lambda iep: (iep.begin_on, iep.record_id), default=None)


def _submitted(known: Known) -> Iterator[IEP]:
    return (iep for iep in known.all(IEP) if iep.stage is IEPStage.SUBMITTED)
