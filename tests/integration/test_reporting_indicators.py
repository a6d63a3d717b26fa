"""The worked examples of the indicators, through events: each gives its numbers and its rows."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from contracts.access import STATE, Role
from contracts.evaluations import (
    EvaluationClosed,
    EvaluationException,
    EvaluationExceptionKind,
    EvaluationStage,
    EvaluationType,
    PartCTransitionRecorded,
)
from contracts.forms import Transition
from contracts.ieps import IEPContentsMadeOfficial, PlanKind
from contracts.jurisdiction import JurisdictionEnded
from contracts.message import Event
from contracts.provision import ServiceAdded
from tests.integration.querying import codes
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.integration.test_reporting_cases import child, claimed, evaluated, found, met, run
from tests.unit.reporting.events import Child, id_named, merged_into
from tests.unit.reporting.test_indicator_13 import form

CONSENTED, REPORTED, RUN_ON = date(2024, 9, 9), date(2024, 12, 2), "2025-10-01"
BORN, THIRD, BEFORE = date(2022, 2, 10), date(2025, 2, 10), date(2025, 1, 20)
DAY = date(2024, 10, 1)


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting, with an empty database."""
    async with reporting_queries(database("reporting"), tmp_path) as found:
        yield found


def line(table: dict[str, Any], first: str = "Total") -> dict[str, Any]:
    """The row of a table with this first value, by the names of its columns."""
    names = [column["name"] for column in table["columns"]]
    return next(
        dict(zip(names, row["values"], strict=True)) for row in table["rows"] if row["values"][0] == first
    )


def reasons(answer: dict[str, Any]) -> Counter[str]:
    """The number of rows that each rule leaves out."""
    return Counter(row["reason"]["code"] for row in answer["rows"] if row["reason"])


def numbered(number: int, **changes: Any) -> Child:
    """One of many children of LEA 026."""
    return child(0, student=f"{3_100_000_000 + number}", **changes)


def excepted(one: Child, kind: EvaluationExceptionKind, **changes: Any) -> Event:
    """An evaluation with a consent of the year and an exception."""
    exception = EvaluationException(kind=kind, occurred_on=date(2024, 10, 7), **changes)
    return evaluated(one, decided_on=CONSENTED, exceptions=(exception,))


def left_out_of_child_find() -> Iterator[tuple[Child, Event]]:
    """One evaluation for each rule that leaves one out."""
    kinds = EvaluationExceptionKind
    one, *others = (numbered(number) for number in range(300, 307))
    yield one, excepted(one, kinds.NOT_PRODUCED)
    one, *others = others
    yield one, excepted(one, kinds.ENROLLED_ELSEWHERE, agreed_due_on=date(2025, 2, 3))
    one, *others = others
    yield one, evaluated(one, parent_decision="refused", decided_on=CONSENTED, stage=EvaluationStage.CLOSED)
    one, *others = others
    yield one, found(one, REPORTED, evaluation_type=EvaluationType.REEVALUATION, parent_decision=None)
    one, *others = others
    yield one, found(one, date(2024, 9, 3), decided_on=date(2024, 6, 28))
    one, *others = others
    wrong = evaluated(one, decided_on=CONSENTED)
    yield (
        one,
        EvaluationClosed.of(
            wrong, stage=EvaluationStage.CLOSED, closed_on=CONSENTED, close_reason="entered in error"
        ),
    )


async def test_indicator_11(reporting: ReportingQueries) -> None:
    """Of 208 consents of the year 199 led to a report in time: 95.67 percent. The rest is accounted for."""
    events: list[Event] = []
    for number in range(208):
        one = numbered(number)
        late: dict[str, Any] = {
            "report_disseminated_on": date(2024, 12, 10),
            "delay_reason": "staff shortage",
        }
        events += [one.added(), claimed(one)]
        events.append(found(one, REPORTED, decided_on=CONSENTED, **(late if number >= 199 else {})))
    for one, event in left_out_of_child_find():
        events += [one.added(), claimed(one), event]
    await reporting.receive_events(*events)

    answer = await run(reporting, "indicator-11", as_of=RUN_ON, year="2024-25")

    total = line(answer["tables"]["by LEA"])
    assert (total["a"], total["b"], total["percent"]) == (208, 199, "95.67")
    assert (total["late"], total["from"], total["through"]) == (9, 6, 6)
    assert line(answer["tables"]["by LEA"], "026") == total | {"lea": "026"}
    assert line(answer["tables"]["delays"], "staff shortage")["late"] == 9
    assert reasons(answer) == Counter(("RPT-305", "RPT-306", "RPT-301", "RPT-302", "RPT-303", "RPT-307"))
    assert len(answer["rows"]) == 208 + 6
    late_one = next(row for row in answer["rows"] if row["verdict"] == "late")["values"]
    assert (late_one["due_on"], late_one["days_late"]) == ("2024-12-02", 6)


async def test_a_year_that_is_none(reporting: ReportingQueries) -> None:
    """A school year names two years that follow each other."""
    answer = await reporting.queries.post(
        "/reports/indicator-11/runs", {"parameters": {"year": "2024-26"}}, "026"
    )
    assert (answer.status_code, codes(answer)) == (422, ["MSG-002"])


def from_part_c(number: int, **changes: Any) -> tuple[Child, list[Event]]:
    """A child whom early intervention referred; `changes` are those of its facts."""
    one = numbered(number, birth_on=BORN, codes=("DD",), environment="H")
    facts: dict[str, Any] = {
        "student_id": one.student,
        "revision": 1,
        "lea": one.lea,
        "served": True,
        "referred_on": date(2024, 9, 1),
        "eligible_for_part_c_on": date(2023, 5, 1),
    }
    return one, [one.added(), claimed(one), PartCTransitionRecorded(**(facts | changes))]


def in_use(one: Child, given_on: date = THIRD) -> list[Event]:
    """The child was found eligible, and has an IEP with a service from a day on."""
    iep = met(one, BEFORE, begin_on=THIRD)
    service = ServiceAdded.model_validate(
        {
            "student_id": one.student,
            "revision": 1,
            "service_id": id_named(one.student, "service"),
            "lea": one.lea,
            "iep_id": iep.record_id,
            "terms": {
                "service_code": "SPE",
                "begin_on": THIRD,
                "minutes_per_session": 30,
                "sessions": 1,
            },
            "first_given_on": given_on,
        }
    )
    return [found(one, BEFORE, decided_on=date(2024, 11, 4)), iep, service]


def on_the_way() -> Iterator[list[Event]]:
    """The forty children of the example, and one for each rule that leaves one out."""
    letters = ["b"] * 5 + ["c"] * 26 + ["d"] * 3 + ["e"] * 4 + ["f"] + ["late"]
    facts: dict[str, dict[str, Any]] = {
        "d": {"parent_refusal_on": BEFORE},
        "e": {"eligible_for_part_c_on": date(2024, 12, 1)},
        "f": {"continues_in_part_c": True},
    }
    for number, letter in enumerate(letters):
        one, events = from_part_c(number, **facts.get(letter, {}))
        yield events
        if letter == "b":
            yield [found(one, BEFORE, exceptionalities=())]
        if letter in ("c", "late"):
            yield in_use(one, THIRD if letter == "c" else date(2025, 2, 11))
    yield from_part_c(50, served=False)[1]
    outside, events = from_part_c(51)
    yield [outside.changed(birth_on=date(2020, 1, 1)).added(), *events[1:]]
    yield from_part_c(52)[1][1:]


async def test_indicator_12(reporting: ReportingQueries) -> None:
    """Of 40 children 26 had an IEP in use by the third birthday; 13 do not count: 96.30 percent."""
    await reporting.receive_events(*(event for events in on_the_way() for event in events))
    answer = await run(reporting, "indicator-12", as_of=RUN_ON, year="2024-25")
    total = line(answer["tables"]["by LEA"])
    assert [total[name] for name in ("a", "b", "c", "d", "e", "f", "late")] == [40, 5, 26, 3, 4, 1, 1]
    assert (total["denominator"], total["percent"]) == (27, "96.30")
    assert reasons(answer) == Counter(("RPT-311", "RPT-312", "RPT-313"))


def of_sixteen(number: int, birth_on: date = date(2008, 10, 1), **changes: Any) -> list[Event]:
    """A student with an IEP whose transition form has these changes."""
    one = numbered(number, birth_on=birth_on, grade="10")
    iep = met(one, date(2024, 3, 4))
    return [
        one.added(),
        claimed(one),
        found(one, date(2023, 5, 1)),
        iep,
        contents(one, iep, form(**changes)),
        one.entered(entered_on=date(2020, 9, 1)),
    ]


def contents(one: Child, iep: Event, transition: Transition) -> IEPContentsMadeOfficial:
    """The contents of an IEP with a transition form."""
    return IEPContentsMadeOfficial.model_validate(
        {
            "student_id": one.student,
            "revision": 2,
            "iep_id": iep.record_id,
            "lea": one.lea,
            "official": True,
            "forms": [transition.model_dump()],
        }
    )


async def test_indicator_13(reporting: ReportingQueries) -> None:
    """Of 14 students of 16 and older 12 have an IEP with every element: 85.71 percent."""
    events = [event for number in range(12) for event in of_sixteen(number)]
    events += of_sixteen(12, student_invited_on=None)
    events += of_sixteen(13, agency_likely=None)
    events += of_sixteen(14, birth_on=date(2008, 10, 2))
    private = numbered(15, birth_on=date(2007, 1, 1), environment="PPPS")
    events += [
        private.added(),
        claimed(private),
        found(private, date(2023, 5, 1)),
        met(private, date(2024, 3, 4), plan_kind=PlanKind.SERVICES_PLAN),
        private.entered(entered_on=date(2020, 9, 1)),
    ]
    await reporting.receive_events(*events)

    answer = await run(reporting, "indicator-13", as_of=DAY.isoformat())

    total = line(answer["tables"]["by LEA"])
    assert (total["students"], total["whole"], total["percent"]) == (14, 12, "85.71")
    assert line(answer["tables"]["student_invited"], "no")["students"] == 1
    assert line(answer["tables"]["agency_invited"], "no")["students"] == 1
    assert reasons(answer) == Counter(("RPT-321", "RPT-322"))
    other = await run(reporting, "indicator-13", "017", as_of=DAY.isoformat())
    assert other["rows"] == []

    soon = await run(reporting, "transition", "026", as_of=DAY.isoformat())
    listed = line(soon["tables"]["transition"])
    assert [listed[name] for name in ("students", "whole", "lacking", "turning")] == [15, 13, 2, 15]
    assert reasons(soon) == Counter(("RPT-322",))
    assert {row["values"]["lacks"] for row in soon["rows"] if row["verdict"] == "lacks elements"} == {
        "student invited",
        "agency invited with consent",
    }

    await reporting.receive_events(*merged_into(numbered(99).student, *of_sixteen(0)))
    again = line((await run(reporting, "indicator-13", as_of=DAY.isoformat()))["tables"]["by LEA"])
    assert again == total, "the transition form is found where the IEP stands now"


def educated(environments: dict[str, int], **changes: Any) -> Iterator[Event]:
    """So many children in each environment."""
    places = [place for place, children in environments.items() for _ in range(children)]
    for number, place in enumerate(places):
        one = numbered(number, environment=place, **changes)
        yield from (one.added(), claimed(one), found(one, date(2023, 5, 1)), met(one, date(2024, 3, 4)))
        yield one.entered(entered_on=date(2023, 9, 1))


async def test_indicators_5_and_6(reporting: ReportingQueries) -> None:
    """The environments of each age group, in parts of its child count. A child is in one of the two."""
    await reporting.receive_events(
        *educated({"RC80": 5, "RC39": 2, "HH": 1, "PPPS": 1, "CF": 1}, birth_on=date(2014, 5, 5)),
    )
    answer = await run(reporting, "indicator-5", as_of=DAY.isoformat())
    total = line(answer["tables"]["by LEA"])
    assert [total[name] for name in ("children", "A", "B", "C")] == [10, 5, 2, 1]
    assert [total[f"{part} percent"] for part in "ABC"] == ["50.00", "20.00", "10.00"]
    assert line(answer["tables"]["by disability"], "SLD")["A"] == 5
    answer = await run(reporting, "indicator-6", as_of=DAY.isoformat())
    assert line(answer["tables"]["by LEA"])["children"] == 0
    assert reasons(answer) == Counter({"RPT-345": 10})


ENROLLED = {"BL7": 1200, "WH7": 3000, "HI7": 150, "AS7": 40, "AM7": 8, "PI7": 3, "MU7": 99}
ENROLMENT = "\n".join(["lea,race,children", *(f"026,{race},{n}" for race, n in ENROLLED.items())])


async def load(
    reporting: ReportingQueries, csv: str, table: str = "enrolment", by: str = STATE, role: Role = Role.STATE
) -> httpx.Response:
    """The answer to somebody who loads a table."""
    return await reporting.queries.post(f"/tables/{table}", {"school_year": "2024-25", "csv": csv}, by, role)


def by_race(code: str, children: dict[str, int], first: int) -> Iterator[Event]:
    """So many children of each race with a disability, in LEA 026."""
    races = [race for race, number in children.items() for _ in range(number)]
    for number, race in enumerate(races, first):
        one = numbered(number, codes=(code,), birth_on=date(2014, 5, 5))
        one = one.changed(races=("BL7", "WH7") if race == "MU7" else (race,), hispanic=race == "HI7")
        yield from (one.added(), claimed(one), found(one, date(2023, 5, 1)), met(one, date(2024, 3, 4)))
        yield one.entered(entered_on=date(2023, 9, 1))


async def test_significant_disproportionality(reporting: ReportingQueries) -> None:
    """The ratios of an LEA with 64 children with an intellectual disability. One is above the threshold."""
    await reporting.receive_events(
        *by_race("IDM", {"BL7": 36, "WH7": 24, "HI7": 3, "MU7": 1}, 0),
        *by_race("ED", {"BL7": 14, "WH7": 6, "HI7": 1, "MU7": 1}, 100),
    )
    asked = {"as_of": DAY.isoformat()}
    unloaded = await run(reporting, "significant-disproportionality", **asked)
    assert ratio_of(unloaded, "ID", "BL7")["why_none"] == "enrolment not loaded"
    loaded = await load(reporting, ENROLMENT)
    assert (loaded.status_code, len(loaded.json()["lines"])) == (200, 7)

    answer = await run(reporting, "significant-disproportionality", **asked, thresholds="EMN=9")

    black = ratio_of(answer, "ID", "BL7")
    assert [black[name] for name in ("outcome", "base", "others", "others_base")] == [36, 1200, 28, 3300]
    assert [black[name] for name in ("comparison", "ratio", "exceeds")] == ["risk ratio", "3.5357", "yes"]
    assert ratio_of(answer, "ID", "WH7")["ratio"] == "0.3000"
    assert ratio_of(answer, "ID", "HI7")["why_none"] == "cell below the minimum"
    assert ratio_of(answer, "ID", "AM7")["why_none"] == "n-size below the minimum"
    few = ratio_of(answer, "EMN", "BL7")
    assert (few["why_none"], few["threshold"]) == ("both comparison groups below the minimum", "9.0000")
    placed = ratio_of(answer, "regular class under 40 %", "BL7")
    assert (placed["outcome"], placed["base"]) == (0, 50)
    own = await run(reporting, "significant-disproportionality", "026", **asked)
    assert ratio_of(own, "ID", "BL7")["ratio"] == "3.5357"


def ratio_of(answer: dict[str, Any], analysis: str, race: str) -> dict[str, Any]:
    """The row of LEA 026 for an analysis and a race."""
    table = answer["tables"]["ratios"]
    names = [column["name"] for column in table["columns"]]
    rows = (dict(zip(names, row["values"], strict=True)) for row in table["rows"])
    return next(row for row in rows if (row["lea"], row["analysis"], row["race"]) == ("026", analysis, race))


async def test_indicators_9_and_10(reporting: ReportingQueries) -> None:
    """A ratio above the threshold counts only if a review found inappropriate identification."""
    await reporting.receive_events(*by_race("IDM", {"BL7": 36, "WH7": 24}, 0))
    await load(reporting, ENROLMENT)
    for table, expected in ((None, [1, 0, 1, 1, 0, "0.00"]), ("026,BL7,ID", [1, 0, 1, 1, 1, "100.00"])):
        if table:
            assert (await load(reporting, f"lea,race,disability\n{table}", "findings")).status_code == 200
        answer = await run(reporting, "indicator-10", as_of=DAY.isoformat())
        assert answer["tables"]["indicator"]["rows"][0]["values"] == expected
    answer = await run(reporting, "indicator-9", as_of=DAY.isoformat())
    assert answer["tables"]["indicator"]["rows"][0]["values"] == [1, 0, 1, 1, 0, "0.00"]
    assert line(answer["tables"]["LEAs"], "026")["highest"] == "4.1250"


async def test_only_the_state_loads_a_table(reporting: ReportingQueries) -> None:
    """A table with a wrong line is not loaded. An LEA sees its own lines, and every version is listed."""
    assert codes(await load(reporting, ENROLMENT, by="026", role=Role.WRITER)) == ["ACC-004"]
    wrong = {
        "lea;race;children": "RPT-360",
        "lea,race,children\n026,BL7": "RPT-361",
        "lea,race,children\n026,XX7,1": "RPT-362",
        f"{ENROLMENT}\n026,BL7,1": "RPT-363",
        "lea,race,children\n026,BL7,1": "RPT-364",
    }
    for csv, code in wrong.items():
        answer = await load(reporting, csv)
        assert (answer.status_code, codes(answer)) == (422, [code])
    assert await reporting.get_for_state("/tables") == []
    await load(reporting, ENROLMENT)
    await load(reporting, ENROLMENT.replace(",1200", ",1201"))
    listed = await reporting.get_for_state("/tables")
    assert [one["name"] for one in listed] == ["enrolment", "enrolment"]
    assert {(one["school_year"], one["lines"]) for one in listed} == {("2024-25", 7)}
    path = "/tables/enrolment/2024-25"
    assert (await reporting.get_for_state(path))["lines"][0]["children"] == "1201"
    assert (await reporting.get(path, "017")).json()["lines"] == []
    answer = await reporting.get("/tables/enrolment/2023-24", "017")
    assert (answer.status_code, codes(answer)) == (404, ["RPT-365"])
    refused = await reporting.queries.post(
        "/reports/significant-disproportionality/runs", {"parameters": {"thresholds": "XYZ=2"}}, "026"
    )
    assert codes(refused) == ["MSG-002"]


LEAVING = {"GRD": 620, "ALT": 4, "CRT": 51, "AGE": 5, "DRP": 120, "MVO": 77, "DIE": 3, "RTN": 90}
LEFT_ON = date(2025, 1, 15)


def leaves(one: Child, exited_on: date, reason: str) -> list[Event]:
    """A student of LEA 026 who was in special education from 2023 through a day."""
    entry = one.entered(entered_on=date(2023, 9, 1), exited_on=exited_on, exit_reason=reason)
    return [one.added(), claimed(one), found(one, date(2023, 5, 1)), met(one, date(2024, 3, 4)), entry]


def leavers() -> Iterator[Event]:
    """The exits of the example. One student is too young, one left later, and one came back elsewhere."""
    reasons = [reason for reason, students in LEAVING.items() for _ in range(students)]
    for number, reason in enumerate(reasons):
        born = date(2003, 1, 5) if reason == "AGE" else date(2007, 1, 5)
        yield from leaves(numbered(number, birth_on=born), LEFT_ON, reason)
    yield from leaves(numbered(2000, birth_on=date(2012, 1, 5)), LEFT_ON, "DRP")
    yield from leaves(numbered(2001, birth_on=date(2007, 1, 5)), date(2025, 7, 1), "DRP")
    back = numbered(2002, birth_on=date(2007, 1, 5))
    yield from leaves(back, LEFT_ON, "DRP")
    yield JurisdictionEnded.of(claimed(back), end_on=date(2025, 2, 2))
    there = back.changed(lea="036")
    yield there.claimed("there", begin_on=date(2025, 2, 3))
    yield there.entered("again", entered_on=date(2025, 2, 3))


async def test_indicators_1_2_and_14(reporting: ReportingQueries) -> None:
    """Of 800 students who left school 620 graduated and 120 dropped out: 77.50 and 15.00 percent. The same
    800 are to be asked. The year is that before the indicator's."""
    await reporting.receive_events(*leavers())
    asked = {"as_of": "2026-03-01", "year": "2025-26"}

    for number, share in ((1, "77.50"), (2, "15.00")):
        answer = await run(reporting, f"indicator-{number}", **asked)
        total = line(answer["tables"]["by LEA"])
        assert (total["exits"], total["percent"]) == (800, share)
        assert [total[basis] for basis in ("GHS", "GRADALTDPL", "RC", "RMA", "DROPOUT")] == [
            620,
            4,
            51,
            5,
            120,
        ]
        assert line(answer["tables"]["by disability"], "SLD")["percent"] == share
        assert reasons(answer) == Counter({"RPT-331": 170, "RPT-106": 1, "RPT-103": 1})
    to_ask = await run(reporting, "indicator-14", "026", **asked)
    assert sum(row["reason"] is None for row in to_ask["rows"]) == 800
    assert reasons(to_ask) == Counter({"RPT-331": 171, "RPT-106": 1})
    assert "percent" not in line(to_ask["tables"]["by LEA"])
    so_far = await run(reporting, "indicator-2", as_of="2025-01-14", year="2025-26")
    assert so_far["rows"] == []
