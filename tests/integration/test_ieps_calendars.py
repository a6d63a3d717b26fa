"""The state's calendars, due dates by them, and the due dates that another calendar would move."""

from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from contracts.access import STATE, Role
from contracts.calendars import CalendarPublished
from contracts.decision import Known
from contracts.message import Record
from services.ieps.app import SERVICE
from tests.integration.querying import ServiceQueries, codes, of_student, service_queries
from tests.unit.ieps import scenario

OWNER, CADDO = scenario.EAST_BATON_ROUGE, scenario.CADDO
EVALUATIONS = f"/leas/{OWNER}/evaluations"
ANNA, BEN, CARA = (f"100000000{number}" for number in range(1, 4))
MARDI_GRAS = {"day": "2017-02-28", "reason": "Mardi Gras"}
GOOD_FRIDAY = {"day": "2017-04-14", "reason": "Good Friday"}


@pytest_asyncio.fixture
async def ieps(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ServiceQueries]:
    """The service's database, empty, and its queries."""
    async with service_queries(SERVICE, database("ieps"), tmp_path) as queries:
        yield queries


def calendar(year: int, *days: dict[str, Any], revision: int = 1) -> CalendarPublished:
    """The state published a calendar of a year."""
    given = {"year": str(year), "revision": revision, "days": days, "source": "project"}
    return CalendarPublished.model_validate(given | {"published_on": date(2016, 6, 1)})


def consented(student: str, on: date) -> list[Record]:
    """The parent consented to the student's evaluation on this day."""
    history = scenario.after(scenario.open_record(), scenario.request(), scenario.parent_says(on=on))
    return [of_student(record, student) for record in Known(history)]


async def test_everybody_sees_calendars(ieps: ServiceQueries) -> None:
    """A user of any LEA sees the calendars by year, and one of them; not one that is not published."""
    await ieps.keep(calendar(2018), calendar(2017, MARDI_GRAS))
    assert [one["year"] for one in (await ieps.get("/calendars", CADDO)).json()] == ["2017", "2018"]
    found = (await ieps.get("/calendars/2017", CADDO)).json()
    assert [day["reason"] for day in found["days"]] == ["Mardi Gras"]
    answer = await ieps.get("/calendars/2019", CADDO)
    assert (answer.status_code, codes(answer)) == (404, ["CAL-011"])


async def test_a_due_date_without_a_student(ieps: ServiceQueries) -> None:
    """Anybody may ask when something is due. The answer says which holidays its clock left out."""
    await ieps.keep(calendar(2017, MARDI_GRAS, GOOD_FRIDAY))
    asked = {"kind": "initial evaluation", "from": "2017-02-06"}
    found = (await ieps.get("/due-date", CADDO, **asked)).json()
    assert (found["due_on"], found["day_0"], found["provisional"]) == ("2017-05-03", "2017-02-06", False)
    assert [one["reason"] for one in found["left_out"]] == ["Mardi Gras", "Good Friday"]
    extended = (await ieps.get("/due-date", CADDO, **asked, business_days=3)).json()
    assert (extended["counted_to"], extended["due_on"]) == ("2017-05-03", "2017-05-08")
    later = (await ieps.get("/due-date", CADDO, **asked, until="2017-06-01")).json()
    assert later["due_on"] == "2017-06-01"

    unclear = await ieps.get("/due-date", CADDO, **asked, business_days=3, until="2017-06-01")
    assert (unclear.status_code, codes(unclear)) == (422, ["EVA-016"])


@pytest.mark.parametrize("extension", [{"business_days": 3}, {"until": "2019-06-01"}])
async def test_only_evaluations_are_extended(ieps: ServiceQueries, extension: dict[str, Any]) -> None:
    """The service refuses to extend anything else."""
    answer = await ieps.get("/due-date", CADDO, **{"kind": "IEP review", "from": "2017-02-06"}, **extension)
    assert (answer.status_code, codes(answer)) == (422, ["CAL-012"])


async def test_due_dates_of_evaluations_follow_the_calendars(ieps: ServiceQueries) -> None:
    """A student's evaluation and the LEA's list have the same due date, over the holidays."""
    await ieps.keep(*consented(ANNA, date(2017, 2, 6)))
    one = (await ieps.get(f"/students/{ANNA}/evaluations", OWNER)).json()[0]
    assert (one["due_on"], one["due"]["provisional"]) == ("2017-05-01", True)
    await ieps.keep(calendar(2017, MARDI_GRAS, GOOD_FRIDAY))
    one = (await ieps.get(f"/students/{ANNA}/evaluations", OWNER)).json()[0]
    assert (one["due_on"], one["due"]["calendar_versions"]) == ("2017-05-03", {"2017": 1})
    assert [left_out["day"] for left_out in one["due"]["left_out"]] == ["2017-02-28", "2017-04-14"]
    (listed,) = (await ieps.get(EVALUATIONS, OWNER)).json()["evaluations"]
    assert listed["due_on"] == "2017-05-03"


async def test_a_moved_due_date_says_what_it_was(ieps: ServiceQueries) -> None:
    """The state amended the calendar while the clock ran."""
    was = {"revision": 1, "published_on": "2016-06-01", "added": ["2017-04-14"]}
    amended = calendar(2017, MARDI_GRAS, GOOD_FRIDAY, revision=2)
    changes = {"published_on": date(2017, 3, 1), "earlier_versions": [was]}
    await ieps.keep(
        CalendarPublished.model_validate(amended.model_dump() | changes),
        *consented(ANNA, date(2017, 2, 6)),
    )
    (one,) = (await ieps.get(f"/students/{ANNA}/evaluations", OWNER)).json()
    (move,) = one["due"]["moves"]
    assert (move["from_on"], move["to_on"], move["moved_on"]) == ("2017-05-02", "2017-05-03", "2017-03-01")
    assert move["calendar_versions"] == {"2017": 2}


async def test_the_due_dates_that_a_calendar_would_move(ieps: ServiceQueries) -> None:
    """Before the state amends a calendar, it sees how many due dates move, by LEA, and the first of them."""
    await ieps.keep(
        calendar(2017, MARDI_GRAS),
        *consented(ANNA, date(2017, 2, 6)),
        *consented(BEN, date(2017, 4, 14)),
    )
    body = {"days": [MARDI_GRAS, GOOD_FRIDAY], "source": "official"}
    found = (await ieps.post("/calendars/2017/moves", body, STATE, Role.STATE)).json()
    assert (found["moves"], found["leas"]) == (1, [{"lea": OWNER, "moves": 1}])
    (moved,) = found["students"]
    assert (moved["student_id"], moved["kind"]) == (ANNA, "initial evaluation")
    assert (moved["from_on"], moved["to_on"]) == ("2017-05-02", "2017-05-03")
    same = (
        await ieps.post(
            "/calendars/2017/moves", {"days": [MARDI_GRAS], "source": "project"}, STATE, Role.STATE
        )
    ).json()
    assert same == {"moves": 0, "leas": [], "students": []}
    assert (await ieps.get("/calendars/2017", CADDO)).json()["revision"] == 1


async def test_only_the_state_asks_what_a_calendar_would_move(ieps: ServiceQueries) -> None:
    """The service refuses others, and a calendar that contradicts itself. SER logs the look."""
    answer = await ieps.post("/calendars/2017/moves", {"source": "project"}, OWNER, Role.WRITER)
    assert (answer.status_code, codes(answer)) == (403, ["ACC-004"])
    body = {"days": [MARDI_GRAS, MARDI_GRAS], "source": "project"}
    answer = await ieps.post("/calendars/2017/moves", body, STATE, Role.STATE)
    assert (answer.status_code, codes(answer)) == (422, ["CAL-002"])
    what = "due dates moved by a calendar of 2017"
    assert await ieps.access_log() == [(OWNER, "", what, False), (STATE, "", what, True)]
