"""Worked examples over the messages of Kafka: one set of children, loaded once, and each report's numbers."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest_asyncio

from contracts.access import STATE, Role
from contracts.calendars import SchoolTerm
from contracts.catalog import entry_of
from contracts.codes import LEAS
from contracts.evaluations import PartCTransitionRecorded
from contracts.forms import ESYSCriterion, ExtendedSchoolYear
from contracts.ieps import IEPContentsMadeOfficial, PlanKind
from contracts.message import Event
from contracts.provision import MissedBecause, ServiceAdded, SessionKind, SessionRecorded, SessionRemoved
from services.chassis.decoding.decoder import Decoder
from services.chassis.decoding.messages import RawMessage, ReceivedEvent
from services.chassis.decoding.tokens import Tokens
from services.chassis.hosting.settings import Settings
from services.reporting.app import SERVICE
from services.reporting.reports.working import work_off
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
from tests.integration.test_reporting_indicators import ENROLLED
from tests.unit.reporting.events import Child, Publisher, id_named

MET, SPRING = date(2025, 2, 10), SchoolTerm(begin_on=date(2025, 1, 6), end_on=date(2025, 5, 22))
JUNE, END_OF_JUNE = date(2025, 6, 2), "2025-06-30"
SHUNNED = {"026", "017", "036", "009"}
"""The LEAs of other examples."""
SEVENTY = list(islice((lea for lea in LEAS if lea not in SHUNNED), 70))


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting with the children of the examples, and the calendar of 2025 with its spring term."""
    async with reporting_queries(database("reporting"), tmp_path) as given:
        published = calendar(2025, HOLIDAYS[2025]).model_copy(update={"terms": (SPRING,)})
        events = (
            published,
            *summer_of_2025(),
            *speech_of_january(),
            *seventy_leas(),
            *one_large_lea(),
            *of_february_29(),
        )
        await given.receive(from_kafka(given.publisher, events))
        await enroll(given, "2024-25", {lea: {"BL7": 100, "WH7": _others_in(lea)} for lea in SEVENTY})
        await enroll(given, "2023-24", {"017": ENROLLED, "036": {"WH7": 390_930}})
        await load(given, "findings", "2024-25", f"lea,race,disability\n{SEVENTY[0]},BL7,all")
        yield given


def from_kafka(publisher: Publisher, events: Sequence[Event]) -> list[ReceivedEvent]:
    """The events as reporting reads them from their topics: keys, headers and bodies in bytes."""
    decode = Decoder(SERVICE, Settings.model_construct(), Tokens.__new__(Tokens))
    found = []
    for offset, one in enumerate(publisher.publish(*events)):
        topic, key = entry_of(type(one.message)).topic(), one.subject.encode()
        headers = tuple(one.envelope.headers())
        item = decode(RawMessage(topic, 0, offset, key, one.body, headers, one.at))
        assert isinstance(item, ReceivedEvent), item
        found.append(item)
    return found


async def load(reporting: ReportingQueries, table: str, year: str, csv: str) -> None:
    """The state loads a table of a school year."""
    wish = {"school_year": year, "csv": csv}
    answer = await reporting.queries.post(f"/tables/{table}", wish, STATE, Role.STATE)
    assert answer.status_code == 200, answer.text


async def enroll(reporting: ReportingQueries, year: str, children: Mapping[str, Mapping[str, int]]) -> None:
    """The state loads the enrolment of some LEAs by race."""
    lines = [f"{lea},{race},{found.get(race, 0)}" for lea, found in children.items() for race in ENROLLED]
    await load(reporting, "enrolment", year, "\n".join(["lea,race,children", *lines]))


def in_special_education(one: Child, met_on: date = MET, **changes: Any) -> Iterator[Event]:
    """The student has an evaluation, and an IEP of February 2025 unless another day is said."""
    yield from (one.added(), claimed(one), found(one, date(2024, 3, 1)), met(one, met_on, **changes))
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


def _others_in(lea: str) -> int:
    """The white children enrolled in an LEA. In three LEAs a black child's risk is seven times theirs."""
    return 700 if lea in SEVENTY[:3] else 100


def seventy_leas() -> Iterator[Event]:
    """In 62 LEAs two black and two white children have a disability on October 1, 2024; in eight LEAs one."""
    places = [(lea, race) for lea in SEVENTY[:62] for race in ("BL7", "BL7", "WH7", "WH7")]
    places += [(lea, "BL7") for lea in SEVENTY[62:]]
    for number, (lea, race) in enumerate(places):
        one = child(0, student=f"{3_200_000_000 + number}", lea=lea, races=(race,))
        yield from in_special_education(one, date(2024, 3, 20))


def one_large_lea() -> Iterator[Event]:
    """In LEA 017 240 children have a learning disability and 22 an emotional one, in LEA 036 754 an emotional
    one. All left in March 2024."""
    learning = {"BL7": 90, "WH7": 134, "HI7": 12, "AS7": 1, "MU7": 3}
    emotional = {"BL7": 14, "WH7": 6, "HI7": 1, "MU7": 1}
    found_in = [("017", "SLD", learning), ("017", "ED", emotional), ("036", "ED", {"WH7": 754})]
    each = [
        (lea, code, race)
        for lea, code, races in found_in
        for race, children in races.items()
        for _ in range(children)
    ]
    for number, (lea, code, race) in enumerate(each):
        one = child(0, student=f"{3_300_000_000 + number}", lea=lea, codes=(code,))
        yield from left(
            one.changed(races=("BL7", "WH7") if race == "MU7" else (race,), hispanic=race == "HI7")
        )


def left(one: Child) -> Iterator[Event]:
    """The student was in special education from March 2023 until March 2024."""
    day = date(2023, 3, 20)
    yield from (one.added(), claimed(one), found(one, day), met(one, day))
    yield one.entered(entered_on=day, exited_on=date(2024, 3, 1), exit_reason="MVO")


def of_february_29() -> Iterator[Event]:
    """In LEA 009 a student with a delay turns nine on March 1, 2025. A child turned three on March 1, 2023,
    and got the first service on that day."""
    nine = child(21, birth_on=date(2016, 2, 29), codes=("DD",), lea="009")
    yield from in_special_education(nine)
    three, third = child(22, birth_on=date(2020, 2, 29), codes=("DD",), lea="009"), date(2023, 3, 1)
    yield from (three.added(), claimed(three), found(three, date(2023, 2, 1), decided_on=date(2022, 11, 1)))
    yield met(three, date(2023, 2, 10), begin_on=third)
    yield served(three, third).model_copy(update={"first_given_on": third, "end_on": date(2023, 6, 30)})
    yield PartCTransitionRecorded(
        student_id=three.student,
        revision=1,
        lea=three.lea,
        served=True,
        referred_on=date(2022, 9, 1),
        eligible_for_part_c_on=date(2021, 5, 1),
    )


async def test_the_worked_examples(reporting: ReportingQueries) -> None:
    """Each example gives its numbers. All children are in one database."""
    await the_summer(reporting)
    await the_minutes(reporting)
    await indicator_9(reporting)
    await the_ratios(reporting)
    await birthdays_of_february_29(reporting)


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


async def indicator_9(reporting: ReportingQueries) -> None:
    """Of 70 LEAs 8 are below the minimum, and 3 above the threshold. One of these has a finding: 1.61 %."""
    tables = await tables_of(reporting, "indicator-9", as_of="2024-10-01", minimum_cell=2)
    assert [row["values"] for row in tables["indicator"]["rows"]] == [[70, 8, 62, 3, 1, "1.61"]]


async def the_ratios(reporting: ReportingQueries) -> None:
    """Eight other children with an emotional disturbance are too few: the state's 762 are compared."""
    tables = await tables_of(reporting, "significant-disproportionality", as_of="2023-10-01")
    learning = [ratio_of_017(tables["ratios"], "SLD", race)["ratio"] for race in ("BL7", "HI7")]
    assert learning == ["1.6500", "1.5263"]
    black = ratio_of_017(tables["ratios"], "EMN", "BL7")
    assert [black[name] for name in ("others", "others_base", "ratio")] == [762, 394_230, "6.0359"]


async def birthdays_of_february_29(reporting: ReportingQueries) -> None:
    """A child of February 29 turns three and nine on March 1. The reclassification is due the day before."""
    asked = {"period": "2024-25", "by": "009"}
    today = await run(reporting, "dd-turning-9", as_of="2025-02-28", **asked)
    assert (verdicts(today)["21"], value(today, 21, "due_on")) == ("to do", "2025-02-28")
    tomorrow = await run(reporting, "dd-turning-9", as_of="2025-03-01", **asked)
    assert verdicts(tomorrow)["21"] == "overdue"
    third = await run(reporting, "indicator-12", as_of="2023-10-01", year="2022-23", by="009")
    [total] = [row["values"] for row in third["tables"]["by LEA"]["rows"] if row["values"][0] == "Total"]
    names = [column["name"] for column in third["tables"]["by LEA"]["columns"]]
    numbers = dict(zip(names, total, strict=True))
    assert (numbers["a"], numbers["c"], numbers["percent"]) == (1, 1, "100.00")


async def tables_of(reporting: ReportingQueries, report: str, **parameters: Any) -> dict[str, Any]:
    """The tables of the state's run of a report, by name."""
    wish = {"parameters": parameters}
    asked = await reporting.queries.post(f"/reports/{report}/runs", wish, STATE, Role.STATE)
    run_id = asked.json()["run_id"]
    await work_off(reporting.queries.engine, UUID(run_id))
    return {
        table["name"]: table for table in (await reporting.get_for_state(f"/reports/runs/{run_id}"))["tables"]
    }


def ratio_of_017(table: dict[str, Any], analysis: str, race: str) -> dict[str, Any]:
    """The row of LEA 017 for an analysis and a race."""
    names = [column["name"] for column in table["columns"]]
    rows = (dict(zip(names, row["values"], strict=True)) for row in table["rows"])
    return next(row for row in rows if (row["lea"], row["analysis"], row["race"]) == ("017", analysis, race))
