"""Extended school year services (ESY): screening, eligibility and its evidence (LAC 28:XCVII.705)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import assert_never

from contracts.counting import Calendars, Clock
from contracts.errors import Finding
from contracts.forms import BreakScores, ESYSCriterion, ExtendedSchoolYear, ProgramServices
from services.ieps.domain import form_rules as rules
from services.ieps.domain.requirements.case import Case, at, lacks

_BREAKS, _SCORES, _INSTRUCTIONAL_DAYS = 2, 2, 5
_SCHOOL_WEEK = range(5)


def judge(form: ExtendedSchoolYear, case: Case) -> Iterator[Finding]:
    """Every student is screened. For an eligible one the form has the criterion and its evidence."""
    yield from lacks(form, screened_on="the date of screening", eligible="the decision on eligibility")
    planned = case.form(ProgramServices)
    summer = [one for one in planned.services if one.extended_school_year] if planned else []
    if form.eligible:
        yield from lacks(form, criterion="the criterion of eligibility", decided_on="when it was decided")
        yield from lacks(form, rules.CONTENT_ADVISED, parent_notified_on="when the parent was notified")
        yield from _evidence(form)
        yield from _against_calendar(form, case.calendars)
        if planned and not summer:
            yield rules.SUMMER_UNPLANNED.broken(at="forms.ESY.eligible")
    elif summer:
        yield rules.SUMMER_UNFOUNDED.broken(at="forms.ESY.eligible")
    begins_on = min((service.begin_on for service in summer), default=None)
    if form.decided_on and begins_on and form.decided_on >= begins_on:
        yield rules.DECIDED_LATE.broken(at="forms.ESY.decided_on", day=form.decided_on, begin_on=begins_on)


def _evidence(form: ExtendedSchoolYear) -> Iterator[Finding]:
    match form.criterion:
        case ESYSCriterion.REGRESSION:
            if len(form.breaks) < _BREAKS:
                yield rules.BREAKS_MISSING.broken(at="forms.ESY.breaks", count=len(form.breaks))
            for number, one in enumerate(form.breaks):
                yield from _regression(one, at(form, f"breaks.{number}"))
        case ESYSCriterion.CRITICAL_POINT | ESYSCriterion.SPECIAL:
            yield from lacks(form, evidence="the evidence")
        case None:
            return
        case _:
            assert_never(form.criterion)


def _regression(one: BreakScores, place: str) -> Iterator[Finding]:
    """The highest score after the break is lower than the highest one before it."""
    began_on = one.break_began_on
    if _weekdays(one) < _INSTRUCTIONAL_DAYS:
        yield rules.BREAK_TOO_SHORT.broken(
            at=f"{place}.break_ended_on", day=began_on, last=one.break_ended_on
        )
    for side, scores in (("before", one.before), ("after", one.after)):
        if len(scores) < _SCORES:
            yield rules.SCORES_MISSING.broken(at=f"{place}.{side}", day=began_on, side=side)
    if one.before and one.after and max(one.after) >= max(one.before):
        yield rules.NO_REGRESSION.broken(
            at=f"{place}.after", day=began_on, after=max(one.after), before=max(one.before)
        )


def _against_calendar(form: ExtendedSchoolYear, calendars: Calendars) -> Iterator[Finding]:
    """The breaks with school days of the calendars. Years without published school terms say nothing."""
    for number, one in enumerate(form.breaks):
        days = one.break_began_on, one.break_ended_on
        if calendars.provisional(Clock.SCHOOL_DAYS, *days):
            continue
        if taught := calendars.counted(Clock.SCHOOL_DAYS, *days):
            yield rules.SCHOOL_IN_BREAK.broken(
                at=at(form, f"breaks.{number}.break_began_on"),
                count=len(taught),
                day=one.break_began_on,
                last=one.break_ended_on,
                first=taught[0],
            )


def _weekdays(one: BreakScores) -> int:
    """Monday through Friday, both ends included; more than enough are not counted."""
    days = min((one.break_ended_on - one.break_began_on).days + 1, 7)
    return sum((one.break_began_on + timedelta(day)).weekday() in _SCHOOL_WEEK for day in range(days))
