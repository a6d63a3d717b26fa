"""One person under two State IDs."""

from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest_asyncio

from contracts.access import Role
from contracts.jurisdiction import EndReason, JurisdictionEnded
from contracts.state_ids import StateIdMerged
from services.students.app import SERVICE
from tests.integration.querying import ServiceQueries, codes, service_queries
from tests.integration.test_students_search import CADDO, EBR, JEFFERSON, facts, named_like, student
from tests.unit.students.events import OCTOBER, claimed

HERE, THERE, ELSEWHERE = "2000000001", "2000000002", "2000000003"


@pytest_asyncio.fixture
async def queries(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ServiceQueries]:
    """The same person under two State IDs, of two LEAs, and a namesake born on another day."""
    async with service_queries(SERVICE, database("students"), tmp_path) as made:
        await made.keep(
            student(HERE, named_like("Zoë Example"), EBR),
            student(THERE, named_like("ZOE EXAMPLE"), JEFFERSON),
            student(ELSEWHERE, named_like("Zoë Example", birth_on=date(2009, 3, 5)), EBR),
        )
        yield made


async def others(queries: ServiceQueries, lea: str, *roles: Role) -> Any:
    """Other candidates for the student."""
    answer = await queries.get(f"/students/{HERE}/likely-duplicates", lea, *roles)
    assert answer.status_code == 200, answer.text
    return answer.json()["others"]


async def test_whoever_may_see_the_other_student_sees_the_number(queries: ServiceQueries) -> None:
    """The state and the LEA's secure ID manager see both State IDs."""
    other = [{"student_id": THERE, "lea": JEFFERSON}]
    assert await others(queries, "LA", Role.STATE) == other
    assert await others(queries, EBR, Role.SECURE_ID_MANAGER) == other


async def test_an_lea_that_may_not_see_the_other_student_is_told_without_the_number(
    queries: ServiceQueries,
) -> None:
    """The LEA learns that the person has another State ID, but not the number."""
    assert await others(queries, EBR, Role.READER) == [{"student_id": None, "lea": None}]


async def test_a_former_owner_sees_no_duplicates(queries: ServiceQueries) -> None:
    """After a transfer the new owner sees the duplicates. The former owner sees none of today's record."""
    await queries.keep(*facts(HERE, claimed(EBR), claimed(CADDO, OCTOBER, "the second claim")))
    assert await others(queries, EBR, Role.SECURE_ID_MANAGER) == []
    assert await others(queries, CADDO, Role.READER) == [{"student_id": None, "lea": None}]
    assert await queries.access_log() == [
        (EBR, HERE, "likely duplicates", True),
        (CADDO, HERE, "likely duplicates", True),
    ]


async def test_both_are_on_the_list_of_the_secure_id_manager(queries: ServiceQueries) -> None:
    """Each of the two LEAs finds the pair on its list. Another LEA does not."""
    pair = {"student_id": HERE, "lea": EBR, "other_id": THERE, "other_lea": JEFFERSON}
    for lea, pairs in ((EBR, [pair]), (JEFFERSON, [pair]), (CADDO, [])):
        answer = await queries.get("/likely-duplicates", lea, Role.SECURE_ID_MANAGER)
        assert answer.json() == {"pairs": pairs, "more": False}


async def test_a_student_without_an_lea_names_none(queries: ServiceQueries) -> None:
    """After the last LEA closed its jurisdiction, both lists name no LEA for the student."""
    old = claimed(JEFFERSON)
    gone = JurisdictionEnded.of(old, end_on=OCTOBER, end_reason=EndReason.LEFT_STATE)
    await queries.keep(*facts(THERE, old, gone))
    assert await others(queries, "LA", Role.STATE) == [{"student_id": THERE, "lea": None}]
    answer = await queries.get("/likely-duplicates", EBR, Role.SECURE_ID_MANAGER)
    pair = {"student_id": HERE, "lea": EBR, "other_id": THERE, "other_lea": None}
    assert answer.json()["pairs"] == [pair]


async def test_the_list_needs_the_role(queries: ServiceQueries) -> None:
    """Users without the role are refused, and the access log has the attempt."""
    answer = await queries.get("/likely-duplicates", EBR, Role.READER)
    assert (answer.status_code, codes(answer)) == (403, ["ACC-004"])
    assert await queries.access_log() == [(EBR, "", "likely duplicates", False)]


async def test_a_merged_state_id_is_no_duplicate_any_more(queries: ServiceQueries) -> None:
    """Once eScholar has merged the two, nobody has to check them."""
    merged = StateIdMerged(student_id=THERE, revision=1, current_id=HERE, formerly=(THERE,))
    await queries.keep(merged)
    assert await others(queries, EBR, Role.SECURE_ID_MANAGER) == []
    answer = await queries.get("/likely-duplicates", EBR, Role.SECURE_ID_MANAGER)
    assert answer.json() == {"pairs": [], "more": False}
