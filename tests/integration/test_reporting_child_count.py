"""The federal child count over a few children, over HTTP."""

import itertools
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from contracts.access import STATE, Role
from contracts.activities import SpedActivityVoided
from contracts.evaluations import EvaluationStage, EvaluationType, TriennialWaiverRecorded
from contracts.ieps import IEPDeleted, IEPStage
from contracts.jurisdiction import ClaimWithdrawn, JurisdictionEnded
from contracts.message import Event
from contracts.students import Profile, ProfileSaved
from services.reporting.queries.judged import middle
from services.reporting.queries.moment import today
from tests.integration.querying import codes
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.unit.reporting.events import COUNT_DAY, ENTERED, LAST_YEAR, Child, Publisher, id_named

ANNA = Child("1000000001")
FIVE = Child("1000000005", birth_on=date(2012, 5, 1), grade="KG", codes=("SLI",))
DAY_BEFORE, DAY_AFTER = COUNT_DAY - timedelta(days=1), COUNT_DAY + timedelta(days=1)


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting, with an empty database."""
    async with reporting_queries(database("reporting"), tmp_path) as found:
        yield found


def cell(counted: dict[str, Any], *place: str | None) -> int:
    """One cell: age group, disability, environment, breakdown, value."""
    found = [
        one["children"]
        for one in counted["cells"]
        if (one["age_group"], one["disability"], one["environment"], one["breakdown"], one["value"]) == place
    ]
    assert len(found) == 1, place
    return int(found[0])


def reasons(counted: dict[str, Any]) -> dict[str, int]:
    """The numbers of students who are not counted, by reason."""
    given = counted["reconciliation"]["not_counted"]
    return {one["code"]: one["students"] for one in given if one["students"]}


def adds_up(counted: dict[str, Any]) -> bool:
    """Whether every considered student is counted or has a reason, and every total is right."""
    numbers = counted["reconciliation"]
    groups = {one["age_group"] for one in counted["cells"]}
    totals = sum(cell(counted, group, None, None, "total", None) for group in groups)
    left_out = sum(one["students"] for one in numbers["not_counted"])
    return bool(numbers["considered"] == numbers["counted"] + left_out and numbers["counted"] == totals)


async def test_a_child_is_counted_in_every_table(reporting: ReportingQueries) -> None:
    """A child of eight appears once under age, band, race, sex, disability and environment."""
    await reporting.receive_events(*ANNA.all_events())
    counted = await reporting.child_count()
    with_child = [one for one in counted["cells"] if one["children"]]
    assert {one["children"] for one in with_child} == {1}
    assert {(one["breakdown"], one["value"]) for one in with_child} == {
        ("total", None),
        ("age", "8"),
        ("ageband", "6-11"),
        ("race", "BL7"),
        ("sex", "M"),
    }
    assert cell(counted, "6-21", "SLD", "RC80", "ageband", "6-11") == 1
    assert (counted["school_year"], counted["reconciliation"]["considered"]) == ("2017-18", 1)
    assert adds_up(counted)


async def test_the_state_is_counted_below_its_middle_and_above(reporting: ReportingQueries) -> None:
    """The count adds up the two halves in which the query divides the students by State ID."""
    everybody = [ANNA.changed(student=f"{number:010}") for number in (1, 2, 2_000_000_001, 9_999_999_999)]
    other = ANNA.changed(student="0000000003", codes=("SLI",))
    await reporting.receive_events(*(event for one in (*everybody, other) for event in one.all_events()))
    async with reporting.queries.engine.begin() as database:
        await database.execute(text("ANALYZE students"))
        cut = await middle(database)
    sides = await reporting.rows(f"SELECT count(*) FROM students GROUP BY subject < {cut}")
    assert len(sides) == 2, "the middle parts the students, now that PostgreSQL knows how many there are"

    counted = await reporting.child_count()

    assert cell(counted, "6-21", "SLD", None, "total", None) == len(everybody)
    assert cell(counted, "6-21", "SLI", None, "total", None) == 1
    assert adds_up(counted)


async def test_a_child_without_a_federal_sex_or_race_is_counted_as_missing(
    reporting: ReportingQueries,
) -> None:
    """A child without sex or race is in the total and under MISSING, and `to_mend` counts it."""
    unknown = child(sex="X", races=())
    await reporting.receive_events(*ANNA.all_events(), *unknown.all_events())
    counted = await reporting.child_count()
    assert adds_up(counted)
    for breakdown in ("sex", "race"):
        assert cell(counted, "6-21", None, None, breakdown, "MISSING") == 1
    numbers = {one["code"]: one["students"] for one in counted["reconciliation"]["to_mend"]}
    assert numbers == {"RPT-030": 1, "RPT-031": 1, "RPT-032": 0}
    assert reasons(counted) == {}


_numbers = itertools.count(1)


def child(**changes: Any) -> Child:
    """Another child that is counted, with these changes."""
    return ANNA.changed(student=f"20000000{next(_numbers):02d}", **changes)


def events_of(found: Child, **changes: Event | None) -> list[Event]:
    """The events about a child, with some of them changed or (None) left out."""
    records: dict[str, Event | None] = {
        "added": found.added(),
        "claimed": found.claimed(),
        "determined": found.determined(),
        "submitted": found.submitted(),
        "entered": found.entered(),
    }
    return [event for event in (records | changes).values() if event is not None]


def _not_counted() -> Iterator[tuple[str, list[Event], str]]:
    one = child()
    yield "exited the day before", events_of(one, entered=one.entered(exited_on=DAY_BEFORE)), "RPT-001"
    one = child()
    yield "not entered yet", events_of(one, entered=one.entered(entered_on=DAY_AFTER)), "RPT-001"
    yield "never entered", events_of(child(), entered=None, submitted=None), "RPT-001"
    one = child()
    official = one.submitted(stage=IEPStage.OFFICIAL)
    yield "the first IEP is official only", events_of(one, entered=None, submitted=official), "RPT-014"
    one = child()
    draft = one.submitted(stage=IEPStage.DRAFT)
    yield "the first IEP is a draft", events_of(one, entered=None, submitted=draft), "RPT-015"
    one = child()
    later = one.submitted(stage=IEPStage.OFFICIAL, begin_on=DAY_AFTER)
    yield "the first IEP begins later", events_of(one, entered=None, submitted=later), "RPT-001"
    one = child()
    discarded = one.submitted(stage=IEPStage.DISCARDED)
    yield "the only draft was discarded", events_of(one, entered=None, submitted=discarded), "RPT-001"
    one = child()
    deleted = IEPDeleted.of(one.submitted(), stage=IEPStage.DELETED)
    voided = SpedActivityVoided.of(one.entered(), voided=True, explanation="Another student's.")
    yield "entered in error", [*events_of(one), deleted, voided], "RPT-001"
    one = child()
    deleted = IEPDeleted.of(one.submitted(), stage=IEPStage.DELETED)
    yield "the IEP was deleted", [*events_of(one), deleted], "RPT-004"
    yield "not added", events_of(child(), added=None), "RPT-002"
    yield "not claimed", events_of(child(), claimed=None), "RPT-003"
    one = child()
    yield "claimed the day after", events_of(one, claimed=one.claimed(begin_on=DAY_AFTER)), "RPT-003"
    one = child()
    ended = JurisdictionEnded.of(one.claimed(), end_on=DAY_BEFORE)
    yield "jurisdiction ended the day before", [*events_of(one), ended], "RPT-003"
    one = child()
    closed = JurisdictionEnded.of(one.claimed(), end_on=DAY_BEFORE, end_reason="left the state")
    again = one.claimed("again", begin_on=DAY_AFTER)
    yield "closed the day before, claimed again the day after", [*events_of(one), closed, again], "RPT-003"
    one = child()
    official = one.submitted(stage=IEPStage.OFFICIAL)
    yield "the IEP is official only", events_of(one, submitted=official), "RPT-004"
    one = child()
    yield (
        "the IEP begins the day after",
        events_of(one, submitted=one.submitted(begin_on=DAY_AFTER)),
        "RPT-004",
    )
    yield "not determined", events_of(child(), determined=None), "RPT-005"
    one = child()
    late = one.determined(determined_on=DAY_AFTER)
    yield "determined the day after", events_of(one, determined=late), "RPT-005"
    yield "found not eligible", events_of(child(codes=())), "RPT-006"
    yield "gifted before disabled", events_of(child(codes=("GFT", "SLD"))), "RPT-007"
    yield "gifted and talented", events_of(child(codes=("GFT", "TLM"))), "RPT-008"
    yield "two years old", events_of(child(birth_on=date(2014, 10, 2))), "RPT-010"
    yield "twenty-two years old", events_of(child(birth_on=date(1995, 10, 1))), "RPT-010"
    yield "delayed at nine", events_of(child(birth_on=date(2008, 10, 1), codes=("DD",))), "RPT-011"
    yield "in no environment", events_of(child(environment=None)), "RPT-012"
    yield "in a program for the youngest", events_of(child(environment="REC10YSVCS")), "RPT-013"
    yield "five, where older ones are", events_of(child(birth_on=FIVE.birth_on)), "RPT-013"


NOT_COUNTED = list(_not_counted())


async def test_who_is_not_counted_is_named_with_a_reason(reporting: ReportingQueries) -> None:
    """Each student who is not counted appears under a reason."""
    await reporting.receive_events(*(event for _, events, _ in NOT_COUNTED for event in events))
    listed = await reporting.get_for_state("/child-count/students", as_of=COUNT_DAY)
    given = {one["student_id"]: one["code"] for one in listed["students"]}
    assert {what: given[events[0].subject] for what, events, _ in NOT_COUNTED} == {
        what: code for what, _, code in NOT_COUNTED
    }
    counted = await reporting.child_count()
    assert reasons(counted) == Counter(code for _, _, code in NOT_COUNTED)
    assert (counted["reconciliation"]["counted"], adds_up(counted)) == (0, True)


def _counted() -> Iterator[tuple[str, list[Event], dict[str, str]]]:
    one = child()
    yield "exited on the day", events_of(one, entered=one.entered(exited_on=COUNT_DAY)), {"disability": "SLD"}
    one = child(birth_on=date(2014, 10, 1), environment="H", codes=("DEAF",))
    yield "three on the day", events_of(one), {"age_group": "3-5", "age": "3", "disability": "HI"}
    one = child(birth_on=date(1995, 10, 2))
    yield "twenty-one", events_of(one), {"age": "21", "ageband": "18-21"}
    one = child(birth_on=date(2008, 10, 2), codes=("DD",))
    yield "delayed at eight", events_of(one), {"disability": "DD", "ageband": "6-11"}
    yield "disabled before gifted", events_of(child(codes=("ED", "GFT"))), {"disability": "EMN"}
    one = child()
    moved = one.changed(environment="RC39")
    amended = moved.submitted("amendment", begin_on=COUNT_DAY, amendment=1)
    yield "amended on the day", [*events_of(one), amended], {"environment": "RC39"}
    one = child()
    places = ("RC79TO40", "SS", "RF", "HH", "CF", "RC39")
    line = [
        one.changed(environment=place).submitted(f"amendment {number}", amendment=number)
        for number, place in enumerate(places, 1)
    ]
    yield "amended six times on one day", [*line, *events_of(one)], {"environment": "RC39"}
    one = child()
    amended = one.changed(environment="RC39").submitted("amendment", begin_on=DAY_AFTER, amendment=1)
    yield "amended the day after", [*events_of(one), amended], {"environment": "RC80"}
    one = child()
    amended = one.changed(environment="RC39").submitted("amendment", begin_on=COUNT_DAY, amendment=1)
    deleted = IEPDeleted.of(amended, stage=IEPStage.DELETED)
    yield "the amendment was deleted", [*events_of(one), deleted, amended], {"environment": "RC80"}
    one = child()
    voided = one.entered("error", entered_on=DAY_BEFORE, exited_on=DAY_BEFORE, voided=True)
    yield "another activity was voided", [*events_of(one), voided], {"environment": "RC80"}
    one = child()
    late = one.changed(environment="RC39").submitted("amendment", begin_on=COUNT_DAY, amendment=1)
    review = one.changed(environment="SS").submitted("review", meeting_on=DAY_BEFORE, begin_on=COUNT_DAY)
    yield "reviewed and amended from one day on", [*events_of(one), late, review], {"environment": "SS"}
    one = child(environment="RC80")
    twin = one.changed(environment="RC39").submitted("twin", submission=2)
    yield "two plans with the same days", [*events_of(one), twin], {"environment": "RC39"}
    one = child(environment="RC39")
    twin = one.changed(environment="RC80").submitted("twin", submission=2)
    yield (
        "two plans with the same days, the other way round",
        [twin, *events_of(one)],
        {"environment": "RC80"},
    )
    one = child()
    earlier = one.changed(environment="RC39").entered("earlier", exited_on=COUNT_DAY)
    back = one.entered("again", entered_on=COUNT_DAY)
    yield "exited and entered again on the day", [*events_of(one, entered=earlier), back], {}
    one = child()
    draft = one.changed(environment="RC39").submitted("draft", begin_on=COUNT_DAY, stage=IEPStage.DRAFT)
    yield "a newer IEP is a draft", [*events_of(one), draft], {"environment": "RC80"}
    one = child()
    again = one.changed(codes=("AUT",)).determined("again", determined_on=COUNT_DAY)
    yield "evaluated anew", [*events_of(one), again], {"disability": "AUT"}
    one = child(codes=("AUT",))
    second = one.changed(codes=("SLD",)).determined("again", determination=2)
    yield "determined twice on one day", [*events_of(one), second], {"disability": "SLD"}
    one = child(codes=("SLD",))
    second = one.changed(codes=("AUT",)).determined("again", determination=2)
    yield "determined twice, the other way round", [second, *events_of(one)], {"disability": "AUT"}
    one = child()
    backdated = one.changed(codes=("AUT",)).determined("late", determined_on=LAST_YEAR, determination=2)
    yield "an older determination was recorded later", [*events_of(one), backdated], {"disability": "SLD"}
    one = child()
    waiver = TriennialWaiverRecorded(
        student_id=one.student,
        revision=1,
        evaluation_id=id_named(one.student, "waiver"),
        lea=one.lea,
        evaluation_type=EvaluationType.WAIVER,
        stage=EvaluationStage.WAIVED,
        parent_signed_on=COUNT_DAY,
    )
    yield "a waiver determines nothing", [*events_of(one), waiver], {"disability": "SLD"}
    yield "of no recorded race", events_of(child(races=())), {"race": "MISSING"}
    yield "in a private school", events_of(child(environment="PPPS")), {"environment": "PPPS"}
    one = child()
    closed = JurisdictionEnded.of(one.claimed(), end_on=COUNT_DAY, end_reason="graduated")
    yield "its last day in the jurisdiction", [*events_of(one), closed], {"lea": "017"}
    one = child()
    away = one.changed(lea="009").claimed("second", begin_on=COUNT_DAY)
    yield "claimed away, without the end of the old spell", [*events_of(one), away], {"lea": "009"}
    one = child()
    away = one.changed(lea="009").claimed("second", begin_on=COUNT_DAY)
    error = ClaimWithdrawn.of(away, withdrawn=True, correction_reason="the wrong child")
    yield "claimed away in error", [*events_of(one), away, error], {"lea": "017"}


COUNTED = list(_counted())


async def test_who_is_counted_is_counted_once(reporting: ReportingQueries) -> None:
    """The records in effect on the day decide the cell of a child."""
    await reporting.receive_events(*(event for _, events, _ in COUNTED for event in events))
    listed = await reporting.get_for_state("/child-count/students", as_of=COUNT_DAY, reason="counted")
    found = {one["student_id"]: one for one in listed["students"]}
    assert {
        what: {name: found[events[0].subject][name] for name in place} for what, events, place in COUNTED
    } == {what: place for what, _, place in COUNTED}
    counted = await reporting.child_count()
    assert (counted["reconciliation"]["counted"], reasons(counted)) == (len(COUNTED), {})
    assert adds_up(counted)


A_YEAR_BEFORE = COUNT_DAY.replace(year=COUNT_DAY.year - 1)


def _planned() -> Iterator[tuple[str, list[Event], bool]]:
    one = child()
    old = one.submitted(meeting_on=date(2010, 9, 1), begin_on=date(2010, 9, 1))
    yield "seven years old", events_of(one, submitted=old), True
    one = child()
    ended = one.submitted(meeting_on=LAST_YEAR, begin_on=A_YEAR_BEFORE)
    yield "its last day was the day before", events_of(one, submitted=ended), True
    one = child()
    current = one.submitted(meeting_on=LAST_YEAR, begin_on=A_YEAR_BEFORE + timedelta(days=1))
    yield "its last day is the day", events_of(one, submitted=current), False
    one = child()
    first = one.submitted(meeting_on=LAST_YEAR, begin_on=LAST_YEAR)
    amended = one.submitted("amendment", meeting_on=LAST_YEAR, begin_on=ENTERED, amendment=1)
    yield "an amendment begins no other year", [*events_of(one, submitted=first), amended], True
    one = child()
    first = one.submitted(meeting_on=LAST_YEAR, begin_on=ENTERED)
    amended = one.submitted("amendment", meeting_on=LAST_YEAR, begin_on=COUNT_DAY, amendment=1)
    yield "a year that began long after the meeting", [*events_of(one, submitted=first), amended], False


PLANNED = list(_planned())


async def test_a_plan_past_its_year_counts_with_a_warning(reporting: ReportingQueries) -> None:
    """A child whose IEP is past its year is counted. The count, the list and the explanation warn."""
    await reporting.receive_events(*(event for _, events, _ in PLANNED for event in events))
    wanted = {what: expired for what, _, expired in PLANNED}
    listed = await reporting.get_for_state("/child-count/students", as_of=COUNT_DAY, reason="counted")
    found = {one["student_id"]: one["expired"] for one in listed["students"]}
    assert {what: found[events[0].subject] for what, events, _ in PLANNED} == wanted
    only = await reporting.get_for_state("/child-count/students", as_of=COUNT_DAY, expired=True)
    assert len(only["students"]) == sum(wanted.values())
    for what, events, expired in PLANNED:
        path = f"/child-count/students/{events[0].subject}"
        explained = await reporting.get_for_state(path, as_of=COUNT_DAY)
        assert [one["code"] for one in explained["to_mend"]] == ["RPT-032"] * expired, what
    for counted in (await reporting.child_count(), await reporting.child_count(lea="017")):
        numbers = {one["code"]: one for one in counted["reconciliation"]["to_mend"]}
        assert (numbers["RPT-032"]["students"], numbers["RPT-032"]["severity"]) == (3, "warning")
        assert (counted["reconciliation"]["counted"], reasons(counted)) == (len(PLANNED), {})


async def test_a_child_who_is_not_counted_is_not_warned_about(reporting: ReportingQueries) -> None:
    """Only counted children are in `to_mend`. The reason tells an LEA what to mend first."""
    one = child(codes=())
    old = one.submitted(meeting_on=date(2010, 9, 1), begin_on=date(2010, 9, 1))
    await reporting.receive_events(*events_of(one, submitted=old))
    numbers = (await reporting.child_count())["reconciliation"]["to_mend"]
    assert {one["students"] for one in numbers} == {0}
    found = await reporting.get_for_state(f"/child-count/students/{one.student}", as_of=COUNT_DAY)
    assert found["to_mend"] == []


@pytest.mark.parametrize(
    ("year", "grade", "environment", "place"),
    [
        (2018, "KG", "H", ("3-5", None, None, "age", "5")),
        (2019, "KG", "RC80", ("5K-21", None, None, "age", "AGE05K")),
        (2019, "KG", "RC80", ("5K-21", "SLI", "RC80", "ageband", "5K-11")),
        (2019, "PK", "H", ("3-5", None, None, "age", "AGE05NOTK")),
        (2019, None, "H", ("3-5", None, None, "age", "AGE05NOTK")),
    ],
)
async def test_a_five_year_old(
    reporting: ReportingQueries, year: int, grade: str | None, environment: str, place: tuple[str | None, ...]
) -> None:
    """In kindergarten, five-year-olds are of school age from 2019-20 on, and were not before."""
    child = FIVE.changed(birth_on=date(year - 5, 5, 1), grade=grade, environment=environment)
    await reporting.receive_events(*child.all_events())
    counted = await reporting.child_count(date(year, 10, 1))
    assert cell(counted, *place) == 1
    assert adds_up(counted)


async def test_a_child_that_is_promoted_after_the_day_of_the_count(reporting: ReportingQueries) -> None:
    """A promotion after 1 October leaves the count of 1 October unchanged. A correction of the profile that
    held on that day changes it."""
    day, publisher = date(2019, 10, 1), Publisher()
    child = FIVE.changed(birth_on=date(2014, 5, 1), grade="PK", environment="H")
    not_in_kindergarten = ("3-5", None, None, "age", "AGE05NOTK")
    await reporting.receive(publisher.publish(*child.all_events()))
    before = await reporting.child_count(day)
    assert cell(before, *not_in_kindergarten) == 1
    in_kindergarten = Profile(grade="KG", effective_on=day + timedelta(days=1))
    promoted = ProfileSaved.of(
        child.added(), profile=in_kindergarten, earlier_profiles=(child.added().profile,)
    )
    await reporting.receive(publisher.publish(promoted))
    after = await reporting.child_count(day)
    assert (after["cells"], after["reconciliation"]) == (before["cells"], before["reconciliation"])
    assert reasons(await reporting.child_count(day + timedelta(days=1))) == {"RPT-013": 1}
    corrected = ProfileSaved.of(promoted, earlier_profiles=(Profile(grade="KG"),))
    await reporting.receive(publisher.publish(corrected))
    counted = await reporting.child_count(day)
    assert (cell(counted, *not_in_kindergarten), reasons(counted)) == (0, {"RPT-013": 1})


async def test_disabilities_that_were_not_asked_for(reporting: ReportingQueries) -> None:
    """A count of some disabilities gives the number of children with others."""
    await reporting.receive_events(
        *ANNA.all_events(), *ANNA.changed(student="1000000002", codes=("AUT",)).all_events()
    )
    counted = await reporting.child_count(disabilities="AUT, DB")
    assert counted["disabilities"] == ["AUT", "DB"]
    assert (counted["reconciliation"]["counted"], reasons(counted)) == (1, {"RPT-009": 1})
    assert {one["disability"] for one in counted["cells"]} == {None, "AUT", "DB"}
    assert adds_up(counted)


async def test_an_unknown_disability(reporting: ReportingQueries) -> None:
    """Reporting refuses an unknown disability code and lists the known ones."""
    answer = await reporting.get(
        "/child-count", STATE, Role.STATE, as_of="2017-10-01", disabilities="AUT,XXX"
    )
    assert (answer.status_code, codes(answer)) == (422, ["RPT-022"])
    assert "TBI" in answer.json()["findings"][0]["solution"]


async def test_the_state_is_the_sum_of_its_leas(reporting: ReportingQueries) -> None:
    """On the day each child counts in one LEA, also a child that moved."""
    moving = ANNA.changed(student="1000000003")
    await reporting.receive_events(
        *ANNA.all_events(),
        *ANNA.changed(student="1000000002", lea="009", environment="RC39").all_events(),
        *moving.all_events(),
        moving.changed(lea="009").claimed("second", begin_on=COUNT_DAY),
        JurisdictionEnded.of(moving.claimed(), end_on=DAY_BEFORE),
    )
    whole, *parts = [
        await reporting.child_count(),
        await reporting.child_count(lea="017"),
        await reporting.child_count(lea="009"),
    ]
    assert [part["reconciliation"]["considered"] for part in parts] == [1, 2]
    assert all(adds_up(part) for part in parts)
    sums = [
        sum(ones)
        for ones in zip(*([one["children"] for one in part["cells"]] for part in parts), strict=True)
    ]
    assert sums == [one["children"] for one in whole["cells"]]
    assert (await reporting.child_count(DAY_BEFORE, lea="017"))["reconciliation"]["counted"] == 2


async def test_a_count_says_what_it_rests_on(reporting: ReportingQueries) -> None:
    """A count is complete if reporting misses none of the events behind it."""
    publisher = Publisher()
    first, second, third = publisher.publish(ANNA.added(), ANNA.claimed(), ANNA.claimed("second"))
    await reporting.receive([first, third], publisher.heartbeats())
    counted = await reporting.child_count()
    assert (counted["complete"], counted["events"]) == (False, 2)
    await reporting.receive([second])
    counted = await reporting.child_count()
    assert (counted["complete"], counted["events"]) == (True, 3)


async def test_the_count_of_a_day_to_come(reporting: ReportingQueries) -> None:
    """Reporting counts as of a future day and marks the count. It does not mark the count of today."""
    await reporting.receive_events(*ANNA.all_events())
    marks = {day: (await reporting.child_count(day))["to_come"] for day in (COUNT_DAY, today())}
    tomorrow = await reporting.child_count(today() + timedelta(days=1))
    assert (marks, tomorrow["to_come"]) == ({COUNT_DAY: False, today(): False}, True)


async def test_a_day_before_anything_happened(reporting: ReportingQueries) -> None:
    """Before its entry into special education a child is considered and not counted."""
    await reporting.receive_events(*ANNA.all_events())
    counted = await reporting.child_count(ENTERED - timedelta(days=1))
    assert (reasons(counted), counted["reconciliation"]["counted"]) == ({"RPT-001": 1}, 0)
