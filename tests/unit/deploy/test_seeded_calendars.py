"""The calendars with which a new system starts."""

from datetime import date

from contracts.access import STATE, Role
from contracts.calendars import Calendar, CalendarSource
from contracts.counting import Calendars, Clock
from deploy.seeding import calendars, command_id
from services.ieps.domain import DECIDERS
from tests.unit.scenario import actor, decide_with, new_records

YEARS = range(2011, 2028)


def published() -> list[Calendar]:
    """The calendars that the service publishes for the seeds."""
    decisions = (decide_with(DECIDERS, [], command, by=actor(STATE, Role.STATE)) for command in calendars())
    return [event for decision in decisions for event in new_records(decision) if isinstance(event, Calendar)]


def test_every_year_has_a_calendar() -> None:
    """The service accepts a calendar of each year; all are marked as the project's own."""
    found = published()
    assert [calendar.year for calendar in found] == [str(year) for year in YEARS]
    assert {calendar.source for calendar in found} == {CalendarSource.PROJECT}


def test_the_holidays_of_a_year() -> None:
    """Holidays are no business days. A holiday on a weekend is observed on the nearest weekday."""
    known = {day.day: day for calendar in published() for day in calendar.days}
    for day in (date(2024, 2, 13), date(2024, 3, 29), date(2023, 11, 10), date(2021, 12, 31)):
        assert not known[day].business, day
    assert known[date(2023, 11, 10)].reason == "Veterans Day, observed"


def test_business_days_and_school_days_of_a_year() -> None:
    """A year has about 250 business days and about 180 school days."""
    counted = Calendars(published())
    for year in YEARS:
        first, last = date(year, 1, 1), date(year, 12, 31)
        assert 247 <= counted.days_left(Clock.BUSINESS_DAYS, first, last) <= 251
        assert 170 <= counted.days_left(Clock.SCHOOL_DAYS, first, last) <= 185
        assert not counted.provisional(Clock.SCHOOL_DAYS, first, last)


def test_the_same_content_has_the_same_id() -> None:
    """Sending a calendar again changes nothing, because the command has the same id."""
    assert [command_id(one) for one in calendars()] == [command_id(one) for one in calendars()]
