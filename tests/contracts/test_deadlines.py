"""The deadlines of the law, by the state's calendars."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate, pairwise
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.calendars import (
    Calendar,
    CalendarDay,
    EarlierCalendar,
    Extension,
    ExtensionKind,
    SchoolTerm,
)
from contracts.counting import Calendars, Clock
from contracts.deadlines import (
    NO_CALENDARS,
    DueKind,
    anniversary,
    consent_request_due,
    due_of,
    evaluation_due,
    first_service_due,
    iep_review_due,
    initial_iep_due,
    last_day_of_iep,
    reclassification_due,
    reevaluation_due,
)
from contracts.types import FIRST_DAY, LAST_DAY

ONE_DAY = timedelta(days=1)
FRIDAY, MONDAY = date(2017, 9, 1), date(2017, 9, 4)


def calendar(year: int, holidays: Sequence[str] = (), *, revision: int = 1, **changes: object) -> Calendar:
    """A calendar of a year with these holidays, each as 09-02."""
    days = tuple(
        CalendarDay(day=date.fromisoformat(f"{year}-{day}"), reason=f"holiday {day}") for day in holidays
    )
    given = {"days": days, "source": "project", "published_on": date(year - 1, 6, 1)} | changes
    return Calendar.model_validate({"year": str(year), "revision": revision} | given)


HOLIDAYS_2024 = ("09-02", "11-11", "11-28", "11-29", "12-25", "12-26")
EXAMPLE = Calendars([calendar(2024, HOLIDAYS_2024), calendar(2025, ("01-01", "01-20", "05-26", "06-19"))])
"""The calendars of the worked examples."""


@st.composite
def calendars_around(draw: st.DrawFn) -> tuple[Calendars, date]:
    """Some published years with some holidays, and a day in one of them."""
    year = draw(st.integers(2000, 2040))
    published = []
    for one in range(year, year + 3):
        first = date(one, 1, 1)
        numbers = draw(st.sets(st.integers(0, 364), max_size=40))
        days = tuple(
            CalendarDay(day=first + timedelta(number), reason="holiday") for number in sorted(numbers)
        )
        if draw(st.booleans()):
            published.append(calendar(one, days=days, start_counts=draw(st.booleans())))
    return Calendars(published), draw(st.dates(date(year, 1, 1), date(year, 12, 31)))


def is_business_day(calendars: Calendars, day: date) -> bool:
    """Whether a day is one of Monday through Friday and no holiday."""
    published = calendars.of(day.year)
    holidays = {holiday.day for holiday in published.days} if published else set()
    return day.weekday() < 5 and day not in holidays


@pytest.mark.parametrize(
    ("start", "requested", "evaluated"),
    [
        ("2024-09-09", "2024-09-23", "2024-12-05"),
        ("2024-08-19", "2024-09-03", "2024-11-13"),
        ("2025-05-12", "2025-05-27", "2025-08-06"),
    ],
)
def test_the_worked_examples_of_business_days(start: str, requested: str, evaluated: str) -> None:
    """From a day of the year, 10 and 60 business days lead over the holidays to these days."""
    day = date.fromisoformat(start)
    assert consent_request_due(day, EXAMPLE).due_on == date.fromisoformat(requested)
    assert evaluation_due(day, EXAMPLE).due_on == date.fromisoformat(evaluated)


def test_a_holiday_more() -> None:
    """An amended calendar with one holiday more moves a due date by a day, and the answer names its
    version."""
    amended = calendar(2025, ("01-01", "01-20", "05-26", "06-19", "07-04"), revision=2)
    due = evaluation_due(date(2025, 5, 12), Calendars([amended]), explain=True)
    assert due.due_on == date(2025, 8, 7)
    assert due.calendar_versions == {"2025": 2}
    assert [found.day for found in due.left_out] == [date(2025, 5, 26), date(2025, 6, 19), date(2025, 7, 4)]


@pytest.mark.parametrize(
    ("consent", "due"),
    [("2024-09-10", "2024-12-06"), ("2024-09-11", "2024-12-09"), ("2024-09-13", "2024-12-11")],
)
def test_consents_of_one_week(consent: str, due: str) -> None:
    """Each later consent of a week leads to a later due date."""
    assert evaluation_due(date.fromisoformat(consent), EXAMPLE).due_on == date.fromisoformat(due)


def test_an_extension_over_the_new_year() -> None:
    """Ten business days more lead over three holidays into the next year."""
    extension = Extension(kind=ExtensionKind.PARENT_AGREED, business_days=10, approved_on=date(2024, 12, 2))
    due = evaluation_due(date(2024, 9, 23), EXAMPLE, [extension])
    assert (due.counted_to, due.due_on) == (date(2024, 12, 19), date(2025, 1, 7))
    assert due.calendar_versions == {"2024": 1, "2025": 1}
    assert EXAMPLE.days_left(Clock.BUSINESS_DAYS, date(2025, 1, 10), due.due_on) == -3


def test_days_late() -> None:
    """Days late are business days: from 9 December 2024 to 10 January 2025 there are 21."""
    assert EXAMPLE.days_left(Clock.BUSINESS_DAYS, date(2025, 1, 10), date(2024, 12, 9)) == -21


def test_two_extensions_add_up() -> None:
    """Extensions apply in the order of their recording. One to an earlier day changes nothing."""
    by_days = Extension(kind=ExtensionKind.PARENT_AGREED, business_days=2, approved_on=MONDAY)
    until = Extension(kind=ExtensionKind.END_OF_SCHOOL_YEAR, until=date(2024, 12, 13), approved_on=MONDAY)
    start = date(2024, 9, 9)
    assert evaluation_due(start, EXAMPLE, [by_days, until]).due_on == date(2024, 12, 13)
    assert evaluation_due(start, EXAMPLE, [until, by_days]).due_on == date(2024, 12, 17)
    assert evaluation_due(start, EXAMPLE, [until, until]).due_on == date(2024, 12, 13)
    early = until.model_copy(update={"until": date(2024, 10, 1)})
    assert evaluation_due(start, EXAMPLE, [early]).due_on == date(2024, 12, 5)


def amended_calendar() -> Calendar:
    """The calendar of 2024, amended on 4 November by the closing after a storm, on 9 and 10 October."""
    was = EarlierCalendar(
        revision=1, published_on=date(2023, 6, 1), added=(date(2024, 10, 9), date(2024, 10, 10))
    )
    days = (*HOLIDAYS_2024, "10-09", "10-10")
    return calendar(2024, days, revision=2, published_on=date(2024, 11, 4), earlier_versions=(was,))


def test_a_due_date_says_what_it_was_before_the_calendar_was_amended() -> None:
    """Consent on 9 September: due on 5 December, since the amendment on 9 December. A consent after the
    amendment knows nothing else."""
    calendars = Calendars([amended_calendar()])
    (move,) = evaluation_due(date(2024, 9, 9), calendars, explain=True).moves
    assert (move.moved_on, move.from_on, move.to_on) == (
        date(2024, 11, 4),
        date(2024, 12, 5),
        date(2024, 12, 9),
    )
    assert (move.calendar_versions, move.extensions) == ({"2024": 2}, ())
    assert evaluation_due(date(2024, 11, 4), calendars, explain=True).moves == ()
    assert evaluation_due(date(2024, 9, 9), calendars).moves == ()


def test_a_due_date_says_what_it_was_before_an_extension() -> None:
    """The amendment of 4 November moved it first, the extension of 2 December then. An extension to an
    earlier day moves nothing."""
    extensions = [
        Extension(kind=ExtensionKind.PARENT_AGREED, business_days=2, approved_on=date(2024, 12, 2)),
        Extension(kind=ExtensionKind.EXTRAORDINARY, until=date(2024, 10, 1), approved_on=date(2024, 12, 3)),
    ]
    due = evaluation_due(date(2024, 9, 9), Calendars([amended_calendar()]), extensions, explain=True)
    storm, extension = due.moves
    assert (storm.to_on, extension.from_on, extension.to_on) == (
        date(2024, 12, 9),
        date(2024, 12, 9),
        due.due_on,
    )
    assert (extension.calendar_versions, extension.extensions) == ({}, (extensions[0],))


@given(st.data())
def test_the_moves_of_a_due_date_lead_to_it(data: st.DataObject) -> None:
    """Each move begins where the one before has ended, and the last one ends at the due date."""
    numbers = st.sets(st.integers(0, 364), max_size=30)
    versions = data.draw(st.lists(numbers, min_size=1, max_size=4))
    published = sorted(data.draw(st.lists(st.dates(date(2023, 6, 1), date(2024, 12, 31)), min_size=4)))
    year = calendar_of_versions(versions, published)
    start = data.draw(st.dates(date(2024, 1, 1), date(2024, 9, 30)))
    extensions = [
        Extension(kind=ExtensionKind.PARENT_AGREED, business_days=days, approved_on=start + timedelta(later))
        for days, later in data.draw(st.lists(st.tuples(st.integers(1, 20), st.integers(0, 90)), max_size=3))
    ]
    calendars = Calendars([year])
    due = evaluation_due(start, calendars, extensions, explain=True)
    begin = evaluation_due(start, calendars.as_of(start)).due_on
    days = [begin, *(move.to_on for move in due.moves)]
    assert [move.from_on for move in due.moves] == days[:-1]
    assert days[-1] == due.due_on
    assert all(move.from_on != move.to_on and move.moved_on >= start for move in due.moves)


def calendar_of_versions(versions: Sequence[set[int]], published: Sequence[date]) -> Calendar:
    """A calendar of 2024 whose versions have these holidays, as days of the year from 0."""
    every = [
        tuple(CalendarDay(day=date(2024, 1, 1) + timedelta(one), reason="holiday") for one in sorted(days))
        for days in versions
    ]
    earlier = tuple(
        EarlierCalendar(
            revision=number + 1,
            published_on=published[number],
            added=tuple(one.day for one in after if one not in before),
            days=tuple(one for one in before if one not in after),
        )
        for number, (before, after) in enumerate(pairwise(every))
    )
    return calendar(
        2024,
        days=every[-1],
        revision=len(every),
        published_on=published[len(every) - 1],
        earlier_versions=earlier,
    )


def test_an_agreed_day_goes_before() -> None:
    """If the student enrolls elsewhere, the day on which parent and LEA agreed is the due date."""
    agreed = date(2025, 2, 3)
    due = evaluation_due(date(2024, 9, 9), EXAMPLE, agreed_due_on=agreed, explain=True)
    assert due.moves == ()
    assert (due.due_on, due.agreed_due_on, due.counted_to) == (agreed, agreed, date(2024, 12, 5))


def test_a_year_without_a_calendar() -> None:
    """If a year's calendar is missing, its weekdays count and the due date is provisional."""
    due = evaluation_due(date(2025, 12, 1), EXAMPLE)
    assert (due.due_on, due.provisional) == (date(2026, 2, 23), True)
    assert not evaluation_due(date(2024, 12, 2), EXAMPLE).provisional
    assert not reevaluation_due(date(2025, 12, 1)).provisional


def test_the_day_0() -> None:
    """By default the day on which the clock starts is day 0. If the calendar says so, it is day 1."""
    counts = Calendars([calendar(2024, HOLIDAYS_2024, start_counts=True)])
    start, sunday = date(2024, 9, 9), date(2024, 9, 8)
    assert evaluation_due(start, counts).due_on == date(2024, 12, 4)
    assert evaluation_due(sunday, counts).due_on == evaluation_due(sunday, EXAMPLE).due_on


def test_school_days() -> None:
    """The first service is due 10 school days after the meeting: holidays and the summer do not count."""
    terms = (
        SchoolTerm(begin_on=date(2024, 1, 4), end_on=date(2024, 5, 24)),
        SchoolTerm(begin_on=date(2024, 8, 8), end_on=date(2024, 12, 20)),
    )
    saturday = CalendarDay(day=date(2024, 8, 10), reason="made up after a storm", school=True)
    fair = CalendarDay(day=date(2024, 8, 9), reason="parish fair", business=True)
    year = Calendars([calendar(2024, terms=terms, days=(fair, saturday))])
    due = first_service_due(date(2024, 5, 17), year, explain=True)
    assert due.due_on == date(2024, 8, 14)
    assert [(found.day, found.reason) for found in due.left_out] == [
        (date(2024, 5, 25), "no school"),
        (date(2024, 8, 9), "parish fair"),
    ]
    assert not due.provisional
    assert first_service_due(date(2024, 9, 3), EXAMPLE).provisional
    assert year.days_left(Clock.SCHOOL_DAYS, date(2024, 5, 24), date(2024, 8, 8)) == 1


def test_the_clocks_of_ieps() -> None:
    """The first IEP is due after 30 days, the review after a year, the re-evaluation after three."""
    assert initial_iep_due(date(2024, 12, 3)).due_on == date(2025, 1, 2)
    assert iep_review_due(date(2023, 12, 18)).due_on == date(2024, 12, 18)
    assert iep_review_due(date(2024, 2, 29)).due_on == date(2025, 3, 1)
    assert reevaluation_due(date(2020, 2, 29)).due_on == date(2023, 3, 1)
    assert reclassification_due(date(2016, 2, 29)).due_on == date(2025, 2, 28)
    assert last_day_of_iep(FRIDAY) == date(2018, 8, 31)
    assert NO_CALENDARS.days_left(Clock.CALENDAR_DAYS, MONDAY, FRIDAY) == -3


@pytest.mark.parametrize("kind", list(DueKind))
def test_every_kind_has_a_due_date(kind: DueKind) -> None:
    """From the start of its clock, each kind has a due date that says how it was counted."""
    found = due_of(kind, date(2024, 5, 17), EXAMPLE)
    assert found.due_on > found.day_0 == date(2024, 5, 17)
    assert found.count > 0


@given(calendars_around(), st.integers(1, 130))
def test_business_days_are_counted_one_by_one(around: tuple[Calendars, date], count: int) -> None:
    """Counting day by day finds the same business day."""
    calendars, day = around
    counted, last = 0, day
    while counted < count:
        last += ONE_DAY
        counted += is_business_day(calendars, last)
    assert calendars.day_after(day, count, Clock.BUSINESS_DAYS) == last


@given(calendars_around(), st.integers(-500, 500))
def test_the_business_days_left(around: tuple[Calendars, date], distance: int) -> None:
    """The days left are the business days after today through the due date; after it, those since."""
    calendars, today = around
    due_on = today + timedelta(days=distance)
    first, last = min(today, due_on), max(today, due_on)
    left = sum(
        is_business_day(calendars, first + timedelta(days=n)) for n in range(1, (last - first).days + 1)
    )
    assert calendars.days_left(Clock.BUSINESS_DAYS, today, due_on) == (left if distance > 0 else -left)


@settings(deadline=None)  # 1,600 due dates an example
@given(calendars_around())
def test_a_later_start_is_never_due_earlier(around: tuple[Calendars, date]) -> None:
    """Due dates keep the order of their starts, at the year's end and on 29 February too."""
    calendars, first = around
    starts = [first + timedelta(days=number) for number in range(400)]
    for law in (evaluation_due, consent_request_due, first_service_due, reevaluation_due):
        days = [law(start, calendars).due_on for start in starts]
        assert days == list(accumulate(days, max))


@given(calendars_around(), st.dates(date(2000, 1, 1), date(2042, 12, 31)))
def test_one_holiday_more_never_makes_a_due_date_earlier(around: tuple[Calendars, date], day: date) -> None:
    """A calendar amended by a holiday moves a due date by at most that one business day, and only later."""
    calendars, start = around
    published = [one for year in range(1999, 2045) if (one := calendars.of(year))]
    more = [
        one.model_copy(update={"days": (*one.days, CalendarDay(day=day, reason="more"))})
        if one.year == str(day.year) and is_business_day(calendars, day)
        else one
        for one in published
    ]
    before = evaluation_due(start, calendars).due_on
    after = evaluation_due(start, Calendars(more)).due_on
    assert after in (before, calendars.day_after(before, 1, Clock.BUSINESS_DAYS))


@given(calendars_around())
def test_the_explanation_adds_up(around: tuple[Calendars, date]) -> None:
    """The business days of an explanation are the weekdays after day 0 without the days left out."""
    calendars, start = around
    due = evaluation_due(start, calendars, explain=True)
    first = calendars.first_counted(start)
    days = [first + timedelta(days=number) for number in range(1, (due.due_on - first).days + 1)]
    left_out = {found.day for found in due.left_out if found.day > first}
    assert sum(day.weekday() < 5 and day not in left_out for day in days) == due.count


@pytest.mark.parametrize("day", [FIRST_DAY, date(2016, 2, 29), LAST_DAY])
@pytest.mark.parametrize("years", [1, 3, 16, 22])
def test_an_anniversary_of_any_day_exists(day: date, years: int) -> None:
    """No day that a message can hold lies so far ahead that counting years from it fails."""
    assert anniversary(day, years).year == day.year + years
    assert evaluation_due(day, NO_CALENDARS).provisional


def test_the_due_dates_of_a_large_lea() -> None:
    """5,000 due dates take less than 200 ms of a processor."""
    starts = [date(2024, 1, 1) + timedelta(days=number % 700) for number in range(5_000)]
    begun = process_time()
    for start in starts:
        evaluation_due(start, EXAMPLE)
    assert process_time() - begun < 0.2
