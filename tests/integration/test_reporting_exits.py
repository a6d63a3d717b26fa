"""Who left special education in a school year: the federal file FS009, over HTTP."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from contracts.access import STATE, Role
from contracts.activities import SpedActivityVoided
from contracts.jurisdiction import JurisdictionEnded
from contracts.message import Event
from services.reporting.domain.federal.specification import specification
from services.reporting.domain.federal.text import Format, records_in
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.unit.reporting.events import Child

ANNA = Child("1000000001", birth_on=date(2008, 4, 2))
"""Sixteen at the count of 2024."""


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting, with an empty database."""
    async with reporting_queries(database("reporting"), tmp_path) as found:
        yield found


class Students:
    """Students with exits. Each has a State ID of its own."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._number = 0

    def leave(
        self, exited_on: date | None, reason: str | None = None, *also: dict[str, Any], **changes: Any
    ) -> Child:
        """A student who was in special education from 2017 through a day. `also`: further activities."""
        self._number += 1
        one = ANNA.changed(student=f"10000000{self._number:02d}", **changes)
        first = one.entered(exited_on=exited_on, exit_reason=reason)
        later = [one.entered(f"entry {n}", **given) for n, given in enumerate(also)]
        self.events += [*one.all_events()[:4], first, *later]
        return one


Bases = Counter[tuple[str, str, str]]


async def bases(reporting: ReportingQueries, level: str, year: str = "2024-25") -> Bases:
    """The students of a file by LEA, basis of exit and age."""
    answer = await reporting.get(f"/federal-files/009/{year}/{level}/text", STATE, Role.STATE)
    assert answer.status_code == 200, answer.text
    found = Bases()
    for one in records_in(specification("009", 2024), answer.text, Format.CSV):
        if one["BasisofExitID"] and one["AgeID"]:
            found[one["StateLEAIDNumber"], one["BasisofExitID"], one["AgeID"]] += int(one["Amount"])
    return +found


async def reasons(reporting: ReportingQueries, level: str, **parameters: str) -> dict[str, int]:
    """The students who are not in a file, by reason."""
    found = await reporting.get_for_state(f"/federal-files/009/2024-25/{level}", **parameters)
    assert found["given"], found["checks"]
    return {one["code"]: one["children"] for one in found["not_counted"]}


async def test_the_examples_of_the_file(reporting: ReportingQueries) -> None:
    """The last exit counts; the age is that of the last child count before; who came later is not in it."""
    students = Students()
    again = {"entered_on": date(2024, 11, 4), "exited_on": date(2025, 5, 16), "exit_reason": "GRD"}
    students.leave(date(2024, 8, 30), "MVO", again, birth_on=date(2007, 2, 10))
    students.leave(date(2024, 9, 10), "DRP", birth_on=date(2010, 9, 25))
    students.leave(date(2024, 10, 1), "DRP", birth_on=date(2010, 9, 25))
    students.leave(date(2024, 12, 2), "AGE", birth_on=date(2002, 11, 30))
    students.leave(date(2024, 7, 1), "MVO", birth_on=date(2008, 1, 5))
    students.leave(date(2024, 6, 30), "MVO")
    late = {"entered_on": date(2024, 8, 12), "exited_on": date(2025, 2, 3), "exit_reason": "DRP"}
    students.leave(date(2018, 1, 5), "RTN", late)
    await reporting.receive_events(*students.events)
    assert await bases(reporting, "SEA") == {
        ("", "GHS", "17"): 1,
        ("", "DROPOUT", "14"): 1,
        ("", "RMA", "21"): 1,
        ("", "MKC", "15"): 1,
    }
    assert await reasons(reporting, "SEA") == {"RPT-101": 1, "RPT-102": 1, "RPT-106": 1}
    assert (await bases(reporting, "SEA", "2023-24")).total() == 1


async def test_why_a_student_is_not_in_the_file(reporting: ReportingQueries) -> None:
    """Each student who did not leave, or may not be reported, has a reason; all together are considered."""
    students, left = Students(), date(2025, 1, 15)
    students.leave(None)
    students.leave(left, "RTN", {"entered_on": date(2025, 3, 1)})
    students.leave(left, None)
    students.leave(left, "GRD", codes=())
    students.leave(left, "GRD", codes=("GFT",))
    students.leave(left, "DRP", codes=("DD",))
    students.leave(left, "DRP", environment="PPPS")
    students.leave(left, "AGE")
    wrong = students.leave(left, "DRP")
    voided = wrong.entered(exited_on=left, exit_reason="DRP", voided=True, revision=2)
    students.events.append(SpedActivityVoided(**voided.model_dump(), explanation="Another student."))
    students.events.append(ANNA.changed(student="1000000099").entered(exited_on=left, exit_reason="DRP"))
    students.leave(left, "DRP", birth_on=date(2012, 1, 1))
    students.leave(left, "GRD", birth_on=date(2010, 1, 1))
    await reporting.receive_events(*students.events)
    assert await reasons(reporting, "SEA") == {
        f"RPT-{number}": 1 for number in (101, 103, 104, 105, 106, 107, 108, 109, 112, 113, 114)
    }
    found = await reporting.get_for_state("/federal-files/009/2024-25/SEA")
    odd = [
        one["message"] for check in found["checks"] if check["check"] == "C13" for one in check["findings"]
    ]
    assert odd == [
        "Exits of diplomas before 16 or after 21: 1.",
        "Exits of students younger than 14: 1.",
    ]


def moves(one: Child, to: str, on: date) -> Sequence[Event]:
    """The student moves to another LEA, which claims from a day on."""
    last_day = date.fromordinal(on.toordinal() - 1)
    state = one.claimed(end_on=last_day, revision=2).model_dump(exclude={"reason"})
    ended = JurisdictionEnded.model_validate({**state, "next_owner": to})
    return [
        ended,
        one.changed(lea=to).claimed("next", begin_on=on, schools=one.changed(lea=to).claimed().schools),
    ]


async def test_an_lea_has_the_students_whom_it_lost(reporting: ReportingQueries) -> None:
    """A student who moved inside the state left one LEA, not the state. A drop-out who returned elsewhere is
    known to be continuing."""
    students = Students()
    moved = students.leave(None)
    students.events += moves(moved, "026", date(2024, 12, 2))
    returned = students.leave(date(2024, 11, 1), "DRP", {"entered_on": date(2025, 2, 3)})
    students.events += moves(returned, "009", date(2025, 2, 3))
    students.leave(date(2025, 5, 16), "GRD")
    stays = students.leave(date(2024, 11, 1), "DRP", {"entered_on": date(2025, 2, 3)})
    assert stays.lea == "017"
    await reporting.receive_events(*students.events)
    assert await bases(reporting, "LEA") == {("017", "MKC", "16"): 2, ("017", "GHS", "16"): 1}
    assert await bases(reporting, "SEA") == {("", "GHS", "16"): 1}
    assert await reasons(reporting, "LEA") == {"RPT-101": 2, "RPT-110": 1}
    assert await reasons(reporting, "LEA", lea="026") == {"RPT-101": 1}
    found = await reporting.get_for_state("/federal-files/009/2024-25/LEA")
    assert {one["check"]: one["findings"][0]["code"] for one in found["checks"] if one["found"]} == {
        "C6": "RPT-415",
        "C14": "RPT-414",
    }
    own = await reporting.get("/federal-files/009/2024-25/LEA", "026")
    assert (own.json()["children"], own.json()["lea"]) == (0, "026")


@pytest.mark.parametrize("year", ["2018-19", "2025-26"])
async def test_a_year_without_its_layout(reporting: ReportingQueries, year: str) -> None:
    """SER makes the file for the years whose layout it has."""
    answer = await reporting.get(f"/federal-files/009/{year}/SEA", STATE, Role.STATE)
    assert answer.status_code == 422
    assert "Choose one of: 2019-20" in answer.json()["findings"][0]["solution"]
