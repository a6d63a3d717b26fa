"""Worked examples over the messages of Kafka: one set of children, loaded once, and each report's numbers."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest_asyncio

from contracts.calendars import SchoolTerm
from contracts.forms import ESYSCriterion, ExtendedSchoolYear
from contracts.ieps import IEPContentsMadeOfficial, PlanKind
from contracts.message import Event
from contracts.provision import MissedBecause, ServiceAdded, SessionKind, SessionRecorded, SessionRemoved
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.integration.test_reporting_cases import (
    HOLIDAYS,
    calendar,
    child,
    claimed,
    found,
    line,
    met,
    run,
    value,
    verdicts,
)
from tests.unit.reporting.events import Child, id_named

MET, SPRING = date(2025, 2, 10), SchoolTerm(begin_on=date(2025, 1, 6), end_on=date(2025, 5, 22))
JUNE, END_OF_JUNE = date(2025, 6, 2), "2025-06-30"


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting with the children of the examples, and the calendar of 2025 with its spring term."""
    async with reporting_queries(database("reporting"), tmp_path) as given:
        published = calendar(2025, HOLIDAYS[2025]).model_copy(update={"terms": (SPRING,)})
        await given.receive_events(published, *summer_of_2025(), *speech_of_january())
        yield given


def in_special_education(one: Child, **changes: Any) -> Iterator[Event]:
    """The student has an evaluation and an IEP of February 2025."""
    yield from (one.added(), claimed(one), found(one, date(2024, 3, 1)), met(one, MET, **changes))
    yield one.entered(entered_on=date(2024, 3, 20))


def screened(one: Child, **form: Any) -> Event:
    """The contents of the student's IEP, with the form on the extended school year."""
    return IEPContentsMadeOfficial(
        student_id=one.student,
        revision=2,
        iep_id=id_named(one.student, "iep"),
        lea=one.lea,
        official=True,
        forms=(ExtendedSchoolYear(screened_on=MET, **form),),
    )


def served(one: Child, begin_on: date, **terms: Any) -> ServiceAdded:
    """The student gets speech from a day on, twice a week for 30 minutes."""
    return ServiceAdded.model_validate(
        {
            "student_id": one.student,
            "revision": 1,
            "service_id": id_named(one.student, "service"),
            "lea": one.lea,
            "iep_id": id_named(one.student, "iep"),
            "terms": {
                "service_code": "SPE",
                "begin_on": begin_on,
                "minutes_per_session": 30,
                "sessions": 2,
                **terms,
            },
        }
    )


def session(
    one: Child, given_on: date, because: MissedBecause | None = None, kind: SessionKind | None = None
) -> SessionRecorded:
    """A session of the student's service, or one that was missed."""
    return SessionRecorded(
        student_id=one.student,
        revision=1,
        session_id=id_named(one.student, f"session {given_on}"),
        service_id=id_named(one.student, "service"),
        lea=one.lea,
        given_on=given_on,
        minutes=30,
        provider_id="T-4471",
        session_kind=kind or (SessionKind.MISSED if because else SessionKind.GIVEN),
        missed_because=because,
    )


def summer_of_2025() -> Iterator[Event]:
    """One student for each step: not screened, not eligible, and eligible by each criterion."""
    unscreened, unfit, waiting, recorded, given, private = (child(number) for number in range(1, 7))
    for one in (unscreened, unfit, waiting, recorded, given):
        yield from in_special_education(one)
    yield from in_special_education(private, plan_kind=PlanKind.SERVICES_PLAN)
    yield screened(unfit, eligible=False)
    yield screened(
        waiting, eligible=True, criterion=ESYSCriterion.CRITICAL_POINT, decided_on=date(2025, 6, 1)
    )
    yield screened(recorded, eligible=True, criterion=ESYSCriterion.SPECIAL, decided_on=date(2025, 4, 1))
    yield served(recorded, JUNE, extended_school_year=True)
    yield screened(given, eligible=True, criterion=ESYSCriterion.REGRESSION, decided_on=date(2025, 4, 2))
    yield served(given, JUNE, extended_school_year=True)
    yield from (session(given, date(2025, 6, day)) for day in (3, 5, 10))
    yield session(given, date(2025, 6, 12), MissedBecause.STUDENT_ABSENT)
    yield session(given, date(2025, 7, 1))


def speech_of_january() -> Iterator[Event]:
    """A student whose speech begins on January 13: 14 school days are left, so 168 minutes are prescribed."""
    one = child(11)
    yield from in_special_education(one)
    yield served(one, date(2025, 1, 13))
    yield from (session(one, date(2025, 1, day)) for day in (14, 16))
    yield session(one, date(2025, 1, 21), MissedBecause.STUDENT_ABSENT)
    yield session(one, date(2025, 1, 23), MissedBecause.PROVIDER_ABSENT)
    yield session(one, date(2025, 1, 28), MissedBecause.PROVIDER_ABSENT)
    yield session(one, date(2025, 1, 30), kind=SessionKind.MAKE_UP)
    wrong = session(one, date(2025, 1, 31))
    yield wrong
    yield SessionRemoved.of(wrong, revision=2, removed=True)
    yield session(one, date(2025, 2, 4))


async def test_the_extended_school_year_and_the_minutes_of_services(reporting: ReportingQueries) -> None:
    """Who was screened, eligible by which criterion, and served; and each service's minutes by month."""
    await the_summer(reporting)
    await the_minutes(reporting)


async def the_summer(reporting: ReportingQueries) -> None:
    """Of six students with IEPs three are eligible, one by each criterion. One got 90 of 240 minutes."""
    summer = await run(reporting, "extended-school-year", as_of=END_OF_JUNE, by="026")
    assert verdicts(summer) == {
        "01": "not screened",
        "02": "not eligible",
        "03": "eligible, no service",
        "04": "service recorded",
        "05": "served",
        "06": "RPT-219",
        "11": "not screened",
    }
    total = line(summer, "summer", level="Total")
    assert [total[one] for one in ("students", "screened", "unscreened", "not eligible")] == [6, 4, 2, 1]
    assert [total[str(one)] for one in ESYSCriterion] == [1, 1, 1]
    assert [total[one] for one in ("no service", "recorded", "served", "late")] == [1, 1, 1, 1]
    assert (value(summer, 5, "prescribed"), value(summer, 5, "delivered")) == (240, 90)
    assert (total["prescribed"], total["delivered"]) == (480, 90)
    before = await run(reporting, "extended-school-year", as_of="2025-02-01", by="026")
    assert set(verdicts(before).values()) == {"RPT-216"}


async def the_minutes(reporting: ReportingQueries) -> None:
    """Terms and school days prescribe the minutes. Make-up sessions are delivered."""
    quarter = await run(reporting, "services", as_of="2025-02-10", period="2025-Q1")
    assert [row["values"]["month"] for row in quarter["rows"]] == ["2025-01", "2025-02"]
    january = line(quarter, "services", service_code="SPE", month="2025-01")
    minutes = [january[name] for name in ("prescribed", "delivered", "missed", "percent")]
    assert minutes == [168, 90, 90, "53.6"]
    missed = {because: january[f"missed: {because}"] for because in MissedBecause}
    assert {str(because): number for because, number in missed.items() if number} == {
        "student absent": 30,
        "provider absent": 60,
    }
    assert (january["in part"], january["in full"]) == (1, 0)
    total = line(quarter, "minutes", level="Total")
    assert (total["rows"], total["prescribed"], total["delivered"]) == (2, 168 + 72, 120)
    lea = await run(reporting, "services", "017", as_of="2025-02-10", period="2025-Q1")
    assert lea["rows"] == []
