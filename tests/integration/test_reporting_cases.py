"""The worked examples of SER's reports, through events: each gives its numbers and its rows."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest_asyncio

from contracts.access import STATE, Role
from contracts.activities import InitialServicesRefused, SpedActivityEnded
from contracts.calendars import CalendarDay, CalendarPublished, Extension, ExtensionKind
from contracts.evaluations import (
    EligibilityDetermined,
    Evaluation,
    EvaluationClosed,
    EvaluationException,
    EvaluationExceptionKind,
    EvaluationStage,
    EvaluationType,
    TriennialWaiverRecorded,
)
from contracts.ieps import IEPStage, IEPType
from contracts.jurisdiction import JurisdictionEnded
from contracts.message import Event
from services.reporting.reports.working import work_off
from tests.integration.querying import codes
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.unit.reporting.events import Child, id_named

HOLIDAYS = {
    2024: ("2024-09-02", "2024-11-11", "2024-11-28", "2024-11-29", "2024-12-25", "2024-12-26"),
    2025: ("2025-01-01", "2025-01-20", "2025-05-26", "2025-06-19"),
}
LONG_AGO = date(2020, 8, 10)


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting with the calendars of two years."""
    async with reporting_queries(database("reporting"), tmp_path) as found:
        await found.receive_events(*(calendar(year, days) for year, days in HOLIDAYS.items()))
        yield found


def calendar(year: int, days: tuple[str, ...]) -> CalendarPublished:
    """The state's calendar of a year."""
    return CalendarPublished(
        year=str(year),
        revision=1,
        days=tuple(CalendarDay(day=date.fromisoformat(day), reason="holiday") for day in days),
        source="project",
        published_on=date(year - 1, 6, 1),
    )


def child(number: int, **changes: Any) -> Child:
    """A child of LEA 026."""
    return Child(f"30000000{number:02d}", birth_on=date(2014, 5, 5), lea="026").changed(**changes)


def claimed(one: Child, **changes: Any) -> Event:
    """The LEA has had the child for years."""
    return one.claimed(begin_on=LONG_AGO, **changes)


def evaluated(one: Child, name: str = "evaluation", **changes: Any) -> EligibilityDetermined:
    """An evaluation in the given state."""
    state: dict[str, Any] = {
        "stage": EvaluationStage.CONSENTED,
        "parent_decision": "consented",
        "permission_requested_on": date(2019, 9, 3),
        "determined_on": None,
        "determination": None,
        "exceptionalities": (),
    }
    return one.determined(name, **{**state, **changes})


def found(one: Child, reported_on: date, name: str = "evaluation", **changes: Any) -> EligibilityDetermined:
    """An evaluation with a report, which found what the child has."""
    state = {
        "stage": EvaluationStage.DETERMINED,
        "report_disseminated_on": reported_on,
        "determined_on": reported_on,
        "determination": 1,
        "exceptionalities": one.determined().exceptionalities,
    }
    return evaluated(one, name, **{**state, **changes})


def met(one: Child, meeting_on: date, name: str = "iep", **changes: Any) -> Event:
    """A submitted IEP of a meeting."""
    return one.submitted(name, **{"meeting_on": meeting_on, "begin_on": meeting_on, **changes})


async def run(reporting: ReportingQueries, report: str, by: str = STATE, **parameters: Any) -> dict[str, Any]:
    """A run of a report: its tables by name, and its rows."""
    role = Role.STATE if by == STATE else Role.READER
    answer = await reporting.queries.post(f"/reports/{report}/runs", {"parameters": parameters}, by, role)
    assert answer.status_code == 202, answer.text
    run_id = answer.json()["run_id"]
    await work_off(reporting.queries.engine, UUID(run_id))
    one = (await reporting.get(f"/reports/runs/{run_id}", by, role)).json()
    assert one["state"] == "done", one
    rows = (await reporting.get(f"/reports/runs/{run_id}/rows", by, role, limit=1000)).json()["rows"]
    check(one["tables"], rows)
    return {"tables": {table["name"]: table for table in one["tables"]}, "rows": rows, "run": one}


def check(tables: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    """The test fails unless each number counts its rows."""
    for table in tables:
        for line in table["rows"]:
            for column, value in zip(table["columns"], line["values"], strict=True):
                where = {**line["where"], **column["where"]}
                if column["kind"] == "count" and where.get("reason") != "RPT-205":
                    assert value == sum(fits(row, where) for row in rows), (table["name"], where)


def fits(row: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    """Whether a row has these values."""
    code = row["reason"]["code"] if row["reason"] else None
    values = {**row["values"], "verdict": row["verdict"], "reason": code}
    return all(values.get(name) == value for name, value in where.items())


def verdicts(answer: dict[str, Any]) -> dict[str, str]:
    """The verdict, or the reason, of each row, by the last two digits of the State ID."""
    return {
        row["student_id"][-2:]: row["reason"]["code"] if row["reason"] else row["verdict"]
        for row in answer["rows"]
    }


def value(answer: dict[str, Any], student: int, name: str) -> Any:
    """A value of a student's row."""
    return next(row for row in answer["rows"] if int(row["student_id"][-2:]) == student)["values"][name]


def line(answer: dict[str, Any], table: str, **where: Any) -> dict[str, Any]:
    """The row of a table with these values, by column."""
    shown = answer["tables"][table]
    names = [column["name"] for column in shown["columns"]]
    lines = [dict(zip(names, row["values"], strict=True)) for row in shown["rows"]]
    (only,) = [one for one in lines if all(one[name] == given for name, given in where.items())]
    return only


async def test_evaluations_are_in_the_month_of_their_due_date(reporting: ReportingQueries) -> None:
    """December: one in, two out, one excluded, 33.3 %. January so far: one overdue by three days."""
    not_produced = EvaluationException(
        kind=EvaluationExceptionKind.NOT_PRODUCED, occurred_on=date(2024, 10, 1)
    )
    withdrawn = EvaluationException(
        kind=EvaluationExceptionKind.CONSENT_WITHDRAWN, occurred_on=date(2024, 10, 2)
    )
    ten = Extension(kind=ExtensionKind.PARENT_AGREED, business_days=10, approved_on=date(2024, 12, 2))
    p, q, r, s, t, u, v, w = (child(number) for number in range(1, 9))
    state = evaluated(w, decided_on=date(2024, 9, 16), lea="026")
    await reporting.receive_events(
        *(event for one in (p, q, r, s, t, u, v) for event in (one.added(), claimed(one))),
        w.added(),
        JurisdictionEnded.of(claimed(w), end_on=date(2024, 11, 1), end_reason="died"),
        found(p, date(2024, 12, 4), decided_on=date(2024, 9, 9), coordinator_id="C-7"),
        found(q, date(2024, 12, 10), decided_on=date(2024, 9, 10)),
        evaluated(r, decided_on=date(2024, 9, 11)),
        evaluated(s, decided_on=date(2024, 9, 13), exceptions=(not_produced,)),
        evaluated(t, decided_on=date(2024, 9, 23), extensions=(ten,)),
        evaluated(u, decided_on=date(2024, 12, 10), parent_decision="refused"),
        EvaluationClosed.of(
            evaluated(v, decided_on=date(2024, 9, 12), exceptions=(withdrawn,)),
            stage=EvaluationStage.CLOSED,
            closed_on=date(2024, 10, 2),
        ),
        state,
    )
    december = await run(reporting, "evaluations", period="2024-12", as_of="2025-01-10", by="026")
    assert verdicts(december) == {
        "01": "IN",
        "02": "OUT-LATE",
        "03": "OUT-OVERDUE",
        "04": "RPT-206",
        "06": "RPT-201",
        "07": "RPT-208",
        "08": "RPT-209",
    }
    assert [value(december, n, "due_on") for n in (1, 2, 3, 4)] == [
        "2024-12-05",
        "2024-12-06",
        "2024-12-09",
        "2024-12-11",
    ]
    assert [value(december, n, "days_late") for n in (1, 2, 3)] == [None, 2, 21]
    total = line(december, "initial evaluation", level="Total")
    assert (total["IN"], total["OUT-LATE"], total["OUT-OVERDUE"], total["percent"]) == (1, 1, 1, "33.3")
    assert (total["median"], total["largest"]) == (2, 21)
    january = await run(reporting, "evaluations", period="2025-01", as_of="2025-01-10")
    total = line(january, "initial evaluation", level="Total")
    assert (total["IN"], total["OUT-OVERDUE"], total["percent"]) == (0, 1, "0.0")
    assert (value(january, 5, "due_on"), value(january, 5, "days_late")) == ("2025-01-07", 3)
    wrong = await reporting.queries.post(
        "/reports/evaluations/runs", {"parameters": {"period": "2024-19"}}, STATE, Role.STATE
    )
    assert codes(wrong) == ["MSG-002"]


async def test_a_review_is_due_a_year_after_the_meeting(reporting: ReportingQueries) -> None:
    """Amendments move nothing, a draft completes nothing, and an exit before the due date excludes."""
    one, two, three, four, five, six, seven, eight, nine = (child(number) for number in range(11, 20))
    everybody = (one, two, three, four, five, six, seven, eight, nine)
    begun = date(2023, 12, 18)
    left = six.entered(entered_on=begun)
    await reporting.receive_events(
        *(event for each in everybody for event in (each.added(), claimed(each))),
        found(one, date(2024, 12, 3)),
        met(one, date(2025, 1, 2)),
        met(two, begun),
        met(two, begun, "a1", begin_on=date(2024, 5, 6), amendment=1),
        met(two, begun, "a2", begin_on=date(2024, 12, 9), amendment=2),
        met(two, date(2024, 12, 19), "review", iep_type=IEPType.REVIEW),
        met(three, date(2024, 2, 29)),
        met(four, date(2023, 12, 20)),
        met(four, date(2024, 12, 12), "review", iep_type=IEPType.REVIEW, stage=IEPStage.DRAFT),
        found(five, date(2024, 12, 5), exceptionalities=()),
        met(six, begun),
        SpedActivityEnded.of(left, exited_on=date(2024, 11, 1), exit_reason="RTN"),
        found(seven, date(2024, 12, 6)),
        InitialServicesRefused(
            student_id=seven.student,
            revision=1,
            consent_id=id_named(seven.student, "consent"),
            lea="026",
            refused_on=date(2024, 12, 20),
        ),
        met(eight, date(2024, 12, 2), iep_type=IEPType.INTERIM),
        found(nine, date(2022, 3, 1)),
        met(nine, date(2022, 3, 10)),
        SpedActivityEnded.of(
            nine.entered(entered_on=date(2022, 3, 10)), exited_on=date(2022, 6, 1), exit_reason="RTN"
        ),
        met(nine, date(2024, 12, 4), "again"),
    )
    december = await run(reporting, "ieps", period="2024-12", as_of="2025-01-31")
    rows = verdicts(december)
    assert (rows["14"], rows["16"], rows["18"]) == ("OUT-OVERDUE", "RPT-203", "RPT-211")
    assert value(december, 14, "days_late") == 42
    assert {row["reason"]["code"] for row in december["rows"] if row["reason"]} >= {
        "RPT-203",
        "RPT-204",
        "RPT-210",
        "RPT-211",
        "RPT-212",
    }
    total = line(december, "IEP review", level="Total")
    assert (total["IN"], total["OUT-LATE"], total["OUT-OVERDUE"], total["percent"]) == (0, 1, 1, "0.0")
    january = await run(reporting, "ieps", period="2025-01", as_of="2025-01-31")
    total = line(january, "initial IEP", level="Total")
    assert (total["IN"], total["percent"], total["EXCLUDED"]) == (1, "100.0", 1)
    assert (verdicts(january)["15"], verdicts(january)["17"]) == ("RPT-202", "RPT-213")
    march = await run(reporting, "ieps", period="2025-03", as_of="2025-01-31")
    assert (value(march, 13, "due_on"), verdicts(march)["13"]) == ("2025-03-01", "PENDING")


async def test_reevaluations_are_due_in_the_next_three_months(reporting: ReportingQueries) -> None:
    """A waiver counts from its signature, also if it was signed late. Months end as the calendar's do."""
    last = {
        21: date(2022, 2, 28),
        22: date(2022, 2, 27),
        23: date(2019, 3, 10),
        24: date(2022, 1, 30),
        25: date(2020, 2, 29),
    }
    events: list[Event] = []
    for number, day in last.items():
        one = child(number)
        events += [one.added(), claimed(one), found(one, day), one.entered(entered_on=day)]
    waived = child(23)
    waiver = evaluated(
        waived,
        "waiver",
        evaluation_type=EvaluationType.WAIVER,
        stage=EvaluationStage.WAIVED,
        parent_signed_on=date(2022, 3, 4),
        permission_requested_on=None,
        parent_decision=None,
    )
    none = child(26)
    await reporting.receive_events(
        *events,
        TriennialWaiverRecorded(**waiver.model_dump(include=set(Evaluation.model_fields))),
        none.added(),
        claimed(none),
        none.entered(entered_on=date(2023, 1, 9)),
    )
    soon = await run(reporting, "reevaluations", as_of="2025-01-31", by="026")
    assert {number: value(soon, number, "bucket") for number in last} == {
        21: "month 2",
        22: "month 1",
        23: "month 2",
        24: "overdue",
        25: "overdue",
    }
    assert [value(soon, n, "due_on") for n in (23, 25)] == ["2025-03-04", "2023-03-01"]
    assert value(soon, 24, "days_to_due") == -1
    assert verdicts(soon)["26"] == "RPT-215"
    total = line(soon, "months", level="Total")
    assert [total[name] for name in ("overdue", "month 1", "month 2", "month 3")] == [2, 1, 2, 0]
    year = await run(reporting, "reevaluations", as_of="2025-01-31", period="2024-25", by="026")
    total = line(year, "period", level="Total")
    assert (total["OUT-OVERDUE"], total["PENDING"], total["before"]) == (1, 3, 1)


async def test_a_roster_has_the_anniversaries_of_a_school_year(reporting: ReportingQueries) -> None:
    """A student is on the roster of a year if the IEP or the evaluation is due in it."""
    one, other = child(31), child(32)
    await reporting.receive_events(
        *(event for each in (one, other) for event in (each.added(), claimed(each))),
        found(one, date(2023, 11, 2)),
        met(one, date(2024, 3, 12)),
        one.entered(entered_on=date(2024, 3, 12)),
    )
    year = await run(reporting, "rosters", as_of="2024-11-04", period="2024-25", by="026")
    assert verdicts(year) == {"31": "listed", "32": "RPT-214"}
    assert [value(year, 31, name) for name in ("iep_due_on", "evaluation_due_on", "in_the_year")] == [
        "2025-03-12",
        "2026-11-02",
        "IEP",
    ]
    later = await run(reporting, "rosters", as_of="2024-11-04", period="2026-27", by="026")
    assert value(later, 31, "in_the_year") == "evaluation"
    no_year = await run(reporting, "rosters", as_of="2024-11-04", period="2027-28", by="026")
    assert verdicts(no_year)["31"] == "RPT-204"
    everybody = await run(reporting, "rosters", as_of="2024-11-04", everybody=True, by="026")
    total = line(everybody, "students", level="Total")
    assert (total["students"], total["no IEP"], total["no evaluation"]) == (2, 1, 1)


async def test_a_student_with_a_delay_is_reclassified_before_nine(reporting: ReportingQueries) -> None:
    """Reclassified, overdue from the birthday on, and to do on the day before."""
    done = child(41, birth_on=date(2015, 11, 10), codes=("DD",))
    today = child(42, birth_on=date(2015, 11, 4), codes=("DD",))
    tomorrow = child(43, birth_on=date(2015, 11, 5), codes=("DD",))
    long_ago = child(44, birth_on=date(2015, 11, 6), codes=("DD",))
    later = child(45, birth_on=date(2017, 11, 6), codes=("DD",))
    reported = date(2020, 9, 1)
    everybody = (done, today, tomorrow, long_ago, later)
    new = done.changed(codes=("OHI",))
    await reporting.receive_events(
        *(
            event
            for one in everybody
            for event in (one.added(), claimed(one), found(one, reported), one.entered(entered_on=reported))
        ),
        found(new, date(2024, 10, 30), "second", determination=2),
        found(long_ago.changed(codes=("SLD",)), date(2022, 1, 10), "second", determination=2),
    )
    answer = await run(reporting, "dd-turning-9", as_of="2024-11-04", by="026")
    assert verdicts(answer) == {
        "41": "reclassified",
        "42": "overdue",
        "43": "to do",
        "44": "RPT-217",
        "45": "RPT-218",
    }
    assert [value(answer, 42, "due_on"), value(answer, 43, "due_on")] == ["2024-11-03", "2024-11-04"]
    assert value(answer, 41, "new_primary") == "OHI"


async def test_an_official_plan_that_is_not_submitted_is_shown(reporting: ReportingQueries) -> None:
    """A review in time is IN although the new plan is official only, and the list says so."""
    one, none = child(51), child(52)
    await reporting.receive_events(
        *(event for each in (one, none) for event in (each.added(), claimed(each))),
        met(one, date(2024, 1, 12), begin_on=date(2024, 1, 16)),
        met(
            one,
            date(2025, 1, 10),
            "review",
            iep_type=IEPType.REVIEW,
            stage=IEPStage.OFFICIAL,
            begin_on=date(2025, 1, 16),
        ),
        one.entered(entered_on=date(2024, 1, 16)),
        none.entered(entered_on=date(2024, 1, 16)),
    )
    answer = await run(reporting, "plans", as_of="2025-01-20", by="026")
    assert verdicts(answer) == {"51": "listed", "52": "RPT-216"}
    assert [value(answer, 51, name) for name in ("status_due_on", "status", "warnings")] == [
        "2025-01-12",
        "IN",
        "official, not submitted",
    ]
    assert line(answer, "plans", level="Total", plan_kind="IEP")["review IN"] == 1
    assert line(answer, "months", month="2025-01")["plans"] == 1


async def test_business_days_of_a_year(reporting: ReportingQueries) -> None:
    """+10 and +60 business days from each day, by the state's calendars."""
    answer = await run(reporting, "business-days", year=2024)
    days = {row["values"][0]: row["values"] for row in answer["tables"]["days"]["rows"]}
    assert len(days) == 366
    assert days["2024-09-09"][4:6] == ["2024-09-23", "2024-12-05"]
    assert days["2024-08-19"][4:6] == ["2024-09-03", "2024-11-13"]
    assert days["2024-12-25"][2:4] == ["no", "holiday"]
    later = await run(reporting, "business-days", year=2025)
    days = {row["values"][0]: row["values"] for row in later["tables"]["days"]["rows"]}
    assert days["2025-05-12"][5] == "2025-08-06"
    assert days["2025-12-01"][-2] is True, "the calendar of 2026 is not published"
    assert (later["rows"], later["run"]["calendars"]) == ([], {"2024": 1, "2025": 1})


async def test_an_agreed_day_after_a_move_is_the_new_leas(reporting: ReportingQueries) -> None:
    """The first LEA's case is excluded (RPT-207); the new LEA's is due on the agreed day."""
    one = child(61)
    moved_on = date(2024, 11, 4)
    agreed = EvaluationException(
        kind=EvaluationExceptionKind.ENROLLED_ELSEWHERE,
        occurred_on=moved_on,
        agreed_due_on=date(2024, 12, 20),
        sufficient_progress=True,
    )
    first = claimed(one)
    await reporting.receive_events(
        one.added(),
        first,
        JurisdictionEnded.of(first, end_on=moved_on - timedelta(days=1)),
        one.changed(lea="036").claimed("there", begin_on=moved_on),
        evaluated(one, decided_on=date(2024, 9, 9), exceptions=(agreed,)),
    )
    left = await run(reporting, "evaluations", period="2024-12", as_of="2025-01-10", by="026")
    assert verdicts(left) == {"61": "RPT-207"}
    assert line(left, "reasons", reason="RPT-205")["rows"] == 1
    new = await run(reporting, "evaluations", period="2024-12", as_of="2025-01-10", by="036")
    assert (verdicts(new), value(new, 61, "due_on")) == ({"61": "OUT-OVERDUE"}, "2024-12-20")
