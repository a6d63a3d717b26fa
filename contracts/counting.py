"""Counts business days and school days by the state's calendars.

A year without a published calendar has no holidays: each Monday through Friday is a business day and a school
day. An answer that counts such days is *provisional*.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import assert_never

from pydantic import Field

from contracts.calendars import Calendar, CalendarDay, EarlierCalendar
from contracts.message import Value
from contracts.types import Choice, Day, OrBlank, ShortText, Year

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


class Clock(Choice):
    """The days that a deadline counts."""

    BUSINESS_DAYS = "business days"
    SCHOOL_DAYS = "school days"
    CALENDAR_DAYS = "calendar days"
    YEARS = "years"


class LeftOut(Value):
    """A weekday that a clock did not count, or a run of days without school."""

    day: Day
    through: OrBlank[Day | None] = Field(
        default=None, description="The last day of a run of days; blank for one day."
    )
    reason: ShortText


class Calendars:
    """The published calendars, by year."""

    def __init__(self, published: Iterable[Calendar] = ()) -> None:
        self._published = {int(calendar.year): calendar for calendar in published}
        self._counted: dict[tuple[Clock, int], Sequence[date]] = {}
        self._earlier: dict[tuple[int, ...], Calendars] = {}

    def of(self, year: int) -> Calendar | None:
        """The calendar of a year, if the state has published it."""
        return self._published.get(year)

    def first_counted(self, start: date) -> date:
        """The day before the first day that a clock counts: the start itself, if it is day 0."""
        calendar = self._published.get(start.year)
        return start - _ONE_DAY if calendar and calendar.start_counts else start

    def day_after(self, day: date, count: int, clock: Clock) -> date:
        """The `count`th business day or school day after a day; with a count of 0 the day itself."""
        if count == 0:
            return day
        year = day.year
        days = self._days(clock, year)
        place = bisect_right(days, day) + count
        while place > len(days):
            place -= len(days)
            year += 1
            days = self._days(clock, year)
        return days[place - 1]

    def days_left(self, clock: Clock, today: date, due_on: date) -> int:
        """The days after today through the due date. Negative: the days since the due date, today included.

        A clock of years counts calendar days here.
        """
        match clock:
            case Clock.BUSINESS_DAYS | Clock.SCHOOL_DAYS:
                if due_on < today:
                    return -self._between(clock, due_on, today)
                return self._between(clock, today, due_on)
            case Clock.CALENDAR_DAYS | Clock.YEARS:
                return (due_on - today).days
            case _:
                assert_never(clock)

    def counted(self, clock: Clock, first: date, last: date) -> Sequence[date]:
        """The business days or school days from the first day through the last."""
        years = range(first.year, last.year + 1)
        return [day for year in years for day in self._days(clock, year) if first <= day <= last]

    def versions(self, first: date, last: date) -> dict[str, int]:
        """The revision of each published calendar, by year, from the first day through the last."""
        years = range(first.year, last.year + 1)
        return {str(year): self._published[year].revision for year in years if year in self._published}

    def as_of(self, day: date) -> "Calendars":
        """The calendars as they were on a day: of each year the version that the state had published by then,
        or else its first version."""
        if not any(calendar.earlier_versions for calendar in self._published.values()):
            return self
        versions = [as_of(calendar, day) for calendar in self._published.values()]
        key = tuple(version.revision for version in versions)
        return self._earlier.setdefault(key, Calendars(versions))

    def amendments(self, first: date, last: date) -> Mapping[date, Mapping[Year, int]]:
        """The days on which the state amended the calendar of a year from the first day through the last:
        for each the amended years, with the new versions."""
        found: dict[date, dict[Year, int]] = defaultdict(dict)
        for year in range(first.year, last.year + 1):
            calendar = self._published.get(year)
            for day, revision in _amendments(calendar) if calendar else ():
                found[day][str(year)] = revision
        return found

    def provisional(self, clock: Clock, first: date, last: date) -> bool:
        """Whether the state has not published the calendar, or its school terms, of a year in between."""
        return any(not self._complete(clock, year) for year in range(first.year, last.year + 1))

    def left_out(self, clock: Clock, first: date, last: date) -> Iterator[LeftOut]:
        """The days from the first through the last that the clock does not count, but for each Saturday and
        Sunday and for days of years without a calendar. Earliest first."""
        for year in range(first.year, last.year + 1):
            for found in _left_out(clock, self._published.get(year)):
                if first <= (found.through or found.day) and found.day <= last:
                    yield found

    def _complete(self, clock: Clock, year: int) -> bool:
        calendar = self._published.get(year)
        return calendar is not None and (clock is not Clock.SCHOOL_DAYS or bool(calendar.terms))

    def _between(self, clock: Clock, first: date, last: date) -> int:
        """The counted days after the first through the last."""
        earlier = bisect_right(self._days(clock, first.year), first)
        through = bisect_right(self._days(clock, last.year), last)
        whole = sum(len(self._days(clock, year)) for year in range(first.year, last.year))
        return whole + through - earlier

    def _days(self, clock: Clock, year: int) -> Sequence[date]:
        days = self._counted.get((clock, year))
        if days is None:
            days = self._counted[clock, year] = _days_of(clock, year, self._published.get(year))
        return days


def _amendments(calendar: Calendar) -> Iterator[tuple[date, int]]:
    """Each version after the first: the day of its publication, and its number."""
    if calendar.earlier_versions:
        yield from ((one.published_on, one.revision) for one in calendar.earlier_versions[1:])
        yield calendar.published_on, calendar.revision


def as_of(calendar: Calendar, day: date) -> Calendar:
    """The version of a calendar that the state had published by a day, or else its first version."""
    while calendar.earlier_versions and calendar.published_on > day:
        calendar = _before(calendar, calendar.earlier_versions[-1])
    return calendar


def _before(calendar: Calendar, earlier: EarlierCalendar) -> Calendar:
    """The version before this one."""
    stayed = (exception for exception in calendar.days if exception.day not in earlier.added)
    days = tuple(sorted((*stayed, *earlier.days), key=lambda exception: exception.day))
    changes = dict(earlier) | {"days": days, "earlier_versions": calendar.earlier_versions[:-1]}
    del changes["added"]
    return calendar.model_copy(update=changes)


def is_weekend(day: date) -> bool:
    """Whether a day is a Saturday or a Sunday."""
    return day.weekday() >= _SATURDAY


def _days_of(clock: Clock, year: int, calendar: Calendar | None) -> Sequence[date]:
    if calendar is None:
        return _weekdays(year)
    exceptions = {exception.day: exception for exception in calendar.days}
    weekdays = (day for day in _weekdays(year) if day not in exceptions)
    if clock is Clock.SCHOOL_DAYS and calendar.terms:
        usual = [day for day in weekdays if _in_term(calendar, day)]
        return sorted([*usual, *(day for day, exception in exceptions.items() if exception.school)])
    return sorted([*weekdays, *(day for day, exception in exceptions.items() if exception.business)])


@cache
def _weekdays(year: int) -> Sequence[date]:
    first = date(year, 1, 1)
    days = (first + timedelta(days=number) for number in range((date(year, 12, 31) - first).days + 1))
    return tuple(day for day in days if not is_weekend(day))


def _in_term(calendar: Calendar, day: date) -> bool:
    return any(term.begin_on <= day <= term.end_on for term in calendar.terms)


def _left_out(clock: Clock, calendar: Calendar | None) -> Iterator[LeftOut]:
    if calendar is None:
        return
    if clock is Clock.SCHOOL_DAYS and calendar.terms:
        taught = [day for day in calendar.days if not day.school and _in_term(calendar, day.day)]
        yield from sorted([*_without_school(calendar), *_one_by_one(taught)], key=lambda found: found.day)
    else:
        yield from _one_by_one(day for day in calendar.days if not day.business)


def _one_by_one(days: Iterable[CalendarDay]) -> Iterator[LeftOut]:
    for day in days:
        if not is_weekend(day.day):
            yield LeftOut(day=day.day, reason=day.reason)


def _without_school(calendar: Calendar) -> Iterator[LeftOut]:
    """The days of the year before its first term, between two terms, and after its last term."""
    free_from = date(int(calendar.year), 1, 1)
    for term in calendar.terms:
        if free_from < term.begin_on:
            yield LeftOut(day=free_from, through=term.begin_on - _ONE_DAY, reason="no school")
        free_from = term.end_on + _ONE_DAY
    if free_from.year == int(calendar.year):
        yield LeftOut(day=free_from, through=date(free_from.year, 12, 31), reason="no school")
