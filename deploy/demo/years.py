"""The years after a child's first IEP: reviews, a re-evaluation or a waiver, an exit and a return, an
amendment."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from contracts.deadlines import anniversary, reevaluation_due
from deploy.demo.dates import HistoryDates, days, school_day
from deploy.population.pupils import Pupil

_MOST_YEARS = 3
_YEARS = (0, 1, 2, _MOST_YEARS)
_WEIGHTS = (52, 24, 14, 10)
_YOUNGEST = {"3-5": 3, "6-21": 7}
"""The youngest age at an earlier count, by age group. Every later plan has an environment of that group."""

_AMENDED, _RETURNED = 0.15, 0.08


@dataclass(frozen=True, slots=True)
class LaterYears:
    """What happens after the first IEP. `reviews`: the dates of each later plan, one a year.

    `reevaluated_on`: the LEA evaluates again, or the parent waives that. `left_on`: the student exits, and
    the next plan is the first of another time in special education. `amended_on`: the begin of an amendment
    of the last plan.
    """

    reviews: tuple[HistoryDates, ...] = ()
    reevaluated_on: date | None = None
    left_on: date | None = None
    amended_on: date | None = None


def years_of(pupil: Pupil, draw: Random) -> int:
    """How many years before the day of the count the child's first IEP is in effect, drawn at random."""
    possible = max(0, pupil.child.age - _YOUNGEST[pupil.child.age_group])
    return min(draw.choices(_YEARS, _WEIGHTS)[0], possible)


def draw_later_years(first: HistoryDates, years: int, as_of: date, draw: Random) -> LaterYears:
    """The later years of a child whose first IEP is in effect `years` years before the day `as_of`.

    Each team meets within a year of the meeting before. The last plan is in effect on `as_of`.
    """
    reviews = tuple(_reviews(first, years, draw))
    last = reviews[-1] if reviews else first
    returned = years > 1 and draw.random() < _RETURNED
    return LaterYears(
        reviews=reviews,
        reevaluated_on=_third_year(first, draw) if years == _MOST_YEARS else None,
        left_on=school_day(reviews[0].begins_on + timedelta(days=60)) if returned else None,
        amended_on=_within(last.begins_on, as_of, draw) if draw.random() < _AMENDED else None,
    )


def _reviews(plan: HistoryDates, years: int, draw: Random) -> Iterator[HistoryDates]:
    for _ in range(years):
        begins_on = school_day(anniversary(plan.begins_on, 1) - days(draw, 0, 1))
        met_on = school_day(anniversary(plan.met_on, 1) - days(draw, 1, 5))
        plan = replace(plan, met_on=met_on, begins_on=begins_on)
        yield plan


def _third_year(first: HistoryDates, draw: Random) -> date:
    return school_day(reevaluation_due(first.reported_on).due_on - days(draw, 5, 40))


def _within(begins_on: date, as_of: date, draw: Random) -> date:
    return begins_on + days(draw, 0, (as_of - begins_on).days)
