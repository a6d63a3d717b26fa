"""The state publishes calendars, and amends them."""

from datetime import date
from typing import Any

import pytest

from contracts.access import STATE, Role
from contracts.calendars import (
    Calendar,
    CalendarAmended,
    CalendarDay,
    CalendarPublished,
    CalendarSource,
    ExtensionRule,
    PublishCalendar,
    SchoolTerm,
)
from contracts.counting import as_of
from contracts.decision import Decision, Refused
from contracts.message import Record
from services.ieps.domain import DECIDERS
from tests.unit.events import ORLEANS
from tests.unit.scenario import TODAY, actor, codes, decide_with, new_records

OFFICE = actor(STATE, Role.STATE)
NEW_YEAR = CalendarDay(day=date(2024, 1, 1), reason="New Year's Day")
MARDI_GRAS = CalendarDay(day=date(2024, 2, 13), reason="Mardi Gras")
SPRING = SchoolTerm(begin_on=date(2024, 1, 4), end_on=date(2024, 5, 24))
AUTUMN = SchoolTerm(begin_on=date(2024, 8, 8), end_on=date(2024, 12, 20))


def calendar(**changes: Any) -> PublishCalendar:
    """The state's command to publish a calendar of 2024."""
    given = {"days": (MARDI_GRAS, NEW_YEAR), "terms": (AUTUMN, SPRING), "source": "project"}
    return PublishCalendar.model_validate({"year": "2024"} | given | changes)


def rule(**changes: Any) -> ExtensionRule:
    """A rule for the end of the school year."""
    given: dict[str, Any] = {
        "kind": "end of school year",
        "applies_to": ("initial",),
        "window_begin": date(2024, 3, 1),
        "window_end": date(2024, 5, 24),
        "until": date(2024, 9, 30),
        "parent_approval": False,
        "source": "made up",
    }
    return ExtensionRule.model_validate(given | changes)


def publish(command: PublishCalendar, *past: Record, by: Any = OFFICE) -> Decision:
    """The decision on a calendar."""
    return decide_with(DECIDERS, past, command, by=by)


def test_a_calendar_is_published() -> None:
    """The first version of a calendar has its days and terms in order, and the day of publication."""
    (published,) = new_records(publish(calendar()))
    assert isinstance(published, CalendarPublished)
    assert (published.subject, published.revision, published.published_on) == ("calendar/2024", 1, TODAY)
    assert (published.days, published.terms) == ((NEW_YEAR, MARDI_GRAS), (SPRING, AUTUMN))


def test_a_calendar_is_amended() -> None:
    """A later version replaces the whole calendar."""
    (published,) = new_records(publish(calendar()))
    (amended,) = new_records(publish(calendar(days=(NEW_YEAR,), source="official"), published))
    assert isinstance(amended, CalendarAmended)
    assert (amended.revision, amended.days, amended.source) == (2, (NEW_YEAR,), CalendarSource.OFFICIAL)


def test_an_amended_calendar_keeps_its_earlier_versions() -> None:
    """A due date can say what it was. Each version keeps only what the next one changed."""
    made_up = CalendarDay(day=date(2024, 5, 4), reason="made up", school=True)
    later = MARDI_GRAS.model_copy(update={"reason": "Mardi Gras Day"})
    (first,) = new_records(publish(calendar()))
    (second,) = new_records(publish(calendar(days=(NEW_YEAR, later, made_up), terms=(SPRING,)), first))
    (third,) = new_records(publish(calendar(days=(), terms=()), second))
    assert isinstance(first, CalendarPublished)
    assert isinstance(second, CalendarAmended)
    assert isinstance(third, CalendarAmended)
    assert (first.earlier_versions, len(second.earlier_versions)) == ((), 1)
    assert [(one.revision, one.added, one.days) for one in third.earlier_versions] == [
        (1, (MARDI_GRAS.day, made_up.day), (MARDI_GRAS,)),
        (2, (), (NEW_YEAR, later, made_up)),
    ]
    years = dated(third, date(2023, 6, 1), date(2024, 1, 8), date(2024, 2, 5))
    for day, version in (
        (date(2020, 1, 1), first),
        (date(2023, 6, 1), first),
        (date(2024, 1, 8), second),
        (date(2024, 2, 4), second),
        (date(2024, 2, 5), third),
    ):
        found = as_of(years, day)
        assert (found.revision, found.days, found.terms) == (version.revision, version.days, version.terms)


def dated(newest: Calendar, *published_on: date) -> Calendar:
    """The calendar as if its versions had been published on these days."""
    *before, last = published_on
    versions = zip(newest.earlier_versions, before, strict=True)
    earlier = tuple(one.model_copy(update={"published_on": day}) for one, day in versions)
    return newest.model_copy(update={"earlier_versions": earlier, "published_on": last})


def test_a_calendar_that_somebody_else_has_amended() -> None:
    """The service refuses a calendar based on an older version, and names what differs."""
    (published,) = new_records(publish(calendar()))
    (amended,) = new_records(publish(calendar(days=(NEW_YEAR,)), published))
    decision = publish(calendar(on_revision=1), amended)
    assert isinstance(decision, Refused)
    (finding,) = decision.findings
    assert (finding.code, finding.facts["fields"]) == ("MSG-031", "days")
    new_records(publish(calendar(on_revision=2), amended))


def test_only_the_state_publishes_calendars() -> None:
    """An LEA publishes no calendar."""
    assert codes(publish(calendar(), by=actor(ORLEANS))) == {"ACC-004"}


def test_an_official_calendar_stays() -> None:
    """A calendar of this project never replaces the official one."""
    (published,) = new_records(publish(calendar(source="official")))
    assert codes(publish(calendar(), published)) == {"CAL-010"}
    new_records(publish(calendar(source="official"), published))


SATURDAY = CalendarDay(day=date(2024, 2, 10), reason="make-up day", school=True)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"days": (NEW_YEAR.model_copy(update={"day": date(2025, 1, 1)}),)}, "CAL-001"),
        ({"terms": (SchoolTerm(begin_on=date(2023, 8, 8), end_on=date(2024, 5, 24)),)}, "CAL-001"),
        ({"extension_rules": (rule(window_begin=date(2023, 8, 8)),)}, "CAL-001"),
        ({"days": (NEW_YEAR, NEW_YEAR)}, "CAL-002"),
        ({"days": (SATURDAY.model_copy(update={"business": True}),)}, "CAL-003"),
        ({"terms": (SchoolTerm(begin_on=date(2024, 5, 24), end_on=date(2024, 1, 4)),)}, "CAL-004"),
        ({"extension_rules": (rule(window_end=date(2024, 2, 1)),)}, "CAL-004"),
        ({"terms": (SPRING, SchoolTerm(begin_on=SPRING.end_on, end_on=AUTUMN.end_on))}, "CAL-005"),
        ({"extension_rules": (rule(until=None),)}, "CAL-006"),
        ({"extension_rules": (rule(business_days=10),)}, "CAL-006"),
        ({"extension_rules": (rule(until=date(2024, 5, 24)),)}, "CAL-007"),
        ({"extension_rules": (rule(until=None, business_days=11, most_business_days=10),)}, "CAL-008"),
        ({"extension_rules": (rule(), rule(window_begin=date(2024, 5, 24)))}, "CAL-009"),
    ],
)
def test_what_is_wrong_with_a_calendar(changes: dict[str, Any], code: str) -> None:
    """The service refuses a calendar that contradicts itself."""
    assert codes(publish(calendar(**changes))) == {code}


def test_a_school_day_on_a_saturday() -> None:
    """Schools may make up a day on a Saturday."""
    new_records(publish(calendar(days=(SATURDAY,))))


def test_two_rules_beside_each_other() -> None:
    """Rules of one kind may follow each other, or be for different evaluations."""
    later = rule(window_begin=date(2024, 5, 25), window_end=date(2024, 6, 30))
    other = rule(applies_to=("re-evaluation",))
    new_records(publish(calendar(extension_rules=(rule(), later, other))))
