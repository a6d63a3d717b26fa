"""The deadlines of the law, and the clocks that count to them.

SER has no calendar of holidays yet. It takes each Monday through Friday for a business day. So a due date in
business days may come out earlier than the state's own date, never later.
"""

from datetime import date, timedelta
from typing import assert_never

from contracts.types import Choice


class Clock(Choice):
    """The days that a deadline counts."""

    BUSINESS_DAYS = "business days"
    CALENDAR_DAYS = "calendar days"


_WEEK, _WORKING_WEEK = 7, 5
_EVALUATION_BUSINESS_DAYS = 60
_INITIAL_IEP_WITHIN = timedelta(days=30)
_YEARS_OF_AN_IEP, _YEARS_OF_AN_EVALUATION = 1, 3


def evaluation_due(consented_on: date) -> date:
    """The day by which the LEA completes an initial evaluation: 60 business days after the parent's consent
    (LAC 28:XLIII.302)."""
    return business_day_after(consented_on, _EVALUATION_BUSINESS_DAYS)


def initial_iep_due(reported_on: date) -> date:
    """The last day for the team's first meeting: 30 days after the evaluation (LAC 28:XCVII.105.A)."""
    return reported_on + _INITIAL_IEP_WITHIN


def iep_review_due(begin_on: date) -> date:
    """The last day on which an IEP is in effect. The team reviews it within a year (LAC 28:XCVII.111.B)."""
    return anniversary(begin_on, _YEARS_OF_AN_IEP) - timedelta(days=1)


def reevaluation_due(evaluated_on: date) -> date:
    """The day by which the LEA evaluates the student again: three years later (LAC 28:CI.1101.C)."""
    return anniversary(evaluated_on, _YEARS_OF_AN_EVALUATION)


def days_left(clock: Clock, today: date, due_on: date) -> int:
    """The days after today through the due date. Negative: the days since the due date, today included."""
    match clock:
        case Clock.BUSINESS_DAYS:
            return _business_days_through(due_on) - _business_days_through(today)
        case Clock.CALENDAR_DAYS:
            return (due_on - today).days
        case _:
            assert_never(clock)


def business_day_after(day: date, count: int) -> date:
    """The `count`th business day after a day. The day itself is day 0, also on a weekend."""
    past_friday = max(0, day.weekday() - (_WORKING_WEEK - 1))
    last = day - timedelta(days=past_friday)
    weeks, rest = divmod(count, _WORKING_WEEK)
    over_a_weekend = last.weekday() + rest >= _WORKING_WEEK
    return last + timedelta(weeks=weeks, days=rest + (_WEEK - _WORKING_WEEK) * over_a_weekend)


def anniversary(day: date, years: int) -> date:
    """The same day some years later. For 29 February it is 1 March in a common year."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _business_days_through(day: date) -> int:
    """The number of business days from the first Monday of the calendar (0001-01-01) through a day."""
    weeks, rest = divmod(day.toordinal(), _WEEK)
    return weeks * _WORKING_WEEK + min(rest, _WORKING_WEEK)
