"""The names of many students at once, on a real database."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio

from contracts.access import Role
from contracts.decision import Known
from contracts.message import Record
from contracts.students import StudentCorrected
from services.students.app import SERVICE
from services.students.domain import REACTIONS
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
from tests.unit.events import ended
from tests.unit.scenario import react_with

OURS, THEIRS, UNCLAIMED, MOVED, NOBODY = (f"{6000000001 + number}" for number in range(5))
EVERYBODY = (OURS, THEIRS, UNCLAIMED, MOVED, NOBODY)


@pytest_asyncio.fixture
async def queries(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ServiceQueries]:
    """A student of each of two LEAs, one not claimed yet, and one who moved from one LEA to the other."""
    async with service_queries(SERVICE, database("students"), tmp_path) as made:
        await made.keep(
            student(OURS, named_like("Maya Mae Sampleton")),
            student(THEIRS, named_like("Leo Otherson"), JEFFERSON),
            student(UNCLAIMED, named_like("Ada Newcomer"), CADDO),
        )
        await made.keep(*facts(OURS, spell(EBR, AUGUST)), *facts(THEIRS, spell(JEFFERSON, AUGUST)))
        await made.keep(*moved())
        yield made


def moved() -> Sequence[Record]:
    """East Baton Rouge had the student until October. Then the name was corrected."""
    added = student(MOVED, named_like("Zoe Before"))
    old, new = (
        one.model_copy(update={"student_id": MOVED})
        for one in (spell(EBR, AUGUST), spell(JEFFERSON, OCTOBER))
    )
    history: list[Record] = [added]
    for event in (old, ended(old, OCTOBER - timedelta(days=1)), new):
        history += [one for one in react_with(REACTIONS, history, event) if isinstance(one, Record)]
    after = StudentCorrected.of(added, person=named_like("Zoe After"), identity_revision=2)
    return list(Known([*history, after]))


async def named(
    queries: ServiceQueries,
    lea: str,
    *roles: Role,
    of: Sequence[str] = EVERYBODY,
) -> dict[str, dict[str, Any]]:
    """The lines by State ID, each with the fields that are filled in."""
    answer = await queries.post("/students/names", {"student_ids": list(of)}, lea, *roles)
    assert answer.status_code == 200, answer.text
    return {
        line["student_id"]: {name: value for name, value in line.items() if value is not None}
        for line in answer.json()["students"]
    }


async def test_ones_own_students(queries: ServiceQueries) -> None:
    """A line has name, birth date, grade, school, owner, and whether the student is active."""
    assert await named(queries, EBR, of=[OURS]) == {
        OURS: {
            "student_id": OURS,
            "last_name": "Sampleton",
            "first_name": "Maya",
            "middle_name": "Mae",
            "lea": EBR,
            "birth_on": "2008-03-05",
            "grade": "04",
            "school": "017001",
            "active": True,
        }
    }


async def test_another_leas_student_has_no_name(queries: ServiceQueries) -> None:
    """A reader gets no line of another LEA's student. One whom no LEA has claimed is everybody's to see."""
    assert (await named(queries, EBR)).keys() == {OURS, UNCLAIMED, MOVED}
    assert (await named(queries, CADDO)).keys() == {UNCLAIMED}


async def test_a_writer_gets_name_and_owner(queries: ServiceQueries) -> None:
    """A writer may claim another LEA's student, so a line has name and owner and nothing else."""
    lines = await named(queries, CADDO, Role.WRITER)
    assert lines[OURS] == {
        "student_id": OURS,
        "last_name": "Sampleton",
        "first_name": "Maya",
        "middle_name": "Mae",
        "lea": EBR,
    }
    assert lines.keys() == {OURS, THEIRS, UNCLAIMED, MOVED}


async def test_a_former_owner_sees_the_name_of_then(queries: ServiceQueries) -> None:
    """After a transfer the old LEA sees the name of the time when the student left, the new LEA today's."""
    for lea, roles, name in (
        (EBR, (), "Before"),
        (JEFFERSON, (), "After"),
        ("LA", (Role.STATE,), "After"),
        (CADDO, (Role.AUDITOR,), "After"),
    ):
        line = (await named(queries, lea, *roles, of=[MOVED]))[MOVED]
        assert (line["last_name"], line["lea"], line["grade"]) == (name, JEFFERSON, "04")


async def test_each_student_is_a_look(queries: ServiceQueries) -> None:
    """The access log has a row for each student, a refused one too; a State ID nobody has is no look."""
    await named(queries, EBR)
    assert sorted(await queries.access_log()) == [
        (EBR, OURS, "name", True),
        (EBR, THEIRS, "name", False),
        (EBR, UNCLAIMED, "name", True),
        (EBR, MOVED, "name", True),
    ]


async def test_five_hundred_at_once(queries: ServiceQueries) -> None:
    """Up to 500 State IDs are answered at once, one named twice once; more are refused."""
    crowd = [f"{7000000000 + number}" for number in range(500)]
    await queries.keep(*(student(number, named_like("Alva Samename")) for number in crowd))
    assert list(await named(queries, EBR, of=crowd)) == crowd
    assert len(await queries.access_log()) == len(crowd)
    assert list(await named(queries, EBR, of=[OURS, OURS])) == [OURS]
    refused = await queries.post("/students/names", {"student_ids": [*crowd, OURS]}, EBR)
    assert (refused.status_code, codes(refused)) == (422, ["MSG-002"])
