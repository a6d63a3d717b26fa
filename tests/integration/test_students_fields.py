"""The fields of the advanced search, pages, totals, and how a student was found, on a real database."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from contracts.access import Role
from contracts.dates import day_at
from contracts.jurisdiction import JurisdictionEnded, SchoolStay, SchoolTransferred
from contracts.students import Profile, ProfileSaved, StudentCorrected
from services.students.app import SERVICE
from services.students.store import MOST_COUNTED
from tests.integration.querying import ServiceQueries, codes, service_queries
from tests.integration.test_students_search import (
    AUGUST,
    CADDO,
    EBR,
    JEFFERSON,
    OCTOBER,
    facts,
    named_like,
    spell,
    student,
)
from tests.unit.students.events import service, terminated

MAYA, ADA, LEO, THEIRS = "4000000001", "4000000002", "4000000003", "4000000004"
STATE = ("LA", Role.STATE)


@pytest_asyncio.fixture
async def queries(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ServiceQueries]:
    """Three students of East Baton Rouge, one of Jefferson."""
    async with service_queries(SERVICE, database("students"), tmp_path) as made:
        maya = named_like("Maya Mae Sampleton", birth_on=date(2011, 6, 25))
        leo = named_like("Leo Sampleton", birth_on=date(2012, 1, 2), sex="M")
        await made.keep(
            student(MAYA, maya),
            student(ADA, named_like("Ada Testerson")),
            student(LEO, leo),
            student(THEIRS, named_like("Maya Otherson", birth_on=date(2011, 6, 25)), JEFFERSON),
        )
        at_school = spell(EBR, AUGUST).model_copy(update={"local_student_id": "e-1204"})
        await made.keep(*facts(MAYA, at_school), *facts(LEO, spell(EBR, OCTOBER)))
        await made.keep(*facts(THEIRS, spell(JEFFERSON, AUGUST)))
        yield made


async def answer(queries: ServiceQueries, lea: str = EBR, /, *roles: Role, **wanted: Any) -> dict[str, Any]:
    """What the search answers to a user of an LEA."""
    response = await queries.post("/students/search", wanted, lea, *roles)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def found(queries: ServiceQueries, lea: str = EBR, /, *roles: Role, **wanted: Any) -> list[str]:
    """The State IDs of the students found."""
    return [line["student_id"] for line in (await answer(queries, lea, *roles, **wanted))["students"]]


# Single fields


async def test_first_and_last_name(queries: ServiceQueries) -> None:
    """First and last name are searched apart, with typos, and also together with the search box."""
    assert await found(queries, first="Maia") == [MAYA]
    assert await found(queries, last="Sampelton") == [LEO, MAYA]
    assert await found(queries, first="Leo", last="Sampleton") == [LEO]
    assert await found(queries, text="Sampleton", first="Maya") == [MAYA]


async def test_local_id(queries: ServiceQueries) -> None:
    """The LEA's own number finds the student, in capital or small letters."""
    assert await found(queries, local_id="E-1204") == [MAYA]
    assert await found(queries, local_id="E-120") == []


async def test_birth_date(queries: ServiceQueries) -> None:
    """A birth date, or a time of birth with both ends, or one end only."""
    assert await found(queries, born_on="2011-06-25") == [MAYA]
    assert await found(queries, born_from="2011-06-25", born_through="2012-01-02") == [LEO, MAYA]
    assert await found(queries, born_from="2011-06-26") == [LEO]
    assert await found(queries, born_through="2011-06-24") == [ADA]
    assert await found(queries, born_on="2011-06-25", born_through="2011-06-24") == []


async def test_sex_and_grade(queries: ServiceQueries) -> None:
    """Sex as eScholar sent it, and the grade of today; all given fields have to fit."""
    assert await found(queries, sex="M") == [LEO]
    assert await found(queries, grade="04") == [LEO, MAYA, ADA]
    assert await found(queries, grade="04", sex="F", last="Sampleton") == [MAYA]
    assert await found(queries, grade="05") == []


async def test_the_grade_of_today(queries: ServiceQueries) -> None:
    """A grade that begins on a day to come is not searched for yet; one that has ended no more."""
    today = day_at(datetime.now(UTC))
    before = student(ADA, named_like("Ada Testerson"))
    since_last_week = Profile(grade="05", effective_on=today - timedelta(days=7))
    promoted = ProfileSaved.of(before, profile=since_last_week, earlier_profiles=(before.profile,))
    await queries.keep(promoted)
    assert (await found(queries, grade="05"), ADA in await found(queries, grade="04")) == ([ADA], False)
    next_year = Profile(grade="06", effective_on=today + timedelta(days=200))
    planned = ProfileSaved.of(promoted, profile=next_year, earlier_profiles=(since_last_week, before.profile))
    await queries.keep(planned)
    assert (await found(queries, grade="05"), await found(queries, grade="06")) == ([ADA], [])


async def test_school(queries: ServiceQueries) -> None:
    """A school site finds the students who attend it now, after a school transfer the new one."""
    assert await found(queries, school="017001") == [LEO, MAYA]
    moved = SchoolTransferred.of(
        spell(EBR, AUGUST),
        schools=(
            SchoolStay(school="017001", begin_on=AUGUST),
            SchoolStay(school="017002", begin_on=OCTOBER),
            SchoolStay(school="017003", begin_on=day_at(datetime.now(UTC)) + timedelta(days=30)),
        ),
    )
    await queries.keep(*facts(MAYA, moved))
    assert (await found(queries, school="017001"), await found(queries, school="017002")) == ([LEO], [MAYA])
    assert await found(queries, school="017003") == []
    (line,) = (await answer(queries, first="Maya"))["students"]
    assert line["school"] == "017002"


async def test_school_and_local_id_are_the_owners(queries: ServiceQueries) -> None:
    """After a transfer the student is found at the new LEA's school, and under no number of the old LEA."""
    old = spell(EBR, AUGUST).model_copy(update={"local_student_id": "e-1204"})
    await queries.keep(
        *facts(MAYA, JurisdictionEnded.of(old, end_on=OCTOBER), spell(JEFFERSON, OCTOBER + timedelta(days=1)))
    )
    assert await found(queries, local_id="e-1204") == []
    assert await found(queries, JEFFERSON, school="026001") == [THEIRS, MAYA]


async def test_a_correction_is_searched(queries: ServiceQueries) -> None:
    """After eScholar's correction the student is found by the new birth date and sex."""
    before = student(ADA, named_like("Ada Testerson"))
    born = named_like("Ada Testerson", birth_on=date(2009, 1, 1), sex="M")
    await queries.keep(StudentCorrected.of(before, person=born, identity_revision=2))
    assert await found(queries, born_on="2009-01-01", sex="M") == [ADA]


# Who finds whom


async def test_an_lea_searches_its_own_students(queries: ServiceQueries) -> None:
    """No field finds another LEA's student. The state and auditors search all LEAs, or one."""
    assert await found(queries, born_on="2011-06-25") == [MAYA]
    assert await found(queries, JEFFERSON, Role.WRITER, first="Maya") == [THEIRS]
    assert await found(queries, JEFFERSON, Role.WRITER, local_id="e-1204") == []
    assert await found(queries, JEFFERSON, Role.WRITER, school="017001") == []
    assert await found(queries, *STATE, born_on="2011-06-25") == [THEIRS, MAYA]
    assert await found(queries, *STATE, born_on="2011-06-25", lea=JEFFERSON) == [THEIRS]
    assert await found(queries, CADDO, Role.AUDITOR, school="017001") == [LEO, MAYA]


async def test_another_lea_is_for_the_state(queries: ServiceQueries) -> None:
    """An LEA may name itself, and no other LEA; the access log has the attempt."""
    assert await found(queries, first="Maya", lea=EBR) == [MAYA]
    refused = await queries.post("/students/search", {"first": "Maya", "lea": JEFFERSON}, EBR)
    assert (refused.status_code, codes(refused)) == (403, ["ACC-004"])
    assert await queries.access_log() == [(EBR, "", "search", True), (EBR, "", "search", False)]


async def test_a_state_id_alone_decides(queries: ServiceQueries) -> None:
    """With a State ID no other field counts, so that nobody learns another LEA's student's birth date by
    trying."""
    for born_on in ("2011-06-25", "1999-01-01"):
        (line,) = (await answer(queries, EBR, Role.WRITER, text=THEIRS, born_on=born_on))["students"]
        assert (line["student_id"], line["birth_on"], line["matched"]) == (THEIRS, None, "state_id")


@pytest.mark.parametrize("nothing", [{}, {"text": " "}, {"inactive": True, "limit": 5}])
async def test_something_is_searched_for(queries: ServiceQueries, nothing: dict[str, Any]) -> None:
    """A search without anything to find is refused."""
    refused = await queries.post("/students/search", nothing, EBR)
    assert (refused.status_code, codes(refused)) == (422, ["MSG-004"])


# Inactive students


async def test_inactive_students(queries: ServiceQueries) -> None:
    """A student whose record nobody has changed for five years, and who has no open service, is found only
    if inactive students are wanted."""
    await long_ago(queries, MAYA, LEO)
    assert await found(queries, last="Sampleton") == []
    both = await answer(queries, last="Sampleton", inactive=True)
    assert [(line["student_id"], line["inactive"]) for line in both["students"]] == [
        (LEO, True),
        (MAYA, True),
    ]
    await queries.keep(*facts(LEO, service()))
    assert await found(queries, grade="04") == [LEO, ADA]
    await long_ago(queries, LEO)
    assert await found(queries, grade="04") == [LEO, ADA]
    await queries.keep(*facts(LEO, terminated(service())))
    assert await found(queries, last="Sampleton") == [LEO]


async def long_ago(queries: ServiceQueries, *student_ids: str) -> None:
    """The service has changed no record of these students for five years."""
    changed = text(
        "UPDATE search SET changed_on = CURRENT_DATE - INTERVAL '5 years 2 days'"
        " WHERE subject = ANY(CAST(:subjects AS text[]))"
    )
    async with queries.engine.begin() as database:
        await database.execute(changed, {"subjects": list(student_ids)})


# Pages, totals, and how a student was found


async def test_pages_of_names(queries: ServiceQueries) -> None:
    """The next page goes on after the last student, in the order of the matches; the total stays."""
    crowd = [f"{5000000000 + number}" for number in range(7)]
    await queries.keep(*(student(number, named_like("Alva Samename")) for number in crowd))
    await pages(queries, crowd, last="Samename")


async def test_pages_of_fields(queries: ServiceQueries) -> None:
    """Students found by fields alone come by name; students of the same name by State ID."""
    crowd = [f"{5000000000 + number}" for number in range(7)]
    born = date(1999, 1, 1)
    await queries.keep(*(student(number, named_like("Alva Samename", birth_on=born)) for number in crowd))
    await pages(queries, crowd, born_on="1999-01-01")


async def pages(queries: ServiceQueries, crowd: list[str], **wanted: Any) -> None:
    """Read the crowd in three pages."""
    seen: list[str] = []
    after = None
    for more in (True, True, False):
        page = await answer(queries, **wanted, limit=3, after=after)
        seen += [line["student_id"] for line in page["students"]]
        assert (page["more"], page["total"], page["total_exceeded"]) == (more, len(crowd), False)
        after = page["next"]
    assert (seen, after) == (crowd, None)
    past_the_end = await answer(queries, **wanted, after=crowd[-1])
    assert (past_the_end["students"], past_the_end["total"]) == ([], len(crowd))


async def test_a_total_has_a_limit(queries: ServiceQueries) -> None:
    """Of very many matches the answer says only that there are more than a thousand."""
    crowd = [student(f"{5000000000 + n}", named_like("Alva Samename")) for n in range(MOST_COUNTED)]
    await queries.keep(*crowd)
    for wanted in ({"last": "Samename"}, {"grade": "04"}):
        page = await answer(queries, **wanted, limit=1)
        assert (page["total"], page["total_exceeded"]) == (MOST_COUNTED, "grade" in wanted)


async def test_how_a_student_was_found(queries: ServiceQueries) -> None:
    """Each line says how it matched, so that a screen can tell a sure match from a guess."""
    before = student(ADA, named_like("Ada Testerson"))
    married = named_like("Ada Wurtenberg")
    await queries.keep(StudentCorrected.of(before, person=married, identity_revision=2))
    for wanted, matched in (
        ({"text": "Sampl, Maya"}, "name"),
        ({"text": "Maya Sampelton"}, "similar_name"),
        ({"text": "Ada Testerson"}, "former_name"),
        ({"text": "Xqzvw Sampleton"}, "part_of_name"),
        ({"text": MAYA}, "state_id"),
        ({"text": "4000000010"}, "similar_state_id"),
        ({"local_id": "e-1204"}, "fields"),
    ):
        lines = (await answer(queries, **wanted))["students"]
        assert [line["matched"] for line in lines[:1]] == [matched], wanted
