"""What is due for an LEA's students, and how much."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from contracts.access import STATE, Role
from contracts.activities import InitialServicesRefused
from contracts.calendars import CalendarDay, CalendarPublished, Extension, ExtensionKind
from contracts.counting import Clock
from contracts.deadlines import NO_CALENDARS, evaluation_due, first_service_due, reevaluation_due
from contracts.evaluations import EvaluationException, EvaluationStage, EvaluationType, ParentDecision
from contracts.examples import example
from contracts.ieps import IEPStage, IEPType
from contracts.jurisdiction import JurisdictionEnded
from contracts.message import Event
from contracts.provision import ServiceAdded, ServiceTerms
from services.reporting.queries.moment import today
from tests.integration.querying import codes
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.unit.reporting.events import Child, id_named

DUE, WORK = "/leas/017/due", "/leas/017/work"
ANNA = Child("1000000001")
TODAY = today()


@pytest_asyncio.fixture
async def reporting(
    database: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ReportingQueries]:
    """Reporting, with an empty database. Its day stays the same when midnight passes during the tests."""
    monkeypatch.setattr(import_module("services.reporting.queries.due"), "today", lambda: TODAY)
    async with reporting_queries(database("reporting"), tmp_path) as found:
        yield found


def ago(days: int) -> date:
    """So many days before today."""
    return TODAY - timedelta(days=days)


def child(number: int) -> Child:
    """Another child."""
    return ANNA.changed(student=f"100000000{number}")


def evaluation(of: Child, stage: EvaluationStage, **changes: Any) -> list[Event]:
    """The child was added and claimed, and has an evaluation in this stage."""
    found = of.determined(stage=stage, determined_on=None, exceptionalities=(), **changes)
    return [of.added(), of.claimed(), found]


def consented(of: Child, on: date, **changes: Any) -> list[Event]:
    """The parent consented to the child's evaluation on this day."""
    decision = {"parent_decision": ParentDecision.CONSENTED, "decided_on": on}
    return evaluation(of, EvaluationStage.CONSENTED, **decision, **changes)


def served(of: Child, *, iep_on: date, evaluated_on: date) -> list[Event]:
    """The child is in special education under an IEP that began on this day, and gets a service."""
    return [
        of.added(),
        of.claimed(),
        of.determined(determined_on=evaluated_on, report_disseminated_on=evaluated_on),
        of.submitted(begin_on=iep_on, meeting_on=iep_on),
        of.entered(entered_on=iep_on),
        service(of, begin_on=iep_on),
    ]


def service(of: Child, **changes: Any) -> ServiceAdded:
    """A service was added for the child."""
    terms = ServiceTerms.model_validate(example("ServiceAdded.v1")["terms"])
    days = {name: day for name, day in changes.items() if name == "begin_on"}
    given = example("ServiceAdded.v1") | {
        "student_id": of.student,
        "service_id": id_named(of.student, "service"),
        "lea": of.lea,
        "terms": terms.model_copy(update=days),
    }
    return ServiceAdded.model_validate(given | {n: d for n, d in changes.items() if n not in days})


async def due(reporting: ReportingQueries, **asked: Any) -> list[dict[str, Any]]:
    """What is due for the LEA."""
    answer = await reporting.get(DUE, "017", **asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["due"]
    return found


async def test_an_evaluation_is_due_from_consent_to_report(reporting: ReportingQueries) -> None:
    """The clock of 60 business days runs from the parent's consent until the report."""
    on = ago(60)
    await reporting.receive_events(
        *consented(child(1), on),
        *evaluation(child(2), EvaluationStage.REQUESTED),
        *consented(child(3), ago(5)),
    )
    (one,) = await due(reporting)
    assert (one["student_id"], one["kind"]) == (ANNA.student, "initial evaluation")
    assert (one["due_on"], one["counted_from"]) == (str(evaluation_due(on, NO_CALENDARS).due_on), str(on))
    assert (one["clock"], one["stage"]) == ("business days", "consented")
    assert one["next_step"] == "CompleteEvaluation"
    assert 0 < one["days_left"] <= 60 - 42
    assert len(await due(reporting, through=str(evaluation_due(ago(5), NO_CALENDARS).due_on))) == 2


async def test_the_first_iep_is_due_after_the_report(reporting: ReportingQueries) -> None:
    """The first IEP is due 30 days after the report, until it is official. An interim IEP does not count."""
    reported: dict[str, Any] = {"report_disseminated_on": ago(20)}
    determined: dict[str, Any] = {"determined_on": ago(15), **reported}
    lives: list[Sequence[Event]] = [
        evaluation(child(1), EvaluationStage.COMPLETED, **reported),
        [child(2).added(), child(2).claimed(), child(2).determined(**determined)],
        [child(3).added(), child(3).claimed(), child(3).determined(**determined)],
        [child(4).added(), child(4).claimed(), child(4).determined(**determined)],
        [child(5).added(), child(5).claimed(), child(5).determined(**determined)],
        [child(6).added(), child(6).claimed(), child(6).determined(exceptionalities=(), **determined)],
    ]
    ieps = [
        child(3).submitted(stage=IEPStage.DRAFT, meeting_on=ago(3), begin_on=TODAY),
        child(4).submitted(stage=IEPStage.OFFICIAL, meeting_on=ago(3), begin_on=TODAY),
        child(5).submitted(iep_type=IEPType.INTERIM, meeting_on=ago(40), begin_on=ago(40)),
    ]
    await reporting.receive_events(*(event for life in lives for event in life), *ieps)
    found = await due(reporting, kind="initial IEP")
    assert [(one["student_id"][-1], one["stage"], one["next_step"]) for one in found] == [
        ("1", "completed", "DetermineEligibility"),
        ("2", None, "DraftIEP"),
        ("3", "draft", "MakeIEPOfficial"),
        ("5", None, "DraftIEP"),
    ]
    assert {(one["due_on"], one["days_left"]) for one in found} == {(str(TODAY + timedelta(days=10)), 10)}


async def test_a_review_is_due_within_a_year(reporting: ReportingQueries) -> None:
    """The review is due a year after the team's meeting. An amendment begins no other year. A review that has
    begun is named by its stage; once it is submitted, it counts."""
    began, far = ago(400), ago(100)
    amended = child(2).submitted("amendment", begin_on=ago(10), meeting_on=began, amendment=1)
    drafted = child(3).submitted("review", begin_on=TODAY, meeting_on=ago(5), stage=IEPStage.DRAFT)
    reviewed = child(4).submitted("review", begin_on=ago(30), meeting_on=ago(35))
    await reporting.receive_events(
        *(event for n in (1, 2, 3, 4) for event in served(child(n), iep_on=began, evaluated_on=far)),
        *(amended, drafted, reviewed),
    )
    found = await due(reporting, kind="IEP review")
    assert [(one["student_id"][-1], one["stage"], one["next_step"]) for one in found] == [
        ("1", None, "DraftIEP"),
        ("2", None, "DraftIEP"),
        ("3", "draft", "MakeIEPOfficial"),
    ]
    assert {one["counted_from"] for one in found} == {str(began)}
    assert all(one["days_left"] < 0 for one in found)


async def test_a_reevaluation_is_due_after_three_years(reporting: ReportingQueries) -> None:
    """A student in special education is evaluated again within three years. A student who has exited is
    not."""
    old, recent = ago(3 * 365), ago(30)
    begun = child(2).determined("again", stage=EvaluationStage.BEGUN, determined_on=None)
    gone = child(3).entered(revision=2, entered_on=recent, exited_on=ago(1))
    again = child(4).determined("again", determined_on=ago(2), report_disseminated_on=ago(3))
    await reporting.receive_events(
        *(event for n in (1, 2, 3, 4) for event in served(child(n), iep_on=recent, evaluated_on=old)),
        *(begun, gone, again),
    )
    found = await due(reporting)
    assert [(one["student_id"][-1], one["kind"], one["next_step"]) for one in found] == [
        ("1", "re-evaluation", "BeginReevaluation"),
        ("2", "re-evaluation", "CompleteEvaluation"),
    ]


async def test_pages_by_due_date_of_the_students_it_owns(reporting: ReportingQueries) -> None:
    """The pages together have everything once, by due date. Students who moved away are on their new owner's
    list only, even before reporting has heard the end of the old spell."""
    lives = [served(child(n), iep_on=ago(300 + 20 * n), evaluated_on=ago(90)) for n in range(1, 7)]
    away = child(2).changed(lea="009").claimed("second", begin_on=ago(9))
    left = child(4).changed(lea="009").claimed("second", begin_on=ago(9))
    ended = JurisdictionEnded.of(child(4).claimed(), end_on=ago(10))
    await reporting.receive_events(*(event for life in lives for event in life), away, left, ended)
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        body = (await reporting.get(DUE, "017", after=after, limit=2, through="2199-01-01")).json()
        found += [f"{one['student_id'][-1]} {one['kind']}" for one in body["due"]]
        after = body["next"]
    numbers = (6, 5, 3, 1)
    assert found == [f"{n} IEP review" for n in numbers] + [f"{n} re-evaluation" for n in sorted(numbers)]
    body = (await reporting.get("/leas/009/due", "009")).json()
    assert [one["student_id"][-1] for one in body["due"]] == ["4", "2"]


async def test_the_numbers_agree_with_the_list(reporting: ReportingQueries) -> None:
    """The counts by kind are those of the list: overdue, within 7 and within 30 days. Drafts and official
    IEPs are counted too."""
    year = 365
    ages = (year + 40, year + 2, year - 4, year - 20, year - 40, year - 90)
    lives = [served(child(n), iep_on=ago(age), evaluated_on=ago(90)) for n, age in enumerate(ages, 1)]
    others = [*consented(child(8), ago(200)), *consented(child(9), ago(80))]
    drafts = [child(n).submitted("review", begin_on=TODAY, stage=IEPStage.DRAFT) for n in (1, 2)]
    official = child(3).submitted("review", begin_on=TODAY, meeting_on=TODAY, stage=IEPStage.OFFICIAL)
    await reporting.receive_events(*(event for life in lives for event in life), *others, *drafts, official)
    found = await due(reporting)
    work = (await reporting.get(WORK, "017")).json()
    for count in work["due"]:
        days = [date.fromisoformat(one["due_on"]) for one in found if one["kind"] == count["kind"]]
        assert count["overdue"] == sum(day < TODAY for day in days)
        assert count["within_7_days"] == sum(TODAY <= day <= ago(-7) for day in days)
        assert count["within_30_days"] == sum(TODAY <= day <= ago(-30) for day in days)
    assert {one["kind"]: (one["overdue"], one["within_30_days"]) for one in work["due"]} == {
        "initial evaluation": (1, 1),
        "initial IEP": (0, 0),
        "IEP review": (2, 1),
        "re-evaluation": (0, 0),
        "first service": (0, 0),
        "DD turning 9": (0, 0),
    }
    assert (work["drafts"], work["official"], work["lea"]) == (2, 1, "017")


def published(year: int, *holidays: date, revision: int = 1) -> CalendarPublished:
    """The state published a calendar of a year with these holidays."""
    days = tuple(CalendarDay(day=day, reason="holiday") for day in holidays)
    given = {"days": days, "source": "project", "published_on": ago(900)}
    return CalendarPublished.model_validate({"year": str(year), "revision": revision} | given)


async def test_the_first_service_is_due_after_ten_school_days(reporting: ReportingQueries) -> None:
    """After the team developed the first IEP, a service begins within 10 school days: on the day of its first
    session, or else on its first day. A parent who refused is not waited for."""
    met = ago(30)
    lives = [served(child(n), iep_on=met, evaluated_on=ago(60))[:-1] for n in range(1, 6)]
    refused = InitialServicesRefused(
        student_id=child(2).student, revision=1, consent_id=id_named("2", "no"), lea="017", refused_on=ago(20)
    )
    others = [
        service(child(3), begin_on=ago(25)),
        service(child(4), begin_on=ago(25), first_given_on=ago(-1)),
        service(child(5), begin_on=ago(-5)),
    ]
    await reporting.receive_events(*(event for life in lives for event in life), refused, *others)
    found = await due(reporting, kind="first service")
    assert [one["student_id"][-1] for one in found] == ["1", "4", "5"]
    law = first_service_due(met, NO_CALENDARS).due_on
    assert {(one["due_on"], one["clock"], one["next_step"]) for one in found} == {
        (str(law), "school days", "AddService")
    }


async def test_extensions_and_exceptions(reporting: ReportingQueries) -> None:
    """An extension moves the due date, an agreed day replaces it, and a child who is not produced has
    none."""
    on = ago(60)
    extension = Extension(kind=ExtensionKind.PARENT_AGREED, business_days=5, approved_on=ago(3))
    elsewhere = EvaluationException(kind="enrolled elsewhere", occurred_on=ago(9), agreed_due_on=ago(1))
    absent = EvaluationException(kind="child not produced", occurred_on=ago(9))
    await reporting.receive_events(
        *consented(child(1), on, extensions=(extension,)),
        *consented(child(2), on, exceptions=(elsewhere,)),
        *consented(child(3), on, exceptions=(absent,)),
    )
    agreed, extended = await due(reporting, through="2199-01-01")
    law = evaluation_due(on, NO_CALENDARS, [extension])
    assert (agreed["student_id"][-1], agreed["due_on"]) == ("2", str(ago(1)))
    assert (extended["student_id"][-1], extended["due_on"]) == ("1", str(law.due_on))
    assert extended["why"]["counted_to"] == str(law.counted_to)
    assert len(await due(reporting, through=str(law.counted_to))) == 1


async def test_a_waiver_counts_as_an_evaluation(reporting: ReportingQueries) -> None:
    """A re-evaluation is due three years after the newest evaluation or waiver."""
    signed = ago(2 * 365)
    waiver = child(1).determined(
        "waiver",
        evaluation_type=EvaluationType.WAIVER,
        stage=EvaluationStage.WAIVED,
        permission_requested_on=None,
        determined_on=None,
        determination=None,
        exceptionalities=(),
        parent_signed_on=signed,
    )
    await reporting.receive_events(*served(child(1), iep_on=ago(30), evaluated_on=ago(4 * 365)), waiver)
    (one,) = await due(reporting, kind="re-evaluation", through="2199-01-01")
    assert (one["counted_from"], one["due_on"]) == (str(signed), str(reevaluation_due(signed).due_on))


async def test_holidays_move_due_dates(reporting: ReportingQueries) -> None:
    """A line of the list says which holidays its clock left out, by which version of which calendar. An
    amended calendar moves the due date; an older version that arrives late changes nothing."""
    on = date(TODAY.year - 1, 9, 9)
    holidays = [day for day in (on + timedelta(days=number) for number in range(9, 16)) if day.weekday() < 5]
    late, first = published(on.year), published(on.year, *holidays[:2])
    second = published(on.year, *holidays[:4], revision=2)
    await reporting.receive_events(*consented(child(1), on), published(on.year + 1), first)
    for event, number in ((None, 2), (second, 4), (late, 4)):
        if event:
            await reporting.receive_events(event)
        (one,) = await due(reporting)
        moved = NO_CALENDARS.day_after(evaluation_due(on, NO_CALENDARS).due_on, number, Clock.BUSINESS_DAYS)
        assert one["due_on"] == one["why"]["due_on"] == str(moved)
        assert [left_out["day"] for left_out in one["why"]["left_out"]] == list(map(str, holidays[:number]))
        assert one["why"]["calendar_versions"][str(on.year)] == number // 2
        assert not one["why"]["provisional"]


async def test_developmental_delay_ends_at_nine(reporting: ReportingQueries) -> None:
    """A student with developmental delay, primary or not, is due the day before the ninth birthday."""
    born = TODAY.replace(year=TODAY.year - 9, day=1)
    children = (child(1).changed(birth_on=born, codes=("SLI", "DD")), child(2).changed(birth_on=born))
    lives = [served(one, iep_on=ago(90), evaluated_on=ago(90)) for one in children]
    await reporting.receive_events(*(event for life in lives for event in life))
    (one,) = await due(reporting, kind="DD turning 9")
    assert (one["student_id"], one["due_on"]) == (ANNA.student, str(TODAY.replace(day=1) - timedelta(days=1)))
    assert one["counted_from"] == str(born)


async def test_who_sees_it(reporting: ReportingQueries) -> None:
    """The lists are for the LEA, the state and auditors. SER logs each student on a page."""
    await reporting.receive_events(*served(ANNA, iep_on=ago(400), evaluated_on=ago(90)))
    for path in (DUE, WORK):
        assert (await reporting.get(path, STATE, Role.AUDITOR)).status_code == 200
        answer = await reporting.get(path, "009")
        assert (answer.status_code, codes(answer)) == (403, ["RPT-020"])
    assert await reporting.queries.access_log() == [("LA", ANNA.student, "due dates", True)]


async def test_one_students_due_dates(reporting: ReportingQueries) -> None:
    """The owner sees everything that is due for a student, next year's review too. A former owner sees that
    nothing is due, and an LEA that never owned the student is refused."""
    at = f"/students/{ANNA.student}/due"
    assert codes(await reporting.get(at, "017")) == ["RPT-021"]
    await reporting.receive_events(*served(ANNA, iep_on=ago(30), evaluated_on=ago(40)))
    listed = (await reporting.get(at, "017")).json()["due"]
    assert [one["kind"] for one in listed] == ["IEP review", "re-evaluation"]
    assert listed == await due(reporting, through="2199-01-01")
    assert codes(await reporting.get(at, "009")) == ["ACC-005"]
    ended = ANNA.claimed().model_copy(update={"end_on": ago(1)})
    await reporting.receive_events(
        JurisdictionEnded.model_validate(dict(ended) | {"revision": 2}),
        ANNA.changed(lea="009").claimed(begin_on=TODAY, spell_id=id_named(ANNA.student, "next")),
    )
    assert (await reporting.get(at, "017")).json()["due"] == []
    assert len((await reporting.get(at, "009")).json()["due"]) == 2
