"""Delivered sessions against prescribed minutes."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest

from contracts.calendars import Calendar, CalendarDay, CalendarPublished, CalendarSource, SchoolTerm
from contracts.counting import Calendars
from contracts.provision import (
    EarlierTerms,
    MissedBecause,
    Service,
    ServiceTerms,
    Session,
    SessionKind,
    SessionRecorded,
)
from contracts.terms import Frequency
from services.provision.domain import REACTIONS
from services.provision.domain.delivery import DeliveredService, delivered
from tests.unit.events import ORLEANS
from tests.unit.provision.events import service
from tests.unit.scenario import STUDENT, id_named, react_with

SEPTEMBER = date(2017, 9, 1), date(2017, 9, 30)
"""A month with 21 weekdays. Labor Day is September 4."""
FALL = CalendarPublished(
    year="2017",
    revision=1,
    published_on=date(2017, 7, 1),
    source=CalendarSource.PROJECT,
    days=(CalendarDay(day=date(2017, 9, 4), reason="Labor Day"),),
    terms=(SchoolTerm(begin_on=date(2017, 8, 7), end_on=date(2017, 12, 22)),),
)


def given(**terms: Any) -> Service:
    """Speech therapy since August, twice a week for half an hour unless said."""
    added = service()
    return added.model_copy(update={"terms": added.terms.model_copy(update=terms)})


def session(day: int, minutes: int = 30, missed: MissedBecause | None = None) -> Session:
    """A session of September."""
    return SessionRecorded(
        student_id=STUDENT,
        revision=1,
        session_id=id_named(f"session {day}"),
        service_id=id_named("speech"),
        lea=ORLEANS,
        given_on=date(2017, 9, day),
        minutes=minutes,
        provider_id="T-4471",
        session_kind=SessionKind.MISSED if missed else SessionKind.GIVEN,
        missed_because=missed,
    )


def in_september(
    one: Service, *sessions: Session, calendars: Iterable[Calendar] = (FALL,)
) -> DeliveredService:
    """What was prescribed and delivered in September 2017."""
    return delivered(one, sessions, Calendars(calendars), *SEPTEMBER)


@pytest.mark.parametrize(
    ("frequency", "minutes"),
    [
        (Frequency.DAY, 1200),
        (Frequency.WEEK, 240),
        (Frequency.MONTH, 60),
        (Frequency.SIX_WEEKS, 40),
        (Frequency.SEMESTER, 13),
        (Frequency.YEAR, 7),
    ],
)
def test_prescribed_minutes(frequency: Frequency, minutes: int) -> None:
    """Two sessions of 30 minutes, in a month with 20 school days."""
    assert in_september(given(frequency=frequency)).prescribed_minutes == minutes


def test_a_year_without_a_calendar() -> None:
    """Without a calendar each weekday counts, so holidays do, too."""
    assert in_september(given(frequency=Frequency.DAY), calendars=()).prescribed_minutes == 1260


def test_summer() -> None:
    """In the summer only services of the extended school year prescribe minutes."""
    july = date(2017, 7, 3), date(2017, 7, 7)
    for extended, minutes in ((False, 0), (True, 60)):
        one = given(extended_school_year=extended, begin_on=date(2017, 6, 1))
        assert delivered(one, (), Calendars((FALL,)), *july).prescribed_minutes == minutes


def test_terms_change_within_a_month() -> None:
    """Each day counts by its own terms: 30 minutes a session through September 15, then 45."""
    now = given(minutes_per_session=45)
    before: ServiceTerms = given().terms
    changed = now.model_copy(
        update={"earlier_terms": (EarlierTerms(terms=before, last_day=date(2017, 9, 15)),)}
    )
    assert in_september(changed).prescribed_minutes == 10 * 12 + 10 * 18


def test_delivered_and_missed() -> None:
    """Given minutes are counted, and missed ones by reason. Sessions outside the period are not."""
    found = in_september(
        given(),
        session(5),
        session(7, 20),
        session(12, missed=MissedBecause.STUDENT_ABSENT),
        session(14, missed=MissedBecause.STUDENT_ABSENT),
        session(19, missed=MissedBecause.PROVIDER_ABSENT),
        session(21).model_copy(update={"given_on": date(2017, 10, 3)}),
    )
    assert (found.delivered_minutes, found.delivered_sessions) == (50, 2)
    assert [(one.because.value, one.sessions, one.minutes) for one in found.missed] == [
        ("student absent", 2, 60),
        ("provider absent", 1, 30),
    ]


def test_months_of_a_service() -> None:
    """A service has the months in which it was open within the period."""
    one = given(begin_on=date(2017, 8, 22)).model_copy(update={"end_on": date(2017, 10, 2)})
    found = delivered(one, (), Calendars((FALL,)), date(2017, 7, 1), date(2017, 12, 31))
    assert [month.month for month in found.months] == ["2017-08", "2017-09", "2017-10"]
    assert [month.prescribed_minutes for month in found.months] == [96, 240, 12]
    assert found.prescribed_minutes == 348


def test_the_calendar_is_kept() -> None:
    """Provision keeps the newest calendar of each year, without its past."""
    (kept,) = react_with(REACTIONS, [], FALL)
    assert isinstance(kept, Calendar)
    assert (kept.subject, kept.terms, kept.earlier_versions) == ("calendar/2017", FALL.terms, ())
    assert kept.days[0].day - timedelta(days=4) == date(2017, 8, 31)
