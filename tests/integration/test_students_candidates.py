"""Candidates from eScholar for an LEA that wants to add a student."""

from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest_asyncio

from contracts.access import Role
from contracts.identity import Identity, Person
from contracts.state_ids import StateIdRetired
from services.students.app import SERVICE
from tests.integration.querying import ServiceQueries, codes, service_queries
from tests.integration.test_students_search import (
    AUGUST,
    CADDO,
    EBR,
    JEFFERSON,
    facts,
    named_like,
    spell,
    student,
)

NOT_ADDED, OF_JEFFERSON, BORN_LATER, OTHERS = "2000000001", "2000000002", "2000000003", "2000000004"
SOUGHT = {"first_name": "Zoe", "last_name": "Example", "birth_on": "2008-03-05", "sex": "F"}


def identity(number: str, person: Person) -> Identity:
    """The person whom eScholar has under this State ID."""
    return Identity(student_id=number, revision=1, person=person)


@pytest_asyncio.fixture
async def queries(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ServiceQueries]:
    """One person under two State IDs, a namesake, and somebody else born on the same day."""
    people = {
        NOT_ADDED: named_like("Zoë Example"),
        OF_JEFFERSON: named_like("Zoe Exampel"),
        BORN_LATER: named_like("Zoe Example", birth_on=date(2009, 11, 25)),
        OTHERS: named_like("Jordan Tran", sex="M"),
    }
    async with service_queries(SERVICE, database("students"), tmp_path) as made:
        await made.keep(*(identity(number, person) for number, person in people.items()))
        await made.keep(student(OF_JEFFERSON, people[OF_JEFFERSON], JEFFERSON))
        await made.keep(*facts(OF_JEFFERSON, spell(JEFFERSON, AUGUST)))
        yield made


async def asked(queries: ServiceQueries, *roles: Role, **other: object) -> list[dict[str, Any]]:
    """The candidates for the sought person, as Caddo asks."""
    answer = await queries.post("/identities/candidates", SOUGHT | other, CADDO, *(roles or (Role.WRITER,)))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["candidates"]
    return found


async def test_the_same_person_comes_first_and_each_candidate_says_why(queries: ServiceQueries) -> None:
    """The exact match is nobody's student yet. The other one differs in two swapped letters."""
    first, second = await asked(queries)
    assert (first["student_id"], first["likeness"], first["same"]) == (NOT_ADDED, 100, True)
    assert (first["added"], first["lea"]) == (False, None)
    assert first["why"] == ["the same name", "the same birth date"]
    assert (second["student_id"], second["same"], second["added"]) == (OF_JEFFERSON, False, True)
    assert (second["lea"], second["last_name"]) == (JEFFERSON, "Exampel")
    assert "the last name differs in one letter" in second["why"]


async def test_a_wrong_digit_of_the_birth_date_does_not_hide_the_person(queries: ServiceQueries) -> None:
    """The typed day is not the one that eScholar has."""
    found = await asked(queries, birth_on="2009-03-05")
    assert [one["student_id"] for one in found] == [NOT_ADDED, OF_JEFFERSON]
    assert "the birth date differs in one digit" in found[0]["why"]


async def test_each_person_shown_is_a_logged_look(queries: ServiceQueries) -> None:
    """One look at no record for the question, one for each person shown."""
    await asked(queries, Role.SECURE_ID_MANAGER)
    assert await queries.access_log() == [
        (CADDO, "", "candidate", True),
        (CADDO, NOT_ADDED, "candidate", True),
        (CADDO, OF_JEFFERSON, "candidate", True),
    ]


async def test_a_reader_is_refused_and_the_log_has_it(queries: ServiceQueries) -> None:
    """Whoever may not add a student has no need to look for one in eScholar."""
    answer = await queries.post("/identities/candidates", SOUGHT, EBR, Role.READER)
    assert (answer.status_code, codes(answer)) == (403, ["ACC-004"])
    assert await queries.access_log() == [(EBR, "", "candidate", False)]


async def test_without_a_birth_date_nobody_is_looked_for(queries: ServiceQueries) -> None:
    """Else a writer could browse the state's persons by name."""
    body = {name: value for name, value in SOUGHT.items() if name != "birth_on"}
    answer = await queries.post("/identities/candidates", body, EBR, Role.WRITER)
    assert answer.status_code == 422
    assert answer.json()["findings"][0]["field"] == "birth_on"


async def test_a_retired_state_id_is_no_candidate(queries: ServiceQueries) -> None:
    """Nobody may be added under it."""
    retired = StateIdRetired(
        student_id=NOT_ADDED, revision=1, current_id=NOT_ADDED, formerly=(NOT_ADDED,), retired=True
    )
    await queries.keep(retired)
    assert [one["student_id"] for one in await asked(queries)] == [OF_JEFFERSON]
