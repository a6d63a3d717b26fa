"""The grounds of an IEP: whether the student may have an IEP of this type (LAC 28:XCVII.111)."""

from collections.abc import Iterator
from typing import assert_never

from contracts.deadlines import initial_iep_due
from contracts.decision import Known
from contracts.errors import Finding
from contracts.evaluations import Evaluation
from contracts.facts import KnownSpell, KnownStudent
from contracts.ieps import IEP, IEPStage, IEPType
from contracts.types import age_on
from services.ieps.domain import form_rules as rules
from services.ieps.domain.activities import last_exit
from services.ieps.domain.stages import newest_determination, open_evaluation

_FROM_AGE, _THROUGH_AGE = 3, 22


def broken(known: Known, iep: IEP) -> Iterator[Finding]:
    """The findings against an IEP of this type. Amendments and submitted IEPs were checked earlier."""
    if iep.amends or iep.stage is IEPStage.SUBMITTED:
        return
    yield from _outside_ages(known, iep)
    match iep.iep_type:
        case IEPType.INITIAL:
            yield from _eligible(newest_determination(known), iep)
            yield from _not_first(known)
        case IEPType.REVIEW:
            yield from _nothing_to_review(known, iep)
        case IEPType.INTERIM:
            yield from _unfounded_interim(known)
        case _:
            assert_never(iep.iep_type)


def _outside_ages(known: Known, iep: IEP) -> Iterator[Finding]:
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
    assert newest.report_disseminated_on is not None, "the report precedes the determination"
    if iep.begin_on < newest.determined_on:
        yield rules.BEGINS_BEFORE_ELIGIBILITY.broken(
            at="begin_on", day=iep.begin_on, determined_on=newest.determined_on
        )
    due = initial_iep_due(newest.report_disseminated_on)
    if iep.meeting_on > due:
        yield rules.INITIAL_LATE.broken(
            at="meeting_on", day=iep.meeting_on, due=due, completed_on=newest.report_disseminated_on
        )


def _not_first(known: Known) -> Iterator[Finding]:
    if served := _served_under(known):
        yield rules.NOT_THE_FIRST.broken(at="iep_type", earlier=served.begin_on)


def _nothing_to_review(known: Known, iep: IEP) -> Iterator[Finding]:
    if not any(earlier.meeting_on < iep.meeting_on for earlier in _submitted(known)):
        yield rules.NOTHING_TO_REVIEW.broken(at="iep_type", day=iep.meeting_on)


def _unfounded_interim(known: Known) -> Iterator[Finding]:
    if open_evaluation(known) or len(known.all(KnownSpell)) > 1:
        return
    if served := _served_under(known):
        yield rules.INTERIM_WHILE_SERVED.broken(at="iep_type", earlier=served.begin_on)
    else:
        yield rules.INTERIM_FOR_NEWCOMERS.broken(at="iep_type")


def _served_under(known: Known) -> IEP | None:
    left_on = last_exit(known)
    served = (iep for iep in _submitted(known) if iep.iep_type is not IEPType.INTERIM)
    since = (iep for iep in served if iep.begin_on > left_on)
    return min(since, key=lambda iep: (iep.begin_on, iep.record_id), default=None)


def _submitted(known: Known) -> Iterator[IEP]:
    return (iep for iep in known.all(IEP) if iep.stage is IEPStage.SUBMITTED)
