"""Indicator 11: which evaluations are in the year, and which of them were complete in time."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from contracts.calendars import Calendar, CalendarDay, CalendarSource, Extension, ExtensionKind
from contracts.counting import Calendars
from services.reporting.domain.indicators.child_find import Evaluation, Found, judge
from services.reporting.domain.indicators.year import read_year

YEAR, RUN = read_year("2024-25"), date(2025, 10, 1)
HOLIDAYS = ["2024-09-02", "2024-11-11", "2024-11-28", "2024-11-29", "2024-12-25", "2024-12-26", "2025-01-01"]
CONSENT, DUE = date(2024, 9, 9), date(2024, 12, 5)
EVALUATION = Evaluation(initial=True, consented_on=CONSENT, reported_on=DUE)


def calendar(year: int) -> Calendar:
    """A calendar with the holidays of the year."""
    days = [CalendarDay(day=day, reason="holiday") for day in HOLIDAYS if day.startswith(str(year))]
    return Calendar(
        year=str(year),
        revision=1,
        days=tuple(days),
        source=CalendarSource.PROJECT,
        published_on=date(2024, 1, 2),
    )


CALENDARS = Calendars([calendar(2024), calendar(2025)])


def verdict(as_of: date = RUN, **changes: Any) -> tuple[str, str | None, int | None]:
    """The verdict, the rule that leaves the evaluation out, and the business days beyond the due date."""
    found = judge(replace(EVALUATION, **changes), YEAR, as_of, CALENDARS)
    return str(found.found), found.rule.code if found.rule else None, found.days_late


def test_the_sixtieth_business_day_is_in_time() -> None:
    """The report of the due date is in time, and that of the next business day is one day late."""
    assert judge(EVALUATION, YEAR, RUN, CALENDARS).due_on == DUE
    assert verdict() == ("in time", None, None)
    assert verdict(reported_on=DUE + timedelta(days=1)) == ("late", None, 1)


def test_an_extension_moves_the_due_date() -> None:
    """The days of an allowed extension count as the state's time."""
    extension = Extension(kind=ExtensionKind.PARENT_AGREED, business_days=10, approved_on=date(2024, 12, 1))
    assert verdict(reported_on=date(2024, 12, 19), extensions=(extension,)) == ("in time", None, None)
    assert verdict(reported_on=date(2024, 12, 19))[0] == "late"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"initial": False}, "RPT-302"),
        ({"in_error": True}, "RPT-307"),
        ({"consented_on": None}, "RPT-301"),
        ({"consented_on": date(2024, 6, 28)}, "RPT-303"),
        ({"consented_on": date(2025, 7, 1)}, "RPT-303"),
        ({"not_produced": True}, "RPT-305"),
        ({"agreed_due_on": date(2025, 2, 1)}, "RPT-306"),
    ],
)
def test_who_is_in_neither_number(changes: dict[str, Any], code: str) -> None:
    """An evaluation that the indicator does not count has a reason."""
    assert verdict(**changes)[:2] == ("left out", code)


def test_the_year_of_the_consent_counts() -> None:
    """Consent on 28 June and a report in September is in time in the year of the consent."""
    assert verdict(consented_on=date(2025, 6, 27), reported_on=date(2025, 9, 2))[0] == "in time"


def test_what_is_not_reported_is_in_the_denominator_alone() -> None:
    """An open evaluation is in the denominator, overdue or not; so is one that ended without a report."""
    assert verdict(reported_on=None, as_of=date(2024, 12, 9)) == ("open", None, 2)
    assert verdict(reported_on=None, as_of=date(2024, 10, 1)) == ("open", None, None)
    assert verdict(as_of=date(2024, 12, 4))[0] == "open"
    assert verdict(reported_on=None, closed_on=date(2024, 11, 1))[0] == "closed without a report"
    assert verdict(as_of=date(2024, 9, 1))[:2] == ("left out", "RPT-301")


def test_the_key_date_is_the_due_date_or_the_end() -> None:
    """The owner of the earlier of the due date and the report answers for the case."""
    days = {DUE - timedelta(days=9): DUE - timedelta(days=9), DUE + timedelta(days=9): DUE}
    for reported_on, key_on in days.items():
        assert judge(replace(EVALUATION, reported_on=reported_on), YEAR, RUN, CALENDARS).key_on == key_on


def test_the_worked_example() -> None:
    """Of 208 consents 199 led to a report in time."""
    evaluations = [EVALUATION] * 199 + [replace(EVALUATION, reported_on=DUE + timedelta(days=5))] * 9
    verdicts = [judge(one, YEAR, RUN, CALENDARS).found for one in evaluations]
    assert (len(verdicts), verdicts.count(Found.IN_TIME)) == (208, 199)
